// Spans of time in a fixed layout, so that histograms of many processes merge by addition and travel
// sparsely.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace csim::connections {

/// An instant of the monotonic clock, or a span of it, in nanoseconds.
using Nanos = std::int64_t;
constexpr Nanos millisecond = 1'000'000;
constexpr Nanos second = 1'000'000'000;

/// 1 µs to two hours, each power of two in 128 steps: a quantile is at most 0.8 % above what was recorded.
class SpanHistogram {
  public:
    void record(Nanos span, std::uint64_t times = 1);
    void merge(const SpanHistogram& other);
    /// What was recorded since `before`, an earlier state of the same histogram. The maximum is the whole's.
    SpanHistogram since(const SpanHistogram& before) const;

    std::uint64_t count() const { return count_; }
    Nanos max() const { return max_; }
    Nanos mean() const { return count_ == 0 ? 0 : static_cast<Nanos>(sum_us_ / count_ * 1000); }
    /// Zero when nothing was recorded.
    Nanos quantile(double q) const;

    /// Numbers to send: count, maximum, sum, and pairs of place and count.
    void put(std::vector<std::uint64_t>& into) const;
    /// Reads them again from `at` on. False if they are none.
    bool get(const std::vector<std::uint64_t>& from, std::size_t& at);

  private:
    std::vector<std::uint64_t> counts_;  ///< empty until the first record
    std::uint64_t count_ = 0;
    std::uint64_t sum_us_ = 0;
    Nanos max_ = 0;
};

}  // namespace csim::connections
