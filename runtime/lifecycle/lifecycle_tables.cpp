#include "runtime/lifecycle/lifecycle_tables.hpp"

#include <algorithm>

namespace csim {
namespace {

/// Quoted when it has to be.
std::string cell(const std::string& text) {
    if (text.find_first_of(",\"\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + "\"";
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

}  // namespace csim
