// Operations on HSM: coordinators and copytools.
#include "sim/control/operation_rows.hpp"

#include <array>
#include <cmath>

namespace csim {
namespace {

struct Control {
    std::string fsname;
    std::string value;
};
BOOST_DESCRIBE_STRUCT(Control, (), (fsname, value))

struct Configure {
    std::string server;
    CopytoolSettings settings;
};
BOOST_DESCRIBE_STRUCT(Configure, (), (server, settings))

struct OfCopytool {
    std::string id;
};
BOOST_DESCRIBE_STRUCT(OfCopytool, (), (id))

struct OnServer {
    std::string server;
    std::string id;
};
BOOST_DESCRIBE_STRUCT(OnServer, (), (server, id))

struct Chances {
    double errors = 0;
    double cancellations = 0;
    double changed_fids = 0;
};
BOOST_DESCRIBE_STRUCT(Chances, (), (errors, cancellations, changed_fids))

FakeHsm& hsm(ControlScope& scope) {
    return scope.simulator.world().hsm();
}

Result<Answer> control(ControlScope& scope, const Control& args) {
    return nil(hsm(scope).control(args.fsname, args.value));
}

Result<Answer> coordinators(ControlScope& scope, const NoParameters&) {
    Json list = Json::array();
    for (const HsmCoordinator* each : hsm(scope).coordinators()) {
        const auto metrics = each->metrics();
        list.push_back({
            {"filesystem", each->filesystem()},
            {"enabled", each->enabled()},
            {"running", each->running()},
            {"hsm", metrics ? to_json_value(*metrics) : Json()},
        });
    }
    return Answer{std::move(list)};
}

Result<Answer> configure(ControlScope& scope, const Configure& args) {
    const FakeServer* const node = scope.simulator.world().find(args.server);
    if (node == nullptr) return Error{Errc::not_found, "there is no server " + args.server};
    if (!node->worker()) return Error{Errc::conflict, args.server + " is no worker and runs no copytools"};
    const auto done = hsm(scope).configure_copytool(args.server, args.settings);
    if (!done) return done.error();
    return Answer{args.settings.id};
}

Result<Answer> unconfigure(ControlScope& scope, const OfCopytool& args) {
    const HsmCopytool* const known = hsm(scope).copytool(args.id);
    if (known == nullptr) return Error{Errc::not_found, "there is no copytool " + args.id};
    const std::string server = (*known)->server;
    return nil(hsm(scope).unconfigure_copytool(server, args.id));
}

Result<Answer> start(ControlScope& scope, const OnServer& args) {
    return nil(hsm(scope).start_copytool(args.server, args.id));
}

Result<Answer> stop(ControlScope& scope, const OfCopytool& args) {
    const HsmCopytool* const known = hsm(scope).copytool(args.id);
    if (known == nullptr) return Answer{nullptr};
    return nil(hsm(scope).stop_copytool((*known)->server, args.id));
}

Result<Answer> copytools(ControlScope& scope, const NoParameters&) {
    Json list = Json::array();
    for (const HsmCopytool* each : hsm(scope).copytools()) {
        Json row = to_json_value((*each)->copytool);
        row["server"] = (*each)->server;
        row["label"] = each->label();
        row["running"] = each->running();
        row["active"] = each->active();
        if (const CopytoolRelay* relay = scope.simulator.copytool_monitors().relay(each->id())) {
            row["relayed"] = relay->counters().relayed;
            row["queued"] = relay->queued();
        }
        list.push_back(std::move(row));
    }
    return Answer{std::move(list)};
}

Result<Answer> set_chances(ControlScope& scope, const Chances& args) {
    constexpr std::uint64_t parts = 1'000'000;
    for (const double each : {args.errors, args.cancellations, args.changed_fids}) {
        if (!(each >= 0 && each <= 1)) return Error{Errc::bad_argument, "a chance is between 0 and 1"};
    }
    const auto ratio = [](double chance) {
        return Ratio{static_cast<std::uint64_t>(std::llround(chance * static_cast<double>(parts))), parts};
    };
    hsm(scope).set_chances({ratio(args.errors), ratio(args.cancellations), ratio(args.changed_fids)});
    return Answer{nullptr};
}

}  // namespace

std::span<const Operation> hsm_operations() {
    static const auto rows = std::to_array<Operation>({
        operation<control>(
            "control_hsm_coordinator", "nil",
            "Makes a filesystem's coordinator enabled, disabled, shutdown, or purges it."
        ),
        operation<coordinators>(
            "hsm_coordinator_list", "array", "Coordinators and their figures.", OperationKind::query
        ),
        operation<configure>(
            "configure_hsm_copytool", "string", "Sets up a copytool on a worker; returns its id."
        ),
        operation<unconfigure>("unconfigure_hsm_copytool", "nil", "Stops and removes a copytool."),
        operation<start>("start_monitored_copytool", "nil", "Starts a copytool and its monitor."),
        operation<stop>("stop_monitored_copytool", "nil", "Stops a copytool and its monitor."),
        operation<copytools>(
            "hsm_copytool_list", "array", "Copytools and what they are at.", OperationKind::query
        ),
        operation<set_chances>(
            "set_hsm_chances", "nil",
            "How likely a request fails, is cancelled, or is restored under a new fid: 0 to 1 each."
        ),
    });
    return rows;
}

}  // namespace csim
