// What the command line of the benchmark can say.
#pragma once

#include "benchmark/run.hpp"

#include <CLI/App.hpp>

#include <string>
#include <vector>

namespace csim {

struct BenchmarkOptions {
    RunOptions run;
    std::string remote_simulator;  ///< as given
    std::string debug;
    int manager_pid = 0;
};

struct CompareOptions {
    std::string a, b;  ///< report files
    bool json = false;
    bool fail_when_worse = false;
};

struct QueuesOptions {
    std::vector<std::string> queues;  ///< in the order of their columns
    int column_width = 20;
    Duration interval = 10s;
    int count = 0;  ///< lines; 0: until Ctrl-C
};

/// A span of time such as 250ms, 10s or 5m.
void add_duration(CLI::App& app, const std::string& name, Duration& value, const std::string& help);
void add_search_options(CLI::App& command, RoutineOptions& options);
void add_log_options(CLI::App& command, RoutineOptions& options);

/// Prints the comparison. Throws Fatal for a file that is no report.
int compare_command(const CompareOptions& options);

/// Prints queue depths until Ctrl-C. Throws Fatal when the manager cannot be asked.
int queues_command(const QueuesOptions& options, const RunOptions& run);

int run_routine(const Routine& routine, BenchmarkOptions& options);

}  // namespace csim
