// `cluster-sim explore`: many seeds, over all cores, each in a process of its own so that a crash is one more
// finding.
#include "apps/cluster_sim/seed_workers.hpp"
#include "apps/cluster_sim/virtual_options.hpp"
#include "core/event_loop.hpp"
#include "sim/progress.hpp"

#include <nlohmann/json.hpp>

#include <iostream>
#include <thread>

namespace csim {
namespace {

constexpr int shrink_runs_max = 120;

struct Finding {
    SwarmCase original;
    SwarmCase smallest;
    SeedReport report;
};

Json finding_json(const Finding& finding) {
    const Scenario small = swarm_scenario(finding.smallest);
    return {
        {"seed", finding.original.seed},
        {"invariant", finding.report.invariant},
        {"sentence", finding.report.sentence},
        {"reproduce", swarm_line(finding.original)},
        {"shrunk",
         {{"reproduce", swarm_line(finding.smallest)},
          {"servers", small.setup.server_count},
          {"faults",
           finding.smallest.keep ? finding.smallest.keep->size() : swarm_faults(finding.original.seed)},
          {"scenario", scenario_json(small)}}}};
}

Finding look_closer(const SeedReport& report, const ExploreOptions& options) {
    Finding finding{SwarmCase{report.seed, {}, {}}, SwarmCase{report.seed, {}, {}}, report};
    if (options.no_shrink || report.crashed) return finding;
    const auto fails = [&report](const SwarmCase& smaller) {
        return run_swarm(smaller).invariant == report.invariant;
    };
    finding.smallest = shrink(finding.original, fails, shrink_runs_max, [](const SwarmCase& smaller) {
        std::cerr << "cluster-sim: still fails: " << swarm_line(smaller) << "\n";
    });
    return finding;
}

void tell(const Finding& finding) {
    std::cout << finding.report.invariant << ": " << finding.report.sentence
              << "\n  seed:   " << swarm_line(finding.original)
              << "\n  shrunk: " << swarm_line(finding.smallest) << "\n";
}

}  // namespace

int explore_command(const ExploreOptions& options) {
    const unsigned cores = std::max(std::thread::hardware_concurrency(), 1u);
    SeedWorkers workers(options.first, options.seeds, options.jobs == 0 ? cores : options.jobs);
    const SimTime begun = wall_now();
    Progress progress(std::cerr, stderr_is_terminal(), "exploring seeds", options.seeds);
    std::vector<Finding> findings;
    std::uint64_t done = 0, events = 0;
    double simulated = 0;
    while (const auto report = workers.next()) {
        ++done;
        events += report->events;
        simulated += report->simulated_seconds;
        progress.show(done, wall_now() - begun);
        if (!report->invariant.empty()) {
            if (options.stop_at_first) workers.stop();
            findings.push_back(look_closer(*report, options));
            if (!options.json) tell(findings.back());
            if (options.stop_at_first) break;
        }
        const double minutes = std::chrono::duration<double>(wall_now() - begun).count() / 60;
        if (options.minutes > 0 && minutes > options.minutes) workers.stop();
    }
    progress.finish(
        "explored " + std::to_string(done) + " seeds from " + std::to_string(options.first) + ": " +
        std::to_string(findings.size()) + " failures, " + std::to_string(events) + " events, " +
        std::to_string(static_cast<std::uint64_t>(simulated / 3600)) + " simulated hours"
    );
    if (options.json) {
        Json failures = Json::array();
        for (const Finding& finding : findings) failures.push_back(finding_json(finding));
        std::cout << Json{{"seeds", done}, {"events", events}, {"failures", failures}}.dump(2) << "\n";
    }
    return findings.empty() ? 0 : 1;
}

}  // namespace csim
