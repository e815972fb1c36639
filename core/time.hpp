// Points and spans of simulated time. Deliberately without now(): time is asked of a Timeline.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace csim {

/// A span of simulated time, in nanoseconds.
using Duration = std::chrono::nanoseconds;

using namespace std::chrono_literals;

/// An instant of simulated time: nanoseconds since 1970-01-01T00:00:00 UTC, so that an instant means the
/// same in a run, in its state folder and on the wire. Range: until the year 2262.
/// Arithmetic that leaves the range throws std::overflow_error.
class SimTime {
  public:
    constexpr SimTime() = default;
    static constexpr SimTime from_unix_ns(std::int64_t ns) { return SimTime(ns); }
    static constexpr SimTime max() { return SimTime(INT64_MAX); }

    constexpr std::int64_t unix_ns() const { return ns_; }
    auto operator<=>(const SimTime&) const = default;

    friend SimTime operator+(SimTime at, Duration span);
    friend SimTime operator-(SimTime at, Duration span);
    friend Duration operator-(SimTime later, SimTime earlier);
    SimTime& operator+=(Duration span) { return *this = *this + span; }

  private:
    explicit constexpr SimTime(std::int64_t ns) : ns_(ns) {}
    std::int64_t ns_ = 0;
};

}  // namespace csim
