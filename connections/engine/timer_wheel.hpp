// One timer for each of many connections: 16 bytes, a tick of a millisecond, arming in constant time.
#pragma once

#include "connections/engine/span_histogram.hpp"

#include <cstdint>
#include <vector>

namespace csim::connections {

class TimerWheel {
  public:
    TimerWheel(std::size_t timers, Nanos now);

    /// Replaces what was armed. Goes off not before `at`.
    void arm(std::uint32_t timer, Nanos at);
    void disarm(std::uint32_t timer);
    /// Runs `expired(timer)` for each that is due; it may arm and disarm any.
    template <class Expired>
    void advance(Nanos now, Expired expired);
    /// How long nothing is due, at least; looks a short way ahead only.
    Nanos until_next(Nanos now) const;

  private:
    static constexpr std::uint32_t near_slots = 4096;  // of one tick
    static constexpr std::uint32_t far_slots = 1024;   // of near_slots ticks
    static constexpr Nanos tick = millisecond;
    struct Link {
        std::uint32_t next, previous;
        std::uint64_t due;
    };

    void insert(std::uint32_t timer);
    void unlink(std::uint32_t timer);
    bool empty(std::uint32_t head) const { return links_[head].next == head; }
    std::uint32_t near(std::uint64_t at) const {
        return first_head_ + static_cast<std::uint32_t>(at % near_slots);
    }
    std::uint32_t far(std::uint64_t at) const {
        return first_head_ + near_slots + static_cast<std::uint32_t>(at / near_slots % far_slots);
    }
    void cascade();

    std::uint32_t first_head_;
    std::vector<Link> links_;  ///< timers, then the heads of the slots
    std::uint64_t current_;
};

template <class Expired>
void TimerWheel::advance(Nanos now, Expired expired) {
    const auto target = static_cast<std::uint64_t>(now / tick);
    while (current_ < target) {
        if (++current_ % near_slots == 0) cascade();
        const std::uint32_t head = near(current_);
        while (!empty(head)) {
            const std::uint32_t timer = links_[head].next;
            unlink(timer);
            expired(timer);
        }
    }
}

}  // namespace csim::connections
