// Operations on single servers.
#include "core/utc.hpp"
#include "fakes/read_proc.hpp"
#include "sim/control/operation_rows.hpp"

#include <array>
#include <map>

namespace csim {
namespace {

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

struct ReadProc {
    std::string fqdn;
    std::string path;
};
BOOST_DESCRIBE_STRUCT(ReadProc, (), (fqdn, path))

struct InjectLogMessage {
    std::string fqdn;
    std::string text;
};
BOOST_DESCRIBE_STRUCT(InjectLogMessage, (), (fqdn, text))

struct SetLogRate {
    std::string fqdn;
    std::int64_t rate = 0;
};
BOOST_DESCRIBE_STRUCT(SetLogRate, (), (fqdn, rate))

struct RunAction {
    std::string fqdn;
    std::string action;
    std::optional<std::map<std::string, Json>> args;
};
BOOST_DESCRIBE_STRUCT(RunAction, (), (fqdn, action, args))

constexpr std::int64_t log_rate_max = 1'000'000;

Result<Answer> server_list(ControlScope& scope, const NoParameters&) {
    Json names = Json::array();
    for (const FakeServer* node : scope.simulator.world().nodes()) names.push_back(node->fqdn());
    return Answer{std::move(names)};
}

Json service_of(const FakeServer& node, Service service) {
    return {{"state", node.state_of(service)}};
}

Result<Answer> server_get(ControlScope& scope, const OfServer& args) {
    const auto found = server_named(scope, args.fqdn);
    if (!found) return found.error();
    const FakeServer* const node = *found;
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

Result<Answer> host_contactable(ControlScope& scope, const OfServer& args) {
    const auto node = server_named(scope, args.fqdn);
    if (!node) return node.error();
    return Answer{(*node)->up() && scope.simulator.fleet().running(args.fqdn)};
}

Result<Answer> server_read_proc(ControlScope& scope, const ReadProc& args) {
    if (const auto node = server_named(scope, args.fqdn); !node) return node.error();
    auto value = read_proc(scope.simulator.world().targets(), args.fqdn, args.path);
    if (!value) return value.error();
    return Answer{std::move(*value)};
}

Result<Answer> server_inject_log_message(ControlScope& scope, const InjectLogMessage& args) {
    const auto node = server_named(scope, args.fqdn);
    if (!node) return node.error();
    (*node)->inject_log_message(args.text);
    return Answer{nullptr};
}

Result<Answer> set_log_rate(ControlScope& scope, const SetLogRate& args) {
    const auto node = server_named(scope, args.fqdn);
    if (!node) return node.error();
    if (args.rate < 0 || args.rate > log_rate_max) {
        return Error{
            Errc::bad_argument,
            "/rate: expected between 0 and " + std::to_string(log_rate_max) + " lines per report"};
    }
    (*node)->set_log_rate(args.rate);
    return Answer{nullptr};
}

void server_action(ControlScope& scope, const RunAction& args, ControlDone done) {
    const auto node = server_named(scope, args.fqdn);
    if (!node) return done(node.error());
    const Json given(args.args.value_or(std::map<std::string, Json>{}));
    scope.simulator.actions().run(
        **node, args.action, given,
        [done = std::move(done)](Result<ActionValue> value) mutable {
            if (!value) return done(value.error());
            done(Answer{std::move(value->value)});
        }
    );
}

}  // namespace

std::span<const Operation> server_operations() {
    static const auto rows = std::to_array<Operation>({
        operation<server_list>(
            "server_list", "array", "Names of all nodes, servers in order, workers last.",
            OperationKind::query
        ),
        operation<server_get>("server_get", "struct", "Everything about one node.", OperationKind::query),
        operation<server_action>(
            "server_action", "any",
            "Runs an action on a node as if the manager had asked for it, in the time that it takes, and "
            "answers with its result. args holds the action's arguments by name. 'cluster-sim actions' lists "
            "what there is. A failed action is a fault, and so is a node that goes down meanwhile."
        ),
        operation<server_read_proc>(
            "server_read_proc", "string", "A tunable of a target that runs on this server.",
            OperationKind::query
        ),
        operation<server_inject_log_message>(
            "server_inject_log_message", "nil", "A line for the node's log; its next journal report has it."
        ),
        operation<set_log_rate>(
            "set_log_rate", "nil",
            "How many generated lines each journal report (every 10 s) carries. Forgotten when the "
            "simulator stops."
        ),
        operation<host_contactable>(
            "host_contactable", "boolean", "Whether the node is up and its agent runs.", OperationKind::query
        ),
        operation<start_server>(
            "start_server", "nil",
            "Starts a node, or the agent of one that is up; with simulate_bootup after a boot."
        ),
        operation<stop_server>(
            "stop_server", "nil",
            "Stops a node's agent; with shutdown the node goes down, with simulate_shutdown in its own time."
        ),
        operation<reboot_server>("reboot_server", "nil", "Down and up again at once."),
    });
    return rows;
}

}  // namespace csim
