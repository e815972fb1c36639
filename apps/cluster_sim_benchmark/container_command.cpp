// `cluster-sim-benchmark container_lifecycle`: the run, its figures and its exit status.
#include "apps/cluster_sim_benchmark/container_options.hpp"
#include "apps/shell/stop_signals.hpp"
#include "core/json.hpp"
#include "runtime/lifecycle/lifecycle.hpp"
#include "runtime/namespaces/base.hpp"
#include "runtime/namespaces/namespaces_runtime.hpp"
#include "runtime/simulated/simulated_runtime.hpp"
#include "runtime/ve/figures.hpp"
#include "runtime/ve/kernel_limits.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <unistd.h>

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

std::unique_ptr<NodeRuntime> real_runtime(EventLoop& loop, Timeline& timeline, const ContainerOptions& o) {
    if (const std::string why = why_no_namespaces(); !why.empty()) throw Fatal(why, 4);
    NamespacesOptions options;
    options.base = o.base.empty() ? "/var/lib/cluster-sim/ve0" : o.base;
    if (!is_base(options.base))
        throw Fatal("there is no base in " + options.base + "; 'cluster-sim ve createbase' makes one");
    options.folder =
        (std::filesystem::temp_directory_path() / ("cluster-sim-stage-" + std::to_string(::getpid())))
            .string();
    options.purpose = "benchmark";
    return std::make_unique<NamespacesRuntime>(loop, timeline, options);
}

int status_of(const LifecycleReport& report) {
    if (report.count(InstanceEnd::wedged) > 0) return 5;
    const std::uint64_t failed = report.count(InstanceEnd::failed);
    if (failed > 0) return failed > 100 ? 101 : static_cast<int>(failed);
    return report.leftovers > 0 ? 6 : 0;
}

}  // namespace

int container_lifecycle(const ContainerOptions& o) {
    const bool real = o.backend == "namespaces";
    if (o.backend.empty())
        std::cerr << "cluster-sim-benchmark: on a simulated host; --backend chooses another\n";
    HostModel model;
    LifecycleOptions options = lifecycle_options(o, model);
    if (real) options.client = {};
    Timeline timeline(real ? wall_now() : SimTime::from_unix_ns(1428421302344413989));
    EventLoop loop(timeline, real ? Pace::realtime() : Pace::instant());
    std::unique_ptr<NodeRuntime> runtime;
    if (real) {
        runtime = real_runtime(loop, timeline, o);
    } else {
        runtime = std::make_unique<SimulatedRuntime>(timeline, model, o.seed);
    }
    Lifecycle lifecycle(loop, timeline, *runtime, options);
    // What is in flight ends in order; nothing new begins; the real ones' stage goes with the runtime.
    const shell::StopSignals signals(loop.io(), [&lifecycle] { lifecycle.stop(); });
    const LifecycleReport report = lifecycle.run([&o](const InstanceRecord& each) {
        if (o.trace == "grouped") std::cout << each.trace << std::flush;
        if (each.error)
            std::cerr << "cluster-sim-benchmark: " << each.name << ": " << sentence(*each.error) << "\n";
    });
    const std::string limit =
        real && report.count(InstanceEnd::ok) < options.count ? nearest_limit(read_kernel_limits()) : "";
    print(report, limit);
    if (!o.json.empty()) {
        std::ofstream out(o.json);
        out << as_json(report, std::string(runtime->backend()), limit).dump(2) << "\n";
        out.close();
        if (!out) throw Fatal("cannot write " + o.json);
    }
    return shell::StopSignals::exit_status(status_of(report));
}

}  // namespace csim
