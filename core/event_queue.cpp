#include "core/event_queue.hpp"

#include <algorithm>
#include <functional>

namespace csim {

bool EventQueue::live(EventId id) const {
    return id.generation != 0 && id.slot < slots_.size() && slots_[id.slot].generation == id.generation &&
           slots_[id.slot].task.run != nullptr;
}

void EventQueue::release(EventId id) {
    slots_[id.slot].task = {};
    if (++slots_[id.slot].generation != 0) free_.push_back(id.slot);
    --size_;
}

EventId EventQueue::insert(const Event& event) {
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    slots_[slot].task = {event.run, event.context, event.argument};
    const EventId id{slot, slots_[slot].generation};
    heap_.push_back({event.due, sequence_++, id});
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
    ++size_;
    return id;
}

bool EventQueue::cancel(EventId id) {
    if (!live(id)) return false;
    release(id);
    return true;
}

const Task* EventQueue::find(EventId id) const {
    return live(id) ? &slots_[id.slot].task : nullptr;
}

void EventQueue::drop_cancelled() {
    while (!heap_.empty() && !live(heap_.front().id)) {
        std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
        heap_.pop_back();
    }
}

std::optional<SimTime> EventQueue::next_due() {
    drop_cancelled();
    if (heap_.empty()) return {};
    return heap_.front().due;
}

std::optional<Event> EventQueue::pop_next() {
    drop_cancelled();
    if (heap_.empty()) return {};
    const Record first = heap_.front();
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    heap_.pop_back();
    const Task task = slots_[first.id.slot].task;
    release(first.id);
    return Event{first.due, task.run, task.context, task.argument};
}

}  // namespace csim
