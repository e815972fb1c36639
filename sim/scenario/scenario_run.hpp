// A scenario at work: chooses times and places, begins workloads and heals them.
#pragma once

#include "sim/scenario/workload.hpp"

#include <memory>
#include <string>
#include <vector>

namespace csim {

/// Schedules everything on the host's timeline when start() is called. Must outlive the run, as the host
/// must.
class ScenarioRun {
  public:
    ScenarioRun(ScenarioHost host, Scenario scenario, const Rng& run);
    ~ScenarioRun();

    void start();
    /// What lasts at the end of the run heals now, and nothing further begins.
    void heal_all();

    /// Faults that have begun and not healed.
    std::size_t active() const { return active_.size(); }
    std::uint64_t begun() const { return begun_; }
    /// Workloads that are still to begin.
    std::size_t planned() const { return planned_; }
    /// When the last fault healed; the start of the run if there was none.
    SimTime last_healed() const { return last_healed_; }
    /// Servers that some active fault of this workload concerns.
    bool concerns(std::string_view workload, const std::string& fqdn) const;
    const Scenario& scenario() const { return scenario_; }

  private:
    struct Active;
    void plan(std::size_t step, SimTime due, std::int64_t done);
    void strike(std::size_t step);
    void heal(std::int64_t number);
    std::vector<std::string> places(const ScenarioStep& step, Rng& chance) const;
    void add_place(
        const std::string& word, const ScenarioStep& step, Rng& chance, std::vector<std::string>& to
    ) const;

    ScenarioHost host_;
    Scenario scenario_;
    Rng run_;
    std::vector<Rng> chances_;  ///< of each step
    SimTime begin_;
    SimTime last_healed_;
    std::map<std::int64_t, std::shared_ptr<Strike>> active_;
    std::vector<std::shared_ptr<Strike>> forever_;  ///< what has no end of its own
    std::int64_t last_ = 0;
    std::uint64_t begun_ = 0;
    std::size_t planned_ = 0;
    bool closed_ = false;
    std::shared_ptr<ScenarioRun*> self_;  ///< null for timers that fire too late
};

/// The workloads of this scenario that cannot be done to a running simulator, each once.
std::vector<std::string> not_live(const Scenario& scenario);

}  // namespace csim
