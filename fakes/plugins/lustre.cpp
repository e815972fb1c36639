// Source: the reference's lustre plugin. Differs: statistics follow the clock instead of the reads; workers
// know no resources of storage clusters and cannot manage targets.
#include "fakes/fake_server.hpp"
#include "fakes/fake_targets.hpp"
#include "fakes/plugins/plugin.hpp"
#include "fakes/target_statistics.hpp"
#include "wire/body_of.hpp"

namespace csim {
namespace {

HostProperties simulated_host() {
    HostProperties properties;
    properties.distro = "CentOS";
    properties.distro_version = 6.6;
    properties.python_version_major_minor = 2.6;
    properties.python_patchlevel = 6;
    properties.kernel_version = "2.6.32-504.8.1.el6_lustre.x86_64";
    return properties;
}

const std::shared_ptr<const std::vector<std::string>>& capabilities_of(const FakeServer& server) {
    using List = std::vector<std::string>;
    static const auto of_servers = std::make_shared<const List>(List{"manage_targets"});
    static const auto of_workers = std::make_shared<const List>();
    return server.worker() ? of_workers : of_servers;
}

template <class T>
void share(std::shared_ptr<const T>& place, const std::shared_ptr<const T>& part) {
    if (place != part) place = part;
}

void fill_report(ReportScope& of, LustreReport& report) {
    static const auto properties = std::make_shared<const HostProperties>(simulated_host());
    static const auto nowhere = std::make_shared<const ResourceLocations>();
    look_at_cluster(of);
    share(report.resource_locations, of.server.worker() ? nowhere : of.memory.locations);
    share(report.capabilities, capabilities_of(of.server));
    share(report.properties, properties);
    share(report.mounts, of.memory.mounts);
    share(report.metrics.raw.lustre_client_mounts, of.server.client_mounts());
    fill_node_metrics(
        report.metrics.raw.node, of.server.fqdn(), of.server.activity(), of.server->boot_time, of.now
    );
    // Let go of the old figures first: their memory is used for the new ones.
    report.metrics.raw.lustre.target.clear();
    report.metrics.raw.lustre.target = started_target_metrics(of);
    report.started_at = {of.now, true};
    report.agent_version = "dummy";
}

}  // namespace

void look_at_cluster(ReportScope& of) {
    const FakeCluster& cluster = of.server.cluster();
    ReportMemory& memory = of.memory;
    if (memory.cluster_version == cluster.version()) return;
    auto mounts = std::make_shared<TargetMounts>();
    for (const ResourceState* resource : cluster.running_on(of.server.nodename())) {
        mounts->push_back({resource->device_path, resource->uuid, resource->mount_point, {}});
    }
    memory.mounts = std::move(mounts);
    memory.locations = cluster.locations();
    memory.nodes = cluster.view_of(of.server.nodename());
    memory.cluster_version = cluster.version();
}

TargetMetricsByLabel started_target_metrics(const ReportScope& of) {
    TargetMetricsByLabel metrics;
    if (of.targets == nullptr || of.statistics == nullptr || of.server.worker()) return metrics;
    for (const ResourceState* resource : of.server.cluster().running_on(of.server.nodename())) {
        const std::string serial = of.targets->serial_of_uuid(resource->uuid);
        const TargetState* target = of.targets->find(serial);
        if (target != nullptr) metrics[target->label] = of.statistics->of(serial, of.now);
    }
    return metrics;
}

PluginReport lustre_first_report(ReportScope& of) {
    LustreReport& report = of.memory.lustre.next();
    fill_report(of, report);
    report.packages = of.server.packages();
    return {{of.memory.lustre.body()}};
}

PluginReport lustre_next_report(ReportScope& of, bool full) {
    if (full) return lustre_first_report(of);
    LustreReport& report = of.memory.lustre.next();
    fill_report(of, report);
    report.packages.reset();
    return {{of.memory.lustre.body()}};
}

}  // namespace csim
