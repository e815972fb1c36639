// One run of one routine from its beginning to its report: what `cluster-sim-benchmark` does.
#pragma once

#include "benchmark/report/outputs.hpp"
#include "benchmark/routines/routine.hpp"

#include <optional>
#include <string>
#include <vector>

namespace csim {

struct RunOptions {
    std::string url = "https://localhost:8000";
    std::string username = "admin";
    std::string password = "lustre";
    std::optional<std::string> remote_simulator;  ///< URL of a control port; absent: a cluster lives inside
    std::string control_token;
    std::optional<pid_t> manager_pid;
    double probe_rate = 4;  ///< per second, on each path
    Duration probe_timeout = 10s;
    Duration request_timeout = 60s;
    Duration lateness_limit = 20ms;  ///< intervals do not count when probes were sent later
    Duration lag_limit = 100ms;      ///< nor when the simulator lagged more
    Duration cleanup_limit = 120s;   ///< how long the end may take, whatever the manager does
    std::uint64_t seed = 1;
    bool debug = false;
    RoutineOptions routine;
    std::vector<std::string> thresholds;
    OutputOptions outputs;
    Json parameters = {};  ///< what was given, for the report
};

/// Exit statuses of a run, beside 1 for failures and 2 for wrong usage.
constexpr int status_threshold_failed = 3;
constexpr int status_interrupted = 130;

/// Progress on standard error, the summary on standard output. Throws Fatal when the run cannot begin.
int run_benchmark(const Routine& routine, const RunOptions& options);

}  // namespace csim
