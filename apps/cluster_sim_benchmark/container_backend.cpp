#include "apps/cluster_sim_benchmark/container_backend.hpp"

#include "runtime/lxd/lxd_runtime.hpp"
#include "runtime/namespaces/base.hpp"
#include "runtime/namespaces/namespaces_runtime.hpp"
#include "runtime/simulated/simulated_runtime.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <unistd.h>

namespace csim {
namespace {

std::unique_ptr<NodeRuntime> namespaces(EventLoop& loop, Timeline& timeline, const ContainerOptions& o) {
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

std::unique_ptr<NodeRuntime> lxd(EventLoop& loop, Timeline& timeline, const ContainerOptions& o) {
    LxdOptions options;
    options.socket = o.socket.empty() ? find_lxd_socket() : o.socket;
    if (const std::string why = why_no_lxd(options.socket); !why.empty())
        throw Fatal(why + "; --socket names another, and 'cluster-sim lxd-host' simulates one", 4);
    options.image = o.base.empty() ? "base" : o.base;
    options.mark = "cluster-sim-benchmark";
    options.connections_max = o.jobs + 8;
    return std::make_unique<LxdRuntime>(loop, timeline, options);
}

const KernelLimit* named(const std::vector<KernelLimit>& limits, const std::string& name) {
    for (const KernelLimit& each : limits)
        if (each.name == name) return &each;
    return nullptr;
}

std::uint64_t used(const std::vector<KernelLimit>& limits, const std::string& name) {
    const KernelLimit* found = named(limits, name);
    return found == nullptr ? 0 : found->used;
}

}  // namespace

std::string chosen_backend(const ContainerOptions& o) {
    if (!o.backend.empty()) return o.backend;
    if (!o.scenario.empty() || find_lxd_socket().empty()) return "simulated";
    return why_no_lxd(find_lxd_socket()).empty() ? "lxd" : "simulated";
}

ContainerBackend::ContainerBackend(const ContainerOptions& o, const HostModel& model)
    : name(chosen_backend(o)), real(name != "simulated") {
    timeline = std::make_unique<Timeline>(real ? wall_now() : SimTime::from_unix_ns(1428421302344413989));
    loop = std::make_unique<EventLoop>(*timeline, real ? Pace::realtime() : Pace::instant());
    if (name == "namespaces") runtime = namespaces(*loop, *timeline, o);
    if (name == "lxd") runtime = lxd(*loop, *timeline, o);
    if (!real) runtime = std::make_unique<SimulatedRuntime>(*timeline, model, o.seed);
}

ContainerBackend::~ContainerBackend() {
    runtime.reset();
}

std::vector<HostUse> ContainerBackend::use() const {
    auto* simulated = dynamic_cast<SimulatedRuntime*>(runtime.get());
    return simulated == nullptr ? std::vector<HostUse>{} : simulated->host().use();
}

std::string KernelWatch::limit() const {
    return nearest_limit(at_failure.empty() ? after : at_failure);
}

void KernelWatch::print() const {
    std::printf("%-16s %14s %14s %14s %14s\n", "kernel", "before", "at failure", "after", "capacity");
    for (const KernelLimit& each : before) {
        std::printf(
            "%-16s %14llu %14s %14llu %14llu\n", each.name.c_str(),
            static_cast<unsigned long long>(each.used),
            at_failure.empty() ? "-" : std::to_string(used(at_failure, each.name)).c_str(),
            static_cast<unsigned long long>(used(after, each.name)),
            static_cast<unsigned long long>(each.capacity)
        );
    }
}

Json KernelWatch::json() const {
    Json all = Json::object();
    for (const KernelLimit& each : before) {
        all[each.name] = {
            {"capacity", each.capacity},
            {"before", each.used},
            {"after", used(after, each.name)},
            {"at_failure", at_failure.empty() ? Json() : Json(used(at_failure, each.name))}};
    }
    return all;
}

}  // namespace csim
