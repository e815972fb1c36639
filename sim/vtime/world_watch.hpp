// Promises of world, fleet and manager, checked while a run goes on: cheap ones after each event, for what
// the event touched; all of them at intervals; and at the end, that everything came to rest. Source: the
// behaviour specification, §8.1; numbers C-… are ours.
#pragma once

#include "fakes/violation.hpp"
#include "sim/scenario/scenario_run.hpp"
#include "sim/vtime/virtual_cluster.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace csim {

class WorldWatch {
  public:
    /// Listens to the cluster from now on; outlives its last event.
    WorldWatch(VirtualCluster& cluster, const std::unique_ptr<ScenarioRun>& scenario);

    /// What the last event broke. Nothing happens when it touched nothing.
    std::vector<Violation> after_event();
    /// Everything that can be checked at any instant.
    std::vector<Violation> all();
    /// What has not come to rest: empty once the manager's picture is the world's, every session is open,
    /// nothing is under way and no alert stands that should not. Requires: no fault is active.
    std::vector<Violation> unsettled();

  private:
    struct Sequence {
        std::string session;
        std::int64_t last = -1;
    };
    void post_arrived(const std::string& fqdn, const AgentPost& post, bool late);
    void check_server(const FakeServer& node, std::vector<Violation>& found) const;
    bool excused(const Violation& violation) const;

    VirtualCluster& cluster_;
    const std::unique_ptr<ScenarioRun>& scenario_;  ///< whichever runs now
    std::set<std::string> touched_;
    std::map<std::string, std::map<std::string, Sequence, std::less<>>> sequences_;
    std::vector<Violation> wire_;  ///< found on the wire since the last look
};

}  // namespace csim
