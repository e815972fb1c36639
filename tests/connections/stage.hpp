// A server of ours and a driver in one thread, stepped by turns.
#pragma once

#include "connections/engine/driver.hpp"
#include "connections/sink/sink.hpp"
#include "tests/support/temp_folder.hpp"

#include <functional>
#include <memory>

namespace csim::connections {

constexpr Nanos stage_patience = 10 * second;

/// Writes the server's certificate to a file, so that it is trusted. One connection, one request at once, no
/// more.
struct Stage {
    explicit Stage(const SinkOptions& options = {});

    /// The driver's plan for this server; change it before start().
    Plan plan;
    void start();
    /// Steps both until `done`; false at the limit.
    bool until(const std::function<bool()>& done);
    /// Until nothing is being opened or asked, then the hold begins.
    bool hold();
    /// Time stands still but for until(), a millisecond each turn, and run_for().
    void use_virtual_time() { virtual_now = monotonic_now(); }
    /// Steps the driver, and the server if it is not stalled, for so long a time.
    void run_for(Nanos span, bool serving);
    /// Drains and destroys the driver; the server sees the ends, too.
    bool finish();

    const Totals& totals() { return driver->totals(); }
    std::uint64_t count(Count which) { return totals()[which]; }

    Nanos now() const { return virtual_now == 0 ? monotonic_now() : virtual_now; }

    Nanos virtual_now = 0;  ///< 0: the clock is the system's. Before those that ask it
    TempFolder folder;
    std::unique_ptr<Sink> sink;
    std::unique_ptr<Driver> driver;
    Share share;
    Totals last;  ///< as they were at the end
};

/// How many descriptors this process has open.
std::uint64_t descriptors_now();

}  // namespace csim::connections
