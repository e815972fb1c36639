// Seeded chance in named, independent streams: a new draw in one place never moves the others.
#pragma once

#include "core/time.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace csim {

/// A probability as a ratio, so that 0 and 1 are exact.
struct Ratio {
    std::uint64_t numerator = 0;
    std::uint64_t denominator = 1;
};

/// Our own generator and distributions: the same numbers with every compiler and library. Cheap to copy;
/// copies draw the same numbers. Not for secrets.
class Rng {
  public:
    explicit Rng(std::uint64_t seed);

    /// An independent generator that depends on this one's seed and `name` alone, not on draws made.
    Rng stream(std::string_view name) const;

    std::uint64_t next();
    /// Uniform in [low, high], both included. Requires low <= high.
    std::int64_t between(std::int64_t low, std::int64_t high);
    Duration between(Duration low, Duration high);
    bool chance(Ratio probability);
    /// Uniform in [0, 1).
    double unit();
    /// Triangular distribution. Requires low <= mode <= high.
    double triangular(double low, double mode, double high);
    /// A version 4 UUID, lower case, from this stream.
    std::string uuid();

  private:
    std::uint64_t seed_;
    std::array<std::uint64_t, 4> state_;
};

}  // namespace csim
