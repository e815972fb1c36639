#include "connections/engine/timer_wheel.hpp"

#include <algorithm>

namespace csim::connections {
namespace {

constexpr std::uint64_t look_ahead = 64;

}  // namespace

TimerWheel::TimerWheel(std::size_t timers, Nanos now)
    : first_head_(static_cast<std::uint32_t>(timers)),
      links_(timers + near_slots + far_slots),
      current_(static_cast<std::uint64_t>(now / tick)) {
    for (std::uint32_t i = 0; i < links_.size(); ++i) links_[i] = {i, i, 0};
}

void TimerWheel::unlink(std::uint32_t timer) {
    Link& link = links_[timer];
    links_[link.previous].next = link.next;
    links_[link.next].previous = link.previous;
    link.next = link.previous = timer;
}

void TimerWheel::insert(std::uint32_t timer) {
    Link& link = links_[timer];
    const std::uint64_t ahead = link.due - current_;
    // What is further away than the wheel reaches waits in its last slot, and is looked at again there.
    const std::uint64_t reach = std::uint64_t(near_slots) * (far_slots - 1);
    const std::uint32_t head = ahead < near_slots ? near(link.due) : far(current_ + std::min(ahead, reach));
    link.previous = links_[head].previous;
    link.next = head;
    links_[link.previous].next = timer;
    links_[head].previous = timer;
}

void TimerWheel::arm(std::uint32_t timer, Nanos at) {
    unlink(timer);
    links_[timer].due =
        std::max(static_cast<std::uint64_t>((std::max<Nanos>(at, 0) + tick - 1) / tick), current_ + 1);
    insert(timer);
}

void TimerWheel::disarm(std::uint32_t timer) {
    unlink(timer);
}

void TimerWheel::cascade() {
    const std::uint32_t head = far(current_);
    std::vector<std::uint32_t> due;
    for (std::uint32_t each = links_[head].next; each != head; each = links_[each].next) due.push_back(each);
    for (const std::uint32_t each : due) {
        unlink(each);
        insert(each);
    }
}

Nanos TimerWheel::until_next(Nanos now) const {
    std::uint64_t ahead = 1;
    while (ahead < look_ahead && empty(near(current_ + ahead)) && (current_ + ahead) % near_slots != 0)
        ++ahead;
    return std::max<Nanos>(0, static_cast<Nanos>(current_ + ahead) * tick - now);
}

}  // namespace csim::connections
