#include "core/timeline.hpp"

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

namespace csim {

/// Closures in a slab, so that the event of one is a function and a slot like any other.
struct Timeline::Closures {
    std::vector<UniqueFunction<void()>> held;
    std::vector<std::uint64_t> free;

    std::uint64_t add(UniqueFunction<void()> closure) {
        if (free.empty()) {
            held.push_back(std::move(closure));
            return held.size() - 1;
        }
        const std::uint64_t slot = free.back();
        free.pop_back();
        held[slot] = std::move(closure);
        return slot;
    }

    /// Moves the closure out first: while it runs, or dies, it may schedule others and move the slab.
    UniqueFunction<void()> take(std::uint64_t slot) {
        UniqueFunction<void()> closure = std::move(held[slot]);
        free.push_back(slot);
        return closure;
    }

    static void run(void* self, std::uint64_t slot) {
        UniqueFunction<void()> closure = static_cast<Closures*>(self)->take(slot);
        closure();
    }
};

Timeline::Timeline(SimTime start) : now_(start), closures_(std::make_unique<Closures>()) {}

/// What closures own may still cancel, or schedule, while it dies: the slab must be whole then.
Timeline::~Timeline() {
    std::vector<UniqueFunction<void()>> dying(closures_->held.size());
    dying.swap(closures_->held);
}

EventId Timeline::at(SimTime due, UniqueFunction<void()> event) {
    assert(event);
    return at(due, &Closures::run, closures_.get(), closures_->add(std::move(event)));
}

EventId Timeline::after(Duration delay, UniqueFunction<void()> event) {
    return at(now() + delay, std::move(event));
}

EventId Timeline::at(SimTime due, EventFn run, void* context, std::uint64_t argument) {
    assert(run);
    return queue_.insert({std::max(due, now()), run, context, argument});
}

bool Timeline::cancel(EventId id) {
    const Task* found = queue_.find(id);
    if (!found) return false;
    const Task task = *found;
    queue_.cancel(id);
    if (task.context == closures_.get()) closures_->take(task.argument);
    return true;
}

std::optional<SimTime> Timeline::next_due() {
    return queue_.next_due();
}

std::size_t Timeline::pending() const {
    return queue_.size();
}

std::uint64_t Timeline::events_run() const {
    return events_run_;
}

void Timeline::run_next() {
    const auto event = queue_.pop_next();
    assert(event);
    now_ = std::max(now_, event->due);
    ++events_run_;
    event->run(event->context, event->argument);
}

void Timeline::run_until(SimTime end) {
    for (auto due = next_due(); due && *due <= end; due = next_due()) run_next();
    now_ = std::max(now_, end);
}

void Timeline::advance_to(SimTime to) {
    [[maybe_unused]] const auto due = next_due();
    assert(!due || *due >= to);
    follow(to);
}

void Timeline::follow(SimTime wall) {
    wall_ = nullptr;
    now_ = std::max(now_, wall);
}

void Timeline::ask_at_next_now(SimTime (*wall)(void*), void* context) {
    wall_ = wall;
    wall_context_ = context;
}

void Timeline::ask_wall() const {
    const auto wall = std::exchange(wall_, nullptr);
    now_ = std::max(now_, wall(wall_context_));
}

}  // namespace csim
