#include "benchmark/measure/knee.hpp"
#include "benchmark/routines/routine.hpp"

#include <algorithm>
#include <cstdio>

namespace csim {
namespace {

constexpr double mib = 1024 * 1024;

/// Growth of the resident memory over the measured time, by a straight line; and how p99 moved.
void find_drift(Bench& bench, Outcome& outcome) {
    std::vector<CurvePoint> memory;
    std::vector<double> first, second;
    const auto intervals = bench.monitor().intervals();
    for (const Interval& each : intervals) {
        if (each.warm_up || !each.valid) continue;
        if (each.manager.alive) memory.push_back({each.at, each.manager.resident_bytes});
        (each.at < (bench.seconds() + intervals.front().at) / 2 ? first : second).push_back(each.p99_ms);
    }
    const FittedLine line = fit_line(memory);
    if (memory.size() >= 2) {
        outcome.figures["memory.rss_growth"] = line.slope * (memory.back().load - memory.front().load);
        outcome.figures["memory.bytes_per_hour.rate"] = line.slope * 3600;
    }
    const auto mean = [](const std::vector<double>& all) {
        double sum = 0;
        for (const double each : all) sum += each / static_cast<double>(all.size());
        return sum;
    };
    if (!first.empty() && !second.empty()) {
        outcome.figures["drift.first_half.p99"] = mean(first);
        outcome.figures["drift.second_half.p99"] = mean(second);
    }
}

}  // namespace

void run_steady_state(Bench& bench, Outcome& outcome) {
    const RoutineOptions& options = bench.options();
    Step step;
    step.servers = options.servers;
    bench.monitor().set_phase("setup");
    bench.grow_to(options.servers, true, 2);
    for (const std::string& fqdn : bench.fqdns())
        bench.cluster("set_log_rate", Json::array({fqdn, options.log_rate}));
    bench.say(std::to_string(options.servers) + " servers are set up");
    bench.monitor().set_phase("warm-up");
    bench.pause(options.warm_up);
    bench.monitor().begin_measurement();
    bench.monitor().set_phase("hold");
    const auto baseline = bench.queues();
    const double began = bench.seconds();
    const auto hold = std::chrono::duration<double>(options.hold).count();
    outcome.stop_reason = "done";
    while (bench.seconds() - began < hold) {
        bench.pause(std::min<Duration>(200ms, options.hold));
        if (!bench.monitor().manager_gone()) continue;
        outcome.stop_reason = "the manager's process ended";
        outcome.failed = outcome.broken = true;
        break;
    }
    find_drift(bench, outcome);
    step.seconds = bench.seconds() - began;
    try {
        if (!outcome.broken) check_health(bench, baseline, step), step.passed = true;
    } catch (const StepFailed& failed) {
        step.reason = failed.what();
        outcome.failed = true;
        bench.say(step.reason);
        if (!bench.manager_answers()) {
            outcome.broken = true;
            outcome.stop_reason = "the manager does not answer any more";
        }
    }
    const MarkedFigures seen = bench.monitor().marked();
    char line[300];
    std::snprintf(
        line, sizeof line,
        "%d servers for %.0f s: %s%s; p99 %.1f ms, %llu of %llu probes failed, memory %+.1f MiB.",
        options.servers, step.seconds, outcome.failed ? "not well" : "well",
        step.reason.empty() ? "" : (": " + step.reason).c_str(), seen.p99_ms,
        static_cast<unsigned long long>(seen.failures), static_cast<unsigned long long>(seen.requests),
        outcome.figures.contains("memory.rss_growth") ? outcome.figures["memory.rss_growth"] / mib : 0.0
    );
    outcome.verdict = line;
    outcome.steps.push_back(std::move(step));
}

}  // namespace csim
