// What is on disk about an HA peer group: `fake_cluster_<id>`.
#pragma once

#include <boost/describe.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace csim {

struct ClusterNodeState {
    std::string nodename;
    std::string fqdn;
    std::int64_t number = 0;  ///< the server's id: the order of nodes
    bool online = false;
    bool joined = false;  ///< was a member once and has not been unconfigured since: peers list it
    std::int64_t mcast_port = 3000;
};
BOOST_DESCRIBE_STRUCT(ClusterNodeState, (), (nodename, fqdn, number, online, joined, mcast_port))

/// What the administrator wants of a resource. Only starting and stopping it changes this.
enum class ResourceRole { stopped, started };
BOOST_DESCRIBE_ENUM(ResourceRole, stopped, started)

struct ResourceState {
    std::string ha_label;
    std::string device_path;
    std::string uuid;
    std::optional<std::string> primary_node;
    std::optional<std::string> secondary_node;
    std::string mount_point;
    std::optional<std::string> started_on;
    ResourceRole role = ResourceRole::stopped;
    std::optional<std::string> preferred_node;  ///< set by failover and failback
    std::vector<std::string> failing_on;        ///< nodes on which it cannot start, until they are healed

    bool configured_on(const std::string& node) const {
        return primary_node == node || secondary_node == node;
    }
    bool fails_on(const std::string& node) const {
        return std::find(failing_on.begin(), failing_on.end(), node) != failing_on.end();
    }
};
BOOST_DESCRIBE_STRUCT(
    ResourceState, (),
    (ha_label, device_path, uuid, primary_node, secondary_node, mount_point, started_on, role, preferred_node,
     failing_on)
)

struct ClusterState {
    std::map<std::string, ClusterNodeState> nodes;   ///< by node name
    std::map<std::string, ResourceState> resources;  ///< by HA label
};
BOOST_DESCRIBE_STRUCT(ClusterState, (), (nodes, resources))

}  // namespace csim
