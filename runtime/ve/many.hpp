// The same thing with many environments of a runtime, and what came of it.
#pragma once

#include "runtime/node_runtime.hpp"
#include "runtime/ve/experiment.hpp"

namespace csim {

inline std::string environment_name(std::uint64_t number) {
    return "ve" + std::to_string(number);
}

/// Counts answers and stops the loop with the last one.
class Tally {
  public:
    Tally(EventLoop& loop, std::uint64_t all, const Progress& progress)
        : loop_(loop), all_(all), progress_(progress) {}
    void add(const NodeResult<Done>& result);
    /// Runs the loop until every answer is there.
    VeOutcome wait();

  private:
    EventLoop& loop_;
    std::uint64_t all_, seen_ = 0;
    const Progress& progress_;
    VeOutcome outcome_;
};

VeOutcome start_many(
    EventLoop& loop, Timeline& timeline, NodeRuntime& runtime, const ExperimentStart& start,
    const Progress& progress
);
VeOutcome stop_many(
    EventLoop& loop, NodeRuntime& runtime, std::uint64_t first, std::uint64_t last, Duration grace,
    Duration limit, const Progress& progress
);
NodeSpec environment_spec(std::uint64_t number, const ExperimentSetup& setup, const ExperimentStart& start);

}  // namespace csim
