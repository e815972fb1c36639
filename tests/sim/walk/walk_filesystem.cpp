// A filesystem comes to be as managers make one: format, register, configure, start, step by step, with
// whatever else the walk has done to the nodes in the way.
#include "tests/sim/walk/walk.hpp"

namespace csim {

bool Walk::act(const std::string& fqdn, const std::string& action, const Json& args) {
    const auto answer = world_.ask("server_action", Json::array({fqdn, action, args}));
    return answer && answer->has_value();
}

/// Up, with LNet and both daemons: what a manager makes of a server before it puts targets on it.
bool Walk::prepare(const FakeServer& node) {
    if (!node.up()) return false;
    const std::string fqdn = node.fqdn();
    for (const char* action : {"start_lnet", "start_corosync2", "start_pacemaker"}) {
        if (!act(fqdn, action, Json::object())) return false;
    }
    return true;
}

bool Walk::make_target(const std::string& kind, const std::string& fsname, const FakeCluster& cluster) {
    WalkArguments arguments(world_.world(), chance_);
    std::vector<std::string> pair;
    for (const auto& [name, node] : cluster.state().nodes) {
        if (node.online && pair.size() < 2) pair.push_back(node.fqdn);
    }
    if (pair.size() < 2) return false;
    const std::string device = arguments.device_path();
    Json format{{"device_type", "linux"},  {"target_name", kind},  {"device", device},
                {"backfstype", "ldiskfs"}, {"target_types", kind}, {"reformat", arguments.one_in(2)}};
    if (kind != "mgs") {
        format["fsname"] = fsname;
        format["index"] = arguments.between(0, 2);
        format["mgsnode"] = arguments.mgs_groups();
    }
    const auto made = world_.ask("server_action", Json::array({pair[0], "format_target", format}));
    if (!made || made->has_error()) return false;
    const Json uuid = (*made)->value["uuid"];
    (void)act(
        pair[0], "register_target",
        {{"device_path", device}, {"mount_point", "/mnt/x"}, {"backfstype", "ldiskfs"}}
    );
    const std::string label = kind + "_" + std::to_string(++labels_);
    for (const std::string& fqdn : pair) {
        (void)act(
            fqdn, "configure_target_ha",
            {{"device", device},
             {"ha_label", label},
             {"uuid", uuid},
             {"primary", fqdn == pair[0]},
             {"mount_point", "/mnt/" + label}}
        );
    }
    return act(pair[0], "start_target", {{"ha_label", label}});
}

void Walk::make_filesystem() {
    WalkArguments arguments(world_.world(), chance_);
    const FakeServer* const chosen = world_.world().find(arguments.server());
    if (chosen == nullptr) return;
    const std::int64_t home = chosen->cluster().id();
    for (const FakeServer* node : world_.world().nodes()) {
        if (!node->worker() && node->cluster().id() == home) (void)prepare(*node);
    }
    // Nodes may have gone meanwhile, and with the last one its cluster's reason to be.
    const FakeCluster& cluster = world_.world().cluster(home);
    const std::string fsname = arguments.fsname();
    int started = 0;
    for (const char* kind : {"mgs", "mdt", "ost", "ost"}) started += make_target(kind, fsname, cluster);
    last_ += ": " + fsname + ", " + std::to_string(started) + " of 4 targets started";
    done_["targets started"] += static_cast<std::uint64_t>(started);
}

}  // namespace csim
