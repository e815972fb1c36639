// Snapshots of instances.
#include "runtime/lxd_host/lxd_instances.hpp"

#include <nlohmann/json.hpp>

namespace csim {
namespace {

LxdSnapshot& snapshot_of(LxdInstance& instance, const std::string& name) {
    for (LxdSnapshot& each : instance.snapshots)
        if (each.name == name) return each;
    throw LxdRefusal{404, "Instance snapshot not found"};
}

Json snapshot_json(const LxdInstance& instance, const LxdSnapshot& snapshot) {
    return {
        {"name", snapshot.name},
        {"created_at", lxd_time(snapshot.created)},
        {"expires_at", "0001-01-01T00:00:00Z"},
        {"last_used_at", "0001-01-01T00:00:00Z"},
        {"stateful", false},
        {"size", 0},
        {"architecture", "x86_64"},
        {"config", snapshot.config},
        {"devices", instance.devices},
        {"ephemeral", instance.ephemeral},
        {"expanded_config", snapshot.config},
        {"expanded_devices", instance.devices},
        {"profiles", instance.profiles}};
}

}  // namespace

LxdReply LxdInstances::take_snapshot(LxdCall& call) {
    LxdInstance& instance = found(call.path[2]);
    const Json body = call.json();
    std::string name = text_in(body, "name");
    if (name.empty()) name = "snap" + std::to_string(instance.snapshots.size());
    if (name.find('/') != std::string::npos || name.find(' ') != std::string::npos)
        throw LxdRefusal{400, "Invalid snapshot name: Cannot contain slashes or spaces"};
    if (flag_in(body, "stateful"))
        throw LxdRefusal{400, "Stateful snapshots are not simulated; leave that out"};
    const std::string id = begin_operation("Snapshotting instance", {instance.name}, true);
    context_.timeline.after(Duration::zero(), [this, id, owner = instance.name, name, by = call.peer] {
        LxdInstance* const target = find(owner);
        if (target == nullptr) return context_.operations.finish(id, "Instance not found");
        for (const LxdSnapshot& each : target->snapshots)
            if (each.name == name)
                return context_.operations.finish(id, "Snapshot \"" + name + "\" already exists");
        target->snapshots.push_back({name, context_.now(), target->config, target->own_files()});
        const std::string path = "/1.0/instances/" + owner + "/snapshots/" + name;
        context_.events.lifecycle("instance-snapshot-created", path, nullptr, &by);
        context_.operations.finish(id);
    });
    return context_.operations.accepted(id);
}

LxdReply LxdInstances::snapshot_request(LxdCall& call) {
    LxdInstance& instance = found(call.path[2]);
    LxdSnapshot& snapshot = snapshot_of(instance, call.path[4]);
    if (call.request.method == "GET") return sync_reply(snapshot_json(instance, snapshot));
    const std::string path = "/1.0/instances/" + instance.name + "/snapshots/";
    std::string id;
    if (call.request.method == "DELETE") {
        id = begin_operation("Deleting snapshot", {instance.name}, true);
        context_.events.lifecycle("instance-snapshot-deleted", path + snapshot.name, nullptr, &call.peer);
        std::erase_if(instance.snapshots, [&](const LxdSnapshot& each) { return &each == &snapshot; });
    } else {
        const std::string next = text_in(call.json(), "name");
        if (next.empty()) throw LxdRefusal{400, "No name provided"};
        id = begin_operation("Renaming snapshot", {instance.name}, true);
        snapshot.name = next;
        context_.events.lifecycle("instance-snapshot-renamed", path + next, nullptr, &call.peer);
    }
    context_.timeline.after(Duration::zero(), [this, id] { context_.operations.finish(id); });
    return context_.operations.accepted(id);
}

void LxdInstances::restore(LxdInstance& instance, const std::string& name) {
    const LxdSnapshot& snapshot = snapshot_of(instance, name);
    instance.config = snapshot.config;
    instance.files = std::make_unique<NodeFiles>(snapshot.files);
}

NodeFiles LxdInstances::files_to_publish(const std::string& name) {
    const auto slash = name.find('/');
    LxdInstance& instance = found(name.substr(0, slash));
    if (slash != std::string::npos) return snapshot_of(instance, name.substr(slash + 1)).files;
    if (instance.up()) throw LxdRefusal{400, "Cannot export a running instance as an image"};
    if (!instance.busy.empty())
        throw LxdRefusal{400, "Instance is busy running a \"" + instance.busy + "\" operation"};
    return instance.own_files();
}

void LxdInstances::add_snapshot_routes(LxdRoutes& routes) {
    routes.add_instances("GET", "/*/snapshots", [this](LxdCall& call) -> LxdReply {
        LxdInstance& instance = found(call.path[2]);
        Json list = Json::array();
        for (const LxdSnapshot& each : instance.snapshots) {
            if (call.recursion() > 0)
                list.push_back(snapshot_json(instance, each));
            else
                list.push_back("/1.0/" + call.path[1] + "/" + instance.name + "/snapshots/" + each.name);
        }
        return sync_reply(list);
    });
    routes.add_instances("POST", "/*/snapshots", [this](LxdCall& call) { return take_snapshot(call); });
    for (const char* method : {"GET", "DELETE", "POST"})
        routes.add_instances(method, "/*/snapshots/*", [this](LxdCall& call) {
            return snapshot_request(call);
        });
}

}  // namespace csim
