// `cluster-sim lxd-host`: a simulated container host for LXD's own clients.
#pragma once

#include <CLI/App.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace csim {

struct LxdHostCommand {
    std::string listen, socket, folder, model = "lxd-5", trust_password, trust_password_file;
    std::string control_listen = "127.0.0.1:0", ready_file, name = "lxd-host", prefix = "sim-";
    std::vector<std::string> images, limits;
    std::uint64_t populate = 0, seed = 1;
    double speed = 1;
    bool populate_stopped = false, uninitialised = false;
};

/// Adds `lxd-host`. `body` becomes what to run.
void add_lxd_host(CLI::App& app, LxdHostCommand& options, std::function<int()>& body);

}  // namespace csim
