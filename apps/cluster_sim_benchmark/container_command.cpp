// `cluster-sim-benchmark container_lifecycle`: the run, its figures and its exit status.
#include "apps/cluster_sim_benchmark/container_backend.hpp"
#include "apps/shell/stop_signals.hpp"
#include "core/json.hpp"
#include "runtime/lifecycle/evidence.hpp"
#include "runtime/lifecycle/lifecycle.hpp"
#include "runtime/ve/figures.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
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

void print(const LifecycleReport& report, const std::string& limit) {
    std::printf("%-8s %8s %10s %10s %10s %10s\n", "ms", "n", "p50", "p90", "p99", "max");
    for (const NodePhase phase : phases) {
        const Percentiles p = of_phase(report, phase);
        if (p.count == 0) continue;
        std::printf(
            "%-8s %8llu %10.3f %10.3f %10.3f %10.3f\n", std::string(text_of(phase)).c_str(),
            static_cast<unsigned long long>(p.count), p.p50, p.p90, p.p99, p.max
        );
    }
    for (const InstanceEnd end :
         {InstanceEnd::ok, InstanceEnd::failed, InstanceEnd::wedged, InstanceEnd::not_started})
        std::cout << text_of(end) << " " << report.count(end)
                  << (end == InstanceEnd::not_started ? "" : ", ");
    std::cout << "; peak in flight " << report.peak << "; " << static_cast<double>(report.wall.count()) / 1e9
              << " s\n";
    if (const InstanceRecord* first = report.first_wedge())
        std::cout << "first wedge: " << first->name << " in " << text_of(first->phases.back().phase)
                  << " with " << first->in_flight << " in flight\n";
    for (const auto& [who, count] : refusals(report)) std::cout << count << " ended by " << who << "\n";
    if (!limit.empty()) std::cout << "nearest limit: " << limit << "\n";
    if (report.leftovers > 0) std::cout << report.leftovers << " left behind\n";
}

Json as_json(const LifecycleReport& report, const std::string& backend, const std::string& limit) {
    Json json{
        {"schema", 1},
        {"routine", "container_lifecycle"},
        {"backend", backend},
        {"peak_in_flight", report.peak},
        {"wall_s", static_cast<double>(report.wall.count()) / 1e9},
        {"leftovers", report.leftovers},
        {"refused", refusals(report)},
        {"limiting_resource", limit.empty() ? Json() : Json(limit)}};
    for (const InstanceEnd end :
         {InstanceEnd::ok, InstanceEnd::failed, InstanceEnd::wedged, InstanceEnd::not_started})
        json[std::string(text_of(end))] = report.count(end);
    for (const NodePhase phase : phases) {
        const Percentiles p = of_phase(report, phase);
        json["phases"][std::string(text_of(phase))] = {{"n", p.count},    {"min_ms", p.min},
                                                       {"p50_ms", p.p50}, {"p90_ms", p.p90},
                                                       {"p99_ms", p.p99}, {"max_ms", p.max}};
    }
    return json;
}

LifecycleOptions lifecycle_options(const ContainerOptions& o, HostModel& model) {
    LifecycleOptions made;
    if (!o.scenario.empty()) {
        const auto scenario = lifecycle_scenario(o.scenario);
        if (!scenario) throw Fatal(scenario.error().detail, 2);
        model = scenario->model;
        made = scenario->options;
    } else {
        const auto chosen = host_model(o.model);
        if (!chosen) throw Fatal(chosen.error().detail, 2);
        model = *chosen;
        made.client = model.client;
        made.count = o.count;
        made.jobs = o.jobs;
    }
    if (made.jobs > 255 && !o.allow_large_window)
        throw Fatal("at most 255 at once, or --allow_large_window", 2);
    made.overlay = o.variant == "overlay";
    made.batch = o.window == "batch";
    made.prefix = o.prefix;
    made.width = o.width;
    made.stop_on_wedge = o.stop_on_wedge;
    for (const std::string& each : o.commands) {
        if (&each == &o.commands.front()) made.commands.clear();
        made.commands.push_back({"sh", "-c", each});
    }
    if (const auto good = check_node_name(made.prefix + "1", model.legacy_names); !good)
        throw Fatal(good.error().detail, 2);
    return made;
}

/// `PHASE=SECONDS` of --timeout.
void set_limit(LifecycleOptions& options, const std::string& text) {
    const auto equals = text.find('=');
    const double seconds = equals == std::string::npos ? 0 : std::strtod(text.c_str() + equals + 1, nullptr);
    for (auto& [phase, limit] : options.limits) {
        if (text.substr(0, equals) != text_of(phase) || !(seconds > 0 && seconds < 1e6)) continue;
        limit = Duration(static_cast<std::int64_t>(seconds * 1e9));
        return;
    }
    throw Fatal(
        "--timeout: '" + text +
            "' is not PHASE=SECONDS; phases are create, start, exec, stop, destroy and list",
        2
    );
}

int status_of(const LifecycleReport& report) {
    if (report.count(InstanceEnd::wedged) > 0) return 5;
    const std::uint64_t failed = report.count(InstanceEnd::failed);
    if (failed > 0) return failed > 100 ? 101 : static_cast<int>(failed);
    return report.leftovers > 0 ? 6 : 0;
}

}  // namespace

int container_lifecycle(const ContainerOptions& o) {
    HostModel model;
    LifecycleOptions options = lifecycle_options(o, model);
    for (const std::string& each : o.timeouts) set_limit(options, each);
    ContainerBackend backend(o, model);
    if (o.backend.empty())
        std::cerr << "cluster-sim-benchmark: on the backend " << backend.name
                  << "; --backend chooses another\n";
    if (backend.real) options.client = {};
    KernelWatch kernel;
    Lifecycle lifecycle(*backend.loop, *backend.timeline, *backend.runtime, options);
    bool interrupted = false;
    // What is in flight ends in order and nothing new begins; then everything goes that is still there.
    const shell::StopSignals signals(backend.loop->io(), [&] {
        interrupted = true;
        lifecycle.stop();
    });
    LifecycleReport report = lifecycle.run([&](const InstanceRecord& each) {
        if (o.trace == "grouped") std::cout << each.trace << std::flush;
        if (!each.error) return;
        kernel.failed();
        std::cerr << "cluster-sim-benchmark: " << each.name << ": " << sentence(*each.error) << "\n";
    });
    const auto evidence = wedge_evidence(*backend.loop, *backend.runtime, report);
    if (backend.real && !o.keep && (interrupted || (!options.overlay && report.leftovers > 0))) {
        remove_instances(*backend.loop, *backend.runtime, options.prefix);
        report.leftovers = count_instances(*backend.loop, *backend.runtime, options.prefix);
    }
    kernel.after = read_kernel_limits();
    const bool bad = report.count(InstanceEnd::failed) + report.count(InstanceEnd::wedged) > 0;
    const std::string limit = backend.real && bad ? kernel.limit() : "";
    print(report, limit);
    for (const std::string& each : evidence) std::cout << "evidence: " << each << "\n";
    if (backend.real) kernel.print();
    if (!o.json.empty()) {
        Json json = as_json(report, backend.name, limit);
        json["evidence"] = evidence;
        json["interrupted"] = interrupted;
        if (backend.real) json["kernel"] = kernel.json();
        std::ofstream out(o.json);
        out << json.dump(2) << "\n";
        if (!out.flush()) throw Fatal("cannot write " + o.json);
    }
    return shell::StopSignals::exit_status(status_of(report));
}

}  // namespace csim
