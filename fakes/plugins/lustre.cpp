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

std::shared_ptr<const TargetMounts> mounts_of(ReportScope& of) {
    const FakeCluster& cluster = of.server.cluster();
    ReportMemory& memory = of.memory;
    if (memory.mounts == nullptr || memory.mounts_version != cluster.version()) {
        auto mounts = std::make_shared<TargetMounts>();
        for (const ResourceState* resource : cluster.running_on(of.server.nodename())) {
            mounts->push_back({resource->device_path, resource->uuid, resource->mount_point, {}});
        }
        memory.mounts = std::move(mounts);
        memory.mounts_version = cluster.version();
    }
    return memory.mounts;
}

std::shared_ptr<const ResourceLocations> locations_of(const FakeServer& server) {
    static const auto none = std::make_shared<const ResourceLocations>();
    return server.worker() ? none : server.cluster().locations();
}

std::shared_ptr<const std::vector<std::string>> capabilities_of(const FakeServer& server) {
    using List = std::vector<std::string>;
    static const auto of_servers = std::make_shared<const List>(List{"manage_targets"});
    static const auto of_workers = std::make_shared<const List>();
    return server.worker() ? of_workers : of_servers;
}

std::shared_ptr<LustreReport> report_of(ReportScope& of) {
    static const auto properties = std::make_shared<const HostProperties>(simulated_host());
    auto report = std::make_shared<LustreReport>();
    report->resource_locations = locations_of(of.server);
    report->capabilities = capabilities_of(of.server);
    report->properties = properties;
    report->mounts = mounts_of(of);
    report->metrics.raw.node =
        node_metrics(of.server.fqdn(), of.server.activity(), of.server->boot_time, of.now);
    report->metrics.raw.lustre.target = started_target_metrics(of);
    report->metrics.raw.lustre_client_mounts = of.server.client_mounts();
    report->started_at = {of.now, true};
    report->agent_version = "dummy";
    return report;
}

}  // namespace

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
    auto report = report_of(of);
    report->packages = of.server.packages();
    return {{Body::of<LustreReport>(std::move(report))}};
}

PluginReport lustre_next_report(ReportScope& of, bool full) {
    return full ? lustre_first_report(of) : PluginReport{{Body::of<LustreReport>(report_of(of))}};
}

}  // namespace csim
