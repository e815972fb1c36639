// The simulated cluster: every fake there is, and who belongs to whom. Owns them all and knows little itself.
#pragma once

#include "fakes/fake_client.hpp"
#include "fakes/fake_cluster.hpp"
#include "fakes/fake_controller.hpp"
#include "fakes/fake_devices.hpp"
#include "fakes/fake_hsm.hpp"
#include "fakes/fake_power.hpp"
#include "fakes/fake_server.hpp"
#include "fakes/fake_targets.hpp"
#include "fakes/target_statistics.hpp"
#include "sim/setup.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace csim {

/// How all HA clusters behave; everything is off at first, which is what managers' tests expect.
struct HaSettings {
    double failure_detection = 0;     ///< seconds until peers notice that a node died without saying so
    bool automatic_failback = false;  ///< resources return to their preferred or primary node
    bool stonith_enabled = true;      ///< as members report it
    bool quorum = false;              ///< a minority runs nothing
};
BOOST_DESCRIBE_STRUCT(HaSettings, (), (failure_detection, automatic_failback, stonith_enabled, quorum))

/// What is on disk about the cluster as a whole: `simulator.json`.
struct SimulatorState {
    PackageCatalogue packages = default_package_catalogue();
    std::optional<std::int64_t> cluster_size;  ///< absent: never set up
    std::int64_t next_server_id = 0;           ///< ids are never used twice
    std::int64_t next_worker_id = 0;
    std::int64_t next_unit = 0;  ///< number of the next scalable unit's presentation group
    std::string manager_url;     ///< of the last registration or run
    std::uint64_t seed = 1;
    HaSettings ha;
};
BOOST_DESCRIBE_STRUCT(
    SimulatorState, (),
    (packages, cluster_size, next_server_id, next_worker_id, next_unit, manager_url, seed, ha)
)

/// A new scalable unit. Source: the behaviour specification, §2.6.
struct ScalableUnit {
    std::vector<std::string> fqdns;
    std::vector<std::string> serials;
    std::int64_t controller_id = 0;
};
BOOST_DESCRIBE_STRUCT(ScalableUnit, (), (fqdns, serials, controller_id))

/// A scalable unit that is being made, so much at a time that the world need not stand still meanwhile.
struct UnitInProgress {
    ScalableUnit unit;
    std::string group;
    std::int64_t next_id = 0;  ///< of the server to be made next; the ids are reserved
    int servers_left = 0;
    int volumes_left = 0;
    int nid_count = 1;
};

/// One thread. All changes are made through the fakes' own functions; a failed operation changes nothing.
class World {
  public:
    /// Loads everything the documents hold. `surroundings` outlives the world. Call resume() when whoever
    /// listens to the surroundings is ready.
    World(const FakesContext& context, ServerSurroundings& surroundings);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// Servers that were up are up again; phases that were in progress begin anew.
    void resume();

    const SimulatorState& state() const { return **state_; }
    bool set_up() const { return (*state_)->cluster_size.has_value(); }
    void set_manager_url(const std::string& url);
    void set_seed(std::uint64_t seed);
    /// Of every cluster there is and will be. Errors: bad_argument for a detection time that is negative or
    /// longer than an hour.
    Result<Nothing> set_ha(const HaSettings& settings);

    /// Makes the cluster, or lets the one there is grow: the counts are what there is to be afterwards.
    /// Errors: bad_argument as check(Setup); conflict when there is more of anything already, or when the
    /// cluster size differs; exhausted when the addresses are used up. Then nothing has changed.
    Result<Nothing> create(const Setup& setup);
    /// Errors: bad_argument for an impossible count, exhausted when the addresses are used up.
    Result<FakeServer*> add_server(int nid_count);
    Result<FakeServer*> add_worker(int nid_count);
    Result<ScalableUnit> add_unit(int server_count, int volume_count, int nid_count);
    /// The same in portions: everything that can fail fails here, and then nothing has changed.
    Result<UnitInProgress> begin_unit(int server_count, int volume_count, int nid_count);
    /// Makes up to this many more servers, or volumes. False when the unit is complete.
    bool continue_unit(UnitInProgress& unit, int servers_max, int volumes_max);
    /// The server, its presentations, its cluster node and its documents go. Errors: not_found.
    Result<Nothing> remove(const std::string& fqdn);

    FakeServer* find(const std::string& fqdn) const;
    /// Servers by id, then workers by id.
    std::vector<FakeServer*> nodes() const;
    std::size_t node_count() const { return by_fqdn_.size(); }
    /// The HA cluster with this id, made if there is none.
    FakeCluster& cluster(std::int64_t id);
    std::vector<FakeCluster*> clusters() const;

    FakesContext& context() { return context_; }
    FakeDevices& devices() { return devices_; }
    const FakeDevices& devices() const { return devices_; }
    FakeTargets& targets() { return targets_; }
    const FakeTargets& targets() const { return targets_; }
    TargetStatistics& statistics() { return statistics_; }
    FakeClients& clients() { return clients_; }
    const FakeClients& clients() const { return clients_; }
    FakeControllers& controllers() { return controllers_; }
    const FakeControllers& controllers() const { return controllers_; }
    FakePower& power() { return power_; }
    const FakePower& power() const { return power_; }
    FakeHsm& hsm() { return hsm_; }
    const FakeHsm& hsm() const { return hsm_; }

    /// The catalogue grows by these packages. Errors: bad_argument for an unknown kind of node.
    Result<Nothing> update_packages(const PackageVersions& packages, const std::string& node_type);

  private:
    using Place = std::pair<bool, std::int64_t>;  ///< workers after servers, each by id

    /// What create() has to add, as a setup of its own. Errors: as create().
    Result<Setup> missing_of(const Setup& wanted) const;
    Result<Nothing> add_to_all(const Setup& more);
    void load_servers();
    void wire_up();
    Result<FakeServer*> add_node(bool worker, int nid_count);
    FakeServer* make_node(bool worker, std::int64_t id, int nid_count);
    FakeServer* insert(std::unique_ptr<FakeServer> server);
    std::string started_on(const std::string& uuid) const;

    FakesContext context_;
    ServerSurroundings& surroundings_;
    std::unique_ptr<Document<SimulatorState>> state_;
    FakeDevices devices_;
    FakeTargets targets_;
    TargetStatistics statistics_;
    FakeClients clients_;
    FakeControllers controllers_;
    FakePower power_;
    FakeHsm hsm_;
    std::map<std::int64_t, std::unique_ptr<FakeCluster>> clusters_;
    std::map<Place, std::unique_ptr<FakeServer>> nodes_;
    std::map<std::string_view, FakeServer*> by_fqdn_;  ///< keys lie in the servers
};

/// The seed that a saved cluster was made with; 1 when there is none.
std::uint64_t saved_seed(const StateStore& store);

}  // namespace csim
