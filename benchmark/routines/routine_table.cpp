#include "benchmark/routines/routine.hpp"

#include <algorithm>
#include <array>

namespace csim {

std::span<const Routine> routines() {
    static const auto rows = std::to_array<Routine>({
        {"filesystem_size_limit", "How large a filesystem can be made",
         "Registers servers with four volumes each and makes one filesystem of all of them, larger each "
         "time, "
         "until something fails. Every size begins from a clean state.",
         takes_search, true, run_filesystem_size_limit},
        {"concurrent_registration_limit", "How many servers can register at once",
         "Registers servers side by side, more each time, until one of them is refused or not set up. Every "
         "size begins from a clean state.",
         takes_search, true, run_concurrent_registration_limit},
        {"server_count_limit", "How many servers the manager carries at once",
         "Adds servers that all report and log, until the manager falls behind: a queue that does not drain, "
         "contact lost, an API or an action that takes too long.",
         takes_search | takes_log_rate, true, run_server_count_limit},
        {"log_ingest_rate", "How many log lines a second the manager takes in",
         "Doubles the rate at which servers log until the manager's queue of log messages stays backed up, "
         "then measures how fast it drains.",
         takes_log_rate, true, run_log_ingest_rate},
        {"reconnect_storm", "How long until all sessions are back after a network cut",
         "Cuts the network between all agents and the manager and mends it: once for all at once, once for "
         "one after the other. With --restart, the manager is restarted instead.",
         takes_outage | takes_cut, true, run_reconnect_storm},
        {"failover_storm", "How long until targets are shown on their peers after a power cut",
         "Makes a filesystem, cuts the power of some of its servers at once, and watches the manager until "
         "it "
         "shows every target of theirs on a peer.",
         takes_cut, true, run_failover_storm},
        {"steady_state", "How a given number of servers fares over a given time",
         "Holds servers as they are and watches latencies, errors and the drift of the manager's memory.",
         takes_hold | takes_log_rate, true, run_steady_state},
        {"reset", "Remove every host and controller from the manager",
         "Removes every server of the simulator, then every host and every controller of the manager.", 0,
         false, run_reset},
    });
    return rows;
}

const Routine* find_routine(std::string_view name) {
    const auto rows = routines();
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const Routine& row) { return row.name == name; });
    return found == rows.end() ? nullptr : &*found;
}

void run_reset(Bench& bench, Outcome& outcome) {
    bench.reset();
    outcome.verdict = "The manager has no hosts and no controllers.";
    outcome.stop_reason = "done";
}

}  // namespace csim
