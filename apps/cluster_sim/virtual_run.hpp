// What simulate, replay and fork share: a run with its progress, its report and its summary.
#pragma once

#include "apps/cluster_sim/virtual_options.hpp"
#include "sim/vtime/simulation.hpp"
#include "sim/vtime/time_line.hpp"

#include <memory>
#include <optional>
#include <string>

namespace csim {

/// A time such as 24h or 90m. Throws Fatal (2), naming the option.
Duration parsed_span(const std::string& text, const char* option);
/// The scenario file, or a calm cluster, changed by what the command line says beside it. Throws Fatal.
Scenario wanted_scenario(const SimulateOptions& options);

/// Runs a simulation and tells about it.
class VirtualRun {
  public:
    /// `line` is what to type to see it again.
    VirtualRun(const SimulateOptions& options, std::uint64_t seed, std::string line);

    void use(std::unique_ptr<Simulation> simulation);
    Simulation& simulation() { return *simulation_; }
    /// To the end, or to `until` and no further.
    void go(std::optional<SimTime> until);
    /// Prints the summary or JSON, writes the report. The exit status.
    int conclude();
    /// For runs that come before the one to be told about.
    Simulation::Progress quiet() const;

  private:
    const SimulateOptions& options_;
    std::uint64_t seed_;
    std::string line_;
    std::unique_ptr<Simulation> simulation_;
    std::unique_ptr<TimeLine> time_line_;
    SimulationResult result_;
    SimTime begun_;  ///< of the wall
};

}  // namespace csim
