// Operations on single servers.
#include "core/utc.hpp"
#include "sim/control/operation_rows.hpp"

#include <array>

namespace csim {
namespace {

struct OfServer {
    std::string fqdn;
};
BOOST_DESCRIBE_STRUCT(OfServer, (), (fqdn))

struct StartServer {
    std::string fqdn;
    std::optional<bool> simulate_bootup;
};
BOOST_DESCRIBE_STRUCT(StartServer, (), (fqdn, simulate_bootup))

struct StopServer {
    std::string fqdn;
    std::optional<bool> shutdown;
    std::optional<bool> simulate_shutdown;
};
BOOST_DESCRIBE_STRUCT(StopServer, (), (fqdn, shutdown, simulate_shutdown))

struct Register {
    std::string fqdn;
    std::string secret;
};
BOOST_DESCRIBE_STRUCT(Register, (), (fqdn, secret))

Result<Answer> nil(const Result<Nothing>& result) {
    if (!result) return result.error();
    return Answer{nullptr};
}

Result<Answer> server_list(ControlScope& scope, const NoParameters&) {
    Json names = Json::array();
    for (const FakeServer* node : scope.simulator.world().nodes()) names.push_back(node->fqdn());
    return Answer{std::move(names)};
}

Json service_of(const FakeServer& node, Service service) {
    return {{"state", node.state_of(service)}};
}

Result<Answer> server_get(ControlScope& scope, const OfServer& args) {
    const FakeServer* const node = scope.simulator.world().find(args.fqdn);
    if (node == nullptr) return Error{Errc::not_found, "there is no server " + args.fqdn};
    const NodeStatus status = scope.simulator.node_status(*node);
    Json corosync = service_of(*node, Service::corosync);
    corosync["mcast_port"] = (*node)->corosync.mcast_port;
    return Answer{Json{
        {"fqdn", status.fqdn},
        {"nodename", node->nodename()},
        {"id", (*node)->id},
        {"worker", status.worker},
        {"running", status.running},
        {"registered", status.registered},
        {"starting_up", (*node)->starting_up},
        {"shutting_down", (*node)->shutting_down},
        {"has_power", status.has_power},
        {"agent_running", status.agent_running},
        {"sessions_open", status.sessions_open},
        {"boot_time", utc_text((*node)->boot_time)},
        {"lnet_state", status.lnet_state},
        {"nids", node->nids()},
        {"corosync", corosync},
        {"pacemaker", service_of(*node, Service::pacemaker)},
        {"packages", to_json_value((*node)->packages)},
        {"client_mounts", to_json_value((*node)->client_mounts)},
        {"profile_name", to_json_value((*node)->profile_name)},
        {"log_rate", node->log_rate()}}};
}

Result<Answer> start_server(ControlScope& scope, const StartServer& args) {
    return nil(scope.simulator.start_server(args.fqdn, args.simulate_bootup.value_or(false)));
}

Result<Answer> stop_server(ControlScope& scope, const StopServer& args) {
    return nil(scope.simulator.stop_server(
        args.fqdn, args.shutdown.value_or(false), args.simulate_shutdown.value_or(false)
    ));
}

Result<Answer> reboot_server(ControlScope& scope, const OfServer& args) {
    return nil(scope.simulator.reboot_server(args.fqdn));
}

Result<Answer> remove_server(ControlScope& scope, const OfServer& args) {
    return nil(scope.simulator.remove_server(args.fqdn));
}

void register_server(ControlScope& scope, const Register& args, ControlDone done) {
    scope.simulator.register_node(
        args.fqdn, [secret = args.secret] { return secret; },
        [done = std::move(done)](Result<Registered> answer) mutable {
            if (!answer) return done(answer.error());
            done(Answer{Json{
                {"command_id", answer->command_id},
                {"host_id", answer->host_id},
                {"certificate", answer->certificate}}});
        }
    );
}

}  // namespace

std::span<const Operation> server_operations() {
    static const auto rows = std::to_array<Operation>({
        operation<server_list>("server_list", "array", "Names of all nodes, servers in order, workers last."),
        operation<server_get>("server_get", "struct", "Everything about one node."),
        operation<start_server>("start_server", "nil", "Starts a node, with simulate_bootup after a boot."),
        operation<stop_server>(
            "stop_server", "nil",
            "Stops a node's agent; with shutdown the node goes down, with simulate_shutdown in its own time."
        ),
        operation<reboot_server>("reboot_server", "nil", "Down and up again at once."),
        operation<remove_server>("remove_server", "nil", "Stops a node and forgets everything about it."),
        operation<register_server>(
            "register", "struct", "Registers a node with the manager by a token's secret and starts it."
        ),
    });
    return rows;
}

}  // namespace csim
