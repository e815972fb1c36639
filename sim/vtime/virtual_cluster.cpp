#include "sim/vtime/virtual_cluster.hpp"

#include "core/utc.hpp"
#include "sim/vtime/virtual_events.hpp"
#include "state/document_of.hpp"

#include <boost/describe.hpp>

#include <utility>

namespace csim {

namespace {

constexpr Duration registration_pause = 5s;

ByteSource bytes_of(Rng rng) {
    return [rng](std::size_t count) mutable {
        std::string bytes;
        while (bytes.size() < count) bytes += static_cast<char>(rng.next() & 0xff);
        return bytes;
    };
}

SimulatorOptions simulator_options(const VirtualOptions& options) {
    SimulatorOptions made;
    made.life = options.life;
    made.start_spread = options.start_spread;
    return made;
}

}  // namespace

SimTime virtual_start() {
    return *parse_utc("2026-01-01T00:00:00+00:00");
}

/// Sessions as trace events.
class VirtualCluster::Watch final : public AgentWatch {
  public:
    Watch(Trace& trace, std::string fqdn) : trace_(trace), fqdn_(std::move(fqdn)) {}
    void session_opened(std::string_view plugin, std::string_view session) override {
        trace_.emit(fqdn_, SessionOpened{std::string(plugin), std::string(session)});
    }
    void session_ended(std::string_view plugin, SessionEnd reason) override {
        trace_.emit(fqdn_, SessionEnded{std::string(plugin), boost::describe::enum_to_string(reason, "?")});
    }

