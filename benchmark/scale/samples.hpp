// What the two programs have used and told at one moment, and what lies between two moments.
#pragma once

#include "benchmark/scale/stage.hpp"

#include <array>
#include <cstdint>
#include <map>

namespace csim {

struct ProcessSample {
    double cpu_seconds = 0;
    double resident_bytes = 0;
    double descriptors = 0;
};

/// Microseconds of a class's upper edge, and how many are in it, since the start of the program.
using LatencyClasses = std::map<std::int64_t, std::int64_t>;

struct Sample {
    BenchClock::time_point at;
    ProcessSample simulator;
    ProcessSample manager;
    Json info;
    LatencyClasses lag, lateness, posts;
};

Sample take_sample(ScaleStage& stage);

/// Of what came between two samples.
struct Latency {
    double p50_ms = 0;
    double p99_ms = 0;
    double max_ms = 0;
    std::int64_t count = 0;
};
Latency between(const LatencyClasses& before, const LatencyClasses& after);

double growth_of(const Json& before, const Json& after, const char* key);
/// Sessions that ended for any reason but that their agents were stopped.
std::int64_t sessions_lost(const Json& info);

/// The slope of a straight line through (x, y), least squares.
double slope(const std::vector<std::array<double, 2>>& points);

}  // namespace csim
