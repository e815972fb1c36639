// `cluster-sim-benchmark container_density`: the search, what it found, and which limit it was.
#include "apps/cluster_sim_benchmark/container_backend.hpp"
#include "apps/shell/stop_signals.hpp"
#include "runtime/lifecycle/density.hpp"
#include "runtime/lifecycle/lifecycle.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>

namespace csim {
namespace {

/// Of a simulated host: what each instance takes of a resource, and how many would fill it.
struct Slope {
    std::string name;
    double capacity = 0, used = 0, each = 0;
    double fits() const { return each > 0 ? capacity / each : 0; }
};

std::vector<Slope> slopes(
    const std::vector<HostUse>& before, const std::vector<HostUse>& full, std::uint64_t count
) {
    std::vector<Slope> all;
    for (std::size_t i = 0; i < full.size() && count > 0; ++i)
        all.push_back(
            {full[i].name, full[i].capacity - before[i].used, full[i].used,
             (full[i].used - before[i].used) / static_cast<double>(count)}
        );
    std::erase_if(all, [](const Slope& each) { return each.each <= 0; });
    std::sort(all.begin(), all.end(), [](const Slope& a, const Slope& b) { return a.fits() < b.fits(); });
    return all;
}

std::string why_text(const DensityReport& report) {
    if (report.why) return sentence(*report.why);
    if (!report.failed_check.empty()) return "the check '" + report.failed_check + "' failed";
    return report.stopped ? "it was interrupted" : "";
}

void print(const DensityReport& report, const std::vector<Slope>& table) {
    if (report.reached)
        std::cout << "limit: " << report.limit << " instances; " << why_text(report) << "\n";
    else if (report.stopped)
        std::cout << "interrupted at " << report.limit << " instances\n";
    else
        std::cout << "no limit up to " << report.limit << " instances\n";
    if (report.why) std::cout << "limiting resource: " << report.why->refused << "\n";
    if (table.empty()) return;
    std::printf("%-16s %16s %16s %14s %12s\n", "resource", "capacity", "used", "an instance", "would fit");
    for (const Slope& each : table)
        std::printf(
            "%-16s %16.0f %16.0f %14.1f %12.0f\n", each.name.c_str(), each.capacity, each.used, each.each,
            each.fits()
        );
}

Json as_json(const DensityReport& report, const ContainerBackend& backend, const std::vector<Slope>& table) {
    Json steps = Json::array(), resources = Json::array();
    for (const DensityStep& each : report.steps)
        steps.push_back(
            {{"running", each.running},
             {"took_s", static_cast<double>(each.took.count()) / 1e9},
             {"list_ms", static_cast<double>(each.list.count()) / 1e6},
             {"good", each.good}}
        );
    for (const Slope& each : table)
        resources.push_back(
            {{"name", each.name},
             {"capacity", each.capacity},
             {"used", each.used},
             {"each", each.each},
             {"would_fit", each.fits()}}
        );
    return {
        {"schema", 1},
        {"routine", "container_density"},
        {"backend", backend.name},
        {"limit", report.limit},
        {"reached", report.reached},
        {"why", why_text(report)},
        {"limiting_resource", report.why ? Json(report.why->refused) : Json()},
        {"steps", steps},
        {"resources", resources}};
}

HostModel model_of(const ContainerOptions& o) {
    auto model = host_model(o.model);
    if (!model) throw Fatal(model.error().detail, 2);
    for (const std::string& each : o.limits) {
        const auto equals = each.find('=');
        const std::uint64_t nodes =
            equals == std::string::npos ? 0 : std::strtoull(each.c_str() + equals + 1, nullptr, 10);
        if (nodes == 0) throw Fatal("--limit: '" + each + "' is not RESOURCE=NODES, such as memory=704", 2);
        if (const auto set = limit_nodes(*model, each.substr(0, equals), nodes); !set)
            throw Fatal("--limit: " + set.error().detail, 2);
    }
    return *model;
}

}  // namespace

int container_density(const ContainerOptions& o) {
    ContainerBackend backend(o, model_of(o));
    std::cerr << "cluster-sim-benchmark: on the backend " << backend.name << "\n";
    if (const auto good = check_node_name(o.prefix + "1"); !good) throw Fatal(good.error().detail, 2);
    const std::vector<HostUse> empty = backend.use();
    KernelWatch kernel;
    DensityOptions options{o.max, o.step, o.jobs, o.prefix};
    options.settle = std::chrono::milliseconds(static_cast<std::int64_t>(o.settle * 1000));
    options.list_limit = std::chrono::milliseconds(o.list_ms);
    Density density(*backend.loop, *backend.timeline, *backend.runtime, options);
    const shell::StopSignals signals(backend.loop->io(), [&density] { density.stop(); });
    const DensityReport report = density.run([&](const DensityStep& step) {
        std::cerr << step.running << " running, list " << static_cast<double>(step.list.count()) / 1e6
                  << " ms\n";
        if (!step.good) kernel.failed();
    });
    if (report.reached) kernel.failed();
    const std::vector<Slope> table = slopes(empty, backend.use(), report.limit);
    std::uint64_t left = 0;
    if (!o.keep) {
        remove_instances(*backend.loop, *backend.runtime, o.prefix);
        left = count_instances(*backend.loop, *backend.runtime, o.prefix);
    }
    kernel.after = read_kernel_limits();
    print(report, table);
    if (backend.real) {
        kernel.print();
        if (report.reached) std::cout << "kernel's nearest limit: " << kernel.limit() << "\n";
    }
    if (left > 0) std::cout << left << " left behind\n";
    if (!o.json.empty()) {
        Json json = as_json(report, backend, table);
        if (backend.real) json["kernel"] = kernel.json();
        std::ofstream out(o.json);
        out << json.dump(2) << "\n";
        if (!out.flush()) throw Fatal("cannot write " + o.json);
    }
    const bool wedged = report.why && report.why->kind == NodeError::Kind::timeout;
    return shell::StopSignals::exit_status(left > 0 ? 6 : wedged ? 5 : 0);
}

}  // namespace csim
