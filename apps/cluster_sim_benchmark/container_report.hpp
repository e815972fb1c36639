// What came of a run of container_lifecycle, and how it is told.
#pragma once

#include "apps/cluster_sim_benchmark/container_backend.hpp"
#include "runtime/lifecycle/host_watch.hpp"
#include "runtime/lifecycle/lifecycle.hpp"

namespace csim {

struct LifecycleOutcome {
    std::string backend;
    bool real = false;
    bool interrupted = false;
    LifecycleReport report;
    std::uint64_t slow = 0;  ///< phases
    std::vector<WatchSample> samples;
    std::string daemon_wedged;  ///< why it is taken for that; empty: it is not
    std::vector<std::string> evidence;
    KernelWatch kernel;
};

/// A table for people.
void print(const LifecycleOutcome& outcome);

/// `format` is json, csv, jmeter or chrome; empty: csv for a file that is called so, else json. Rows of
/// jmeter are appended, the others replace the file. Throws Fatal when it cannot be written.
void write_report(const LifecycleOutcome& outcome, const std::string& file, const std::string& format);

}  // namespace csim
