// Measures virtual time: how much faster than the wall, what a server costs, and whether runs are equal.
#include "benchmark/bench_report.hpp"
#include "sim/vtime/simulation.hpp"

#include <iostream>
#include <string>
#include <sys/resource.h>

namespace csim {
namespace {

struct Wanted {
    int servers = 1'000;
    int hours = 24;
    int runs = 1;
    int world_servers = 100'000;
};

double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double resident_bytes() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_maxrss) * 1024;
}

SimulationResult run_once(const Wanted& wanted, double& cpu) {
    SimulationOptions options;
    options.scenario.setup.server_count = wanted.servers;
    options.scenario.setup.cluster_size = 2;
    options.scenario.setup.nid_count = 2;
    options.scenario.setup.su_size = 2;
    options.scenario.duration = std::chrono::hours(wanted.hours);
    options.checks = false;
    const double before = cpu_seconds();
    Simulation simulation(options);
    SimulationResult result = simulation.run();
    cpu = cpu_seconds() - before;
    return result;
}

void measure_fleet(const Wanted& wanted, BenchReport& report) {
    std::uint64_t digest = 0;
    bool equal = true;
    double best = 1e300, events = 0;
    for (int run = 0; run < wanted.runs; ++run) {
        double cpu = 0;
        const SimulationResult result = run_once(wanted, cpu);
        std::cout << wanted.servers << " servers, " << wanted.hours << " h: " << cpu << " CPU s, "
                  << result.events << " events, digest " << digest_text(result.digest) << std::endl;
        equal = equal && (run == 0 || digest == result.digest);
        digest = result.digest;
        best = std::min(best, cpu);
        events = static_cast<double>(result.events);
    }
    const bool full = wanted.servers == 1'000 && wanted.hours == 24;
    constexpr auto higher = Figure::Better::higher;
    report.add(
        {"cpu_seconds", best, "s", full ? std::optional<double>(60) : std::nullopt, Figure::Better::lower, {}}
    );
    report.add({"events_per_cpu_second", events / best, "1/s", {}, higher, {}});
    report.add({"times_real_time", wanted.hours * 3600.0 / best, "x", {}, higher, {}});
    report.add({"digests_equal", equal ? 1.0 : 0.0, "", 1.0, higher, {}});
}

/// The world alone: nobody is registered, an hour passes.
void measure_world(const Wanted& wanted, BenchReport& report) {
    const double memory = resident_bytes();
    const double before = cpu_seconds();
    VirtualOptions options;
    options.setup.server_count = wanted.world_servers;
    options.setup.worker_count = 0;
    options.setup.cluster_size = 2;
    options.setup.volume_count = 0;
    options.with_manager = false;
    VirtualCluster cluster(options);
    const double made = cpu_seconds() - before;
    cluster.run_until(cluster.timeline().now() + 1h);
    const double per_server = (resident_bytes() - memory) / wanted.world_servers;
    std::cout << wanted.world_servers << " servers without sessions: made in " << made
              << " CPU s, an hour after " << cpu_seconds() - before << " CPU s, " << per_server
              << " bytes a server" << std::endl;
    report.add({"world_cpu_seconds", cpu_seconds() - before, "s", 10.0, Figure::Better::lower, {}});
    report.add({"world_bytes_per_server", per_server, "B", 4096.0, Figure::Better::lower, {}});
}

int measure(const std::vector<std::string>& arguments) {
    Wanted wanted;
    const auto number = [&arguments](const char* name, int& value) {
        if (const auto given = bench_option(arguments, name)) value = std::atoi(given->c_str());
    };
    number("--servers", wanted.servers);
    number("--hours", wanted.hours);
    number("--runs", wanted.runs);
    number("--world_servers", wanted.world_servers);
    BenchReport report;
    report.add_command("dev bench simulate");
    // First, while the process has not used any memory yet.
    measure_world(wanted, report);
    measure_fleet(wanted, report);
    report.deliver(arguments);
    return 0;
}

}  // namespace
}  // namespace csim

int main(int argc, char** argv) {
    try {
        return csim::measure({argv + 1, argv + argc});
    } catch (const std::exception& fault) {
        std::cerr << "bench_simulate: " << fault.what() << "\n";
        return 1;
    }
}
