// Whether a manager is well enough for the next step: what the original asked in two comments and never did.
#pragma once

#include "benchmark/routines/bench.hpp"

namespace csim {

/// One step of a routine, as the report tells it.
struct Step {
    std::int64_t servers = 0;
    bool passed = false;
    std::string reason;  ///< why not
    double seconds = 0;  ///< from its beginning until the manager was healthy, or was not
    double p50_ms = 0, p99_ms = 0;
    double error_rate = 0;  ///< of the probes during the step
    double action_ms = 0;   ///< how long an action on a server took, through the manager
    double drain_ms = 0;    ///< how long queues took to drain
    std::map<std::string, double> details;
};
BOOST_DESCRIBE_STRUCT(
    Step, (), (servers, passed, reason, seconds, p50_ms, p99_ms, error_rate, action_ms, drain_ms, details)
)

/// Waits, up to `settle`, until queues are drained to what they were in `baseline` and no host has lost
/// contact; then has one server do something harmless; then looks at errors and latency since the last mark.
/// Throws StepFailed with the first thing that is not well; `step` is filled in as far as it got.
void check_health(Bench& bench, const std::map<std::string, QueueSample>& baseline, Step& step);

}  // namespace csim
