// Operations on the simulator as a whole.
#include "core/duration_histogram.hpp"
#include "core/utc.hpp"
#include "sim/control/operation_rows.hpp"
#include "sim/control/traffic_meter.hpp"

#include <array>

namespace csim {

namespace {

double milliseconds(Duration span) {
    return std::chrono::duration<double, std::milli>(span).count();
}

/// How many agents there are in each state. Every node is in exactly one.
Json agents_by_state(const ClusterSimulator& simulator) {
    std::int64_t unregistered = 0, off = 0, booting = 0, shutting_down = 0, stopped = 0, running = 0;
    for (const FakeServer* node : simulator.world().nodes()) {
        if (simulator.fleet().running(node->fqdn())) {
            ++running;
        } else if (!node->registered()) {
            ++unregistered;
        } else {
            switch (node->phase()) {
                case Phase::off:
                    ++off;
                    break;
                case Phase::booting:
                    ++booting;
                    break;
                case Phase::shutting_down:
                    ++shutting_down;
                    break;
                case Phase::up:
                    ++stopped;
                    break;
            }
        }
    }
    return {{"unregistered", unregistered},   {"off", off},         {"booting", booting},
            {"shutting_down", shutting_down}, {"stopped", stopped}, {"running", running}};
}

Json rates_of(const TrafficMeter* traffic) {
    const TrafficRates rates = traffic == nullptr ? TrafficRates{} : traffic->rates();
    return {
        {"requests", rates.requests_per_second},
        {"failures", rates.failures_per_second},
        {"bytes_sent", rates.bytes_sent_per_second},
        {"bytes_received", rates.bytes_received_per_second}};
}

Json ended_sessions(const FleetWatch& watch) {
    Json counts = Json::object();
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<SessionEnd>>([&](auto reason) {
        counts[reason.name] = watch.sessions_ended(reason.value);
    });
    return counts;
}

Json as_json(const DurationHistogram& histogram) {
    Json classes = Json::array();
    for (const auto& [edge, count] : histogram.classes())
        classes.push_back({edge / std::chrono::microseconds(1), count});
    return {
        {"count", histogram.count()},
        {"p50_ms", milliseconds(histogram.quantile(0.5))},
        {"p99_ms", milliseconds(histogram.quantile(0.99))},
        {"max_ms", milliseconds(histogram.longest())},
        {"classes_us", std::move(classes)}};
}

Result<Answer> simulator_latencies(ControlScope& scope, const NoParameters&) {
    const FleetWatch& watch = scope.simulator.fleet().watch();
    return Answer{Json{
        {"lag", as_json(scope.lags == nullptr ? DurationHistogram() : *scope.lags)},
        {"poll_lateness", as_json(watch.lateness())},
        {"posts", as_json(watch.posts())}}};
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
        {"agents", agents_by_state(scope.simulator)},
        {"agents_running", fleet.agents},
        {"sessions_open", fleet.sessions_open},
        {"sessions_opened", scope.simulator.fleet().watch().sessions_opened()},
        {"sessions_ended", ended_sessions(scope.simulator.fleet().watch())},
        {"gets", fleet.counters.gets},
        {"posts", fleet.counters.posts},
        {"messages_sent", fleet.counters.messages_sent},
        {"get_failures", fleet.counters.get_failures},
        {"post_failures", fleet.counters.post_failures},
        {"registrations_pending", scope.simulator.registrations_pending()},
        {"changes_pending", scope.simulator.growth().work().pending()},
        {"actions_pending", scope.simulator.actions().running()},
        {"polls", fleet.counters.gets},
        {"posts", fleet.counters.posts},
        {"messages_sent", fleet.counters.messages_sent},
        {"messages_received", fleet.counters.messages_received},
        {"connects", network.connects},
        {"requests", network.requests},
        {"failures", network.failures},
        {"bytes_sent", network.bytes_sent},
        {"bytes_received", network.bytes_received},
        {"per_second", rates_of(scope.traffic)},
        {"connections", network.connections},
        {"hibernating", network.hibernating}}};
}

Result<Answer> simulator_status(ControlScope& scope, const NoParameters&) {
    return Answer{to_json_value(scope.simulator.status())};
}

void start_all(ControlScope& scope, const NoParameters&, ControlDone done) {
    scope.simulator.start_everything([done = std::move(done)](const Result<Nothing>& all) mutable {
        done(nil(all));
    });
}

Result<Answer> stop(ControlScope& scope, const NoParameters&) {
    scope.simulator.fleet().stop_all();
    return Answer{nullptr};
}

}  // namespace

std::span<const Operation> simulator_operations() {
    static const auto rows = std::to_array<Operation>({
        operation<simulator_info>(
            "simulator_info", "struct",
            "Version, time, lag, agents by state, and traffic: since the start, and per_second over the last "
            "five seconds.",
            OperationKind::query
        ),
        operation<simulator_latencies>(
            "simulator_latencies", "struct",
            "How late events ran behind the wall (lag), how late agents polled (poll_lateness) and how long "
            "their posts took (posts): count, p50_ms, p99_ms, max_ms, and classes_us, pairs of an upper edge "
            "in microseconds and a count. All since the start; two answers tell what came between them.",
            OperationKind::query
        ),
        operation<simulator_status>(
            "simulator_status", "struct", "What 'cluster-sim status --json' prints.", OperationKind::query
        ),
        operation<start_all>(
            "start_all", "nil",
            "Starts every registered node that is off and has power, and every agent that was stopped, one "
            "after the other over the start spread."
        ),
        operation<stop>(
            "stop", "nil",
            "Every agent is gone at once. Nodes stay as they are, and the simulator goes on; start_all "
            "brings the agents back."
        ),
    });
    return rows;
}

}  // namespace csim
