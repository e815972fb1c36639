// What a run leaves behind: JSON for programs, a summary for people. Pure: no clock, no files.
#pragma once

#include "benchmark/measure/attribution.hpp"
#include "benchmark/measure/probe_ledger.hpp"
#include "benchmark/measure/thresholds.hpp"
#include "benchmark/routines/routine.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace csim {

struct RunRecord {
    std::string routine;
    std::string started;  ///< UTC
    double seconds = 0;
    std::string manager_url;
    std::int64_t manager_pid = -1;  ///< -1: not watched
    std::uint64_t seed = 0;
    std::string machine;
    Json parameters;  ///< as given, passwords left out
    Outcome outcome;
    std::vector<PathFigures> paths;
    std::vector<Interval> intervals;
    std::uint64_t probes_sent = 0;
    double own_cpu_seconds = 0;
    std::string cleanup;  ///< `done`, or why not
};

/// Everything that a threshold may name.
Figures figures_of(const RunRecord& run);

struct Judgement {
    LimitingResource limiting_resource;
    std::vector<ThresholdOutcome> thresholds;
    bool all_passed() const;
};
Judgement judge(const RunRecord& run, const std::vector<Threshold>& thresholds);

/// Keys `routine`, `verdict`, `limit`, `latency`, `limiting_resource`, `invalid_intervals`, `thresholds`, and
/// more (docs/benchmark.md).
Json report_json(const RunRecord& run, const Judgement& judgement);

/// A dozen lines.
std::string summary_text(const RunRecord& run, const Judgement& judgement);

}  // namespace csim
