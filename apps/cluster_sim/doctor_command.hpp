// `cluster-sim doctor`: what a fleet, or many environments, need, and what is here.
#pragma once

#include "apps/cluster_sim/options.hpp"

#include <CLI/App.hpp>

#include <functional>

namespace csim {

struct DoctorOptions {
    int servers = 8;
    std::uint64_t environments = 0;  ///< of `ve`; 0: none are asked about
    bool with_manager = false, no_network = false, json = false;
};

/// Adds `doctor`. `body` becomes what to run; both options outlive it.
void add_doctor(
    CLI::App& app, DoctorOptions& options, const CommonOptions& common, std::function<int()>& body
);

}  // namespace csim
