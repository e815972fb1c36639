// What events do lies in slots, when they do it in the ladder. Cancelling frees the slot and leaves the
// record behind, to be skipped when its turn comes, or swept when such records outnumber the others.
#include "core/event_queue.hpp"

namespace csim {

namespace {

/// Signed time to unsigned key, keeping the order.
std::uint64_t key_of(SimTime due) {
    return std::uint64_t(due.unix_ns()) ^ (std::uint64_t(1) << 63);
}
SimTime due_of(std::uint64_t key) {
    return SimTime::from_unix_ns(std::int64_t(key ^ (std::uint64_t(1) << 63)));
}

/// Below it, sweeping would cost more than the memory is worth.
constexpr std::size_t cancelled_min = 1024;

}  // namespace

bool EventQueue::live(std::uint32_t slot, std::uint32_t generation) const {
    return slots_[slot].generation == generation && slots_[slot].task.run != nullptr;
}

/// A slot whose generations are used up retires, so that an id never comes back.
void EventQueue::release(std::uint32_t slot) {
    Slot& freed = slots_[slot];
    freed.task.run = nullptr;
    --size_;
    if (++freed.generation == 0) return;
    freed.task.argument = free_;
    free_ = slot;
}

EventId EventQueue::insert(const Event& event) {
    if (free_ == no_slot) {
        slots_.emplace_back().task.argument = no_slot;
        free_ = slots_.size() - 1;
    }
    const auto slot = static_cast<std::uint32_t>(free_);
    Slot& taken = slots_[slot];
    free_ = taken.task.argument;
    taken.task = {event.run, event.context, event.argument};
    ladder_.push({key_of(event.due), slot, taken.generation});
    ++size_;
    return {slot, taken.generation};
}

bool EventQueue::cancel(EventId id) {
    if (!find(id)) return false;
    release(id.slot);
    if (++cancelled_ > size_ + cancelled_min) forget_cancelled();
    return true;
}

const Task* EventQueue::find(EventId id) const {
    const bool found = id.generation != 0 && id.slot < slots_.size() && live(id.slot, id.generation);
    return found ? &slots_[id.slot].task : nullptr;
}

void EventQueue::forget_cancelled() {
    ladder_.remove_if([&](const LadderRecord& record) { return !live(record.slot, record.generation); });
    cancelled_ = 0;
}

const LadderRecord* EventQueue::first() {
    for (;;) {
        if (ladder_.drained()) {
            if (!ladder_.refill()) return nullptr;
            ladder_.show_upcoming([&](const LadderRecord& record) {
                __builtin_prefetch(&slots_[record.slot], 1);
            });
        }
        const LadderRecord& record = ladder_.front();
        if (live(record.slot, record.generation)) [[likely]]
            return &record;
        ladder_.pop();
        --cancelled_;
    }
}

std::optional<SimTime> EventQueue::next_due() {
    const LadderRecord* const record = first();
    if (!record) return {};
    return due_of(record->key);
}

std::optional<Event> EventQueue::pop_next() {
    const LadderRecord* const record = first();
    if (!record) return {};
    const Task& task = slots_[record->slot].task;
    const Event event{due_of(record->key), task.run, task.context, task.argument};
    release(record->slot);
    ladder_.pop();
    return event;
}

}  // namespace csim
