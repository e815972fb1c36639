// The bare event queue: (due, sequence) order, cancellation by id, small records, no allocation per event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/time.hpp"

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

class EventQueue;  // see the rest of this header, written with the queue

}  // namespace csim
