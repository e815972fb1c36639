// The future, in order. Knows no sockets and no wall clock.
#pragma once

#include "core/event_queue.hpp"
#include "core/unique_function.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace csim {

/// Owns the clock and everything that will happen. Events run in order of due time, then of insertion.
/// One thread only. An event may schedule and cancel others, itself included (harmless).
class Timeline {
  public:
    explicit Timeline(SimTime start = {});
    ~Timeline();
    Timeline(const Timeline&) = delete;
    Timeline& operator=(const Timeline&) = delete;

    /// Instant runs: when the current event was due. Paced runs: the wall's idea of now. Never goes back.
    SimTime now() const {
        if (wall_) [[unlikely]]
            ask_wall();
        return now_;
    }

    /// Runs `event` at `due`, or at once-but-later if `due` has passed. Never runs it inside at().
    EventId at(SimTime due, UniqueFunction<void()> event);
    EventId after(Duration delay, UniqueFunction<void()> event);

    /// The same without allocation: `run(context, argument)`. For hot paths with many timers.
    EventId at(SimTime due, EventFn run, void* context, std::uint64_t argument = 0);

    /// True if the event was still to come and now never will. Safe to call twice, and with EventId{}.
    bool cancel(EventId id);

    std::optional<SimTime> next_due();
    std::size_t pending() const;
    std::uint64_t events_run() const;

    /// Advances to the next event and runs it. Requires: there is one.
    void run_next();
    /// Runs everything due up to and including `end`, then leaves now() == end.
    void run_until(SimTime end);
    /// Moves the clock forward without running anything. Requires: nothing is due before `to`.
    void advance_to(SimTime to);

    /// For a paced loop: moves the clock to `wall` although events due before may not have run yet.
    void follow(SimTime wall);
    /// For a paced loop about to wait: the next now() asks `wall(context)` first, once.
    void ask_at_next_now(SimTime (*wall)(void* context), void* context);

  private:
    void ask_wall() const;

    struct Closures;
    mutable SimTime now_;
    mutable SimTime (*wall_)(void*) = nullptr;
    void* wall_context_ = nullptr;
    std::uint64_t events_run_ = 0;
    EventQueue queue_;
    std::unique_ptr<Closures> closures_;
};

}  // namespace csim
