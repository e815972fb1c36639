#include "connections/fleet/outcome.hpp"

#include <algorithm>

namespace csim::connections {
namespace {

double ms(Nanos span) {
    return static_cast<double>(span) / millisecond;
}

double ratio(double part, double whole) {
    return whole <= 0 ? 0 : part / whole;
}

}  // namespace

Figures figures_of(const Outcome& o) {
    Figures made;
    const double all = static_cast<double>(o.plan.connections);
    const Totals& t = o.at_end;
    made["held.at_hold"] = static_cast<double>(o.at_hold[Count::held]);
    made["held.min"] = static_cast<double>(o.held_min);
    made["held.min_share"] = ratio(static_cast<double>(o.held_min), all);
    made["held.end"] = static_cast<double>(t[Count::held]);
    made["drops"] = static_cast<double>(Totals::sum(t.drops));
    made["drops.share"] = ratio(made["drops"], all);
    made["failed_opens"] = static_cast<double>(Totals::sum(t.failed_opens));
    made["closed_by_peer"] = static_cast<double>(Totals::sum(t.by_peer));
    made["workers.lost"] = static_cast<double>(o.lost.size());
    made["time_to_n_s"] = o.ramp_seconds;
    made["connect.rate"] = ratio(static_cast<double>(o.at_hold[Count::handshakes]), o.ramp_seconds);
    made["connect.cpu_us"] =
        ratio(o.cpu_ramp_seconds * 1e6, static_cast<double>(o.at_hold[Count::handshakes]));
    made["request.rate"] =
        ratio(static_cast<double>(t[Count::responses] - o.at_hold[Count::responses]), o.hold_seconds);
    made["request.cpu_us"] = ratio(
        o.cpu_hold_seconds * 1e6, static_cast<double>(t[Count::responses] - o.at_hold[Count::responses])
    );
    made["hold.cpu_cores"] = ratio(o.cpu_hold_seconds, o.hold_seconds);
    for (std::size_t i = 0; i < span_kinds; ++i) {
        const SpanHistogram& spans = t.spans[i];
        if (spans.count() == 0) continue;
        const std::string name(text_of(static_cast<Span>(i)));
        const std::pair<const char*, double> quantiles[] = {{"p50", 0.5},     {"p75", 0.75}, {"p90", 0.9},
                                                            {"p95", 0.95},    {"p99", 0.99}, {"p999", 0.999},
                                                            {"p9999", 0.9999}};
        for (const auto& [quantile, q] : quantiles) made[name + "." + quantile] = ms(spans.quantile(q));
        made[name + ".max"] = ms(spans.max());
        made[name + ".count"] = static_cast<double>(spans.count());
    }
    const double bad = static_cast<double>(
        t[Count::timeouts] + t[Count::status_4xx] + t[Count::status_5xx] + t[Count::status_other] +
        t[Count::skipped]
    );
    made["request.errors"] = ratio(bad, static_cast<double>(t[Count::requests]));
    made["run.invalid"] =
        ratio(static_cast<double>(t[Count::invalid_seconds]), static_cast<double>(t[Count::seconds]));
    made["client.resident_bytes"] = static_cast<double>(o.at_hold[Count::resident_bytes]);
    // All of the workers' private memory, the processes themselves included.
    made["client.bytes_per_connection"] =
        ratio(made["client.resident_bytes"], static_cast<double>(o.at_hold[Count::held]));
    return made;
}

namespace {

/// How many may be away at any time because they are closed on purpose: a second's worth.
double away_on_purpose(const Plan& plan) {
    const double lives = static_cast<double>(plan.lifetime.count()) / static_cast<double>(second);
    return plan.churn_rate + (lives > 0 ? static_cast<double>(plan.connections) / lives : 0);
}

}  // namespace

std::vector<Criterion> judged(const Outcome& o) {
    const auto all = static_cast<double>(o.plan.connections);
    const double away = away_on_purpose(o.plan);
    const std::string held = away > 0 ? "held.min>=99.9% but for churn" : "held.min>=99.9%";
    return {
        {held, static_cast<double>(o.held_min) >= 0.999 * all - away},
        {"drops<=0.1%", static_cast<double>(Totals::sum(o.at_end.drops)) <= 0.001 * all},
        {"workers.lost==0", o.lost.empty()},
    };
}

}  // namespace csim::connections
