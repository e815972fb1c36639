// One run in virtual time: a scenario on a cluster of its own, watched; the first broken promise ends it.
#pragma once

#include "sim/scenario/scenario_run.hpp"
#include "sim/vtime/virtual_cluster.hpp"
#include "sim/vtime/world_watch.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace csim {

struct SimulationOptions {
    Scenario scenario;
    std::uint64_t seed = 1;
    Duration check_period = 60s;      ///< between looks at everything, of small fleets
    Duration failure_detection = 5s;  ///< of the HA clusters
    bool checks = true;
    bool world_only = false;  ///< no manager: nobody registers, so that servers stay off
    std::uint64_t events_per_progress = 200'000;
};

struct FoundViolation {
    SimTime at;
    Violation violation;
};

/// `simulate --json` and summaries are made of this.
struct SimulationResult {
    std::uint64_t events = 0;
    Duration simulated{};
    std::vector<FoundViolation> violations;  ///< of the first instant at which there were any
    std::vector<std::string> around;         ///< the trace before it
    std::optional<Duration> settled_after;   ///< the end of the scenario; absent when it never settled
    std::uint64_t digest = 0;
    std::uint64_t faults = 0;
};

class Simulation {
  public:
    /// Throws Fatal for a setup that cannot exist.
    explicit Simulation(SimulationOptions options);
    ~Simulation();

    /// Told now and then; returns false to stop the run early.
    using Progress = std::function<bool(SimTime now, std::uint64_t events)>;
    /// From where it is to the end, through the time to come to rest, or to the first violation.
    SimulationResult run(const Progress& progress = {});
    /// Up to and including `at` and no further; false when a promise was broken before.
    bool advance(SimTime at, const Progress& progress = {});
    /// Everything so far, without going on.
    SimulationResult result();
    /// Heals what is wrong and goes on from here with another scenario and other chance.
    void divert(Scenario scenario, std::uint64_t seed);
    /// Called after each event; for whoever draws pictures.
    void on_event(std::function<void()> observer) { observer_ = std::move(observer); }

    VirtualCluster& cluster() { return *cluster_; }
    ScenarioRun& scenario() { return *scenario_; }
    SimTime end() const { return end_; }

  private:
    void begin();
    void start_scenario(Scenario scenario, std::uint64_t seed);
    Duration check_pause() const;
    bool step(SimTime end, const Progress& progress);
    bool found(std::vector<Violation> violations);
    void settle(const Progress& progress);

    SimulationOptions options_;
    std::unique_ptr<VirtualCluster> cluster_;
    std::unique_ptr<ScenarioRun> scenario_;
    std::unique_ptr<WorldWatch> watch_;  ///< listens to the cluster: one for its whole life
    std::function<void()> observer_;
    SimTime begin_;
    SimTime end_;
    SimTime next_check_;
    bool begun_ = false;
    std::uint64_t earlier_faults_ = 0;  ///< of scenarios before the last divert()
    std::uint64_t events_told_ = 0;
    bool stopped_ = false;
    SimulationResult result_;
};

/// `0123456789abcdef`.
std::string digest_text(std::uint64_t digest);

}  // namespace csim
