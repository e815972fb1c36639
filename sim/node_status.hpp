// What a simulated cluster says of its nodes: `cluster-sim status`, the control port and reports.
#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace csim {

/// One server or worker. The keys are the machine-readable output of `status --json`: added to, never
/// changed.
struct NodeStatus {
    std::string fqdn;
    bool worker = false;
    bool running = false;     ///< booting, up or shutting down
    bool registered = false;  ///< it has a certificate
    bool has_power = false;   ///< workers always have
    bool agent_running = false;
    std::int64_t sessions_open = 0;
    std::string lnet_state;
    std::string corosync;
    std::string pacemaker;
    std::vector<std::string> resources;  ///< labels of the resources that run there
};
BOOST_DESCRIBE_STRUCT(
    NodeStatus, (),
    (fqdn, worker, running, registered, has_power, agent_running, sessions_open, lnet_state, corosync,
     pacemaker, resources)
)

struct ClusterStatus {
    std::string time;         ///< simulated, UTC
    std::string manager_url;  ///< empty when never told
    bool running = false;     ///< a simulator is serving this folder now
    std::vector<NodeStatus> servers;
};
BOOST_DESCRIBE_STRUCT(ClusterStatus, (), (time, manager_url, running, servers))

/// The table for people.
void write_table(std::ostream& out, const ClusterStatus& status);

}  // namespace csim
