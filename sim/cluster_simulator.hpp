// The simulated cluster alive: its world, its agents, and what can be done to both. Each operation is a few
// lines that delegate. Source: the behaviour specification, §2.8.
#pragma once

#include "sim/action_desk.hpp"
#include "sim/copytool_monitors.hpp"
#include "sim/credential_store.hpp"
#include "sim/fleet.hpp"
#include "sim/growth.hpp"
#include "sim/node_status.hpp"
#include "sim/registration_desk.hpp"
#include "sim/world.hpp"

#include <memory>
#include <optional>
#include <string>

namespace csim {

struct SimulatorOptions {
    FleetOptions fleet;
    RegistrationOptions registration;
    LifeTimes life;
    /// start_all() spaces the agents evenly over this; absent: spread_for() their number.
    std::optional<Duration> start_spread;
    unsigned key_threads = 2;
    OpenCopytoolFifo open_copytool_fifo;     ///< absent: copytools have no named pipes
    std::string agent_version = "4.0.10.0";  ///< told at registration
};

/// Everything on the world's thread. A failed operation changes nothing. Errors are not_found for unknown
/// nodes.
class ClusterSimulator {
  public:
    struct Peers {
        Timeline& timeline;
        Inbox& inbox;
        Documents& documents;
        Trace& trace;
        AgentNetwork& network;
        Rng run;
        /// Outlives the simulator; null: real keys, made on `key_threads` threads.
        IdentitySource* identities = nullptr;
    };
    ClusterSimulator(Peers peers, SimulatorOptions options);
    ~ClusterSimulator();

    World& world() { return *world_; }
    const World& world() const { return *world_; }
    Fleet& fleet() { return *fleet_; }
    const Fleet& fleet() const { return *fleet_; }
    CredentialStore& credentials() { return credentials_; }
    const CredentialStore& credentials() const { return credentials_; }
    const CopytoolMonitors& copytool_monitors() const { return *monitors_; }

    /// Brings back every node that was up, agents spaced over `start_spread`.
    void start_all();
    /// The same for a cluster that is alive already: nodes that are off and may boot do so, agents that were
    /// stopped start again.
    void start_everything();
    /// The same in slices. `done` runs when the last node was told.
    void start_everything(UniqueFunction<void(Result<Nothing>)> done);
    /// Every agent is gone at once; registrations under way are forgotten. The world stays as it is.
    void stop();

    /// Key, request, certificate; then the node starts, without a boot. The value arrives when the
    /// certificate is on disk. A node that runs is stopped first. Errors: conflict without power, and as
    /// RegistrationDesk.
    void register_node(
        const std::string& fqdn, std::function<std::string()> secret, RegistrationDesk::Done done
    );
    std::size_t registrations_pending() const { return desk_->pending(); }
    /// Registrations under way are forgotten; their callbacks never run.
    void abandon_registrations() { desk_->abandon(); }

    /// With `simulate_bootup` the node boots first, which takes its time.
    Result<Nothing> start_server(const std::string& fqdn, bool simulate_bootup = false);
    /// Without `shutdown` the agent stops and the node stays where it is; with it the node goes down.
    Result<Nothing> stop_server(
        const std::string& fqdn, bool shutdown = false, bool simulate_shutdown = false
    );
    Result<Nothing> reboot_server(const std::string& fqdn);
    /// Gone at once, with everything that refers to it: agent, registration under way, presentations, cluster
    /// node, certificate.
    Result<Nothing> remove_server(const std::string& fqdn);
    /// The same for every node, in slices. `done` runs when the last one is gone.
    void remove_all_servers(UniqueFunction<void(Result<Nothing>)> done);

    /// Changes of the whole cluster that the world need not stand still for.
    Growth& growth() { return growth_; }
    /// Actions that are asked for beside the manager.
    ActionDesk& actions() { return actions_; }
    /// The catalogue grows, and every agent reports its packages anew. No session ends, no boot time changes.
    /// Errors: as World::update_packages.
    Result<Nothing> update_packages(const PackageVersions& packages, const std::string& node_type);

    NodeStatus node_status(const FakeServer& node) const;
    ClusterStatus status() const;

  private:
    void listen_to_world();
    void came_up(FakeServer& node);
    void went_down(FakeServer& node, Departure how);
    void spread_starts_over(std::size_t nodes);
    void start_again(FakeServer& node);
    Result<FakeServer*> require(const std::string& fqdn) const;

    Peers peers_;
    SimulatorOptions options_;
    CredentialStore credentials_;
    ServerSurroundings surroundings_;
    std::unique_ptr<World> world_;
    ActionDesk actions_;
    Growth growth_;
    std::unique_ptr<Fleet> fleet_;
    std::unique_ptr<CopytoolMonitors> monitors_;
    std::unique_ptr<KeyMaker> keys_;
    std::unique_ptr<RegistrationDesk> desk_;
    Duration next_start_{};  ///< delay of the next agent while start_all() is at work
    Duration start_step_{};
};

/// The status of nodes without anything running: what the state folder says.
NodeStatus resting_status(const FakeServer& node, bool registered);

}  // namespace csim
