// Operations on a node's network, daemons and packages, past its agent.
#include "sim/control/operation_rows.hpp"

#include <array>

namespace csim {
namespace {

struct PackageOf {
    std::string fqdn;
    std::string package;
};
BOOST_DESCRIBE_STRUCT(PackageOf, (), (fqdn, package))

struct UpdatePackages {
    PackageVersions packages;
    std::optional<std::string> node_type;
};
BOOST_DESCRIBE_STRUCT(UpdatePackages, (), (packages, node_type))

struct AvailablePackages {
    std::optional<std::string> node_type;
};
BOOST_DESCRIBE_STRUCT(AvailablePackages, (), (node_type))

constexpr const char* usual_node_type = "server";

Result<FakeServer*> server_up(ControlScope& scope, const std::string& fqdn) {
    const auto node = server_named(scope, fqdn);
    if (node && !(*node)->up()) return Error{Errc::conflict, fqdn + " is not up"};
    return node;
}

Result<Answer> start_lnet(ControlScope& scope, const OfServer& args) {
    const auto node = server_up(scope, args.fqdn);
    if (!node) return node.error();
    (*node)->start_lnet();
    return Answer{nullptr};
}

Result<Answer> stop_lnet(ControlScope& scope, const OfServer& args) {
    const auto node = server_named(scope, args.fqdn);
    if (!node) return node.error();
    (*node)->stop_lnet();
    return Answer{nullptr};
}

Result<Answer> unconfigure_lnet(ControlScope& scope, const OfServer& args) {
    const auto node = server_named(scope, args.fqdn);
    if (!node) return node.error();
    (*node)->unconfigure_lnet();
    return Answer{nullptr};
}

template <Service service>
Result<Answer> start_service(ControlScope& scope, const OfServer& args) {
    const auto node = server_named(scope, args.fqdn);
    if (!node) return node.error();
    return nil((*node)->start(service));
}

template <Service service>
Result<Answer> stop_service(ControlScope& scope, const OfServer& args) {
    const auto node = server_named(scope, args.fqdn);
    if (!node) return node.error();
    (*node)->stop(service);
    return Answer{nullptr};
}

Result<Answer> get_corosync_port(ControlScope& scope, const OfServer& args) {
    const auto node = server_named(scope, args.fqdn);
    if (!node) return node.error();
    return Answer{(**node)->corosync.mcast_port};
}

Result<Answer> get_package_version(ControlScope& scope, const PackageOf& args) {
    const auto node = server_named(scope, args.fqdn);
    if (!node) return node.error();
    const auto version = (*node)->installed_version(args.package);
    if (!version) return version.error();
    return Answer{to_json_value(*version)};
}

Result<Answer> update_packages(ControlScope& scope, const UpdatePackages& args) {
    return nil(scope.simulator.update_packages(args.packages, args.node_type.value_or(usual_node_type)));
}

Result<Answer> available_packages(ControlScope& scope, const AvailablePackages& args) {
    const std::string type = args.node_type.value_or(usual_node_type);
    if (type != "server" && type != "worker") {
        return Error{Errc::bad_argument, "/node_type: expected server or worker, not '" + type + "'"};
    }
    return Answer{to_json_value(scope.simulator.world().state().packages.of(type == "worker"))};
}

}  // namespace

std::span<const Operation> service_operations() {
    static const auto rows = std::to_array<Operation>({
        operation<start_lnet>("start_lnet", "nil", "LNet comes up on a node that is up."),
        operation<stop_lnet>("stop_lnet", "nil", "LNet goes down; its modules stay loaded."),
        operation<unconfigure_lnet>("unconfigure_lnet", "nil", "The node has no NIDs any more."),
        operation<start_service<Service::corosync>>(
            "start_corosync", "nil", "Starts and enables corosync on a node that is up."
        ),
        operation<stop_service<Service::corosync>>(
            "stop_corosync", "nil", "Stops corosync, and pacemaker with it; the node leaves its cluster."
        ),
        operation<start_service<Service::pacemaker>>(
            "start_pacemaker", "nil", "Starts and enables pacemaker where corosync is started."
        ),
        operation<stop_service<Service::pacemaker>>(
            "stop_pacemaker", "nil", "Stops pacemaker; the node leaves its cluster."
        ),
        operation<get_corosync_port>(
            "get_corosync_port", "int", "The multicast port of the node's corosync.", OperationKind::query
        ),
        operation<get_package_version>(
            "get_package_version", "array",
            "Epoch, version, release and architecture of an installed package.", OperationKind::query
        ),
        operation<update_packages>(
            "update_packages", "nil",
            "Adds to the catalogue of servers, or of workers: name to [epoch, version, release, "
            "architecture]. Every agent reports its packages anew with its next lustre report; no session "
            "ends and no boot time changes. With no packages it only has them reported."
        ),
        operation<available_packages>(
            "available_packages", "struct", "The catalogue of servers, or of workers.", OperationKind::query
        ),
    });
    return rows;
}

}  // namespace csim
