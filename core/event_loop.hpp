// Walks a Timeline and live I/O at a pace. The only place that reads a wall clock.
#pragma once

#include "core/timeline.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstdint>
#include <optional>

namespace csim {

/// How simulated time follows the wall clock.
struct Pace {
    /// Simulated seconds per wall second; nullopt means as fast as possible.
    std::optional<double> speed;
    static Pace instant() { return {}; }
    static Pace realtime(double speed = 1.0) { return {speed}; }
};

/// Where other threads leave work for the world's thread. Thread-safe; work runs in order of arrival.
class Inbox {
  public:
    virtual ~Inbox() = default;
    virtual void post(UniqueFunction<void()> work) = 0;
};

/// How late events ran behind the wall, in a paced run.
struct Lag {
    Duration worst{};  ///< since last_reset
    Duration p99{};    ///< over the last 1,024 events
};

/// One loop, two kinds of time. Everything posted and every event runs on the thread that called run().
class EventLoop final : public Inbox {
  public:
    EventLoop(Timeline& timeline, Pace pace);
    ~EventLoop() override;

    void post(UniqueFunction<void()> work) override;

    /// Sockets and signals of the world's own thread may live here.
    boost::asio::io_context& io();

    /// Called after each batch of events or posted work, before waiting: the place where state is committed.
    void before_waiting(UniqueFunction<void()> hook);

    /// Paced: until stop(). Instant: until stop() or until nothing is left to happen.
    void run();
    /// Runs everything due up to and including `end`, then leaves now() == end, unless stopped before.
    void run_until(SimTime end);
    /// Thread-safe and signal-loop-safe; run() returns after the current event.
    void stop();

    Lag lag() const;
    void reset_lag();

    /// While one is alive, instant time stands still: a live operation that ends by itself is in flight.
    class Hold;

  private:
    struct Impl;
    Impl* impl_;
};

}  // namespace csim
