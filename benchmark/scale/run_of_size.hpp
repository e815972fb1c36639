// One fleet of a size: registered, run, loaded, measured.
#pragma once

#include "benchmark/scale/disturbances.hpp"
#include "benchmark/scale/rest_load.hpp"
#include "benchmark/scale/samples.hpp"

namespace csim {

struct ScalePlan {
    double warm_up_s = 60;  ///< alive before anything is measured
    double measure_s = 120;
    double soak_s = 0;  ///< 0: no soak
    double rest_per_second = 10;
    bool keep = false;
    bool hibernate = false;  ///< the agents' connections
};

struct SizeResult {
    int servers = 0;
    double setup_s = 0;
    double registered_s = 0;  ///< from the start of `register` to the last certificate
    double register_to_sessions_s = 0;
    double managed_s = 0;  ///< and to the end of every command that set hosts up
    double register_cpu_s = 0, register_manager_cpu_s = 0;  ///< up to then
    double stop_s = 0;
    double run_to_sessions_s = 0;  ///< from the start of `run`
    double open_s = 0;             ///< of which until it served
    double run_cpu_s = 0, run_manager_cpu_s = 0;

    // While it was measured.
    double minutes = 0;
    double cpu_s = 0, manager_cpu_s = 0;
    double resident_bytes = 0, manager_resident_bytes = 0;
    double descriptors = 0, manager_descriptors = 0;
    double connections = 0, requests = 0, failures = 0, bytes = 0;
    std::int64_t sessions_lost = 0;
    Latency lag, lateness, posts;
    RestLoad::Result rest;
    Disturbed disturbed;

    // Of a soak; by the hour.
    double memory_slope_percent = 0, manager_memory_slope_percent = 0;
    double descriptors_slope = 0, manager_descriptors_slope = 0;
};

/// Tells its steps on standard error. Throws Fatal when the fleet cannot be had.
SizeResult run_of_size(int servers, const ScalePlan& plan);

}  // namespace csim
