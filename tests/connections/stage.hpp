// A server of ours and a driver in one thread, stepped by turns, in a time of their own: a busy machine
// changes nothing.
#pragma once

#include "connections/engine/driver.hpp"
#include "connections/sink/sink.hpp"
#include "tests/support/temp_folder.hpp"

#include <functional>
#include <memory>

namespace csim::connections {

constexpr Nanos stage_patience = 60 * second;

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
    /// Steps the driver, and the server if it is not stalled, for so long a time.
    void run_for(Nanos span, bool serving);
    /// Drains and destroys the driver; the server sees the ends, too.
    bool finish();

    const Totals& totals() { return driver->totals(); }
    std::uint64_t count(Count which) { return totals()[which]; }

    /// Time is the test's own: it stands still but for until(), a millisecond each turn, and run_for().
    Nanos virtual_now = monotonic_now();  ///< before those that ask for it
    TempFolder folder;
    std::unique_ptr<Sink> sink;
    std::unique_ptr<Driver> driver;
    Share share;
    Totals last;  ///< as they were at the end
};

/// How many descriptors this process has open.
std::uint64_t descriptors_now();

}  // namespace csim::connections
