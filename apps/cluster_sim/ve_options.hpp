// The options of `cluster-sim ve`: a thousand small environments that ping.
#pragma once

#include <CLI/App.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace csim {

struct VeOptions {
    std::string backend = "namespaces";
    std::string exp;  ///< empty: the backend's usual place
    std::string base_dir = "/var/lib/cluster-sim/ve0";
    std::string rootfs = "auto";
    std::string size = "2G";
    std::string model = "roomy";
    std::string limit_by, scenario;
    std::string address = "wide";
    std::string interval = "0s", grace = "5s";
    std::string target = "localhost";
    std::string html;
    std::string pattern = "*", span;  ///< of monitor
    std::vector<std::uint64_t> range;  ///< S and E, or neither
    std::uint64_t count = 0, seed = 1, inodes = 0;
    int pings = 180;
    bool no_network = false, tune = false, power_off = false, json = false, legacy_label = false, yes = false;
    bool base = false, leftovers = false, all = false, once = false;
};

/// Adds `ve` and its sub-commands. `body` becomes what to run.
void add_ve(CLI::App& app, VeOptions& options, std::function<int()>& body);

/// Where the experiment stands.
std::string ve_folder(const VeOptions& options);

int ve_createbase(const VeOptions& options);
int ve_setup(const VeOptions& options);
int ve_start(const VeOptions& options);
int ve_info(const VeOptions& options);
int ve_stats(const VeOptions& options);
int ve_stop(const VeOptions& options);
int ve_monitor(const VeOptions& options);
int ve_takedown(const VeOptions& options);

}  // namespace csim
