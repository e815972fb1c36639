// Operations on HA clusters and on Lustre clients.
#include "fakes/read_proc.hpp"
#include "sim/control/operation_rows.hpp"

#include <array>
#include <set>

namespace csim {
namespace {

struct OfResource {
    std::string fqdn;
    std::string ha_label;
};
BOOST_DESCRIBE_STRUCT(OfResource, (), (fqdn, ha_label))

struct FailingResource {
    std::string fqdn;
    std::string ha_label;
    std::string nodename;
    bool failing = false;
};
BOOST_DESCRIBE_STRUCT(FailingResource, (), (fqdn, ha_label, nodename, failing))

struct Split {
    std::string fqdn;
    std::vector<std::vector<std::string>> groups;
};
BOOST_DESCRIBE_STRUCT(Split, (), (fqdn, groups))

struct OfClient {
    std::string address;
};
BOOST_DESCRIBE_STRUCT(OfClient, (), (address))

struct ClientMountOf {
    std::string address;
    std::string mgsspec;
    std::string fsname;
};
BOOST_DESCRIBE_STRUCT(ClientMountOf, (), (address, mgsspec, fsname))

struct ClientPath {
    std::string address;
    std::string path;
};
BOOST_DESCRIBE_STRUCT(ClientPath, (), (address, path))

Result<Answer> cluster_get(ControlScope& scope, const OfServer& args) {
    const auto node = server_named(scope, args.fqdn);
    if (!node) return node.error();
    const FakeCluster& cluster = (*node)->cluster();
    return Answer{Json{
        {"id", cluster.id()},
        {"nodes", to_json_value(cluster.state().nodes)},
        {"resources", to_json_value(cluster.state().resources)},
        {"resource_locations", to_json_value(*cluster.locations())}}};
}

Answer resource_told(const FakeCluster& cluster, const std::string& ha_label) {
    return {to_json_value(*cluster.find(ha_label))};
}

/// A target that its MGS does not know cannot be mounted, whoever asks for it.
Result<Answer> cluster_start(ControlScope& scope, const OfResource& args) {
    const auto node = server_named(scope, args.fqdn);
    if (!node) return node.error();
    FakeCluster& cluster = (*node)->cluster();
    if (const ResourceState* const resource = cluster.find(args.ha_label)) {
        const auto may = scope.simulator.world().targets().check_startable(resource->uuid);
        if (!may) return may.error();
    }
    if (const auto placed = cluster.start(args.ha_label); !placed) return placed.error();
    return resource_told(cluster, args.ha_label);
}

template <Result<std::string> (FakeCluster::*change)(const std::string&)>
Result<Answer> place_resource(ControlScope& scope, const OfResource& args) {
    const auto node = server_named(scope, args.fqdn);
    if (!node) return node.error();
    FakeCluster& cluster = (*node)->cluster();
    if (const auto placed = (cluster.*change)(args.ha_label); !placed) return placed.error();
    return resource_told(cluster, args.ha_label);
}

Result<Answer> cluster_stop(ControlScope& scope, const OfResource& args) {
    const auto node = server_named(scope, args.fqdn);
    if (!node) return node.error();
    FakeCluster& cluster = (*node)->cluster();
    if (const auto stopped = cluster.stop(args.ha_label); !stopped) return stopped.error();
    return resource_told(cluster, args.ha_label);
}

Result<Answer> cluster_set_failing(ControlScope& scope, const FailingResource& args) {
    const auto node = server_named(scope, args.fqdn);
    if (!node) return node.error();
    FakeCluster& cluster = (*node)->cluster();
    const auto set = cluster.set_failing(args.ha_label, args.nodename, args.failing);
    if (!set) return set.error();
    return resource_told(cluster, args.ha_label);
}

Result<Answer> cluster_split(ControlScope& scope, const Split& args) {
    const auto node = server_named(scope, args.fqdn);
    if (!node) return node.error();
    FakeCluster& cluster = (*node)->cluster();
    std::vector<std::set<std::string>> groups;
    std::set<std::string> named;
    for (const auto& group : args.groups) {
        groups.emplace_back(group.begin(), group.end());
        for (const std::string& each : group) {
            if (!cluster.state().nodes.contains(each))
                return Error{Errc::not_found, "/groups: there is no node '" + each + "' in this cluster"};
            if (!named.insert(each).second)
                return Error{Errc::bad_argument, "/groups: " + each + " is there twice"};
        }
    }
    cluster.split(groups);
    return Answer{nullptr};
}

Result<Answer> ha_get(ControlScope& scope, const NoParameters&) {
    return Answer{to_json_value(scope.simulator.world().state().ha)};
}

Result<Answer> ha_set(ControlScope& scope, const HaSettings& args) {
    return nil(scope.simulator.world().set_ha(args));
}

void clear_clusters(ControlScope& scope, const NoParameters&, ControlDone done) {
    for (FakeCluster* cluster : scope.simulator.world().clusters()) cluster->clear_resources();
    scope.simulator.growth().for_each_node(
        [](FakeServer& node) {
            node.stop(Service::pacemaker);
            node.stop(Service::corosync);
        },
        [done = std::move(done)](const Result<Nothing>& all) mutable { done(nil(all)); }
    );
}

Answer told(const FakeClient& client) {
    return {Json{{"address", client.address()}, {"mounts", to_json_value(client.mounts())}}};
}

Result<Answer> get_lustre_client(ControlScope& scope, const OfClient& args) {
    const auto client = scope.simulator.world().clients().client(args.address);
    if (!client) return client.error();
    return told(**client);
}

Result<Answer> client_mount(ControlScope& scope, const ClientMountOf& args) {
    World& world = scope.simulator.world();
    // A client that could not mount is not created either.
    if (!world.targets().filesystem_exists(args.mgsspec, args.fsname)) {
        return Error{
            Errc::not_found,
            "the management server at " + args.mgsspec + " knows no filesystem " + args.fsname};
    }
    const auto client = world.clients().client(args.address);
    if (!client) return client.error();
    if (const auto mounted = (*client)->mount(args.mgsspec, args.fsname, &world.targets()); !mounted)
        return mounted.error();
    return told(**client);
}

Result<FakeClient*> known_client(ControlScope& scope, const std::string& address) {
    FakeClient* const client = scope.simulator.world().clients().find(address);
    if (client == nullptr) return Error{Errc::not_found, "there is no client " + address};
    return client;
}

Result<Answer> client_unmount(ControlScope& scope, const ClientMountOf& args) {
    const auto client = known_client(scope, args.address);
    if (!client) return client.error();
    (*client)->unmount(args.mgsspec, args.fsname);
    return told(**client);
}

Result<Answer> client_unmount_all(ControlScope& scope, const OfClient& args) {
    const auto client = known_client(scope, args.address);
    if (!client) return client.error();
    (*client)->unmount_all();
    return told(**client);
}

Result<Answer> client_read_proc(ControlScope& scope, const ClientPath& args) {
    const auto client = known_client(scope, args.address);
    if (!client) return client.error();
    auto value = read_proc(scope.simulator.world().targets(), **client, args.path);
    if (!value) return value.error();
    return Answer{std::move(*value)};
}

Result<Answer> unmount_lustre_clients(ControlScope& scope, const NoParameters&) {
    scope.simulator.world().clients().unmount_all();
    return Answer{nullptr};
}

}  // namespace

std::span<const Operation> cluster_operations() {
    static const auto rows = std::to_array<Operation>({
        operation<cluster_get>(
            "cluster_get", "struct",
            "The HA cluster of a node: id, nodes, resources and resource_locations (label to node name, or "
            "nil).",
            OperationKind::query
        ),
        operation<cluster_get>("get_cluster", "struct", "The same as cluster_get.", OperationKind::query),
        operation<cluster_start>(
            "cluster_start", "struct", "Starts a resource of the node's cluster and answers with it."
        ),
        operation<cluster_stop>("cluster_stop", "struct", "Stops a resource and answers with it."),
        operation<place_resource<&FakeCluster::failover>>(
            "cluster_failover", "struct", "Moves a running resource to its secondary node."
        ),
        operation<place_resource<&FakeCluster::failback>>(
            "cluster_failback", "struct", "Moves a running resource to its primary node."
        ),
        operation<cluster_set_failing>(
            "cluster_set_failing", "struct",
            "A resource cannot start on one of its nodes from now on and leaves it if it is there, or is "
            "healed."
        ),
        operation<cluster_split>(
            "cluster_split", "nil",
            "Cuts the network between groups of node names of the node's cluster; the larger group fences "
            "the others and runs everything. No groups: heals it. Forgotten when the simulator stops."
        ),
        operation<ha_get>(
            "ha_get", "struct", "How HA clusters behave: the settings of ha_set.", OperationKind::query
        ),
        operation<ha_set>(
            "ha_set", "nil",
            "How all HA clusters behave from now on: seconds until peers notice a death, whether resources "
            "return to their primary, whether members report fencing, and whether a minority runs nothing."
        ),
        operation<clear_clusters>(
            "clear_clusters", "nil",
            "Drops the resources of all clusters and stops corosync and pacemaker everywhere."
        ),
        operation<get_lustre_client>(
            "get_lustre_client", "struct", "A Lustre client and its mounts; made if there is none."
        ),
        operation<client_mount>(
            "client_mount", "struct", "Mounts a filesystem that this MGS knows on a client."
        ),
        operation<client_unmount>("client_unmount", "struct", "Unmounts one filesystem of a client."),
        operation<client_unmount_all>("client_unmount_all", "struct", "Unmounts all of a client."),
        operation<client_read_proc>(
            "client_read_proc", "string", "A tunable of the one filesystem that the client has mounted.",
            OperationKind::query
        ),
        operation<unmount_lustre_clients>("unmount_lustre_clients", "nil", "Unmounts all of all clients."),
    });
    return rows;
}

}  // namespace csim
