// What is on disk about a server or worker: `fake_server_<fqdn>.json`.
#pragma once

#include "core/json.hpp"
#include "core/time.hpp"
#include "wire/reports/packages.hpp"

#include <boost/describe.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace csim {

/// One interface; the key of its map is its IPv4 address.
struct NetworkInterfaceState {
    std::int64_t interface_no = 0;
    std::string type;  ///< of the hardware: tcp or o2ib
    std::optional<std::string> lnd_type;
    std::optional<std::int64_t> lnd_network;  ///< null: no NID on it
};
BOOST_DESCRIBE_STRUCT(NetworkInterfaceState, (), (interface_no, type, lnd_type, lnd_network))

struct CorosyncState {
    std::string state = "stopped";
    std::int64_t mcast_port = 3000;
    bool enabled = false;  ///< started again by a boot
};
BOOST_DESCRIBE_STRUCT(CorosyncState, (), (state, mcast_port, enabled))

struct PacemakerState {
    std::string state = "stopped";
    bool enabled = false;
};
BOOST_DESCRIBE_STRUCT(PacemakerState, (), (state, enabled))

/// What `configure_target_store` keeps on a node, by target uuid.
struct StoredTarget {
    std::string device;
    std::string mount_point;
    std::string backfstype;
    std::string device_type;
};
BOOST_DESCRIBE_STRUCT(StoredTarget, (), (device, mount_point, backfstype, device_type))

struct ServerState {
    std::int64_t id = 0;
    std::string fqdn;
    std::string nodename;
    bool worker = false;
    std::int64_t cluster_id = -1;
    std::map<std::string, NetworkInterfaceState> network_interfaces;

    bool starting_up = false;
    bool shutting_down = false;
    bool up = false;
    bool boot_queued = false;  ///< a shutdown that a boot follows
    SimTime boot_time;

    bool lnet_loaded = false;
    bool lnet_up = false;
    Json stats;  ///< always null: node statistics follow from the time
    PackageVersions packages;
    std::map<std::string, std::string> client_mounts;  ///< mountspec → mountpoint
    CorosyncState corosync;
    PacemakerState pacemaker;

    std::optional<std::string> profile_name;
    std::optional<std::string> ntp_server;
    std::vector<Json> fencing_agents;  ///< as configure_fencing sent them
    std::map<std::string, StoredTarget> target_store;
    std::map<std::string, std::string> repos;       ///< file name → contents
    std::map<std::string, std::string> open_ports;  ///< "988/tcp" → description
};
BOOST_DESCRIBE_STRUCT(
    ServerState, (),
    (id, fqdn, nodename, worker, cluster_id, network_interfaces, starting_up, shutting_down, up, boot_queued,
     boot_time, lnet_loaded, lnet_up, stats, packages, client_mounts, corosync, pacemaker, profile_name,
     ntp_server, fencing_agents, target_store, repos, open_ports)
)

}  // namespace csim
