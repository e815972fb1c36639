// Latencies in a fixed amount of memory: fine where values are small, never coarser than one part in 128.
#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <vector>

namespace csim {

/// Counts spans from 1 µs to beyond an hour; longer ones count as the longest. Memory does not grow with
/// what is recorded. A quantile is at most 1/128 above the value recorded, never below it.
class LatencyHistogram {
  public:
    LatencyHistogram();

    void record(Duration span);
    void merge(const LatencyHistogram& other);
    void clear();

    std::uint64_t count() const { return count_; }
    /// The smallest recorded value (as precise as said above) that at least `q` of all values do not exceed;
    /// zero when nothing was recorded. Requires 0 <= q <= 1.
    Duration quantile(double q) const;
    /// Where the true quantile of a process of which this is a sample lies, 95 of 100 times, from the order
    /// statistics. Values that depend on each other make the truth less certain than this says.
    struct Range {
        Duration low{}, high{};
    };
    Range quantile_range(double q) const;
    Duration max() const { return max_; }  ///< exact
    Duration mean() const;

  private:
    Duration at_rank(std::uint64_t rank) const;

    std::vector<std::uint64_t> counts_;
    std::uint64_t count_ = 0;
    Duration max_{};
    double sum_us_ = 0;
};

}  // namespace csim
