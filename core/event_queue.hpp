// The bare event queue: (due, sequence) order, cancellation by id, small records, no allocation per event.
#pragma once

#include "core/ladder.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace csim {

/// What an event runs. Plain function and two words, so that a record stays small.
using EventFn = void (*)(void* context, std::uint64_t argument);

/// Names a scheduled event; the default one names none.
struct EventId {
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;  ///< 0: names no event
    bool operator==(const EventId&) const = default;
};

struct Event {
    SimTime due;
    EventFn run = nullptr;
    void* context = nullptr;
    std::uint64_t argument = 0;
};

/// What an event does, without when.
struct Task {
    EventFn run = nullptr;
    void* context = nullptr;
    std::uint64_t argument = 0;
};

/// Events in order of due time, then of insertion, exactly; dues may lie before ones already popped.
/// Memory grows with the greatest number of events pending at once, whatever is inserted and cancelled.
class EventQueue {
  public:
    EventId insert(const Event& event);
    /// True if the event was still in the queue. Safe with ids of events long gone and with EventId{}.
    bool cancel(EventId id);
    /// What the event will do, nullptr if it is not in the queue. Valid until the queue changes.
    const Task* find(EventId id) const;

    /// When the first event is due. Does not disturb the order.
    std::optional<SimTime> next_due();
    /// Removes and returns the first event.
    std::optional<Event> pop_next();

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    /// Heap memory held, used or not.
    std::size_t memory_bytes() const { return ladder_.memory_bytes() + slots_.capacity() * sizeof(Slot); }

  private:
    /// 32 bytes, aligned so that one is one cache line's business. While free, `argument` links to the next
    /// free.
    struct alignas(32) Slot {
        Task task;
        std::uint32_t generation = 1;
    };
    bool live(std::uint32_t slot, std::uint32_t generation) const;
    void release(std::uint32_t slot);
    /// The first record whose event was not cancelled; nullptr if there is none.
    const LadderRecord* first();
    void forget_cancelled();

    Ladder ladder_;
    std::vector<Slot> slots_;
    std::uint64_t free_ = no_slot;
    std::size_t size_ = 0;
    std::size_t cancelled_ = 0;  // records still in the ladder whose events are gone
    static constexpr std::uint64_t no_slot = UINT64_MAX;
};

}  // namespace csim
