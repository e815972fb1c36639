// How a device plugin is written down: a name, its first report, its later ones.
#pragma once

#include "core/time.hpp"
#include "wire/body.hpp"
#include "wire/reports/corosync.hpp"
#include "wire/reports/linux.hpp"
#include "wire/reports/linux_network.hpp"
#include "wire/reports/lustre.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace csim {

class FakeDevices;
class FakeServer;
class FakeTargets;
class TargetStatistics;

/// What one poll yields: any number of bodies, in order.
struct PluginReport {
    std::vector<Body> bodies;
    bool low_priority = false;
};

/// What the plugins of one server remember: what the session was told last, and parts that can be shared
/// again.
struct ReportMemory {
    std::shared_ptr<const BlockDevices> sent_devices;
    std::shared_ptr<const BlockDevices> devices;  ///< what was there at `devices_changes`
    std::uint64_t devices_changes = 0;
    std::shared_ptr<const TargetMounts> mounts;  ///< the next two as well, at `cluster_version`
    std::shared_ptr<const ResourceLocations> locations;
    std::shared_ptr<const CrmNodes> nodes;
    std::uint64_t cluster_version = UINT64_MAX;
    ReusedBody<CorosyncReport> corosync;
    ReusedBody<LinuxNetworkReport> network;
    ReusedBody<LustreReport> lustre;
};

/// What a plugin may look at. Null parts: this world has none.
struct ReportScope {
    FakeServer& server;
    const FakeDevices* devices = nullptr;
    const FakeTargets* targets = nullptr;
    TargetStatistics* statistics = nullptr;
    SimTime now;
    ReportMemory& memory;
};

struct PluginSpec {
    std::string_view name;
    PluginReport (*first_report)(ReportScope& of);
    /// `full`: nothing may be left out as unchanged.
    PluginReport (*next_report)(ReportScope& of, bool full);
    std::string_view doc;
};

/// The plugins that report, ascending by name. `action_runner` has nothing to report and is not among them.
std::span<const PluginSpec> plugin_table();
const PluginSpec* find_plugin(std::string_view name);

// First and later reports, one file each. Reports change nothing but the memory, and the journal's queue.
PluginReport corosync_report(ReportScope& of);
PluginReport linux_first_report(ReportScope& of);
PluginReport linux_next_report(ReportScope& of, bool full);
PluginReport linux_network_report(ReportScope& of);
PluginReport lustre_first_report(ReportScope& of);
PluginReport lustre_next_report(ReportScope& of, bool full);
PluginReport journal_first_report(ReportScope& of);
PluginReport journal_next_report(ReportScope& of, bool full);
PluginReport simulator_controller_report(ReportScope& of);

/// What the cluster says of this node and its resources, in `of.memory`.
void look_at_cluster(ReportScope& of);
/// Statistics of every target that is started on the server.
TargetMetricsByLabel started_target_metrics(const ReportScope& of);

}  // namespace csim
