// The tables of targets and filesystems.
#include "manager/jobs/target_states.hpp"

#include "manager/jobs/hsm_states.hpp"
#include "manager/jobs/target_parts.hpp"

#include <algorithm>

namespace csim {

namespace {

using namespace parts;

bool gone(const std::string& state) {
    return state == "removed" || state == "forgotten";
}

std::vector<std::string> target_advertised(const Model& model, ObjectRef object) {
    const TargetRow& target = model.targets.at(object.id);
    if (target.status.immutable) {
        if (target.kind == "MGT") return {"forgotten"};
        return {};
    }
    std::vector<std::string> states{"formatted", "registered", "unmounted", "mounted"};
    const bool busy_mgt = target.kind == "MGT" && !model.target_index.filesystems_of_mgt(target.id).empty();
    if (target.kind != "MDT" && !busy_mgt) states.emplace_back("removed");
    return states;
}

std::vector<Dependency> target_needs(const Model& model, ObjectRef object, const std::string& state) {
    std::vector<Dependency> needs;
    const TargetRow* target = model.targets.find(object.id);
    if (target == nullptr || gone(state)) return needs;
    const std::string end = target->status.immutable ? "forgotten" : "removed";
    if (state == "mounted" && target->active_host && !target->status.immutable) {
        if (ObjectRef lnet = lnet_of(model, *target->active_host))
            needs.push_back({lnet, {"lnet_up"}, "lnet_up", "unmounted"});
        ObjectRef pacemaker = pacemaker_of(model, *target->active_host);
        if (pacemaker) needs.push_back({pacemaker, {"started"}, "started", "unmounted"});
    }
    if (target->filesystem_id != 0) {
        const ObjectRef filesystem{Kind::filesystem, target->filesystem_id};
        needs.push_back({filesystem, {"unavailable", "stopped", "available"}, "available", end});
    }
    for (const MountPart& mount : target->mounts) {
        ObjectRef lnet = lnet_of(model, mount.host_id);
        if (lnet) needs.push_back({lnet, {"lnet_unloaded", "lnet_down", "lnet_up"}, "lnet_unloaded", end});
        ObjectRef pacemaker = pacemaker_of(model, mount.host_id);
        if (pacemaker) needs.push_back({pacemaker, {"stopped", "started"}, "stopped", end});
    }
    return needs;
}

std::vector<ObjectRef> target_dependents(const Model& model, ObjectRef object) {
    const TargetRow* target = model.targets.find(object.id);
    if (target == nullptr) return {};
    if (target->filesystem_id != 0) return {{Kind::filesystem, target->filesystem_id}};
    std::vector<ObjectRef> found;
    for (std::int64_t id : model.target_index.filesystems_of_mgt(object.id))
        found.push_back({Kind::filesystem, id});
    return found;
}

std::vector<std::string> filesystem_advertised(const Model& model, ObjectRef object) {
    const FilesystemRow& filesystem = model.filesystems.at(object.id);
    if (filesystem.status.immutable) return {"forgotten"};
    std::vector<std::string> states{"unavailable", "available", "removed"};
    const auto& members = model.target_index.of_filesystem(object.id);
    const bool runs = std::any_of(members.begin(), members.end(), [&](std::int64_t id) {
        return model.targets.at(id).status.state == "mounted";
    });
    if (filesystem.status.state != "unavailable" || runs) states.emplace_back("stopped");
    return states;
}

std::vector<Dependency> filesystem_needs(const Model& model, ObjectRef object, const std::string& state) {
    const FilesystemRow* filesystem = model.filesystems.find(object.id);
    if (filesystem == nullptr || gone(state)) return {};
    const std::string end = filesystem->status.immutable ? "forgotten" : "removed";
    return {
        {{Kind::target, filesystem->mgt_id},
         {"unformatted", "formatted", "registered", "unmounted", "mounted"},
         "unmounted",
         end}};
}

std::vector<ObjectRef> filesystem_dependents(const Model& model, ObjectRef object) {
    std::vector<ObjectRef> found;
    for (std::int64_t id : model.target_index.of_filesystem(object.id)) found.push_back({Kind::target, id});
    for (ObjectRef mount : client_mounts_of_filesystem(model, object)) found.push_back(mount);
    return found;
}

}  // namespace

const StatefulClass& target_class() {
    static const StatefulClass of{
        Kind::target,
        "ManagedTarget",
        {"unformatted", "formatted", "registered", "unmounted", "mounted", "removed", "forgotten"},
        {{"unformatted", "formatted", "FormatTargetJob"},
         {"formatted", "registered", "RegisterTargetJob"},
         {"registered", "unmounted", "ConfigureTargetJob"},
         {"unmounted", "mounted", "StartTargetJob"},
         {"mounted", "unmounted", "StopTargetJob"},
         {"unmounted", "removed", "RemoveConfiguredTargetJob"},
         {"unformatted", "removed", "RemoveTargetJob"},
         {"formatted", "removed", "RemoveTargetJob"},
         {"registered", "removed", "RemoveTargetJob"},
         {"unmounted", "forgotten", "ForgetTargetJob"},
         {"mounted", "forgotten", "ForgetTargetJob"}},
        target_advertised,
        target_needs,
        target_dependents,
    };
    return of;
}

const StatefulClass& filesystem_class() {
    static const StatefulClass of{
        Kind::filesystem,
        "ManagedFilesystem",
        {"unavailable", "stopped", "available", "removed", "forgotten"},
        {{"unavailable", "available", "StartUnavailableFilesystemJob"},
         {"stopped", "available", "StartStoppedFilesystemJob"},
         {"available", "unavailable", "MakeAvailableFilesystemUnavailable"},
         {"unavailable", "stopped", "StopUnavailableFilesystemJob"},
         {"stopped", "removed", "RemoveFilesystemJob"},
         {"unavailable", "forgotten", "ForgetFilesystemJob"},
         {"stopped", "forgotten", "ForgetFilesystemJob"},
         {"available", "forgotten", "ForgetFilesystemJob"}},
        filesystem_advertised,
        filesystem_needs,
        filesystem_dependents,
    };
    return of;
}

std::vector<ObjectRef> targets_on_host_of(const Model& model, ObjectRef object) {
    std::vector<ObjectRef> found;
    for (std::int64_t id : model.target_index.on_host(model.host_of(object)))
        found.push_back({Kind::target, id});
    return found;
}

bool carries_no_target(const Model& model, ObjectRef object) {
    return model.target_index.on_host(model.host_of(object)).empty();
}

}  // namespace csim
