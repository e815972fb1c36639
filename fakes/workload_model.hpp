// How busy something is over time: a day curve with bursts, in integers only, so that every machine computes
// the same.
#pragma once

#include "core/rng.hpp"
#include "core/time.hpp"

#include <cstdint>

namespace csim {

/// What clients ask of one target on average. Every target draws its own share around these.
struct Workload {
    enum class Profile {
        growing,  ///< counters begin at 0 at format and follow the workload
        classic,  ///< the original's start values, growing at the original's mean rates
    };
    Profile profile = Profile::growing;
    std::int64_t write_bytes_per_s = 60'000'000;
    std::int64_t read_bytes_per_s = 90'000'000;
    std::int64_t metadata_ops_per_s = 400;
    std::int64_t kept_percent = 5;  ///< of what is written; the rest overwrites or is deleted again
};

/// Whole seconds since 1970, rounded down.
constexpr std::int64_t unix_seconds(SimTime at) {
    return at.unix_ns() / 1'000'000'000;
}

/// The integral of a rate whose mean is 1: at() grows by 1000 a second on average, never decreases, and is
/// faster by day than by night. Two instances made from different streams have different phases and bursts.
class Activity {
  public:
    Activity() = default;
    explicit Activity(Rng stream);

    /// Activity in thousandths of mean seconds since 1970. O(1), exact. Requires an instant in 1970 or later.
    std::int64_t at(std::int64_t unix_s) const;
    /// A smooth, aimless gauge from 0 to 1000 that turns about every `period_s`; `salt` tells gauges apart.
    std::int64_t gauge(std::int64_t unix_s, std::int64_t period_s, std::uint64_t salt) const;

  private:
    std::int64_t phase_s_ = 0;
    std::uint64_t noise_ = 0;
};

/// Events per 1000 seconds of mean activity.
struct Rate {
    std::int64_t per_ks = 0;

    /// How many events that much activity brings.
    std::int64_t of(std::int64_t activity) const { return activity * per_ks / 1'000'000; }
};

}  // namespace csim
