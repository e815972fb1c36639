// What the `lustre` device plugin reports: resources, mounts, metrics, packages and properties of one node.
// Parts that rarely change are shared; a null one means "unchanged since the last report of this session".
#pragma once

#include "wire/reports/packages.hpp"
#include "wire/reports/target_metrics.hpp"
#include "wire/reports/wire_time.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace csim {

/// kB, as /proc/meminfo names them.
struct MemInfo {
    std::int64_t SwapTotal = 0, SwapFree = 0, MemFree = 0, HighTotal = 0, Committed_AS = 0, NFS_Unstable = 0,
                 VmallocChunk = 0, Writeback = 0, MemTotal = 0, VmallocUsed = 0, AnonPages = 0,
                 HugePages_Free = 0, Inactive = 0, Active = 0, CommitLimit = 0, Hugepagesize = 0, Cached = 0,
                 SwapCached = 0, LowTotal = 0, Dirty = 0, Mapped = 0, HighFree = 0, VmallocTotal = 0,
                 Bounce = 0, HugePages_Rsvd = 0, PageTables = 0, HugePages_Total = 0, Slab = 0, Buffers = 0,
                 LowFree = 0;

    bool operator==(const MemInfo&) const = default;
};
BOOST_DESCRIBE_STRUCT(
    MemInfo, (),
    (SwapTotal, SwapFree, MemFree, HighTotal, Committed_AS, NFS_Unstable, VmallocChunk, Writeback, MemTotal,
     VmallocUsed, AnonPages, HugePages_Free, Inactive, Active, CommitLimit, Hugepagesize, Cached, SwapCached,
     LowTotal, Dirty, Mapped, HighFree, VmallocTotal, Bounce, HugePages_Rsvd, PageTables, HugePages_Total,
     Slab, Buffers, LowFree)
)

/// Jiffies since boot.
struct CpuStats {
    std::int64_t iowait = 0, idle = 0, total = 0, user = 0, system = 0;

    bool operator==(const CpuStats&) const = default;
};
BOOST_DESCRIBE_STRUCT(CpuStats, (), (iowait, idle, total, user, system))

struct NodeMetrics {
    std::string hostname;
    MemInfo meminfo;
    CpuStats cpustats;
};
BOOST_DESCRIBE_STRUCT(NodeMetrics, (), (hostname, meminfo, cpustats))

/// By target label.
using TargetMetricsByLabel = std::map<std::string, std::shared_ptr<const TargetMetrics>>;

struct LustreMetrics {
    TargetMetricsByLabel target;
    std::map<std::string, std::int64_t> lnet;
    std::string jobid_var = "procname_uid";
};
BOOST_DESCRIBE_STRUCT(LustreMetrics, (), (target, lnet, jobid_var))

struct ClientMount {
    std::string mountspec;
    std::string mountpoint;

    bool operator==(const ClientMount&) const = default;
};
BOOST_DESCRIBE_STRUCT(ClientMount, (), (mountspec, mountpoint))
using ClientMounts = std::vector<ClientMount>;

struct RawMetrics {
    NodeMetrics node;
    LustreMetrics lustre;
    std::shared_ptr<const ClientMounts> lustre_client_mounts;
};
BOOST_DESCRIBE_STRUCT(RawMetrics, (), (node, lustre, lustre_client_mounts))

struct Metrics {
    RawMetrics raw;
};
BOOST_DESCRIBE_STRUCT(Metrics, (), (raw))

struct TargetMount {
    std::string device;
    std::string fs_uuid;
    std::string mount_point;
    std::map<std::string, std::string> recovery_status;  ///< `status` is RECOVERING while it recovers

    bool operator==(const TargetMount&) const = default;
};
BOOST_DESCRIBE_STRUCT(TargetMount, (), (device, fs_uuid, mount_point, recovery_status))
using TargetMounts = std::vector<TargetMount>;

struct HostProperties {
    bool zfs_installed = false;
    std::string distro;
    double distro_version = 0;
    double python_version_major_minor = 0;
    std::int64_t python_patchlevel = 0;
    std::string kernel_version;
};
BOOST_DESCRIBE_STRUCT(
    HostProperties, (),
    (zfs_installed, distro, distro_version, python_version_major_minor, python_patchlevel, kernel_version)
)

/// HA label → node that runs it, or null.
using ResourceLocations = std::map<std::string, std::optional<std::string>>;

struct LustreReport {
    std::shared_ptr<const ResourceLocations> resource_locations;
    std::shared_ptr<const std::vector<std::string>> capabilities;
    Metrics metrics;
    std::shared_ptr<const PackagesReport> packages;
    std::shared_ptr<const TargetMounts> mounts;
    std::shared_ptr<const HostProperties> properties;
    WireTime started_at;
    std::string agent_version;
};
BOOST_DESCRIBE_STRUCT(
    LustreReport, (),
    (resource_locations, capabilities, metrics, packages, mounts, properties, started_at, agent_version)
)

/// Decodes a report of any agent: leniently, with the metrics of targets it cannot read left out, and with
/// `{"crm_mon_error": …}` in place of locations taken as "unchanged".
Result<LustreReport> decode_lustre_report(const Json& json);

}  // namespace csim
