// Source: the behaviour specification, §7.7. Differs: all servers are silenced at the end, not eight fixed
// ones.
#include "benchmark/measure/attribution.hpp"
#include "benchmark/routines/routine.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace csim {
namespace {

constexpr const char* queue_name = "agent_systemd_journal_rx";
constexpr double lines_per_message = 64;
constexpr int saturated_in_a_row = 3;
/// Servers report their log every ten seconds, so that a shorter look sees nothing of a new rate.
constexpr Duration look_after = 10s;

void set_rate(Bench& bench, int rate) {
    for (const std::string& fqdn : bench.fqdns()) bench.cluster("set_log_rate", Json::array({fqdn, rate}));
}

QueueSample log_queue(Bench& bench) {
    const auto queues = bench.queues();
    const auto found = queues.find(queue_name);
    return found == queues.end() ? QueueSample{} : found->second;
}

bool saturated(Bench& bench) {
    const QueueSample queue = log_queue(bench);
    return queue.messages > std::max(4 * queue.out_rate, static_cast<double>(bench.size()));
}

/// Looks until the queue is saturated three times in a row, or once not.
bool stays_saturated(Bench& bench) {
    for (int seen = 0; seen < saturated_in_a_row; ++seen) {
        bench.pause(seen == 0 ? look_after : look_after / 2);
        if (!saturated(bench)) return false;
    }
    return true;
}

struct Drain {
    std::vector<double> rates;  ///< messages a second
    double lines = 0;           ///< that appeared in the manager's log
    double seconds = 0;
};

Drain drain(Bench& bench) {
    Drain seen;
    const double began = steady_seconds();
    const auto before = static_cast<double>(bench.total("api/log/?limit=1"));
    const auto empty = [&] {
        bench.pause(1s);
        const QueueSample queue = log_queue(bench);
        if (queue.messages > 0 && queue.out_rate > 0) seen.rates.push_back(queue.out_rate);
        return queue.messages <= 0;
    };
    bench.until(empty, 120s);
    seen.seconds = steady_seconds() - began;
    seen.lines = static_cast<double>(bench.total("api/log/?limit=1")) - before;
    return seen;
}

void conclude(Outcome& outcome, const Drain& seen) {
    double mean = 0, square = 0;
    const double n = static_cast<double>(seen.rates.size());
    for (const double each : seen.rates) mean += each / n;
    for (const double each : seen.rates) square += (each - mean) * (each - mean) / n;
    const double error = n > 0 ? std::sqrt(square / n) : 0;
    const auto lines = [](double messages) { return static_cast<int>(messages * lines_per_message); };
    outcome.limit =
        LimitEstimate{lines(mean), lines(std::max(mean - 1.96 * error, 0.0)), lines(mean + 1.96 * error)};
    outcome.limit_unit = "lines/s";
    outcome.figures["log.drain_messages.rate"] = mean;
    if (seen.seconds > 0) outcome.figures["log.stored_lines.rate"] = seen.lines / seen.seconds;
    char line[240];
    std::snprintf(
        line, sizeof line,
        "The log queue drains %.1f +/- %.1f messages a second, that is %.0f +/- %.0f lines of full messages; "
        "%.0f lines were stored in %.0f s.",
        mean, error, mean * lines_per_message, error * lines_per_message, seen.lines, seen.seconds
    );
    outcome.verdict = line;
}

}  // namespace

void run_log_ingest_rate(Bench& bench, Outcome& outcome) {
    const RoutineOptions& options = bench.options();
    bench.monitor().set_phase("setup");
    bench.grow_to(options.servers, true, 2);
    bench.pause(options.warm_up);
    bench.monitor().begin_measurement();
    int rate = std::max(options.log_rate, 1), highest = 0;
    for (; rate <= options.log_rate_max; rate *= 2) {
        bench.monitor().set_phase("log_rate=" + std::to_string(rate));
        bench.say("log_rate = " + std::to_string(rate));
        bench.monitor().mark();
        Step step;
        const double began = bench.seconds();
        step.servers = bench.size();
        step.details["log_rate"] = rate;
        set_rate(bench, rate);
        outcome.failed = stays_saturated(bench);
        step.passed = !outcome.failed;
        step.seconds = bench.seconds() - began;
        step.p50_ms = bench.monitor().marked().p50_ms, step.p99_ms = bench.monitor().marked().p99_ms;
        if (outcome.failed) step.reason = "the queue stayed backed up three times in a row";
        outcome.steps.push_back(step);
        if (outcome.failed) break;
        highest = rate;
    }
    set_rate(bench, 0);
    if (!outcome.failed) {
        const int lines = highest * bench.size() / 10;
        outcome.limit = LimitEstimate{lines, lines, std::nullopt};
        outcome.limit_unit = "lines/s";
        outcome.stop_reason = "--log_rate_max was reached";
        outcome.verdict = "The limit was not reached: " + std::to_string(lines) + " lines a second passed.";
        return;
    }
    bench.say("Stayed backed up, draining");
    bench.monitor().set_phase("drain");
    conclude(outcome, drain(bench));
    outcome.stop_reason = "the limit was found";
}

}  // namespace csim
