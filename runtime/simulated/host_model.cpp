#include "runtime/simulated/host_model.hpp"

namespace csim {
namespace {

constexpr double mib = 1024.0 * 1024.0;
constexpr double delta_bytes = 28.0 * 1024.0;

/// Capacities of an ordinary machine; memory and pids of a node are the backend's.
std::vector<HostResource> ordinary_resources(double memory_of_node, double processes_of_node) {
    return {
        {"memory", 24640 * mib, 0, 0, memory_of_node},
        {"tmpfs", 2048 * mib, 110.65 * mib, delta_bytes, 0},
        {"pids", 32768, 200, 0, processes_of_node},
        {"descriptors", 1048576, 100, 0, 8},
        {"inotify", 1048576, 4, 0, 1, AtLimit::silent},
        {"keyrings", 200000, 2, 0, 1},
        {"neighbours", 16384, 16, 0, 1, AtLimit::silent, true},
        {"bridge_ports", 1023 * 1024.0, 0, 0, 1, AtLimit::fails, true},
        {"ptys", 1048576, 0, 0, 5},
        {"mounts", 100000 * 1024.0, 30, 0, 3},
        {"net_namespaces", 4194304, 1, 0, 1},
    };
}

HostModel lxd_2015() {
    // To the nanosecond the one trace that was published.
    HostModel model{"lxd-2015", 83737031ns, 524522510ns, 30345025ns, 91745590ns, 759092369ns};
    model.client = {36499778ns, 22181972ns, 2811578ns, 19724656ns, 5592619ns, 2407805ns};
    model.resources = ordinary_resources(20 * mib, 6);
    model.legacy_names = true;
    return model;
}

HostModel lxd_5() {
    HostModel model{"lxd-5", 33ms, 195ms, 35ms, 687ms, 18ms};
    model.resources = ordinary_resources(15 * mib, 3);
    model.rtnl_hold = 600us;
    return model;
}

HostModel namespaces() {
    HostModel model{"namespaces", 1ms, 4500us, 1500us, 500us, 200us};
    model.cpu_share = 0.8;
    model.rtnl_hold = 600us;
    model.rtnl_delete = 200us;  // many at once; one by one each waits for readers to leave, about 17 ms
    model.resources = ordinary_resources(0.44 * mib, 1);
    return model;
}

/// The same on a machine that is large enough, and tuned, for a million.
HostModel roomy() {
    HostModel model = namespaces();
    model.name = "roomy";
    for (HostResource& each : model.resources) each.capacity = 1e15;
    return model;
}

HostModel docker() {
    HostModel model{"docker", 60ms, 250ms, 60ms, 200ms, 60ms};
    model.rtnl_hold = 600us;
    model.resources = ordinary_resources(8 * mib, 2);
    return model;
}

}  // namespace

HostResource* HostModel::find(const std::string& resource) {
    for (HostResource& each : resources)
        if (each.name == resource) return &each;
    return nullptr;
}

std::vector<std::string> host_model_names() {
    return {"lxd-2015", "lxd-5", "namespaces", "roomy", "docker"};
}

Result<HostModel> host_model(const std::string& name) {
    if (name == "lxd-2015") return lxd_2015();
    if (name == "lxd-5") return lxd_5();
    if (name == "namespaces") return namespaces();
    if (name == "roomy") return roomy();
    if (name == "docker") return docker();
    std::string known;
    for (const std::string& each : host_model_names()) known += (known.empty() ? "" : ", ") + each;
    return Error{Errc::not_found, "there is no host model '" + name + "'; there are " + known};
}

Result<Nothing> limit_nodes(HostModel& model, const std::string& resource, std::uint64_t nodes) {
    HostResource* found = model.find(resource);
    if (found == nullptr) {
        std::string known;
        for (const HostResource& each : model.resources) known += (known.empty() ? "" : ", ") + each.name;
        return Error{Errc::not_found, "there is no resource '" + resource + "'; there are " + known};
    }
    const double each = found->per_running > 0 ? found->per_running : found->per_created;
    found->capacity = found->baseline + each * static_cast<double>(nodes);
    return Nothing{};
}

}  // namespace csim
