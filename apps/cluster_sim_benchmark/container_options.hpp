// The options of the routines that stress a container host.
#pragma once

#include <CLI/App.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace csim {

struct ContainerOptions {
    std::string backend;  ///< empty: lxd where one answers, else simulated
    std::string scenario, model = "lxd-5", variant = "cnd", window = "sliding", trace = "grouped",
                          prefix = "cnd-";
    std::string base, json, socket;
    std::string report_format;  ///< json, csv or jmeter; empty: csv for a file that is called so, else json
    std::string on_wedge = "continue", dump = "container_wedge.txt";
    std::string watch = "none";
    std::string delete_leftovers;  ///< a range of numbers, or "all"; empty: a run
    std::vector<std::string> commands, limits, timeouts;
    std::uint64_t count = 10, jobs = 4, seed = 1;
    std::size_t width = 0;
    std::uint64_t max = 1000, step = 50;
    int list_ms = 2000;
    double settle = 0;
    bool allow_large_window = false, stop_on_wedge = false, keep = false, stop_all = false;
};

/// Adds `container_lifecycle` and `container_density`. `body` becomes what to run.
void add_containers(CLI::App& app, ContainerOptions& options, std::function<int()>& body);

/// Exit status: 0 all well, 1 to 100 that many failed, 101 more, 5 something wedged, 6 something was left
/// behind.
int container_lifecycle(const ContainerOptions& options);
/// What --stop_all and --delete_leftovers ask for, instead of a run. 6 when something is left.
int container_clean_up(const ContainerOptions& options);
/// 0 also when a limit was found, which is what it is for; 5 and 6 as above.
int container_density(const ContainerOptions& options);

}  // namespace csim
