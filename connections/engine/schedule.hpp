// When the requests of a connection are due: decided by the plan and the connection's number alone, never by
// answers.
#pragma once

#include "connections/engine/span_histogram.hpp"

#include <cstdint>

namespace csim::connections {

enum class Cadence : std::uint8_t {
    none,
    constant,  ///< each `period`
    poisson,   ///< each `period` on average
    rate,      ///< `period` is of one request over all connections
    think,     ///< `period` after the answer before: a closed loop
};
enum class Phase : std::uint8_t { spread, random, aligned };

struct SchedulePlan {
    Cadence cadence = Cadence::constant;
    Nanos period = 30 * second;
    Nanos period_high = 0;  ///< think: up to
    Phase phase = Phase::spread;
    std::uint64_t seed = 1;
    std::uint64_t connections = 1;  ///< over all workers
};

class Schedule {
  public:
    explicit Schedule(const SchedulePlan& plan);

    bool on() const { return plan_.cadence != Cadence::none; }
    bool open_loop() const { return on() && plan_.cadence != Cadence::think; }
    /// From one request of a connection to its next, on average.
    Nanos period() const { return period_; }
    /// The due time of the first request of connection `index`, with everything beginning at `start`.
    Nanos first(std::uint64_t index, Nanos start) const;
    /// The due time after number `step` (from 0), which was due at `due`.
    Nanos next(std::uint64_t index, std::uint64_t step, Nanos due) const;

  private:
    SchedulePlan plan_;
    Nanos period_;
    std::uint64_t stride_ = 1;
};

/// How long to wait before attempt `attempt` (from 1).
enum class Jitter : std::uint8_t { none, equal, full };
struct Backoff {
    Nanos low = second, high = 60 * second;
    double factor = 2;
    Jitter jitter = Jitter::full;
};
Nanos backoff_delay(const Backoff& backoff, unsigned attempt, double chance);

}  // namespace csim::connections
