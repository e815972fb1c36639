// Actions on corosync, pacemaker and fencing.
#include "fakes/actions/action.hpp"
#include "fakes/node_names.hpp"

namespace csim {
namespace {

struct ConfigureNetwork {
    std::string ring0_name;
    std::optional<std::string> ring1_name, ring0_ipaddr, ring1_ipaddr;
    std::optional<std::int64_t> ring0_prefix, ring1_prefix;
};
BOOST_DESCRIBE_STRUCT(
    ConfigureNetwork, (), (ring0_name, ring1_name, ring0_ipaddr, ring0_prefix, ring1_ipaddr, ring1_prefix)
)

struct ConfigureCorosync {
    std::string ring0_name;
    std::int64_t old_mcast_port = 0;
    std::int64_t new_mcast_port = 0;
    std::optional<std::string> ring1_name, ring0_ipaddr, ring1_ipaddr;
    std::optional<std::int64_t> ring0_prefix, ring1_prefix;
};
BOOST_DESCRIBE_STRUCT(
    ConfigureCorosync, (),
    (ring0_name, old_mcast_port, new_mcast_port, ring1_name, ring0_ipaddr, ring0_prefix, ring1_ipaddr,
     ring1_prefix)
)

struct Corosync2Stage1 {
    std::int64_t mcast_port = 0;
    std::string pcs_password;
};
BOOST_DESCRIBE_STRUCT(Corosync2Stage1, (), (mcast_port, pcs_password))

struct Corosync2Stage2 {
    std::string ring0_name;
    std::optional<std::string> ring1_name;
    std::string new_node_fqdn;
    bool create_cluster = false;
    std::int64_t mcast_port = 0;
    std::string pcs_password;
};
BOOST_DESCRIBE_STRUCT(
    Corosync2Stage2, (), (ring0_name, ring1_name, new_node_fqdn, create_cluster, mcast_port, pcs_password)
)

struct UnconfigureCorosync2 {
    std::string host_fqdn;
    std::int64_t mcast_port = 0;
};
BOOST_DESCRIBE_STRUCT(UnconfigureCorosync2, (), (host_fqdn, mcast_port))

struct ChangeMcastPort {
    std::int64_t old_mcast_port = 0;
    std::int64_t new_mcast_port = 0;
};
BOOST_DESCRIBE_STRUCT(ChangeMcastPort, (), (old_mcast_port, new_mcast_port))

struct ConfigureFencing {
    std::vector<Json> agents;
};
BOOST_DESCRIBE_STRUCT(ConfigureFencing, (), (agents))

struct RingInterface {
    bool dedicated = false;
    std::string ipaddr;
    std::int64_t prefix = 24;
};
BOOST_DESCRIBE_STRUCT(RingInterface, (), (dedicated, ipaddr, prefix))

struct CorosyncAutoconfig {
    std::map<std::string, RingInterface> interfaces;
    std::int64_t mcast_port = 0;
};
BOOST_DESCRIBE_STRUCT(CorosyncAutoconfig, (), (interfaces, mcast_port))

Result<Nothing> use_port(ActionScope& on, std::int64_t port, const char* argument) {
    if (port < 1 || port > 65535) {
        return Error{Errc::bad_argument, std::string("/") + argument + ": expected a port from 1 to 65535"};
    }
    on.server.set_mcast_port(port);
    return Nothing{};
}

Result<Nothing> configure_corosync(ActionScope& on, const ConfigureCorosync& args) {
    return use_port(on, args.new_mcast_port, "new_mcast_port");
}

Result<Nothing> configure_corosync2_stage_1(ActionScope& on, const Corosync2Stage1& args) {
    return use_port(on, args.mcast_port, "mcast_port");
}

Result<Nothing> change_mcast_port(ActionScope& on, const ChangeMcastPort& args) {
    return use_port(on, args.new_mcast_port, "new_mcast_port");
}

template <class Arguments>
Result<Nothing> unconfigure_corosync(ActionScope& on, const Arguments&) {
    on.server.unconfigure_corosync();
    return Nothing{};
}

/// ring0 is the first interface by number, ring1 the second; a single interface is ring0.
Result<CorosyncAutoconfig> autoconfig(ActionScope& on, const NoArguments&) {
    CorosyncAutoconfig found;
    found.mcast_port = on.server->corosync.mcast_port;
    for (const auto& address : on.server.addresses()) {
        const auto& interface = on.server->network_interfaces.at(address);
        const bool dedicated = !found.interfaces.empty();
        found.interfaces[interface_name(interface.type, interface.interface_no)] = {dedicated, address, 24};
        if (dedicated) break;
    }
    if (found.interfaces.empty())
        return Error{Errc::conflict, on.server.fqdn() + " has no network interface"};
    return found;
}

template <Service service>
Result<Nothing> start(ActionScope& on, const NoArguments&) {
    return on.server.start(service);
}

template <Service service>
Result<Nothing> stop(ActionScope& on, const NoArguments&) {
    on.server.stop(service);
    return Nothing{};
}

Result<Nothing> enable_pacemaker(ActionScope& on, const NoArguments&) {
    on.server.enable(Service::pacemaker);
    return Nothing{};
}

Result<Nothing> configure_fencing(ActionScope& on, const ConfigureFencing& args) {
    if (on.server.worker()) {
        return Error{
            Errc::conflict, "Pacemaker is either unconfigured or not started on " + on.server.nodename()};
    }
    on.server.edit([&](ServerState& server) { server.fencing_agents = args.agents; });
    return Nothing{};
}

Result<Nothing> unconfigure_fencing(ActionScope& on, const NoArguments&) {
    return configure_fencing(on, {});
}

Result<JsonReply> host_corosync_config(ActionScope&, const NoArguments&) {
    return JsonReply{Json::object()};
}

}  // namespace

std::vector<ActionSpec> corosync_actions() {
    using enum ActionKind;
    using enum Service;
    return {
        action<autoconfig>(
            "get_corosync_autoconfig", query, {}, "Proposes interfaces for the rings, and the multicast port."
        ),
        action<accept<ConfigureNetwork>>(
            "configure_network", change, {}, "Accepts the addresses of the rings."
        ),
        action<configure_corosync>(
            "configure_corosync", change, {}, "Sets the multicast port of corosync 1."
        ),
        action<configure_corosync2_stage_1>(
            "configure_corosync2_stage_1", change, {}, "Sets the multicast port of corosync 2."
        ),
        action<accept<Corosync2Stage2>>(
            "configure_corosync2_stage_2", change, {}, "Accepts a node into the cluster's configuration."
        ),
        action<change_mcast_port>("change_mcast_port", change, {}, "Changes the multicast port."),
        action<unconfigure_corosync<NoArguments>>(
            "unconfigure_corosync", change, {}, "Stops the daemons; the peers forget this node."
        ),
        action<unconfigure_corosync<UnconfigureCorosync2>>(
            "unconfigure_corosync2", change, {}, "Stops the daemons; the peers forget this node."
        ),
        action<start<corosync>>("start_corosync", change, {}, "Starts and enables corosync 1."),
        action<start<corosync>>("start_corosync2", change, {}, "Starts and enables corosync 2."),
        action<stop<corosync>>("stop_corosync", change, {}, "Stops corosync, and pacemaker with it."),
        action<stop<corosync>>("stop_corosync2", change, {}, "Stops corosync, and pacemaker with it."),
        action<start<pacemaker>>("start_pacemaker", change, {}, "Starts and enables pacemaker."),
        action<stop<pacemaker>>("stop_pacemaker", change, {}, "Stops pacemaker; resources move away."),
        action<enable_pacemaker>("enable_pacemaker", change, raw, "Makes boots start pacemaker."),
        action<accept<NoArguments>>("configure_pacemaker", change, raw, "Accepts the cluster's properties."),
        action<stop<pacemaker>>("unconfigure_pacemaker", change, raw, "Stops pacemaker."),
        action<configure_fencing>("configure_fencing", change, raw, "Remembers the node's fencing devices."),
        action<unconfigure_fencing>(
            "unconfigure_fencing", change, raw, "Forgets the node's fencing devices."
        ),
        action<host_corosync_config>("host_corosync_config", query, raw, "Returns an empty configuration."),
    };
}

}  // namespace csim
