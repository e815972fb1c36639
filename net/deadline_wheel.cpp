#include "net/deadline_wheel.hpp"

#include <algorithm>

namespace csim {

std::uint64_t DeadlineWheel::tick_of(Clock::time_point at) const {
    return at <= start_ ? 0 : static_cast<std::uint64_t>((at - start_) / tick);
}

void DeadlineWheel::arm(Deadline& deadline, Clock::time_point now, std::chrono::nanoseconds span) {
    deadline.disarm();
    // Beyond a year nothing matters, and the sum must not overflow.
    span =
        std::clamp<std::chrono::nanoseconds>(span, std::chrono::nanoseconds(0), std::chrono::hours(24 * 365));
    deadline.due_tick_ = std::max(tick_of(now + span) + 1, current_ + 1);
    slots_[deadline.due_tick_ % slots_.size()].push_back(deadline);
}

void DeadlineWheel::run_slot(std::uint64_t at) {
    Slot due;
    due.swap(slots_[at % slots_.size()]);
    while (!due.empty()) {
        Deadline& deadline = due.front();
        due.pop_front();
        if (deadline.due_tick_ > at) {
            slots_[at % slots_.size()].push_back(deadline);
        } else {
            deadline.expired();
        }
    }
}

void DeadlineWheel::advance(Clock::time_point now) {
    const std::uint64_t target = tick_of(now);
    // One round of the wheel visits every slot; older ticks would find nothing more.
    if (target > current_ + slots_.size()) current_ = target - slots_.size();
    while (current_ < target) run_slot(++current_);
}

std::chrono::milliseconds DeadlineWheel::until_next(Clock::time_point now) const {
    constexpr std::uint64_t look_ahead = 8;
    std::uint64_t ahead = 1;
    while (ahead < look_ahead && slots_[(current_ + ahead) % slots_.size()].empty()) ++ahead;
    const auto at = start_ + static_cast<std::int64_t>(current_ + ahead) * tick;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(at - now);
    return std::max(wait, std::chrono::milliseconds(0));
}

}  // namespace csim
