// What is said of a run of container_lifecycle: on the screen, as JSON, as rows.
#include "apps/cluster_sim_benchmark/container_report.hpp"

#include "runtime/lifecycle/lifecycle_tables.hpp"
#include "runtime/ve/figures.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace csim {
namespace {

constexpr NodePhase phases[] = {
    NodePhase::create, NodePhase::start, NodePhase::exec, NodePhase::stop, NodePhase::destroy};

Percentiles of_phase(const LifecycleReport& report, NodePhase phase) {
    std::vector<Duration> spans;
    for (const InstanceRecord& each : report.instances)
        for (const PhaseRecord& record : each.phases)
            if (record.phase == phase && record.well) spans.push_back(record.ended - record.began);
    return percentiles_of(std::move(spans));
}

std::map<std::string, std::uint64_t> refusals(const LifecycleReport& report) {
    std::map<std::string, std::uint64_t> by;
    for (const InstanceRecord& each : report.instances)
        if (each.error) ++by[each.error->refused];
    return by;
}

std::string limit_of(const LifecycleOutcome& o) {
    const bool bad = o.report.count(InstanceEnd::failed) + o.report.count(InstanceEnd::wedged) > 0;
    return o.real && bad ? o.kernel.limit() : "";
}

Percentiles of_list(const LifecycleOutcome& o) {
    std::vector<Duration> spans;
    for (const WatchSample& each : o.samples)
        if (each.answered) spans.push_back(each.list);
    return percentiles_of(std::move(spans));
}

Json as_json(const Percentiles& p) {
    return {{"n", p.count},    {"min_ms", p.min}, {"p50_ms", p.p50},
            {"p90_ms", p.p90}, {"p99_ms", p.p99}, {"max_ms", p.max}};
}

Json as_json(const std::vector<WatchSample>& samples) {
    Json list = Json::array();
    for (const WatchSample& each : samples) {
        Json states = Json::object();
        for (const auto& [state, count] : each.states) states[std::string(text_of(state))] = count;
        list.push_back(
            {{"t_s", static_cast<double>(each.at.count()) / 1e9},
             {"list_ms", static_cast<double>(each.list.count()) / 1e6},
             {"answered", each.answered},
             {"known", each.known},
             {"states", states},
             {"overlays", each.overlays}}
        );
    }
    return list;
}

Json as_json(const LifecycleOutcome& o) {
    const std::string limit = limit_of(o);
    Json json{
        {"schema", 1},
        {"routine", "container_lifecycle"},
        {"backend", o.backend},
        {"peak_in_flight", o.report.peak},
        {"wall_s", static_cast<double>(o.report.wall.count()) / 1e9},
        {"leftovers", o.report.leftovers},
        {"slow", o.slow},
        {"refused", refusals(o.report)},
        {"limiting_resource", limit.empty() ? Json() : Json(limit)},
        {"daemon_wedged", o.daemon_wedged.empty() ? Json() : Json(o.daemon_wedged)},
        {"list", as_json(of_list(o))},
        {"watch", as_json(o.samples)},
        {"evidence", o.evidence},
        {"interrupted", o.interrupted}};
    for (const InstanceEnd end : instance_ends) json[std::string(text_of(end))] = o.report.count(end);
    for (const NodePhase phase : phases)
        json["phases"][std::string(text_of(phase))] = as_json(of_phase(o.report, phase));
    if (o.real) json["kernel"] = o.kernel.json();
    return json;
}

}  // namespace

void print(const LifecycleOutcome& o) {
    const LifecycleReport& report = o.report;
    std::printf("%-8s %8s %10s %10s %10s %10s\n", "ms", "n", "p50", "p90", "p99", "max");
    const auto line = [](std::string_view name, const Percentiles& p) {
        if (p.count == 0) return;
        std::printf(
            "%-8s %8llu %10.3f %10.3f %10.3f %10.3f\n", std::string(name).c_str(),
            static_cast<unsigned long long>(p.count), p.p50, p.p90, p.p99, p.max
        );
    };
    for (const NodePhase phase : phases) line(text_of(phase), of_phase(report, phase));
    // Simulated hosts list in no time.
    if (o.real) line("(list)", of_list(o));
    std::fflush(stdout);
    for (const InstanceEnd end : instance_ends)
        std::cout << text_of(end) << " " << report.count(end)
                  << (end == InstanceEnd::not_started ? "" : ", ");
    std::cout << "; " << o.slow << " phases slow; peak in flight " << report.peak << "; "
              << static_cast<double>(report.wall.count()) / 1e9 << " s\n";
    if (!o.daemon_wedged.empty()) std::cout << "the host is wedged: " << o.daemon_wedged << "\n";
    if (const InstanceRecord* first = report.first_wedge())
        std::cout << "first wedge: " << first->name << " in " << text_of(first->phases.back().phase)
                  << " with " << first->in_flight << " in flight\n";
    for (const auto& [who, count] : refusals(report)) std::cout << count << " ended by " << who << "\n";
    if (const std::string limit = limit_of(o); !limit.empty())
        std::cout << "nearest limit: " << limit << "\n";
    if (report.leftovers > 0) std::cout << report.leftovers << " left behind\n";
    for (const std::string& each : o.evidence) std::cout << "evidence: " << each << "\n";
    std::cout << std::flush;
    if (o.real) o.kernel.print();
}

void write_report(const LifecycleOutcome& o, const std::string& file, const std::string& format) {
    const bool named_csv = std::filesystem::path(file).extension() == ".csv";
    const std::string form = !format.empty() ? format : named_csv ? "csv" : "json";
    std::error_code none;
    const bool begun = std::filesystem::file_size(file, none) > 0 && !none;
    std::ofstream out(file, form == "jmeter" ? std::ios::app : std::ios::trunc);
    if (form == "json") out << as_json(o).dump(2) << "\n";
    if (form == "chrome") out << chrome_trace(o.report);
    if (form == "csv") out << csv_text(o.report);
    if (form == "jmeter") out << (begun ? "" : jmeter_header) << jmeter_rows(o.report);
    if (!out.flush()) throw Fatal("cannot write " + file);
}

}  // namespace csim
