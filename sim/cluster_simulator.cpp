#include "sim/cluster_simulator.hpp"

#include "core/utc.hpp"
#include "sim/server_ports.hpp"

#include <utility>

namespace csim {

ClusterSimulator::ClusterSimulator(Peers peers, SimulatorOptions options)
    : peers_(std::move(peers)),
      options_(std::move(options)),
      credentials_(peers_.documents),
      world_(std::make_unique<World>(
          FakesContext{peers_.documents, peers_.timeline, peers_.run, peers_.trace}, surroundings_
      )),
      actions_(
          peers_.timeline, [this](FakeServer& node) { return make_server_ports(*world_, node); },
          [this](const std::string& fqdn, const std::vector<std::string>& plugins) {
              fleet_->report_all(fqdn, plugins);
          }
      ),
      growth_(peers_.timeline, *world_) {
    surroundings_.times = options_.life;
    listen_to_world();
    fleet_ = std::make_unique<Fleet>(
        Fleet::Peers{
            peers_.timeline, peers_.network, credentials_,
            [this](FakeServer& node) { return make_server_ports(*world_, node); }, peers_.run},
        options_.fleet
    );
    monitors_ = std::make_unique<CopytoolMonitors>(CopytoolMonitors::Peers{
        peers_.timeline, peers_.network, credentials_, options_.open_copytool_fifo});
    world_->hsm().watch(monitors_.get());
    if (peers_.identities == nullptr) {
        keys_ = std::make_unique<KeyMaker>(peers_.inbox, options_.key_threads);
        peers_.identities = keys_.get();
    }
    desk_ = std::make_unique<RegistrationDesk>(
        RegistrationDesk::Peers{
            peers_.timeline, peers_.documents, credentials_, peers_.network.registration(),
            *peers_.identities, [this](const std::string& fqdn) { (void)start_server(fqdn); }},
        options_.registration
    );
}

ClusterSimulator::~ClusterSimulator() {
    stop();
}

void ClusterSimulator::listen_to_world() {
    surroundings_.is_registered = [this](const FakeServer& node) {
        return credentials_.registered(node.fqdn());
    };
    surroundings_.on_up = [this](FakeServer& node) { came_up(node); };
    surroundings_.on_down = [this](FakeServer& node, Departure how) { went_down(node, how); };
    surroundings_.on_agent_restart = [this](FakeServer& node) { fleet_->restart(node); };
    surroundings_.on_deregister = [this](FakeServer& node) {
        credentials_.erase(node.fqdn());
        fleet_->forget(node.fqdn());
    };
}

void ClusterSimulator::went_down(FakeServer& node, Departure how) {
    if (node.worker()) world_->hsm().worker_down(node.fqdn(), how == Departure::abrupt);
    fleet_->stop(node.fqdn());
    actions_.server_down(node.fqdn());
}

void ClusterSimulator::came_up(FakeServer& node) {
    if (!credentials_.registered(node.fqdn())) return;
    // A node whose credentials cannot be used stays up without an agent, as a host with a broken agent would.
    (void)fleet_->start(node, next_start_);
    next_start_ += start_step_;
    if (node.worker()) world_->hsm().worker_up(node.fqdn());
}

void ClusterSimulator::start_all() {
    spread_starts_over(credentials_.count());
    world_->resume();
    spread_starts_over(0);
}

void ClusterSimulator::start_everything() {
    spread_starts_over(credentials_.count());
    for (FakeServer* node : world_->nodes()) start_again(*node);
    spread_starts_over(0);
}

void ClusterSimulator::start_everything(UniqueFunction<void(Result<Nothing>)> done) {
    spread_starts_over(credentials_.count());
    growth_.for_each_node(
        [this](FakeServer& node) { start_again(node); },
        [this, done = std::move(done)](Result<Nothing> all) mutable {
            spread_starts_over(0);
            done(std::move(all));
        }
    );
}

void ClusterSimulator::start_again(FakeServer& node) {
    if (node.up() && !fleet_->running(node.fqdn())) {
        came_up(node);
    } else if (!node.running()) {
        // One that has no power or no certificate stays off.
        (void)node.boot(Pacing::at_once);
    }
}

void ClusterSimulator::spread_starts_over(std::size_t nodes) {
    const auto count = static_cast<std::int64_t>(nodes);
    start_step_ = count == 0 ? Duration(0) : options_.start_spread.value_or(spread_for(nodes)) / count;
    next_start_ = Duration(0);
}

void ClusterSimulator::stop() {
    desk_->abandon();
    for (const FakeServer* node : world_->nodes()) {
        if (node->worker()) world_->hsm().worker_down(node->fqdn(), true);
    }
    monitors_->abandon();
    fleet_->stop_all();
}

Result<FakeServer*> ClusterSimulator::require(const std::string& fqdn) const {
    FakeServer* const node = world_->find(fqdn);
    if (node == nullptr) return Error{Errc::not_found, "there is no server " + fqdn};
    return node;
}

void ClusterSimulator::register_node(
    const std::string& fqdn, std::function<std::string()> secret, RegistrationDesk::Done done
) {
    const auto node = require(fqdn);
    if (!node) return done(node.error());
    if (!(*node)->has_power()) return done(Error{Errc::conflict, fqdn + " has no power"});
    fleet_->forget(fqdn);
    Registrant registrant{
        .fqdn = fqdn, .nodename = (*node)->nodename(), .address = fqdn, .version = options_.agent_version};
    if ((*node)->worker()) registrant.capabilities.clear();
    desk_->submit(std::move(registrant), std::move(secret), std::move(done));
}

Result<Nothing> ClusterSimulator::start_server(const std::string& fqdn, bool simulate_bootup) {
    const auto node = require(fqdn);
    if (!node) return node.error();
    if (!(*node)->up()) return (*node)->boot(simulate_bootup ? Pacing::simulated : Pacing::at_once);
    if (fleet_->running(fqdn))
        return Error{Errc::conflict, "can't start " + fqdn + ", it is already running"};
    return fleet_->start(**node);
}

Result<Nothing> ClusterSimulator::stop_server(
    const std::string& fqdn, bool shutdown, bool simulate_shutdown
) {
    const auto node = require(fqdn);
    if (!node) return node.error();
    if (!shutdown) return fleet_->stop(fqdn), Nothing{};
    if (!(*node)->running()) return Nothing{};
    return (*node)->shut_down(simulate_shutdown ? Pacing::simulated : Pacing::at_once);
}

Result<Nothing> ClusterSimulator::reboot_server(const std::string& fqdn) {
    const auto node = require(fqdn);
    if (!node) return node.error();
    return (*node)->running() ? (*node)->reboot(Pacing::at_once) : (*node)->boot(Pacing::at_once);
}

Result<Nothing> ClusterSimulator::remove_server(const std::string& name) {
    const std::string fqdn = name;  // the name may be the node's own
    if (const auto node = require(fqdn); !node) return node.error();
    // The agent first: its ports refer to the node.
    fleet_->forget(fqdn);
    actions_.server_down(fqdn);
    if (const auto removed = world_->remove(fqdn); !removed) return removed.error();
    credentials_.erase(fqdn);
    desk_->forget(fqdn);
    return Nothing{};
}

void ClusterSimulator::remove_all_servers(UniqueFunction<void(Result<Nothing>)> done) {
    growth_.for_each_node([this](FakeServer& node) { (void)remove_server(node.fqdn()); }, std::move(done));
}

Result<Nothing> ClusterSimulator::update_packages(
    const PackageVersions& packages, const std::string& node_type
) {
    if (const auto updated = world_->update_packages(packages, node_type); !updated) return updated.error();
    fleet_->report_all({"lustre"});
    return Nothing{};
}

NodeStatus resting_status(const FakeServer& node, bool registered) {
    NodeStatus status;
    status.fqdn = node.fqdn();
    status.worker = node.worker();
    status.running = node.running();
    status.registered = registered;
    status.has_power = node.has_power();
    status.lnet_state = node.lnet_state();
    status.corosync = node.state_of(Service::corosync);
    status.pacemaker = node.state_of(Service::pacemaker);
    for (const ResourceState* resource : node.cluster().running_on(node.nodename())) {
        status.resources.push_back(resource->ha_label);
    }
    return status;
}

NodeStatus ClusterSimulator::node_status(const FakeServer& node) const {
    NodeStatus status = resting_status(node, credentials_.registered(node.fqdn()));
    status.agent_running = fleet_->running(node.fqdn());
    status.sessions_open = static_cast<std::int64_t>(fleet_->sessions_open(node.fqdn()));
    return status;
}

ClusterStatus ClusterSimulator::status() const {
    ClusterStatus status{
        .time = utc_text(peers_.timeline.now()),
        .manager_url = world_->state().manager_url,
        .running = true,
        .servers = {}};
    for (const FakeServer* node : world_->nodes()) status.servers.push_back(node_status(*node));
    return status;
}

}  // namespace csim
