// When the next connection may be begun: a rate, and a window of those that are being made. Pure.
#pragma once

#include "connections/engine/span_histogram.hpp"

#include <algorithm>
#include <cstdint>

namespace csim::connections {

class Pacer {
  public:
    /// `rate` per second, 0: as fast as the window lets. `window_max`: how many at once.
    Pacer(double rate, unsigned window_max, bool adaptive, Nanos now)
        : rate_(rate), window_max_(window_max), window_(window_max), adaptive_(adaptive), filled_(now) {}

    void set_rate(double rate) { rate_ = rate; }
    /// How many may be begun now, with so many being made already.
    unsigned allowance(Nanos now, unsigned in_flight) {
        refill(now);
        const unsigned room = window_ > in_flight ? window_ - in_flight : 0;
        if (rate_ <= 0) return room;
        // Never more than 10 ms worth at a time: what was missed is made up for evenly.
        const double burst = std::max(1.0, rate_ * 0.02);
        return std::min(room, static_cast<unsigned>(std::min(tokens_, burst)));
    }
    void begun() { tokens_ -= 1; }

    /// A TCP connection was made after `took`. An accept queue that overflowed costs a second.
    /// True: the window was halved.
    bool connected(Nanos took) {
        if (!adaptive_) return false;
        if (took >= second * 9 / 10) {
            const bool halved = window_ > window_min;
            window_ = std::max(window_min, window_ / 2);
            clean_ = 0;
            return halved;
        }
        if (++clean_ >= 100) {
            clean_ = 0;
            window_ = std::min(window_max_, window_ + 1);
        }
        return false;
    }
    unsigned window() const { return window_; }

  private:
    static constexpr unsigned window_min = 8;

    void refill(Nanos now) {
        if (now <= filled_) return;
        // Missed chances are kept for a second.
        const double gained = rate_ * static_cast<double>(now - filled_) / static_cast<double>(second);
        tokens_ = std::min(std::max(1.0, rate_), tokens_ + gained);
        filled_ = now;
    }

    double rate_;
    double tokens_ = 1;
    unsigned window_max_, window_;
    bool adaptive_;
    Nanos filled_;
    unsigned clean_ = 0;
};

}  // namespace csim::connections
