// Services of a cluster: each is started where it belongs, waited for by what it does, stopped in order.
#pragma once

#include "vcluster/cluster.hpp"

#include <functional>
#include <span>

namespace csim {

/// How a service stands on one node.
struct ServiceState {
    std::string node, service;
    std::string state;  ///< "started", "already running", "running", "stopped", "stale pid file"
    std::int64_t pid = 0;
};
using ServiceStates = std::vector<ServiceState>;

struct ClusterService {
    std::string_view name;
    std::string_view help;
    /// Idempotent. Throws Fatal, with the end of the log, when it does not come up in time.
    ServiceStates (*start)(Cluster& cluster, const std::vector<const PlannedNode*>& where, Duration limit);
    /// Idempotent.
    ServiceStates (*stop)(Cluster& cluster, const std::vector<const PlannedNode*>& where, Duration limit);
    ServiceStates (*status)(Cluster& cluster, const std::vector<const PlannedNode*>& where);
    /// Whether the node has it.
    bool (*belongs)(const PlannedNode& node);
};

/// In the order in which they are started.
std::span<const ClusterService> services();
/// Throws Fatal that lists all.
const ClusterService& find_service(const std::string& name);

/// `service` may be "all". `node`: only there; empty: wherever it belongs.
ServiceStates start_services(
    Cluster& cluster, const std::string& service, const std::string& node, Duration limit = 30s
);
ServiceStates stop_services(
    Cluster& cluster, const std::string& service, const std::string& node, Duration limit = 10s
);
ServiceStates service_status(Cluster& cluster);

// What services are made of.

/// Files of one node that a service needs, folders before what is in them.
struct Furnishing {
    std::string path;
    NodeFile file;
};
NodeFile service_folder(unsigned mode, std::uint32_t uid = 0, std::uint32_t gid = 0);
NodeFile service_file(
    std::string content, unsigned mode = 0644, std::uint32_t uid = 0, std::uint32_t gid = 0
);
void furnish_nodes(
    Cluster& cluster, const std::vector<const PlannedNode*>& where,
    const std::function<std::vector<Furnishing>(const PlannedNode&)>& of
);

/// The process whose number is in the pid file, if it lives and is called `name`; 0 otherwise. `stale`: the
/// file is there, and such a process is not.
std::int64_t pid_from_file(
    Cluster& cluster, const PlannedNode& node, const std::string& file, const std::string& name, bool& stale
);
/// The first process called exactly so; 0: none.
std::int64_t pid_by_name(Cluster& cluster, const PlannedNode& node, const std::string& name);
/// Whether somebody listens on the port there.
bool listens(Cluster& cluster, const PlannedNode& node, int port);
/// The last lines of a file; empty when there is none.
std::string end_of_log(
    Cluster& cluster, const PlannedNode& node, const std::string& path, std::size_t lines = 20
);
/// uid and gid of a user on the node. Throws Fatal.
std::pair<std::uint32_t, std::uint32_t> user_on(
    Cluster& cluster, const PlannedNode& node, const std::string& user
);
/// Sends SIGTERM, waits, then SIGKILL. True once it has gone.
void end_process(Cluster& cluster, const PlannedNode& node, std::int64_t pid, Duration limit);

const ClusterService& munged_service();
const ClusterService& sshd_service();
const ClusterService& slurm_service();
const ClusterService& ldmsd_service();
/// The one slurm.conf of all nodes.
std::string slurm_conf_text(const Cluster& cluster);

}  // namespace csim