  private:
    Trace& trace_;
    std::string fqdn_;
};

VirtualCluster::VirtualCluster(const VirtualOptions& options)
    : options_(options),
      run_(options.seed),
      timeline_(virtual_start()),
      trace_(timeline_, 400),
      inbox_(timeline_),
      world_documents_(world_disk_),
      signer_(run_.stream("signer")),
      identities_(timeline_),
      network_(timeline_, run_, options.link),
      rest_(timeline_, "admin", "lustre") {
    SimulatorOptions made = simulator_options(options_);
    made.fleet.watch = [this](const std::string& fqdn) -> AgentWatch* {
        auto& watch = watches_[fqdn];
        if (watch == nullptr) watch = std::make_unique<Watch>(trace_, fqdn);
        return watch.get();
    };
    simulator_ = std::make_unique<ClusterSimulator>(
        ClusterSimulator::Peers{
            timeline_, inbox_, world_documents_, trace_, network_, run_.stream("world"), &identities_},
        std::move(made)
    );
    simulator_->world().set_seed(options_.seed);
    if (const auto created = simulator_->world().create(options_.setup); !created)
        throw Fatal(created.error().detail, 2);
    for (FakeCluster* cluster : simulator_->world().clusters())
        cluster->set_options({.failure_detection = options_.failure_detection});
    power_ = std::make_unique<VirtualPower>(timeline_, simulator_->world());
    if (options_.with_manager) start_manager();
    save();
}

VirtualCluster::~VirtualCluster() {
    rest_.detach();
    network_.detach();
    manager_.reset();
    power_.reset();
    simulator_.reset();
}

void VirtualCluster::save() {
    world_documents_.save_all();
    if (manager_documents_ != nullptr) manager_documents_->save_all();
}

bool VirtualCluster::run_one() {
    if (!timeline_.next_due()) return false;
    timeline_.run_next();
    after_event();
    return true;
}

void VirtualCluster::after_event() {
    save();
    if (!manager_disk_.failed()) return;
    stopped_by_disk_ = true;
    kill_manager();
}

void VirtualCluster::run_until(SimTime end) {
    for (auto due = timeline_.next_due(); due && *due <= end; due = timeline_.next_due()) run_one();
    timeline_.advance_to(std::max(end, timeline_.now()));
}

void VirtualCluster::start_manager() {
    if (manager_ != nullptr || manager_disk_.failed()) return;
    ++manager_starts_;
    const Rng life = run_.stream("manager/" + std::to_string(manager_starts_));
    manager_documents_ = std::make_unique<Documents>(manager_disk_);
    manager_ = std::make_unique<ManagerCore>(
        timeline_, *manager_documents_, life, &trace_, signer_, bytes_of(life.stream("bytes")),
        ManagerOptions{}
    );
    manager_->use_power_driver(*power_);
    manager_documents_->save_all();
    network_.attach(*manager_);
    rest_.attach(*manager_);
    trace_.emit("manager", ManagerChanged{"started"});
}

void VirtualCluster::kill_manager() {
    if (manager_ == nullptr) return;
    network_.detach();
    rest_.detach();
    power_->abandon();
    manager_.reset();
    manager_documents_.reset();
    if (manager_disk_.failed()) manager_disk_.roll_back();
    trace_.emit("manager", ManagerChanged{stopped_by_disk_ ? "disk_full" : "killed"});
}

void VirtualCluster::fill_manager_disk() {
    manager_disk_.set_full(true);
}

void VirtualCluster::free_manager_disk() {
    manager_disk_.set_full(false);
    if (std::exchange(stopped_by_disk_, false)) start_manager();
}

void VirtualCluster::register_all() {
    std::size_t workers = 0, servers = 0;
    for (const FakeServer* node : simulator_->world().nodes()) {
        if (!simulator_->credentials().registered(node->fqdn())) ++(node->worker() ? workers : servers);
    }
    if (workers + servers == 0) return;
    const auto token = [](const char* profile, std::size_t credits) {
        return Json{
            {"profile", "/api/server_profile/" + std::string(profile) + "/"},
            {"credits", std::max<std::size_t>(credits, 1) * 3},
            {"expiry", utc_text(virtual_start() + 24h * 365)}};
    };
    const auto again = [this] { timeline_.after(registration_pause, [this] { register_all(); }); };
    const auto keep = [](std::string& secret, const VirtualReply& reply) {
        if (reply.status >= 300 || !reply.body.is_object()) return false;
        secret = reply.body.value("secret", "");
        return !secret.empty();
    };
    rest_.request(
        "POST", "/api/registration_token/", token("base_managed_rh7", servers),
        [this, again, keep, token, workers](const VirtualReply& reply) {
            if (!keep(server_secret_, reply)) return again();
            rest_.request(
                "POST", "/api/registration_token/", token("posix_copytool_worker", workers),
                [this, again, keep](const VirtualReply& other) {
                    if (!keep(worker_secret_, other)) return again();
                    for (const FakeServer* node : simulator_->world().nodes()) {
                        if (!simulator_->credentials().registered(node->fqdn())) register_node(node->fqdn());
                    }
                }
            );
        }
    );
}

void VirtualCluster::register_node(const std::string& fqdn) {
    const FakeServer* node = simulator_->world().find(fqdn);
    if (node == nullptr) return;
    const bool worker = node->worker();
    simulator_->register_node(
        fqdn, [this, worker] { return worker ? worker_secret_ : server_secret_; },
        [this, fqdn](Result<Registered> answer) {
            if (answer) return trace_.emit(fqdn, NodeRegistered{answer->host_id});
            // Somebody else tries already; without power nobody can yet.
            const FakeServer* asked = simulator_->world().find(fqdn);
            const bool under_way = answer.error().code == Errc::conflict && asked != nullptr;
            if (asked == nullptr || (under_way && asked->has_power())) return;
            trace_.emit(fqdn, RegistrationFailed{answer.error().detail});
            // The token may have gone with a manager that lost its disk; a new one is asked for.
            const bool refused = answer.error().code == Errc::refused;
            timeline_.after(registration_pause, [this, fqdn, refused] {
                if (simulator_->credentials().registered(fqdn)) return;
                refused ? register_all() : register_node(fqdn);
            });
        }
    );
}

std::uint64_t VirtualCluster::digest() {
    save();
    return trace_.digest() ^ (world_disk_.digest() * 31) ^ (manager_disk_.digest() * 1009);
}

}  // namespace csim
