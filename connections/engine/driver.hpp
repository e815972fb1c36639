// The client side of one worker: makes its share of the connections, holds them, sends what is due, reopens
// what is lost, and counts all of it. One thread, one epoll set; time comes from a clock that is handed in.
#pragma once

#include "connections/engine/pacer.hpp"
#include "connections/engine/schedule.hpp"
#include "connections/engine/totals.hpp"
#include "connections/plan.hpp"

#include <functional>
#include <memory>

namespace csim::connections {

/// The monotonic clock of the system.
Nanos monotonic_now();

class Driver {
  public:
    using Clock = std::function<Nanos()>;

    /// Throws Fatal when certificates or keys cannot be used, or there is no descriptor left.
    Driver(const Plan& plan, const Share& share, Clock clock);
    ~Driver();
    Driver(const Driver&) = delete;

    /// Begins to make connections.
    void start();
    /// Waits for at most `limit` and does what there is to do.
    void step(Nanos limit);
    /// The hold begins: requests become due from now on.
    void begin_hold();
    /// Closes everything as the plan says. Requests that are still out are entered with their age.
    void drain();
    bool drained() const;
    /// No connection is being made, and none is yet to be.
    bool ramped() const;
    /// Every connection of the share is held now.
    bool complete() const;

    /// Gauges and counts as they are now.
    const Totals& totals();

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim::connections
