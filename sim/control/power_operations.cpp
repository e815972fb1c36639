// Operations on power: strips, outlets, and servers as a button on their front would switch them.
#include "sim/control/operation_rows.hpp"
#include "sim/power_status.hpp"

#include <array>

namespace csim {
namespace {

struct SwitchOutlet {
    std::string name;
    Json outlet;  ///< a number, or the same as text
    OutletCommand action = OutletCommand::on;
};
BOOST_DESCRIBE_STRUCT(SwitchOutlet, (), (name, outlet, action))

struct SwitchServer {
    std::string fqdn;
    OutletCommand action = OutletCommand::on;
};
BOOST_DESCRIBE_STRUCT(SwitchServer, (), (fqdn, action))

Result<Answer> pdu_list(ControlScope& scope, const NoParameters&) {
    return Answer{to_json_value(power_status(scope.simulator.world().power()))};
}

Result<Answer> pdu_set(ControlScope& scope, const SwitchOutlet& args) {
    const int outlet =
        parse_outlet(args.outlet.is_string() ? args.outlet.get<std::string>() : args.outlet.dump());
    if (outlet == 0)
        return Error{Errc::bad_argument, "/outlet: " + args.outlet.dump() + " is no outlet's number"};
    return nil(scope.simulator.world().power().command(args.name, outlet, args.action));
}

Result<Answer> server_power(ControlScope& scope, const SwitchServer& args) {
    if (scope.simulator.world().find(args.fqdn) == nullptr) {
        return Error{Errc::not_found, "there is no server " + args.fqdn};
    }
    return nil(scope.simulator.world().power().command_server(args.fqdn, args.action));
}

Result<Answer> poweroff_server(ControlScope& scope, const OfServer& args) {
    return nil(scope.simulator.stop_server(args.fqdn, true, true));
}

Result<Answer> poweron_server(ControlScope& scope, const OfServer& args) {
    return nil(scope.simulator.start_server(args.fqdn, true));
}

}  // namespace

std::span<const Operation> power_operations() {
    static const auto rows = std::to_array<Operation>({
        operation<pdu_list>(
            "pdu_list", "array", "Power strips, their ports, and what every outlet feeds.",
            OperationKind::query
        ),
        operation<pdu_set>("pdu_set", "nil", "Switches one outlet: on, off or reboot."),
        operation<server_power>(
            "server_power", "nil", "Switches a server's outlet on every strip: on, off or reboot."
        ),
        operation<poweroff_server>("poweroff_server", "nil", "Shuts a server down; its outlets stay on."),
        operation<poweron_server>("poweron_server", "nil", "Boots a server that has power."),
    });
    return rows;
}

}  // namespace csim
