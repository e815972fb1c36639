#include "apps/cluster_sim/serving.hpp"

#include "apps/cluster_sim/control_token.hpp"
#include "apps/cluster_sim/vcluster_port.hpp"
#include "apps/shell/ready_file.hpp"
#include "fakes/fake_server.hpp"
#include "sim/control/loopback.hpp"
#include "state/document_of.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <unistd.h>

namespace csim {
namespace {

/// The agents' connections need the descriptors.
constexpr std::size_t control_connections_max = 64;

template <class T>
T or_usage(Result<T> parsed) {
    if (!parsed) throw Fatal(parsed.error().detail, 2);
    return std::move(*parsed);
}

Duration seconds(double count) {
    return Duration(static_cast<std::int64_t>(count * 1e9));
}

/// `nodes` is how many of them the state folder holds.
Demand demand_of(int nodes, const ManagerUrl& manager, const ServeOptions& options) {
    return {
        .servers = nodes,
        .with_manager = false,
        .keep_alive = options.wire != "reference",
        .loopback = is_loopback(manager.host) && manager.host != "::1",
        .source_addresses = std::max<std::size_t>(options.source_addresses.size(), 1)};
}

std::vector<std::string> source_addresses(const Demand& demand, const ServeOptions& options) {
    return options.source_addresses.empty() ? loopback_sources(demand, read_machine())
                                            : options.source_addresses;
}

bool hibernation(const ManagerUrl& manager, const ServeOptions& options) {
    if (!options.hibernate) return false;
    if (!manager.tls)
        throw Fatal("--hibernate is for connections with TLS, and the manager's URL is http", 2);
    if (options.wire == "reference")
        throw Fatal(
            "--hibernate is for kept connections, and --wire reference makes one for each request", 2
        );
    return true;
}

void tell_budget(const Demand& demand) {
    const int nodes = demand.servers;
    for (const BudgetCheck& each : check_budget(demand, read_machine())) {
        if (each.ok) continue;
        std::cerr << "cluster-sim: " << each.name << ": " << nodes << " nodes need " << each.needed
                  << ", there are " << each.present << "; " << each.advice << "\n";
    }
}

/// Where programs on this machine reach the listener.
std::string control_url(const std::string& host, std::uint16_t port) {
    ManagerUrl url;
    url.host = host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host;
    url.port = port;
    url.tls = false;
    return url.text();
}

/// Opening a folder makes it a state folder, so one that holds nothing of ours is refused before that.
void require_cluster(const std::filesystem::path& folder) {
    if (!std::filesystem::exists(folder)) {
        throw Fatal(
            "there is no folder " + folder.string() + "; create a cluster with 'cluster-sim setup' first"
        );
    }
    if (!std::filesystem::is_directory(folder) || std::filesystem::exists(folder / "version.json") ||
        std::filesystem::exists(folder / "simulator.json"))
        return;
    throw Fatal(folder.string() + " holds no simulated cluster; create one with 'cluster-sim setup' first");
}

std::string required_token(const ServeOptions& options, const ListenAddress& at) {
    std::string token = read_control_token(options.control_token, options.control_token_file);
    if (!token.empty() || is_loopback(at.host)) return token;
    throw Fatal(
        "--control_listen " + options.control_listen +
            " would let anyone who reaches this machine control the cluster; give a --control_token or a "
            "--control_token_file, or listen on 127.0.0.1",
        2
    );
}

}  // namespace

Serving::Serving(const CommonOptions& common, const ServeOptions& options)
    : manager_(or_usage(parse_manager_url(common.url))),
      control_at_(or_usage(parse_listen_address(options.control_listen))),
      control_token_(required_token(options, control_at_)),
      timeline_(wall_now()),
      loop_(timeline_, Pace::realtime()),
      signals_(
          loop_.io(),
          [this] {
              std::cerr << "\ncluster-sim: stopping\n";
              stop(status_at_end_);
          }
      ),
      trace_(timeline_),
      ready_file_(options.ready_file),
      verifying_(!options.ca.empty() || !manager_.tls),
      keep_alive_(options.wire != "reference") {
    raise_descriptor_limit();
    require_cluster(common.config);
    DirectoryOptions directory;
    directory.on_failure = [this](const Error& error) {
        std::cerr << "cluster-sim: " << error.detail << "; stopping, nothing that was acknowledged is lost\n";
        stop(1);
    };
    store_ = open_directory(common.config, loop_, std::move(directory));
    if (!store_->load({"simulator.json", ""})) {
        throw Fatal(common.config + " holds no simulated cluster; create one with 'cluster-sim setup' first");
    }
    documents_ = std::make_unique<Documents>(*store_);
    demand_ = demand_of(static_cast<int>(server_documents(*store_).size()), manager_, options);
    network_ = std::make_unique<HttpsNetwork>(
        loop_, timeline_,
        HttpsNetworkOptions{
            .manager = manager_,
            .ca_file = options.ca,
            .keep_alive = keep_alive_,
            .hibernate = hibernation(manager_, options),
            .source_addresses = source_addresses(demand_, options),
            .registration_timeout = seconds(options.registration_timeout),
            .seed = saved_seed(*store_)}
    );
    simulator_ = std::make_unique<ClusterSimulator>(
        ClusterSimulator::Peers{timeline_, loop_, *documents_, trace_, *network_, Rng(saved_seed(*store_))},
        simulator_options(options)
    );
    simulator_->world().set_manager_url(manager_.text());
    open_power_strips(options);
    open_control_port(common);
}

SimulatorOptions Serving::simulator_options(const ServeOptions& options) {
    const bool reference = options.wire == "reference";
    SimulatorOptions made;
    made.fleet.habits.reference = reference;
    made.registration.key_kind = reference || options.keys == "rsa2048" ? KeyKind::rsa2048 : KeyKind::p256;
    if (options.start_spread) made.start_spread = seconds(*options.start_spread);
    made.registration.patience = seconds(options.registration_timeout);
    if (options.copytool_fifo_dir.empty()) return made;
    made.open_copytool_fifo = [this, folder = std::filesystem::path(options.copytool_fifo_dir)](
                                  const std::string& name, CopytoolFifo::OnLine on_line
                              ) -> std::unique_ptr<CopytoolFifo> {
        auto fifo = CopytoolFifo::open(loop_.io(), folder / name, std::move(on_line));
        if (fifo) return std::move(*fifo);
        std::cerr << "cluster-sim: " << fifo.error().detail << "\n";
        return nullptr;
    };
    return made;
}

void Serving::open_power_strips(const ServeOptions& options) {
    PduListenerOptions listening;
    listening.base_port = static_cast<std::uint16_t>(options.pdu_port);
    if (!options.pdu_password.empty()) listening.account = PduAccount{"apc", options.pdu_password};
    World& world = simulator_->world();
    pdus_ = std::make_unique<PduListeners>(loop_, world.power(), world.context(), std::move(listening));
}

Serving::~Serving() {
    control_server_.reset();
    pdus_.reset();
    if (simulator_) simulator_->stop();
    record_.reset();
    if (documents_) documents_->save_all();
}

void Serving::open_control_port(const CommonOptions& common) {
    ControlScope scope{
        *simulator_,
        *network_,
        timeline_,
        manager_.text(),
        std::filesystem::absolute(common.config).string(),
        [this] { return loop_.lag(); }};
    scope.lags = &loop_.lags();
    control_ = std::make_unique<ControlApi>(
        std::move(scope), *documents_, control_token_,
        std::make_shared<ClusterOperationsPort>(loop_, !control_token_.empty())
    );
    control_server_ = std::make_unique<HttpServer>(
        loop_,
        HttpServerOptions{
            .address = control_at_.host,
            .port = control_at_.port,
            .tls = {},
            .body_bytes_max = rpc_bytes_max,
            .connections_max = control_connections_max},
        [this](const HttpRequest& request, const Peer&, Responder responder) {
            auto held = std::make_shared<Responder>(std::move(responder));
            control_->handle(request, [held](HttpReply reply) { held->reply(std::move(reply)); });
        }
    );
    const std::string url = control_url(control_at_.host, control_server_->port());
    ControlRecord record{url, getpid(), std::nullopt};
    if (!control_token_.empty()) record.token = control_token_;
    record_ = std::make_unique<ControlRecordDocument>(*documents_, std::move(record));
}

void Serving::stop(int status) {
    status_ = status;
    loop_.stop();
}

void Serving::tell_notes() const {
    if (!verifying_) {
        std::cerr
            << "cluster-sim: the manager's certificate is not verified; give its CA with --ca to do so\n";
    }
    tell_budget(demand_);
}

int Serving::run(const std::function<void()>& begin) {
    loop_.before_waiting([this] { documents_->save_all(); });
    shell::announce_ready(record_->url(), ready_file_);
    tell_notes();
    begin();
    documents_->save_all();
    loop_.run();
    simulator_->stop();
    documents_->save_all();
    store_->flush();
    return shell::StopSignals::exit_status(status_);
}

}  // namespace csim
