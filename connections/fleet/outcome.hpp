// What a run came to: totals at its turning points, a line for each second, and the verdict's figures.
#pragma once

#include "connections/engine/totals.hpp"
#include "connections/plan.hpp"

#include <map>
#include <string>
#include <vector>

namespace csim::connections {

/// How things stood, about a second after the line before.
struct Moment {
    double at = 0;  ///< seconds since the first connection was begun
    std::string phase;
    Totals totals;
    Nanos request_p99 = 0;  ///< of what was answered since the line before, corrected
    Nanos lateness_p99 = 0;
    double connects = 0, requests = 0;  ///< per second since then
    std::uint64_t slab_bytes = 0;       ///< the kernel's, machine-wide
    std::uint64_t available_bytes = 0;
};

/// What is drawn and told; a Moment without the bulk.
struct SeriesPoint {
    double at = 0;
    std::string phase;
    double held = 0, connecting = 0, drops = 0, connects = 0, requests = 0;
    double request_p99_ms = 0, lateness_p99_ms = 0;
    double resident_bytes = 0, slab_bytes = 0, available_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(
    SeriesPoint, (),
    (at, phase, held, connecting, drops, connects, requests, request_p99_ms, lateness_p99_ms, resident_bytes,
     slab_bytes, available_bytes)
)

struct LostMember {
    std::string name, ending;
    std::uint64_t connections = 0, held = 0;
};
BOOST_DESCRIBE_STRUCT(LostMember, (), (name, ending, connections, held))

struct Outcome {
    Plan plan;
    std::size_t workers = 0, ranks = 1;
    bool interrupted = false;
    double ramp_seconds = 0, hold_seconds = 0;
    bool reached = false;                          ///< all were held at the end of the ramp
    std::uint64_t held_min = 0;                    ///< during the hold
    Totals before_ramp, at_hold, at_end, at_last;  ///< at_last: after draining
    std::vector<SeriesPoint> series;
    std::vector<LostMember> lost;
    std::string started;  ///< UTC
    double cpu_ramp_seconds = 0, cpu_hold_seconds = 0;
};

using Figures = std::map<std::string, double>;
/// Everything that a threshold may name: times in milliseconds, shares from 0 to 1, bytes.
Figures figures_of(const Outcome& outcome);

struct Criterion {
    std::string text;
    bool met = false;
};
/// What every run has to meet: nearly all held throughout, hardly any dropped, and no worker lost.
std::vector<Criterion> judged(const Outcome& outcome);

}  // namespace csim::connections
