// A scenario done to a running simulator, under whatever manager it has.
#pragma once

#include "apps/cluster_sim/serving.hpp"
#include "sim/scenario/scenario_run.hpp"

#include <memory>
#include <string>

namespace csim {

/// Reads the scenario before anything runs, starts it with start(), and tells of what happens on standard
/// error. Workloads that need the manager in the same process are left out, and named.
class LiveScenario {
  public:
    /// Throws Fatal for a file that is no scenario, or one with nothing in it that can be done here.
    explicit LiveScenario(const std::string& file);
    void start(Serving& serving);

  private:
    void look_for_end(Serving& serving);

    Scenario scenario_;
    std::unique_ptr<ScenarioRun> run_;
    Rng chance_{1};
};

}  // namespace csim
