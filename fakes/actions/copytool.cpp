// Actions on HSM copytools of a worker.
#include "fakes/actions/action.hpp"
#include "fakes/hsm_port.hpp"

namespace csim {
namespace {

struct CopytoolId {
    std::string id;
};
BOOST_DESCRIBE_STRUCT(CopytoolId, (), (id))

Result<std::string> configure(ActionScope& on, const CopytoolSettings& args) {
    const auto hsm = need(on.hsm, "HSM");
    if (!hsm) return hsm.error();
    const auto done = (*hsm)->configure_copytool(on.server.fqdn(), args);
    if (!done) return done.error();
    return args.id;
}

Result<std::string> unconfigure(ActionScope& on, const CopytoolId& args) {
    const auto hsm = need(on.hsm, "HSM");
    if (!hsm) return hsm.error();
    const auto done = (*hsm)->unconfigure_copytool(on.server.fqdn(), args.id);
    if (!done) return done.error();
    return args.id;
}

template <Result<Nothing> (HsmPort::*change)(const std::string&, const std::string&)>
Result<Nothing> switch_copytool(ActionScope& on, const CopytoolId& args) {
    const auto hsm = need(on.hsm, "HSM");
    if (!hsm) return hsm.error();
    return ((*hsm)->*change)(on.server.fqdn(), args.id);
}

}  // namespace

std::vector<ActionSpec> copytool_actions() {
    using enum ActionKind;
    return {
        action<configure>("configure_copytool", change, raw, "Sets up a copytool and returns its id."),
        action<unconfigure>(
            "unconfigure_copytool", change, raw, "Stops and removes a copytool; returns its id."
        ),
        action<switch_copytool<&HsmPort::start_copytool>>(
            "start_monitored_copytool", change, {.takes = 1s}, "Starts a copytool and its monitor."
        ),
        action<switch_copytool<&HsmPort::stop_copytool>>(
            "stop_monitored_copytool", change, {}, "Stops a copytool and its monitor."
        ),
    };
}

}  // namespace csim
