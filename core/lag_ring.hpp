// Lags of a paced run, in constant memory.
#pragma once

#include "core/duration_histogram.hpp"
#include "core/event_loop.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace csim {

/// The last lags, and the worst.
class LagRing {
  public:
    void add(Duration lag) {
        recent_[count_++ % recent_.size()] = lag;
        worst_ = std::max(worst_, lag);
        all_.add(lag);
    }
    void reset() { *this = {}; }
    const DurationHistogram& all() const { return all_; }
    Lag lag() const {
        const std::size_t held = std::min<std::uint64_t>(count_, recent_.size());
        if (held == 0) return {};
        std::vector<Duration> sorted(recent_.begin(), recent_.begin() + std::ptrdiff_t(held));
        const auto nth = sorted.begin() + std::ptrdiff_t(held * 99 / 100);
        std::nth_element(sorted.begin(), nth, sorted.end());
        return {worst_, *nth};
    }

  private:
    std::array<Duration, 1024> recent_{};
    std::uint64_t count_ = 0;
    Duration worst_{};
    DurationHistogram all_;
};

}  // namespace csim
