// What must hold between any two operations of a walk, beyond what the world can say of itself at one
// instant.
#pragma once

#include "fakes/target_statistics.hpp"
#include "tests/sim/walk/walk_world.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace csim {

class WalkChecks {
  public:
    /// Listens to the agents of `world` from now on.
    explicit WalkChecks(WalkWorld& world);

    /// Everything wrong by now, each line beginning with the number of the promise. `pick` chooses what is
    /// looked at where looking at everything would take too long.
    std::vector<std::string> run(Rng& pick);
    void wrong(std::string line) { wrong_.push_back(std::move(line)); }
    /// An action was sent to an agent under this id.
    void action_sent(const std::string& id) { sent_.insert(id); }
    void process_died() { earlier_.clear(); }

  private:
    void seen(const std::string& fqdn, const AgentPost& post);
    void action_completed(const Message& message);
    void check_reports(const FakeServer& node);
    void check_counters(Rng& pick);

    WalkWorld& world_;
    std::vector<std::string> wrong_;
    std::map<std::pair<std::string, std::string>, std::int64_t> sequence_;  ///< by agent and session
    std::set<std::string> sent_;
    std::map<std::string, std::shared_ptr<const TargetMetrics>> earlier_;  ///< by uuid
};

}  // namespace csim
