#include "benchmark/mass/mass_report.hpp"

#include "benchmark/bench_report.hpp"
#include "core/json_codec.hpp"

#include <algorithm>
#include <cstdio>

namespace csim {
namespace {

using namespace connections;

constexpr double invalid_share_max = 0.05;
constexpr std::size_t series_max = 2000;

Json ends_json(const Ends& ends) {
    Json made = Json::object();
    for (const auto& [which, count] : ends) made[text_of(which.first, which.second)] = count;
    return made;
}

Json latency_json(const Figures& figures) {
    Json made = Json::object();
    for (const auto& [name, value] : figures) {
        const auto dot = name.find('.');
        const std::string span = name.substr(0, dot), what = name.substr(dot + 1);
        for (std::size_t i = 0; i < span_kinds; ++i)
            if (span == text_of(static_cast<Span>(i)))
                made[span][what == "count" ? what : what + "_ms"] = value;
    }
    return made;
}

Json series_json(const std::vector<SeriesPoint>& series) {
    Json made = Json::array();
    const std::size_t each = series.size() / series_max + 1;
    for (std::size_t i = 0; i < series.size(); i += each) made.push_back(to_json_value(series[i]));
    return made;
}

double invalid_share(const Outcome& o) {
    return figures_of(o).at("run.invalid");
}

/// The first rule that fits what kept the run from more.
std::pair<std::string, std::string> limit_of(const Outcome& o) {
    const Totals& t = o.at_end;
    const auto failed = [&](Reason reason) {
        std::uint64_t count = 0;
        for (const Ends* ends : {&t.failed_opens, &t.drops})
            for (const auto& [which, n] : *ends)
                if (which.first == reason) count += n;
        return count;
    };
    const auto told = [](std::uint64_t n, const char* what) { return std::to_string(n) + what; };
    if (const auto n = failed(Reason::no_descriptor))
        return {"descriptors", told(n, " times there was no descriptor")};
    if (const auto n = failed(Reason::no_local_port))
        return {"local_ports", told(n, " times there was no local port")};
    if (const auto n = failed(Reason::no_memory)) return {"memory", told(n, " times there was no memory")};
    for (const LostMember& each : o.lost) return {"worker", each.name + " was lost: " + each.ending};
    if (t[Count::window_halved] > 0)
        return {
            "accept_queue",
            told(t[Count::window_halved], " times a connect took a second, as when a queue overflows")};
    if (invalid_share(o) > invalid_share_max)
        return {"benchmark", "requests were sent late in too many seconds"};
    if (const auto n = Totals::sum(t.failed_opens))
        return {"server", told(n, " attempts failed; see failed_opens")};
    if (const auto n = Totals::sum(t.drops))
        return {"server", told(n, " connections were dropped; see drops")};
    return {"none", "everything that was asked for was reached"};
}

std::string verdict_of(const Outcome& o) {
    char text[300];
    std::snprintf(
        text, sizeof text,
        "%llu of %llu connections were held after %.1f s and at least %llu during %.1f s of holding",
        static_cast<unsigned long long>(o.at_hold[Count::held]),
        static_cast<unsigned long long>(o.plan.connections), o.ramp_seconds,
        static_cast<unsigned long long>(o.held_min), o.hold_seconds
    );
    std::string made = text;
    if (o.interrupted) made = "Interrupted: " + made;
    if (invalid_share(o) > invalid_share_max)
        made += "; THIS PROGRAM was the bottleneck, do not use the latencies";
    return made + ".";
}

std::string ends_text(const char* title, const Ends& ends) {
    if (ends.empty()) return "";
    std::string made = std::string(title) + ":";
    for (const auto& [which, count] : ends)
        made += " " + text_of(which.first, which.second) + " " + std::to_string(count);
    return made + "\n";
}

}  // namespace

int mass_status(const Outcome& outcome) {
    const auto criteria = judged(outcome);
    const bool met = std::all_of(criteria.begin(), criteria.end(), [](const auto& each) { return each.met; });
    return met && invalid_share(outcome) <= invalid_share_max ? 0 : 1;
}

Json mass_report_json(const Outcome& o) {
    const Figures figures = figures_of(o);
    Json criteria = Json::array();
    for (const Criterion& each : judged(o)) criteria.push_back({{"criterion", each.text}, {"met", each.met}});
    Json counts = Json::object();
    for (std::size_t i = 0; i < count_kinds; ++i)
        counts[std::string(text_of(static_cast<Count>(i)))] = o.at_end.counts[i];
    const auto [limit, evidence] = limit_of(o);
    return {
        {"schema", 1},
        {"routine", "connections"},
        {"verdict", verdict_of(o)},
        {"partial", o.interrupted},
        {"criteria", std::move(criteria)},
        {"limiting_resource", {{"name", limit}, {"evidence", evidence}}},
        {"figures", figures},
        {"latency", latency_json(figures)},
        {"drops", ends_json(o.at_end.drops)},
        {"failed_opens", ends_json(o.at_end.failed_opens)},
        {"closed_by_peer", ends_json(o.at_end.by_peer)},
        {"closed_by_us", ends_json(o.at_end.by_us)},
        {"counts", std::move(counts)},
        {"descriptors",
         {{"before", o.before_ramp[Count::descriptors]}, {"after", o.at_last[Count::descriptors]}}},
        {"lost", to_json_value(o.lost)},
        {"series", series_json(o.series)},
        {"workers", o.workers},
        {"ranks", o.ranks},
        {"ramp_seconds", o.ramp_seconds},
        {"hold_seconds", o.hold_seconds},
        {"plan", to_json_value(o.plan)},
        {"seed", o.plan.seed},
        {"started", o.started},
        {"version", CSIM_VERSION},
        {"machine", machine_text()},
    };
}

std::string mass_summary(const Outcome& o) {
    const Figures f = figures_of(o);
    const auto of = [&](const std::string& name) {
        const auto found = f.find(name);
        return found == f.end() ? 0 : found->second;
    };
    std::string made = verdict_of(o) + "\n";
    char line[400];
    const auto add = [&](const char* format, auto... values) {
        std::snprintf(line, sizeof line, format, values...);
        made += line;
    };
    add("  connects      %.0f/s, %.0f us of CPU each; TCP p99 %.1f ms, TLS p50 %.1f p99 %.1f ms\n",
        of("connect.rate"), of("connect.cpu_us"), of("connect.p99"), of("handshake.p50"),
        of("handshake.p99"));
    if (of("request.count") > 0)
        add("  requests      %.0f/s; from when they were due: p50 %.2f p99 %.2f p99.9 %.2f max %.2f ms; from "
            "the sending: p99 %.2f ms\n",
            of("request.rate"), of("request.p50"), of("request.p99"), of("request.p999"), of("request.max"),
            of("uncorrected.p99"));
    if (of("lateness.count") > 0)
        add("  lateness      p99 %.2f ms of this program itself\n", of("lateness.p99"));
    add("  memory        %.0f B per held connection, processes included (%.1f MB in %llu workers); %llu "
        "hibernated, %llu "
        "asleep\n",
        of("client.bytes_per_connection"), of("client.resident_bytes") * 1e-6,
        static_cast<unsigned long long>(o.workers),
        static_cast<unsigned long long>(o.at_hold[Count::hibernated]),
        static_cast<unsigned long long>(o.at_hold[Count::dormant]));
    if (o.plan.hibernate != Hibernate::never && o.at_end[Count::stayed_with_ssl] > 0)
        add("  awake         %llu could not hibernate: they speak TLS 1.2, or a suite of TLS 1.3 that we do "
            "not\n",
            static_cast<unsigned long long>(o.at_end[Count::stayed_with_ssl]));
    made += ends_text("  dropped      ", o.at_end.drops) +
            ends_text("  not opened   ", o.at_end.failed_opens) +
            ends_text("  ended by peer", o.at_end.by_peer);
    for (const LostMember& each : o.lost) made += "  LOST          " + each.name + ": " + each.ending + "\n";
    const auto [limit, evidence] = limit_of(o);
    made += "  limit         " + limit + ": " + evidence + "\n";
    for (const Criterion& each : judged(o))
        made += std::string("  ") + (each.met ? "met           " : "NOT MET       ") + each.text + "\n";
    return made;
}

std::string progress_line(const Moment& m, std::uint64_t connections) {
    char line[300];
    std::snprintf(
        line, sizeof line,
        "%7.1f s %-6s held %llu/%llu  connecting %llu  %.0f connects/s  %.0f requests/s p99 %.1f ms  late "
        "%.1f ms  drops %llu  "
        "%.0f MB",
        m.at, m.phase.c_str(), static_cast<unsigned long long>(m.totals[Count::held]),
        static_cast<unsigned long long>(connections),
        static_cast<unsigned long long>(m.totals[Count::connecting]), m.connects, m.requests,
        static_cast<double>(m.request_p99) / millisecond, static_cast<double>(m.lateness_p99) / millisecond,
        static_cast<unsigned long long>(Totals::sum(m.totals.drops)),
        static_cast<double>(m.totals[Count::resident_bytes]) * 1e-6
    );
    return line;
}

}  // namespace csim
