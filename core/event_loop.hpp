// Walks a Timeline and live I/O at a pace. The only place that reads a wall clock.
#pragma once

#include "core/timeline.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

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

/// How late events ran behind the wall, in a paced run; wall time whatever the speed.
struct Lag {
    Duration worst{};  ///< since reset_lag()
    Duration p99{};    ///< over the last 1,024 events
};

class DurationHistogram;

/// The wall clock at this moment, for whoever chooses where a Timeline starts.
SimTime wall_now();

/// One loop, two kinds of time. Everything posted and every event runs on the thread that called run().
/// Paced: simulated time is tied to the wall when run() starts; events, posted work and I/O take turns in
/// bounded batches, so that none starves the others. Instant: posted work runs before each jump of the clock;
/// I/O is looked at every few hundred events, before the end, and whenever a Hold makes time stand still.
class EventLoop final : public Inbox {
  public:
    EventLoop(Timeline& timeline, Pace pace);
    ~EventLoop() override;
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// One lock and, per batch, one wake-up. Work still queued when the loop dies is dropped unrun.
    void post(UniqueFunction<void()> work) override;

    /// Sockets and signals of the world's own thread may live here.
    boost::asio::io_context& io();

    /// Called after each batch of events or posted work, before waiting: the place where state is committed.
    void before_waiting(UniqueFunction<void()> hook);

    /// Paced: until stop(). Instant: until stop() or until nothing is left to happen.
    void run();
    /// Runs everything due up to and including `end`, then leaves now() == end, unless stopped before.
    void run_until(SimTime end);
    /// Thread-safe, also in handlers of an asio::signal_set (not in a bare signal handler). run() returns
    /// after the current event; if none is going on, the next one returns at once.
    void stop();

    /// Thread: the world's, as for everything below.
    Lag lag() const;
    /// Of every event since reset_lag().
    const DurationHistogram& lags() const;
    void reset_lag();

    /// While one is alive, instant time stands still: a live operation that ends by itself is in flight.
    class Hold;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

class EventLoop::Hold {
  public:
    explicit Hold(EventLoop& loop);
    ~Hold();
    Hold(Hold&& other) noexcept : loop_(std::exchange(other.loop_, nullptr)) {}
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

  private:
    EventLoop* loop_;
};

}  // namespace csim
