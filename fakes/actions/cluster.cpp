// Actions on HA resources: configuring targets in the cluster, starting, stopping and moving them.
#include "fakes/actions/action.hpp"
#include "fakes/fake_devices.hpp"
#include "fakes/fake_targets.hpp"

namespace csim {
namespace {

struct HaLabel {
    std::string ha_label;
};
BOOST_DESCRIBE_STRUCT(HaLabel, (), (ha_label))

struct ConfigureTargetHa {
    bool primary = false;
    std::string device;
    std::string ha_label;
    std::string uuid;
    std::string mount_point;
};
BOOST_DESCRIBE_STRUCT(ConfigureTargetHa, (), (primary, device, ha_label, uuid, mount_point))

struct UnconfigureTargetHa {
    bool primary = false;
    std::string ha_label;
    std::string uuid;
};
BOOST_DESCRIBE_STRUCT(UnconfigureTargetHa, (), (primary, ha_label, uuid))

struct ConfigureTargetStore {
    std::string device;
    std::string uuid;
    std::string mount_point;
    std::string backfstype;
    std::optional<std::string> device_type;
};
BOOST_DESCRIBE_STRUCT(ConfigureTargetStore, (), (device, uuid, mount_point, backfstype, device_type))

struct UnconfigureTargetStore {
    std::string uuid;
};
BOOST_DESCRIBE_STRUCT(UnconfigureTargetStore, (), (uuid))

Result<Null> configure_ha(ActionScope& on, const ConfigureTargetHa& args) {
    if (on.devices != nullptr) {
        const auto seen = on.devices->resolve(on.server.fqdn(), args.device);
        if (!seen) return seen.error();
    }
    const auto done = on.cluster().configure(
        on.server.nodename(), {args.ha_label, args.device, args.uuid, args.mount_point}, args.primary
    );
    if (!done) return done.error();
    return Null{};
}

Result<Null> unconfigure_ha(ActionScope& on, const UnconfigureTargetHa& args) {
    const auto done = on.cluster().unconfigure(on.server.nodename(), args.ha_label, args.primary);
    if (!done) return done.error();
    return Null{};
}

Result<Nothing> configure_store(ActionScope& on, const ConfigureTargetStore& args) {
    on.server.edit([&](ServerState& server) {
        server.target_store[args.uuid] = {
            args.device, args.mount_point, args.backfstype, args.device_type.value_or("linux")};
    });
    return Nothing{};
}

Result<Nothing> unconfigure_store(ActionScope& on, const UnconfigureTargetStore& args) {
    on.server.edit([&](ServerState& server) { server.target_store.erase(args.uuid); });
    return Nothing{};
}

Result<std::string> start(ActionScope& on, const HaLabel& args) {
    const ResourceState* const resource = on.cluster().find(args.ha_label);
    if (resource != nullptr && on.targets != nullptr) {
        if (const auto may = on.targets->check_startable(resource->uuid); !may) return may.error();
    }
    return on.cluster().start(args.ha_label);
}

Result<Nothing> stop(ActionScope& on, const HaLabel& args) {
    return on.cluster().stop(args.ha_label);
}

template <Result<std::string> (FakeCluster::*move)(const std::string&)>
Result<Nothing> migrate(ActionScope& on, const HaLabel& args) {
    const auto node = (on.cluster().*move)(args.ha_label);
    if (!node) return node.error();
    return Nothing{};
}

}  // namespace

std::vector<ActionSpec> cluster_actions() {
    using enum ActionKind;
    constexpr ActionColumns moment{.takes = 100ms};
    return {
        action<configure_ha>(
            "configure_target_ha", change, {}, "Makes this node the primary or secondary of a resource."
        ),
        action<unconfigure_ha>(
            "unconfigure_target_ha", change, {}, "Takes this node from a resource; the primary removes it."
        ),
        action<configure_store>(
            "configure_target_store", change, raw, "Remembers where a target is mounted."
        ),
        action<unconfigure_store>(
            "unconfigure_target_store", change, raw, "Forgets where a target is mounted."
        ),
        action<start>("start_target", change, moment, "Starts a resource and returns the node that runs it."),
        action<stop>("stop_target", change, moment, "Stops a resource until it is started again."),
        action<migrate<&FakeCluster::failover>>(
            "failover_target", change, moment, "Moves a running resource to its secondary node."
        ),
        action<migrate<&FakeCluster::failback>>(
            "failback_target", change, moment, "Moves a running resource to its primary node."
        ),
    };
}

}  // namespace csim
