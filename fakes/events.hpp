// What can happen in the simulated world, as typed trace events: one struct each, named as tests count them.
#pragma once

#include <boost/describe.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace csim {

/// Emitted with the server's fqdn. `from` and `to` are phases of its life cycle.
struct PhaseChanged {
    static constexpr std::string_view event_name = "phase_changed";
    std::string from;
    std::string to;
};
BOOST_DESCRIBE_STRUCT(PhaseChanged, (), (from, to))

/// The server finished booting.
struct ServerBooted {
    static constexpr std::string_view event_name = "server_booted";
};
BOOST_DESCRIBE_STRUCT(ServerBooted, (), ())

/// A server that was up is no longer. `how` is abrupt or graceful.
struct ServerDown {
    static constexpr std::string_view event_name = "server_down";
    std::string how;
};
BOOST_DESCRIBE_STRUCT(ServerDown, (), (how))

/// The agent process was replaced by a new one; the server stayed up.
struct AgentRestarted {
    static constexpr std::string_view event_name = "agent_restarted";
};
BOOST_DESCRIBE_STRUCT(AgentRestarted, (), ())

struct ServerDeregistered {
    static constexpr std::string_view event_name = "server_deregistered";
};
BOOST_DESCRIBE_STRUCT(ServerDeregistered, (), ())

struct LnetChanged {
    static constexpr std::string_view event_name = "lnet_changed";
    std::string from;
    std::string to;
};
BOOST_DESCRIBE_STRUCT(LnetChanged, (), (from, to))

struct ServiceChanged {
    static constexpr std::string_view event_name = "service_changed";
    std::string service;
    std::string state;
};
BOOST_DESCRIBE_STRUCT(ServiceChanged, (), (service, state))

/// Emitted with the cluster's name. A node became able to run resources.
struct MemberJoined {
    static constexpr std::string_view event_name = "member_joined";
    std::string node;
};
BOOST_DESCRIBE_STRUCT(MemberJoined, (), (node))

struct MemberLeft {
    static constexpr std::string_view event_name = "member_left";
    std::string node;
};
BOOST_DESCRIBE_STRUCT(MemberLeft, (), (node))

/// Emitted with the cluster's name. Null is nowhere.
struct ResourceMoved {
    static constexpr std::string_view event_name = "resource_moved";
    std::string ha_label;
    std::optional<std::string> from;
    std::optional<std::string> to;
};
BOOST_DESCRIBE_STRUCT(ResourceMoved, (), (ha_label, from, to))

/// Emitted with the power strip's name.
struct OutletSwitched {
    static constexpr std::string_view event_name = "outlet_switched";
    int outlet = 0;
    bool on = false;
};
BOOST_DESCRIBE_STRUCT(OutletSwitched, (), (outlet, on))

/// Emitted with the worker's fqdn. `state` is started, stopped or died.
struct CopytoolChanged {
    static constexpr std::string_view event_name = "copytool_changed";
    std::string copytool;
    std::string state;
};
BOOST_DESCRIBE_STRUCT(CopytoolChanged, (), (copytool, state))

/// Emitted with the filesystem's name. `outcome` is succeeded, errored or cancelled.
struct HsmRequestEnded {
    static constexpr std::string_view event_name = "hsm_request_ended";
    std::string fid;
    std::string outcome;
};
BOOST_DESCRIBE_STRUCT(HsmRequestEnded, (), (fid, outcome))

/// Emitted with the server's fqdn. `outcome` is ok, wrapped_error or exception.
struct ActionRun {
    static constexpr std::string_view event_name = "action_run";
    std::string action;
    std::string outcome;
};
BOOST_DESCRIBE_STRUCT(ActionRun, (), (action, outcome))

}  // namespace csim
