#include "runtime/lifecycle/lifecycle_tables.hpp"

#include <algorithm>
#include <cstdio>

namespace csim {
namespace {

/// Quoted when it has to be.
std::string cell(const std::string& text) {
    if (text.find_first_of(",\"\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + "\"";
}

/// Microseconds with three decimals, as those viewers want them.
std::string microseconds(Duration span) {
    char text[48];
    std::snprintf(
        text, sizeof text, "%lld.%03lld", static_cast<long long>(span.count() / 1000),
        static_cast<long long>(span.count() % 1000)
    );
    return text;
}

/// Those that were begun, in the order in which they were.
std::vector<const InstanceRecord*> begun(const LifecycleReport& report) {
    std::vector<const InstanceRecord*> all;
    for (const InstanceRecord& each : report.instances)
        if (!each.phases.empty()) all.push_back(&each);
    std::stable_sort(all.begin(), all.end(), [](const InstanceRecord* a, const InstanceRecord* b) {
        return a->phases.front().began < b->phases.front().began;
    });
    return all;
}

std::string_view result_of(const InstanceRecord& record, const PhaseRecord& phase) {
    return phase.well ? "ok" : text_of(record.end);
}

}  // namespace

std::uint64_t mark_slow(LifecycleReport& report) {
    constexpr Duration floor = 5s;
    std::map<NodePhase, std::vector<PhaseRecord*>> by_phase;
    for (InstanceRecord& instance : report.instances)
        for (PhaseRecord& each : instance.phases)
            if (each.well) by_phase[each.phase].push_back(&each);
    std::uint64_t count = 0;
    for (auto& [phase, records] : by_phase) {
        std::stable_sort(records.begin(), records.end(), [](const PhaseRecord* a, const PhaseRecord* b) {
            return a->ended < b->ended;
        });
        std::vector<Duration> before;  // sorted
        for (PhaseRecord* each : records) {
            const Duration took = each->ended - each->began;
            each->slow = !before.empty() && took > floor && took > 10 * before[(before.size() - 1) / 2];
            count += each->slow ? 1 : 0;
            before.insert(std::upper_bound(before.begin(), before.end(), took), took);
        }
    }
    return count;
}

std::string csv_text(const LifecycleReport& report) {
    std::string text = "name,phase,start_ns,end_ns,result,resource\n";
    for (const InstanceRecord& instance : report.instances) {
        if (instance.phases.empty())
            text += instance.name + ",,,," + std::string(text_of(instance.end)) + ",\n";
        for (const PhaseRecord& each : instance.phases)
            text += instance.name + "," + std::string(text_of(each.phase)) + "," +
                    std::to_string(each.began.unix_ns()) + "," + std::to_string(each.ended.unix_ns()) + "," +
                    std::string(result_of(instance, each)) + "," +
                    (each.well || !instance.error ? "" : cell(instance.error->refused)) + "\n";
    }
    return text;
}

std::string jmeter_rows(const LifecycleReport& report) {
    constexpr std::int64_t ms = 1'000'000;
    std::string text;
    for (const InstanceRecord& instance : report.instances)
        for (const PhaseRecord& each : instance.phases)
            text += std::to_string(each.began.unix_ns() / ms) + "," +
                    std::to_string((each.ended - each.began).count() / ms) + "," +
                    std::string(text_of(each.phase)) + ",," + (each.well ? "true" : "false") + "\n";
    return text;
}

std::string chrome_trace(const LifecycleReport& report) {
    const auto all = begun(report);
    std::vector<SimTime> lanes;  // when each is free
    std::string events;
    for (const InstanceRecord* instance : all) {
        const SimTime began = instance->phases.front().began;
        auto lane = std::find_if(lanes.begin(), lanes.end(), [began](SimTime free) { return free <= began; });
        if (lane == lanes.end()) lane = lanes.insert(lanes.end(), began);
        *lane = instance->phases.back().ended;
        for (const PhaseRecord& each : instance->phases)
            events +=
                std::string(events.empty() ? "" : ",\n") + R"({"ph":"X","pid":1,"tid":)" +
                std::to_string(lane - lanes.begin() + 1) + R"(,"name":")" + std::string(text_of(each.phase)) +
                R"(","cat":")" + std::string(result_of(*instance, each)) + R"(","ts":)" +
                microseconds(each.began - all.front()->phases.front().began) + R"(,"dur":)" +
                microseconds(each.ended - each.began) + R"(,"args":{"name":")" + instance->name + "\"}}";
    }
    return "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n" + events + "\n]}\n";
}

}  // namespace csim
