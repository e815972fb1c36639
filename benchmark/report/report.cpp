#include "benchmark/report/report.hpp"

#include <algorithm>
#include <cstdio>

namespace csim {
namespace {

double in_ms(Duration span) {
    return static_cast<double>(span.count()) * 1e-6;
}

struct Quantile {
    const char* name;
    double at;
};
constexpr Quantile quantiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};

Json latency_json(const PathFigures& path) {
    Json made{
        {"requests", path.requests()},
        {"errors", path.errors},
        {"timeouts", path.timeouts},
        {"warm_up", path.warm_up},
        {"invalid", path.invalid},
        {"max_ms", in_ms(path.latency.max())},
        {"mean_ms", in_ms(path.latency.mean())},
    };
    for (const Quantile& each : quantiles) {
        const auto range = path.latency.quantile_range(each.at);
        made[std::string(each.name) + "_ms"] = in_ms(path.latency.quantile(each.at));
        made[std::string(each.name) + "_ms_range"] = {in_ms(range.low), in_ms(range.high)};
    }
    return made;
}

Json limit_json(const Outcome& outcome) {
    if (!outcome.limit) return nullptr;
    Json made{{"value", outcome.limit->value}, {"low", outcome.limit->low}, {"unit", outcome.limit_unit}};
    made["high"] = outcome.limit->high ? Json(*outcome.limit->high) : Json();
    return made;
}

Json invalid_json(const std::vector<Interval>& intervals) {
    Json list = Json::array();
    double before = 0;
    for (const Interval& each : intervals) {
        if (!each.valid)
            list.push_back({{"from", before}, {"to", each.at}, {"because", each.invalid_because}});
        before = each.at;
    }
    return list;
}

double share_invalid(const RunRecord& run) {
    if (run.intervals.empty()) return 0;
    const auto invalid =
        std::count_if(run.intervals.begin(), run.intervals.end(), [](auto& each) { return !each.valid; });
    return static_cast<double>(invalid) / static_cast<double>(run.intervals.size());
}

void add_paths(Figures& figures, const std::vector<PathFigures>& paths) {
    for (const PathFigures& path : paths) {
        const std::string name = "api." + path.path + ".";
        const double all = static_cast<double>(path.requests());
        for (const Quantile& each : quantiles)
            if (path.latency.count() > 0) figures[name + each.name] = in_ms(path.latency.quantile(each.at));
        if (path.latency.count() > 0) figures[name + "max"] = in_ms(path.latency.max());
        figures[name + "requests"] = all;
        figures[name + "errors"] = static_cast<double>(path.errors);
        figures[name + "timeouts"] = static_cast<double>(path.timeouts);
        if (all > 0) figures[name + "error_rate"] = static_cast<double>(path.errors + path.timeouts) / all;
    }
}

void add_peaks(Figures& figures, const std::vector<Interval>& intervals) {
    const auto peak = [&](const std::string& name, double value) {
        figures[name] = std::max(figures[name], value);
    };
    for (const Interval& each : intervals) {
        if (each.manager.alive) {
            peak("manager.rss", each.manager.resident_bytes);
            peak("manager.cpu", each.manager.busiest_thread);
            peak("manager.descriptors", each.manager.descriptors);
        }
        for (const auto& [name, queue] : each.queues) peak("queue." + name + ".messages", queue.messages);
    }
}

/// The same name as the last word of a path: `/api/host/?limit=0`.
std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

std::string path_line(const PathFigures& path) {
    if (path.latency.count() == 0)
        return "  " + padded(path.path, 24) + " no data, " + std::to_string(path.errors) + " errors, " +
               std::to_string(path.timeouts) + " timeouts\n";
    char line[200];
    std::snprintf(
        line, sizeof line, "  %-24s %8.1f %8.1f %8.1f %8.1f %8.1f %8llu %7llu %8llu\n", path.path.c_str(),
        in_ms(path.latency.quantile(0.5)), in_ms(path.latency.quantile(0.9)),
        in_ms(path.latency.quantile(0.99)), in_ms(path.latency.quantile(0.999)), in_ms(path.latency.max()),
        static_cast<unsigned long long>(path.requests()), static_cast<unsigned long long>(path.errors),
        static_cast<unsigned long long>(path.timeouts)
    );
    return line;
}

}  // namespace

