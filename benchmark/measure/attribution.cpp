#include "benchmark/measure/attribution.hpp"

#include "benchmark/measure/knee.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>

namespace csim {
namespace {

using Finding = std::optional<LimitingResource>;

template <class... Args>
std::string text(const char* format, Args... args) {
    char line[512];
    std::snprintf(line, sizeof line, format, args...);
    return line;
}

constexpr double mib = 1024 * 1024;

std::vector<const Interval*> measured(const AttributionInput& input) {
    std::vector<const Interval*> found;
    for (const Interval& each : input.intervals)
        if (each.valid) found.push_back(&each);
    return found;
}

Finding benchmark_itself(const AttributionInput& input) {
    std::map<std::string, std::size_t> reasons;
    std::size_t invalid = 0;
    for (const Interval& each : input.intervals) {
        if (each.valid) continue;
        ++invalid;
        ++reasons[each.invalid_because];
    }
    if (invalid * 2 < std::max<std::size_t>(input.intervals.size(), 1)) return std::nullopt;
    const auto worst = std::max_element(reasons.begin(), reasons.end(), [](auto& a, auto& b) {
        return a.second < b.second;
    });
    if (worst == reasons.end()) return std::nullopt;
    return LimitingResource{
        "benchmark", text(
                         "In %zu of %zu intervals this program was the bottleneck, mostly because %s. "
                         "Run it on another machine, or with fewer probes and servers.",
                         invalid, input.intervals.size(), worst->first.c_str()
                     )};
}

Finding own_descriptors(const AttributionInput& input) {
    for (const Interval& each : input.intervals) {
        if (each.own.descriptors_max > 0 && each.own.descriptors >= 0.95 * each.own.descriptors_max)
            return LimitingResource{
                "benchmark",
                text(
                    "This program had %.0f of the %.0f descriptors it may have; raise its limit.",
                    each.own.descriptors, each.own.descriptors_max
                )};
    }
    return std::nullopt;
}

/// How near the process was to each of its limits at its worst.
struct Peaks {
    double descriptors = 0, descriptors_max = 0, resident = 0;
    double address = 0, address_max = 0, address_first = 0;
    bool known = false, died = false;
    double died_at = 0;
};

Peaks peaks_of(const AttributionInput& input) {
    Peaks peaks;
    for (const Interval& each : input.intervals) {
        const ProcessReading& seen = each.manager;
        if (!seen.known) continue;
        if (!seen.alive) {
            if (peaks.known && !peaks.died) peaks.died = true, peaks.died_at = each.at;
            continue;
        }
        if (!peaks.known) peaks.address_first = seen.address_bytes;
        peaks.known = true;
        if (seen.descriptors >= peaks.descriptors)
            peaks.descriptors = seen.descriptors, peaks.descriptors_max = seen.descriptors_max;
        if (seen.address_bytes >= peaks.address)
            peaks.address = seen.address_bytes, peaks.address_max = seen.address_bytes_max;
        peaks.resident = std::max(peaks.resident, seen.resident_bytes);
    }
    return peaks;
}

std::string death(const Peaks& peaks) {
    return peaks.died ? text(" The process was gone at %.0f s.", peaks.died_at) : std::string();
}

/// A manager that keeps some descriptors in reserve stops short of its limit and stays there.
double seconds_at_peak(const AttributionInput& input, const Peaks& peaks) {
    double seconds = 0, before = 0;
    for (const Interval& each : input.intervals) {
        if (each.manager.known && each.manager.descriptors >= 0.99 * peaks.descriptors)
            seconds += each.at - before;
        before = each.at;
    }
    return seconds;
}

Finding descriptors_in_reserve(const AttributionInput& input) {
    const Peaks peaks = peaks_of(input);
    if (!input.failed || peaks.descriptors_max <= 0) return std::nullopt;
    if (peaks.descriptors < 0.8 * peaks.descriptors_max) return std::nullopt;
    const double seconds = seconds_at_peak(input, peaks);
    if (seconds < 10) return std::nullopt;
    return LimitingResource{
        "manager_descriptors",
        text(
            "The manager's process stood at %.0f descriptors for %.0f s and took no more, of the %.0f it may "
            "have: it keeps the rest in reserve.",
            peaks.descriptors, seconds, peaks.descriptors_max
        ) + death(peaks)};
}

Finding manager_descriptors(const AttributionInput& input) {
    const Peaks peaks = peaks_of(input);
    if (peaks.descriptors_max <= 0 || peaks.descriptors < 0.95 * peaks.descriptors_max) return std::nullopt;
    return LimitingResource{
        "manager_descriptors", text(
                                   "The manager's process had %.0f of the %.0f descriptors it may have.",
                                   peaks.descriptors, peaks.descriptors_max
                               ) + death(peaks)};
}

Finding manager_memory(const AttributionInput& input) {
    const Peaks peaks = peaks_of(input);
    if (peaks.address_max <= 0) return std::nullopt;
    // A process that dies at its limit seldom lets itself be seen there: its last request is what failed.
    const double room = std::max(peaks.address_max - peaks.address_first, 1.0);
    const double used = (peaks.address - peaks.address_first) / room;
    if (used < (peaks.died || input.failed ? 0.6 : 0.9)) return std::nullopt;
    return LimitingResource{
        "manager_memory", text(
                              "The manager's process had %.1f of the %.1f MiB of address space it may have, "
                              "%.1f MiB of it resident.",
                              peaks.address / mib, peaks.address_max / mib, peaks.resident / mib
                          ) + death(peaks)};
}

Finding machine_memory(const AttributionInput& input) {
    for (const Interval& each : input.intervals) {
        if (each.kernel.memory_total > 0 && each.kernel.memory_available < 0.03 * each.kernel.memory_total)
            return LimitingResource{
                "machine_memory",
                text(
                    "%.0f of %.0f MiB of this machine's memory were left at %.0f s.",
                    each.kernel.memory_available / mib, each.kernel.memory_total / mib, each.at
                )};
    }
    return std::nullopt;
}

Finding manager_process(const AttributionInput& input) {
    const Peaks peaks = peaks_of(input);
    if (!peaks.died) return std::nullopt;
    return LimitingResource{
        "manager_process",
        text(
            "The manager's process was gone at %.0f s, with %.0f MiB resident and %.0f of %.0f "
            "descriptors at most: no limit of it was near. Its own log may say why.",
            peaks.died_at, peaks.resident / mib, peaks.descriptors, peaks.descriptors_max
        )};
}

Finding queue(const AttributionInput& input) {
    return find_backed_up_queue(input.intervals, input.failed);
}

Finding accept_queue(const AttributionInput& input) {
    double drops = 0, syns = 0;
    for (const Interval& each : input.intervals)
        drops += each.kernel.listen_drops, syns += each.kernel.syn_drops;
    if (drops + syns < 1) return std::nullopt;
    return LimitingResource{
        "accept_queue",
        text(
            "The kernel dropped %.0f connection attempts because a listener did not accept fast "
            "enough, %.0f of them before the handshake.",
            drops + syns, syns
        )};
}

Finding manager_cpu(const AttributionInput& input) {
    std::vector<double> busy;
    for (const Interval* each : measured(input))
        if (each->manager.known && each->manager.alive) busy.push_back(each->manager.busiest_thread);
    if (busy.size() < 2) return std::nullopt;
    // The worst tenth, because the run grew towards it.
    std::sort(busy.begin(), busy.end(), std::greater<>());
    const std::size_t worst = std::max<std::size_t>(busy.size() / 10, 2);
    double mean = 0;
    for (std::size_t i = 0; i < worst; ++i) mean += busy[i] / static_cast<double>(worst);
    if (mean < 0.85) return std::nullopt;
    return LimitingResource{
        "manager_cpu", text(
                           "The manager's busiest thread used %.0f %% of a processor in the worst %zu of %zu "
                           "intervals: more work for it only waits longer.",
                           100 * mean, worst, busy.size()
                       )};
}

Finding delay_per_host(const AttributionInput& input) {
    std::map<std::int64_t, std::vector<double>> by_size;
    std::vector<double> busy;
    for (const Interval* each : measured(input)) {
        // The median: a delay meets every answer, a burst of registrations only the slowest.
        if (each->requests <= 0 || each->p50_ms <= 0) continue;
        by_size[each->servers].push_back(each->p50_ms);
        if (each->manager.known) busy.push_back(each->manager.busiest_thread);
    }
    std::vector<CurvePoint> points;
    for (auto& [servers, values] : by_size) {
        std::nth_element(values.begin(), values.begin() + std::ptrdiff_t(values.size() / 2), values.end());
        points.push_back({static_cast<double>(servers), values[values.size() / 2]});
    }
    if (points.size() < 3) return std::nullopt;
    const FittedLine line = fit_line(points);
    const double most = points.back().load;
    const double share = line.slope * most / std::max(points.back().latency_ms, 1e-9);
    std::sort(busy.begin(), busy.end());
    const double typical = busy.empty() ? 0 : busy[busy.size() / 2];
    if (line.explained < 0.85 || share < 0.5 || line.slope * most < 20 || typical > 0.6) return std::nullopt;
    return LimitingResource{
        "delay_per_host",
        text(
            "Every host adds %.1f ms to an answer of the API (%.0f %% of the variation over %zu sizes up to "
            "%.0f servers is that straight line), while the manager's busiest thread is typically at %.0f "
            "%%: "
            "it waits, it does not compute.",
            line.slope, 100 * line.explained, points.size(), most, 100 * typical
        )};
}

/// The resource that was nearest to its end, for a run in which nothing broke.
std::string nearest(const AttributionInput& input) {
    const Peaks peaks = peaks_of(input);
    double busy = 0;
    for (const Interval* each : measured(input)) busy = std::max(busy, each->manager.busiest_thread);
    if (!peaks.known) return "The manager's process could not be watched from here.";
    return text(
        "At their worst the manager's busiest thread used %.0f %% of a processor, the process %.0f of %.0f "
        "descriptors and %.0f MiB.",
        100 * busy, peaks.descriptors, peaks.descriptors_max, peaks.resident / mib
    );
}

}  // namespace

std::string why_invalid(const OwnReading& own, const OwnLimits& limits, double processors) {
    if (own.simulator_lag_ms > limits.simulator_lag_ms)
        return text("the simulator lagged by more than %.0f ms", limits.simulator_lag_ms);
    if (own.send_lateness_ms > limits.send_lateness_ms)
        return text("probes were sent more than %.0f ms late", limits.send_lateness_ms);
    if (own.cpu_cores > limits.cpu_share * processors)
        return text("this program used more than %.0f %% of all processors", 100 * limits.cpu_share);
    return {};
}

std::optional<LimitingResource> find_exhausted_resource(const std::vector<Interval>& intervals) {
    const AttributionInput input{intervals, false};
    for (const auto look : {own_descriptors, manager_descriptors, manager_memory, machine_memory})
        if (auto found = look(input)) return found;
    std::vector<Interval> held;
    for (const Interval& each : intervals)
        if (each.phase == "hold") held.push_back(each);
    return find_backed_up_queue(held, false);
}

LimitingResource find_limiting_resource(const AttributionInput& input) {
    constexpr Finding (*always[])(const AttributionInput&) = {
        benchmark_itself,       own_descriptors, manager_descriptors,
        manager_memory,         machine_memory,  manager_process,
        descriptors_in_reserve, queue,           accept_queue,
        delay_per_host,         manager_cpu};
    for (const auto look : always)
        if (auto found = look(input)) return *found;
    if (!input.failed) return {"none", "Nothing reached its end. " + nearest(input)};
    return {
        "unknown",
        "Something failed, and nothing that can be watched from here was at its end. " + nearest(input)};
}

}  // namespace csim
