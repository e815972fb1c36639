// `cluster-sim doctor`: what a fleet, many environments, or many connections need, and what is here.
#pragma once

#include "apps/cluster_sim/options.hpp"

#include <CLI/App.hpp>

#include <functional>

namespace csim {

struct DoctorOptions {
    int servers = 8;
    std::uint64_t environments = 0;  ///< of `ve`; 0: none are asked about
    int connections = 0;             ///< 0: a fleet is asked about
    bool with_manager = false, no_network = false, json = false;
    bool remote_server = false, full_tls = false;
};

/// Adds `doctor`. `body` becomes what to run; both options outlive it.
void add_doctor(
    CLI::App& app, DoctorOptions& options, const CommonOptions& common, std::function<int()>& body
);

}  // namespace csim
