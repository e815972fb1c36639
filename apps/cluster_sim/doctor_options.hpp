// What `doctor` can be asked.
#pragma once

#include "apps/cluster_sim/options.hpp"

#include <CLI/App.hpp>

#include <functional>

namespace csim {

struct DoctorOptions {
    int servers = 8;
    bool with_manager = false;
    int connections = 0;  ///< 0: a fleet is asked about
    bool remote_server = false, full_tls = false;
    bool json = false;
};
void add_doctor(
    CLI::App& app, const CommonOptions& common, DoctorOptions& options, std::function<int()>& body
);

}  // namespace csim