Figures figures_of(const RunRecord& run) {
    Figures figures = run.outcome.figures;
    add_paths(figures, run.paths);
    add_peaks(figures, run.intervals);
    figures["run.invalid"] = share_invalid(run);
    if (run.seconds > 0) figures["benchmark.cpu"] = run.own_cpu_seconds / run.seconds;
    if (run.outcome.knee) figures["limit.knee"] = *run.outcome.knee;
    if (!run.outcome.limit) return figures;
    figures["limit.value"] = run.outcome.limit->value;
    figures["limit.low"] = run.outcome.limit->low;
    if (run.outcome.limit->high) figures["limit.high"] = *run.outcome.limit->high;
    return figures;
}

bool Judgement::all_passed() const {
    return std::all_of(thresholds.begin(), thresholds.end(), [](auto& each) { return each.passed; });
}

Judgement judge(const RunRecord& run, const std::vector<Threshold>& thresholds) {
    return {
        find_limiting_resource({run.intervals, run.outcome.failed || run.outcome.broken}),
        check_thresholds(thresholds, figures_of(run))};
}

Json report_json(const RunRecord& run, const Judgement& judgement) {
    Json latency = Json::object();
    for (const PathFigures& path : run.paths) latency[path.path] = latency_json(path);
    return {
        {"routine", run.routine},
        {"verdict", run.outcome.verdict},
        {"stop_reason", run.outcome.stop_reason},
        {"partial", run.outcome.partial},
        {"limit", limit_json(run.outcome)},
        {"knee", run.outcome.knee ? Json(*run.outcome.knee) : Json()},
        {"latency", std::move(latency)},
        {"limiting_resource", to_json_value(judgement.limiting_resource)},
        {"invalid_intervals", invalid_json(run.intervals)},
        {"thresholds", to_json_value(judgement.thresholds)},
        {"figures", to_json_value(figures_of(run))},
        {"steps", to_json_value(run.outcome.steps)},
        {"intervals", to_json_value(run.intervals)},
        {"version", CSIM_VERSION},
        {"started", run.started},
        {"seconds", run.seconds},
        {"manager",
         {{"url", run.manager_url}, {"pid", run.manager_pid < 0 ? Json() : Json(run.manager_pid)}}},
        {"seed", run.seed},
        {"machine", run.machine},
        {"parameters", run.parameters},
        {"self",
         {{"probes_sent", run.probes_sent},
          {"cpu_seconds", run.own_cpu_seconds},
          {"invalid_share", share_invalid(run)}}},
        {"cleanup", run.cleanup},
    };
}

std::string summary_text(const RunRecord& run, const Judgement& judgement) {
    std::string text = run.routine +
                       (run.outcome.partial ? " (PARTIAL: " + run.outcome.stop_reason + ")" : "") + "\n  " +
                       run.outcome.verdict + "\n";
    char line[300];
    if (run.outcome.knee) {
        std::snprintf(
            line, sizeof line, "  Latency bends at %.0f %s.\n", *run.outcome.knee,
            run.outcome.limit_unit.c_str()
        );
        text += line;
    }
    std::snprintf(
        line, sizeof line, "Ran in %.0f s; ended because: %s.\n", run.seconds, run.outcome.stop_reason.c_str()
    );
    text += line;
    if (!run.paths.empty()) {
        text += "API latencies in ms, from the intended start:\n";
        text +=
            "  path                          p50      p90      p99    p99.9      max requests  errors "
            "timeouts\n";
        for (const PathFigures& path : run.paths) text += path_line(path);
        text += "Limiting resource: " + judgement.limiting_resource.name + "\n  " +
                judgement.limiting_resource.evidence + "\n";
    }
    if (const double share = share_invalid(run); share > 0) {
        std::snprintf(
            line, sizeof line,
            "In %.0f %% of the intervals this program was the bottleneck; they are left out.\n", 100 * share
        );
        text += line;
    }
    for (const ThresholdOutcome& each : judgement.thresholds) {
        std::snprintf(line, sizeof line, "%g", each.value.value_or(0));
        text += std::string("Threshold ") + (each.passed ? "held:   " : "FAILED: ") + each.threshold + " (" +
                (each.value ? line : "no such figure in this run") + ")\n";
    }
    if (run.cleanup != "done" && !run.cleanup.empty())
        text += "Cleaning up failed: " + run.cleanup +
                "; run 'cluster-sim-benchmark reset' when it can be done.\n";
    return text;
}

}  // namespace csim
