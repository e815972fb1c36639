#include "apps/cluster_sim/serving.hpp"

#include "sim/budget.hpp"
#include "state/document_of.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <unistd.h>

namespace csim {
namespace {

template <class T>
T or_usage(Result<T> parsed) {
    if (!parsed) throw Fatal(parsed.error().detail, 2);
    return std::move(*parsed);
}

SimulatorOptions simulator_options(const ServeOptions& options) {
    const bool reference = options.wire == "reference";
    SimulatorOptions made;
    made.fleet.habits.reference = reference;
    made.registration.key_kind = reference || options.keys == "rsa2048" ? KeyKind::rsa2048 : KeyKind::p256;
    made.start_spread = Duration(static_cast<std::int64_t>(options.start_spread * 1e9));
    return made;
}

void require_budget(const CommonOptions&, int nodes, bool keep_alive) {
    for (const BudgetCheck& each :
         check_budget({.servers = nodes, .keep_alive = keep_alive}, read_machine())) {
        if (each.ok) continue;
        std::cerr << "cluster-sim: " << each.name << ": " << nodes << " nodes need " << each.needed
                  << ", there are " << each.present << "; " << each.advice << "\n";
    }
}

}  // namespace

Serving::Serving(const CommonOptions& common, const ServeOptions& options)
    : manager_(or_usage(parse_manager_url(common.url))),
      timeline_(wall_now()),
      loop_(timeline_, Pace::realtime()),
      signals_(loop_.io()),
      trace_(timeline_),
      ready_file_(options.ready_file) {
    watch_signals();
    raise_descriptor_limit();
    if (!std::filesystem::exists(common.config)) {
        throw Fatal(
            "there is no folder " + common.config + "; create a cluster with 'cluster-sim setup' first"
        );
    }
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
    const bool keep_alive = options.wire != "reference";
    network_ = std::make_unique<HttpsNetwork>(
        loop_, HttpsNetworkOptions{.manager = manager_, .ca_file = options.ca, .keep_alive = keep_alive}
    );
    if (options.ca.empty() && manager_.tls) {
        std::cerr
            << "cluster-sim: the manager's certificate is not verified; give its CA with --ca to do so\n";
    }
    simulator_ = std::make_unique<ClusterSimulator>(
        ClusterSimulator::Peers{timeline_, loop_, *documents_, trace_, *network_, Rng(saved_seed(*store_))},
        simulator_options(options)
    );
    require_budget(common, static_cast<int>(simulator_->world().node_count()), keep_alive);
    simulator_->world().set_manager_url(manager_.text());
    open_control_port(common, options);
}

Serving::~Serving() {
    control_server_.reset();
    if (simulator_) simulator_->stop();
    record_.reset();
    if (documents_) documents_->save_all();
}

void Serving::open_control_port(const CommonOptions& common, const ServeOptions& options) {
    const ListenAddress at = or_usage(parse_listen_address(options.control_listen));
    ControlScope scope{
        *simulator_,
        *network_,
        timeline_,
        manager_.text(),
        std::filesystem::absolute(common.config).string(),
        [this] { return loop_.lag(); }};
    control_ = std::make_unique<ControlApi>(std::move(scope), *documents_);
    control_server_ = std::make_unique<HttpServer>(
        loop_,
        HttpServerOptions{.address = at.host, .port = at.port, .tls = {}, .body_bytes_max = rpc_bytes_max},
        [this](HttpRequest request, const Peer&, Responder responder) {
            auto held = std::make_shared<Responder>(std::move(responder));
            control_->handle(request, [held](HttpReply reply) { held->reply(std::move(reply)); });
        }
    );
    const std::string url = "http://" + at.host + ":" + std::to_string(control_server_->port()) + "/";
    record_ = std::make_unique<ControlRecordDocument>(*documents_, ControlRecord{url, getpid()});
}

void Serving::watch_signals() {
    signals_.add(SIGINT);
    signals_.add(SIGTERM);
    signals_.async_wait([this](const boost::system::error_code& error, int number) {
        if (error) return;
        ++signals_seen_;
        std::cerr << "\ncluster-sim: stopping\n";
        stop(signals_seen_ > 1 ? 128 + number : status_at_end_);
    });
}

void Serving::stop(int status) {
    status_ = status;
    loop_.stop();
}

void Serving::announce(const std::string& ready_file) {
    const std::string& url = record_->url();
    std::cout << "ready " << url << std::endl;
    if (ready_file.empty()) return;
    // Written aside and renamed, so that whoever waits for the file never reads half of it.
    const std::string beside = ready_file + ".new";
    std::ofstream(beside) << url << "\n";
    std::filesystem::rename(beside, ready_file);
}

int Serving::run(const std::function<void()>& begin) {
    loop_.before_waiting([this] { documents_->save_all(); });
    announce(ready_file_);
    begin();
    documents_->save_all();
    loop_.run();
    simulator_->stop();
    documents_->save_all();
    store_->flush();
    return status_;
}

}  // namespace csim
