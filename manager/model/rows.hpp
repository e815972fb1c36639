// What the manager remembers, one described struct per object; all of it is saved.
// What agents repeat by themselves (packages, metrics, log lines) is not here but in the volatile part of the
// model.
#pragma once

#include "core/time.hpp"
#include "manager/model/object_ref.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace csim {

/// What every stateful object carries.
struct Status {
    std::string state;
    SimTime modified_at;
    bool immutable = false;  ///< monitored only
};
BOOST_DESCRIBE_STRUCT(Status, (), (state, modified_at, immutable))

struct HostRow {
    std::int64_t id = 0;
    Status status{"unconfigured", {}, false};
    std::string address;
    std::string fqdn;
    std::string nodename;
    std::string profile;
    std::string install_method = "manual";
    std::optional<SimTime> boot_time;
    bool needs_update = false;
    std::string properties = "{}";  ///< JSON text, as the agent reported it
    std::int64_t lnet_id = 0;
    std::optional<std::int64_t> corosync_id;
    std::optional<std::int64_t> pacemaker_id;
    std::optional<std::int64_t> ntp_id;
    std::vector<std::int64_t> peers;  ///< hosts of the same HA cluster, ascending
};
BOOST_DESCRIBE_STRUCT(
    HostRow, (),
    (id, status, address, fqdn, nodename, profile, install_method, boot_time, needs_update, properties,
     lnet_id, corosync_id, pacemaker_id, ntp_id, peers)
)

/// LNet, Pacemaker or NTP configuration of a host.
struct LNetRow {
    std::int64_t id = 0;
    Status status{"unconfigured", {}, false};
    std::int64_t host_id = 0;
};
BOOST_DESCRIBE_STRUCT(LNetRow, (), (id, status, host_id))

struct PacemakerRow {
    std::int64_t id = 0;
    Status status{"unconfigured", {}, false};
    std::int64_t host_id = 0;
};
BOOST_DESCRIBE_STRUCT(PacemakerRow, (), (id, status, host_id))

struct NtpRow {
    std::int64_t id = 0;
    Status status{"unconfigured", {}, false};
    std::int64_t host_id = 0;
};
BOOST_DESCRIBE_STRUCT(NtpRow, (), (id, status, host_id))

struct CorosyncRow {
    std::int64_t id = 0;
    Status status{"unconfigured", {}, false};
    std::int64_t host_id = 0;
    std::optional<std::int64_t> mcast_port;
    bool reported_up = false;
    std::vector<std::int64_t> interfaces;  ///< ring 0, ring 1
};
BOOST_DESCRIBE_STRUCT(CorosyncRow, (), (id, status, host_id, mcast_port, reported_up, interfaces))

struct NidPart {
    std::int64_t lnd_network = 0;
    std::string lnd_type;
};
BOOST_DESCRIBE_STRUCT(NidPart, (), (lnd_network, lnd_type))

/// A network interface and its NID, which has the interface's number.
struct InterfaceRow {
    std::int64_t id = 0;
    std::int64_t host_id = 0;
    std::string name;
    std::string inet4_address;
    std::int64_t inet4_prefix = 0;
    std::string type;
    bool state_up = false;
    std::optional<NidPart> nid;
};
BOOST_DESCRIBE_STRUCT(InterfaceRow, (), (id, host_id, name, inet4_address, inet4_prefix, type, state_up, nid))

struct VolumeRow {
    std::int64_t id = 0;
    std::string key;  ///< what makes a drive one: its serial, or host and path
    std::string label;
    std::int64_t size_bytes = 0;
    std::string filesystem_type;
    bool has_serial = false;
};
BOOST_DESCRIBE_STRUCT(VolumeRow, (), (id, key, label, size_bytes, filesystem_type, has_serial))

struct VolumeNodeRow {
    std::int64_t id = 0;
    std::int64_t volume_id = 0;
    std::int64_t host_id = 0;
    std::string path;
    bool primary = false;
    bool use = false;
};
BOOST_DESCRIBE_STRUCT(VolumeNodeRow, (), (id, volume_id, host_id, path, primary, use))

struct AlertRow {
    std::int64_t id = 0;
    std::string type;
    std::string severity;
    ObjectRef item;
    std::string item_text;
    std::string message;
    SimTime begin;
    std::optional<SimTime> end;
    bool active = false;
    bool dismissed = false;
    std::string variant = "{}";  ///< JSON text
};
BOOST_DESCRIBE_STRUCT(
    AlertRow, (), (id, type, severity, item, item_text, message, begin, end, active, dismissed, variant)
)

struct UserRow {
    std::int64_t id = 0;
    std::string username;
    std::string first_name;
    std::string last_name;
    std::string email;
    std::int64_t group_id = 3;
    std::string password;  ///< salted hash, see accounts
    std::string api_key;   ///< empty: none
};
BOOST_DESCRIBE_STRUCT(UserRow, (), (id, username, first_name, last_name, email, group_id, password, api_key))

/// A storage controller that a client told of.
struct ControllerRow {
    std::int64_t id = 0;
    std::int64_t controller_id = 0;
    std::string alias{};  ///< what a client calls it; empty: its own name
};
BOOST_DESCRIBE_STRUCT(ControllerRow, (), (id, controller_id, alias))

/// A session somebody logged in to; anonymous ones are not remembered.
struct LoginRow {
    std::int64_t id = 0;
    std::string session_id;
    std::string csrf_token;
    std::int64_t user_id = 0;
};
BOOST_DESCRIBE_STRUCT(LoginRow, (), (id, session_id, csrf_token, user_id))

}  // namespace csim
