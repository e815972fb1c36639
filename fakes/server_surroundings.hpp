// What servers share and what the simulator around them decides: the catalogue, durations, power,
// registration, and who is told when a server comes and goes.
#pragma once

#include "core/time.hpp"
#include "fakes/packages.hpp"

#include <cstdint>
#include <functional>

namespace csim {

class FakeServer;

/// How long phases last. With a jitter, each takes up to that much longer, drawn from the stream
/// `life/<fqdn>`.
struct LifeTimes {
    Duration boot = 5s;
    Duration shutdown = 5s;
    Duration jitter{0};
};

/// How a server that was up went down.
enum class Departure {
    abrupt,    ///< power was cut: connections just end, running actions are lost
    graceful,  ///< it shut down
};

/// One per world; outlives its servers. Absent functions mean: powered, registered, nobody to tell.
struct ServerSurroundings {
    LifeTimes times;
    PackageCatalogue catalogue = default_package_catalogue();
    std::uint64_t catalogue_version = 1;  ///< to be raised with every change of the catalogue

    std::function<bool(const FakeServer&)> has_power;      ///< asked for servers; workers need no outlet
    std::function<bool(const FakeServer&)> is_registered;  ///< its certificate exists

    std::function<void(FakeServer&)> on_up;
    std::function<void(FakeServer&, Departure)>
        on_down;  ///< called before anything else of the server changes
    std::function<void(FakeServer&)> on_agent_restart;
    std::function<void(FakeServer&)> on_deregister;  ///< forget its certificate; the server is off by now
};

}  // namespace csim
