// Operations on the simulated cluster as a whole.
#include "core/utc.hpp"
#include "sim/control/operation_rows.hpp"

#include <array>

namespace csim {
namespace {

double milliseconds(Duration span) {
    return std::chrono::duration<double, std::milli>(span).count();
}

Result<Answer> simulator_info(ControlScope& scope, const NoParameters&) {
    const FleetStats fleet = scope.simulator.fleet().stats();
    const NetworkStats network = scope.network.stats();
    const Lag lag = scope.lag();
    return Answer{Json{
        {"version", CSIM_VERSION},
        {"url", scope.manager_url},
        {"folder", scope.folder},
        {"time", utc_text(scope.timeline.now())},
        {"lag_ms", {{"worst", milliseconds(lag.worst)}, {"p99", milliseconds(lag.p99)}}},
        {"nodes", scope.simulator.world().node_count()},
        {"registered", scope.simulator.credentials().count()},
        {"agents_running", fleet.agents},
        {"sessions_open", fleet.sessions_open},
        {"registrations_pending", scope.simulator.registrations_pending()},
        {"requests", network.requests},
        {"failures", network.failures},
        {"bytes_sent", network.bytes_sent},
        {"bytes_received", network.bytes_received},
        {"connections", network.connections}}};
}

Result<Answer> simulator_status(ControlScope& scope, const NoParameters&) {
    return Answer{to_json_value(scope.simulator.status())};
}

}  // namespace

std::span<const Operation> simulator_operations() {
    static const auto rows = std::to_array<Operation>({
        operation<simulator_info>(
            "simulator_info", "struct", "Version, time, lag, and figures since the start."
        ),
        operation<simulator_status>("simulator_status", "struct", "What 'cluster-sim status --json' prints."),
    });
    return rows;
}

}  // namespace csim
