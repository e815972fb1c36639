// What the probes of an API saw: per path, per interval, with what does not count kept apart.
#pragma once

#include "benchmark/measure/histogram.hpp"

#include <string>
#include <vector>

namespace csim {

/// How a probe ended. An error is an answer of status 400 or more, or none at all.
enum class ProbeEnd { answered, error, timeout };

/// Everything about one path that counts.
struct PathFigures {
    std::string path;
    LatencyHistogram latency;  ///< of the answered ones, from the intended start
    std::uint64_t errors = 0;
    std::uint64_t timeouts = 0;
    std::uint64_t warm_up = 0;  ///< probes before the measurement began
    std::uint64_t invalid = 0;  ///< probes that ended, or waited, while the tool itself was the bottleneck

    std::uint64_t requests() const { return latency.count() + errors + timeouts; }
};

/// All paths together over one interval.
struct IntervalFigures {
    std::uint64_t requests = 0, errors = 0, timeouts = 0;
    Duration p50{}, p90{}, p99{}, max{};
};

/// Times in are instants of one clock. Pure: no clock, no sockets.
class ProbeLedger {
  public:
    explicit ProbeLedger(const std::vector<std::string>& paths);

    /// `intended` is when the probe was to be sent. Requires: path < number of paths.
    void record(std::size_t path, SimTime intended, SimTime ended, ProbeEnd end);
    /// Ends an interval at `now`. An invalid one leaves the figures, and so do later ends of probes that were
    /// under way in it.
    IntervalFigures close_interval(SimTime now, bool valid);
    /// What was seen so far was warm-up.
    void begin_measurement(SimTime now);

    const std::vector<PathFigures>& paths() const { return paths_; }
    /// All paths since the last mark(), valid intervals only.
    const LatencyHistogram& since_mark() const { return marked_; }
    std::uint64_t failures_since_mark() const { return marked_failures_; }
    std::uint64_t requests_since_mark() const { return marked_.count() + marked_failures_; }
    void mark();

  private:
    struct Open {
        LatencyHistogram latency;
        std::uint64_t errors = 0, timeouts = 0;
    };
    std::vector<PathFigures> paths_;
    std::vector<Open> open_;  ///< of the interval that is going on
    LatencyHistogram marked_;
    std::uint64_t marked_failures_ = 0;
    SimTime counts_from_{};
};

}  // namespace csim
