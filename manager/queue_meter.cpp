// Rates over whole seconds.
#include "manager/queue_meter.hpp"

namespace csim {

namespace {
std::int64_t second_of(SimTime at) {
    return at.unix_ns() / 1'000'000'000;
}
}  // namespace

void RateMeter::add(SimTime now, std::uint64_t events) {
    Second& slot = ring_[static_cast<std::size_t>(second_of(now) % (seconds + 1))];
    if (slot.second != second_of(now)) slot = {second_of(now), 0};
    slot.events += events;
}

double RateMeter::rate(SimTime now) const {
    std::uint64_t events = 0;
    for (const Second& slot : ring_) {
        const std::int64_t age = second_of(now) - slot.second;
        if (slot.second >= 0 && age >= 1 && age <= seconds) events += slot.events;
    }
    return static_cast<double>(events) / static_cast<double>(seconds);
}

}  // namespace csim
