#include "manager/jobs/hsm_states.hpp"

#include "manager/jobs/step_run.hpp"

namespace csim {

namespace {

const std::vector<std::string> host_not_removed{"undeployed", "unconfigured", "packages_installed",
                                                "managed",    "monitored",    "working"};

std::vector<Dependency> client_mount_needs(const Model& model, ObjectRef object, const std::string& state) {
    const ClientMountRow* mount = model.client_mounts.find(object.id);
    if (mount == nullptr || state == "removed") return {};
    const ObjectRef host{Kind::host, mount->host_id}, filesystem{Kind::filesystem, mount->filesystem_id};
    std::vector<Dependency> needs{{host, host_not_removed, "working", "removed"}};
    const bool has_filesystem = model.status(filesystem) != nullptr;
    if (has_filesystem)
        needs.push_back({filesystem, {"available", "stopped", "unavailable"}, "available", "removed"});
    if (state != "mounted") return needs;
    if (has_filesystem) needs.push_back({filesystem, {"available"}, "available", "unmounted"});
    if (const HostRow* row = model.hosts.find(mount->host_id)) {
        needs.push_back({{Kind::lnet_configuration, row->lnet_id}, {"lnet_up"}, "lnet_up", "unmounted"});
    }
    return needs;
}

std::vector<ObjectRef> client_mount_dependents(const Model& model, ObjectRef object) {
    std::vector<ObjectRef> found;
    model.copytools.each([&](const CopytoolRow& row) {
        if (row.client_mount_id == object.id) found.push_back({Kind::copytool, row.id});
    });
    return found;
}

std::vector<Dependency> copytool_needs(const Model& model, ObjectRef object, const std::string& state) {
    const CopytoolRow* copytool = model.copytools.find(object.id);
    if (copytool == nullptr || state == "removed") return {};
    const ObjectRef mount{Kind::client_mount, copytool->client_mount_id};
    if (state == "started")
        return {
            {mount, {"mounted"}, "mounted", "stopped"},
            {mount, {"mounted", "unmounted"}, "mounted", "removed"}};
    return {{mount, {"mounted", "unmounted"}, "unmounted", "removed"}};
}

}  // namespace

StatefulClass client_mount_class() {
    StatefulClass of;
    of.kind = Kind::client_mount;
    of.name = "LustreClientMount";
    of.states = {"unmounted", "mounted", "removed"};
    of.transitions = {
        {"unmounted", "mounted", "MountLustreClientJob"},
        {"mounted", "unmounted", "UnmountLustreClientMountJob"},
        {"unmounted", "removed", "RemoveLustreClientJob"},
    };
    of.needs = client_mount_needs;
    of.dependents = client_mount_dependents;
    return of;
}

StatefulClass copytool_class() {
    StatefulClass of;
    of.kind = Kind::copytool;
    of.name = "Copytool";
    of.states = {"unconfigured", "stopped", "started", "removed"};
    of.transitions = {
        {"unconfigured", "stopped", "ConfigureCopytoolJob"},
        {"stopped", "started", "StartCopytoolJob"},
        {"started", "stopped", "StopCopytoolJob"},
        {"stopped", "removed", "RemoveCopytoolJob"},
        {"unconfigured", "removed", "RemoveUnconfiguredCopytoolJob"},
    };
    of.needs = copytool_needs;
    return of;
}

std::vector<ObjectRef> client_mounts_of_host(const Model& model, ObjectRef object) {
    std::vector<ObjectRef> found;
    const std::int64_t host = model.host_of(object);
    model.client_mounts.each([&](const ClientMountRow& row) {
        if (row.host_id == host) found.push_back({Kind::client_mount, row.id});
    });
    return found;
}

std::vector<ObjectRef> client_mounts_of_filesystem(const Model& model, ObjectRef object) {
    std::vector<ObjectRef> found;
    model.client_mounts.each([&](const ClientMountRow& row) {
        if (row.filesystem_id == object.id) found.push_back({Kind::client_mount, row.id});
    });
    return found;
}

std::string copytool_label(const Model& model, const CopytoolRow& copytool) {
    const std::string program = copytool.bin_path.substr(copytool.bin_path.rfind('/') + 1);
    const std::string filesystem = model.display_text({Kind::filesystem, copytool.filesystem_id});
    return program + "-" + filesystem + "-" + std::to_string(copytool.archive) + "-" +
           std::to_string(copytool.index);
}

void cancel_operations(Model& model, std::int64_t copytool, const std::string& reason) {
    for (std::int64_t id : model.copytool_operations.ids()) {
        const CopytoolOperationRow& row = model.copytool_operations.at(id);
        if (row.copytool_id != copytool || row.finished_at) continue;
        model.copytool_operations.edit(id, [&](CopytoolOperationRow& edited) {
            edited.state = "ERRORED";
            edited.info = reason;
            edited.updated_at = model.now();
            edited.finished_at = model.now();
        });
    }
}

void delete_copytool(JobServices& services, std::int64_t copytool) {
    Model& model = services.model;
    services.alerts.object_removed({Kind::copytool, copytool});
    for (std::int64_t id : model.copytool_operations.ids()) {
        if (model.copytool_operations.at(id).copytool_id == copytool) model.copytool_operations.erase(id);
    }
    model.copytools.erase(copytool);
}

}  // namespace csim
