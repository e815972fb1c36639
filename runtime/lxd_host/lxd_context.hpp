// What the parts of a simulated LXD host share.
#pragma once

#include "core/event_loop.hpp"
#include "core/rng.hpp"
#include "runtime/lxd_host/lxd_events.hpp"
#include "runtime/lxd_host/lxd_faults.hpp"
#include "runtime/lxd_host/lxd_operations.hpp"
#include "runtime/simulated/simulated_host.hpp"

namespace csim {

/// One thread, the loop's. Outlives the parts.
struct LxdContext {
    LxdContext(EventLoop& loop, Timeline& timeline, const HostModel& model, std::uint64_t seed, double speed)
        : loop(loop),
          timeline(timeline),
          second(static_cast<std::int64_t>(1e9 * speed)),
          chance(Rng(seed).stream("lxd-host")),
          host(timeline, model, seed),
          faults(Rng(seed).stream("lxd-host/faults")),
          events([this] { return now(); }),
          operations(timeline, events, second) {}

    /// As it is told to clients.
    SimTime now() const {
        const LxdFault* skew = faults.find("clock-skew");
        return skew == nullptr ? timeline.now() : timeline.now() + std::chrono::milliseconds(skew->ms);
    }

    EventLoop& loop;
    Timeline& timeline;
    const Duration second;  ///< of the clients, in simulated time
    Rng chance;
    SimulatedHost host;
    LxdFaults faults;
    LxdEvents events;
    LxdOperations operations;
    LxdRoutes routes;
};

}  // namespace csim
