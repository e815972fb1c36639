// How often durations of which length came, in constant memory: for latencies over a whole run.
#pragma once

#include "core/time.hpp"

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace csim {

/// Classes of whole microseconds up to 16 µs, then sixteen to each doubling: a length is known to 6 %.
class DurationHistogram {
  public:
    /// Negative ones count as zero; beyond 70 minutes all are alike.
    void add(Duration length);

    std::uint64_t count() const { return count_; }
    Duration longest() const { return longest_; }
    /// The upper edge of the class that the share `quantile` (0 to 1) of all reaches; never more than the
    /// longest. Zero if there are none.
    Duration quantile(double quantile) const;
    /// Upper edges, ascending, and how many are in that class; empty classes are left out. Two such lists of
    /// one histogram tell what came between them.
    std::vector<std::pair<Duration, std::uint64_t>> classes() const;

  private:
    static constexpr std::size_t per_doubling = 16;
    static constexpr std::size_t doublings = 28;
    static std::size_t class_of(std::uint64_t microseconds);
    static Duration upper_edge(std::size_t index);

    std::array<std::uint64_t, per_doubling*(doublings + 1)> counts_{};
    std::uint64_t count_ = 0;
    Duration longest_{};
};

}  // namespace csim
