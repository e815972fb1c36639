// Targets, their mounts and the servers behind them.
#include "manager/jobs/target_parts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace csim::parts {

const TargetRow& target_of_job(const Model& model, const JobRow& job) {
    const TargetRow* target = model.targets.find(job.subject.id);
    if (target == nullptr) throw StepsImpossible("the target is gone");
    return *target;
}

const TargetRow* target_of_step(StepRun& step) {
    const TargetRow* target = step.model().targets.find(step.job().subject.id);
    if (target == nullptr) step.fail("The target was removed while this ran");
    return target;
}

const HostRow& mount_host(const Model& model, const MountPart& mount) {
    const HostRow* host = model.hosts.find(mount.host_id);
    if (host == nullptr) throw StepsImpossible("a server of the target is gone");
    return *host;
}

const MountPart& primary_mount(const TargetRow& target) {
    if (target.mounts.empty()) throw StepsImpossible("the target has no server");
    return target.mounts.front();
}

const MountPart& best_mount(const Model& model, const TargetRow& target) {
    for (const MountPart& mount : target.mounts) {
        if (!model.hosts.find(mount.host_id)) continue;
        if (!model.active_alert({Kind::host, mount.host_id}, "HostContactAlert")) return mount;
    }
    throw StepsImpossible("there is no contact with any server of the target");
}

const MountPart* mount_on(const TargetRow& target, std::int64_t host) {
    for (const MountPart& mount : target.mounts) {
        if (mount.host_id == host) return &mount;
    }
    return nullptr;
}

std::string mount_point(const TargetRow& target) {
    return "/mnt/" + target.name;
}

std::vector<std::string> nids_of_host(const Model& model, std::int64_t host) {
    std::vector<std::string> nids;
    for (std::int64_t id : model.interfaces_of(host)) {
        std::string text = nid_text(model.interfaces.at(id));
        if (!text.empty()) nids.push_back(std::move(text));
    }
    return nids;
}

std::string mgs_spec(const Model& model, std::int64_t filesystem) {
    const FilesystemRow* row = model.filesystems.find(filesystem);
    const TargetRow* mgt = row == nullptr ? nullptr : model.targets.find(row->mgt_id);
    std::vector<std::string> servers;
    for (const MountPart& mount : mgt == nullptr ? std::vector<MountPart>{} : mgt->mounts) {
        auto nids = nids_of_host(model, mount.host_id);
        std::sort(nids.begin(), nids.end());
        std::string text;
        for (const std::string& nid : nids) text += (text.empty() ? "" : ",") + nid;
        if (!text.empty()) servers.push_back(std::move(text));
    }
    std::sort(servers.begin(), servers.end());
    std::string spec;
    for (const std::string& server : servers) spec += (spec.empty() ? "" : ":") + server;
    return spec;
}

std::string mount_spec(const Model& model, std::int64_t filesystem) {
    const FilesystemRow* row = model.filesystems.find(filesystem);
    if (row == nullptr) throw StepsImpossible("the file system is gone");
    const std::string mgs = mgs_spec(model, filesystem);
    if (mgs.empty()) throw StepsImpossible("no server of the MGS has a NID");
    return mgs + ":/" + row->name;
}

std::vector<AgentCall> export_calls(const Model& model, const TargetRow& target, std::int64_t except_host) {
    std::vector<AgentCall> calls;
    for (std::int64_t id : model.nodes_of_volume(target.volume_id)) {
        const VolumeNodeRow& node = model.volume_nodes.at(id);
        const HostRow* host = model.hosts.find(node.host_id);
        if (host == nullptr || node.host_id == except_host) continue;
        Json args{{"device_type", "linux"}, {"path", node.path}};
        calls.push_back({host->fqdn, "export_target", std::move(args), true, true});
    }
    return calls;
}

StepSpec move_step(const Model& model, const TargetRow& target, const MountPart& mount, bool validate) {
    Json args{
        {"device_type", "linux"},
        {"path", mount.path},
        {"pacemaker_ha_operation", false},
        {"validate_importable", validate}};
    AgentCall import{mount_host(model, mount).fqdn, "import_target", std::move(args)};
    auto run = [exports = export_calls(model, target, mount.host_id),
                import = std::move(import)](StepRun& step) {
        call_all(step, exports, [&step, import] { call_all(step, {import}, [&step] { step.succeed(); }); });
    };
    return {"ImportTargetStep", target_args(model, target, mount), std::move(run)};
}

StepSpec export_step(const Model& model, const TargetRow& target) {
    auto run = [exports = export_calls(model, target, 0)](StepRun& step) {
        call_all(step, exports, [&step] { step.succeed(); });
    };
    return {"ExportTargetStep", Json{{"target", target.name}}.dump(), std::move(run)};
}

std::string target_args(const Model& model, const TargetRow& target, const MountPart& mount) {
    return Json{{"target", target.name}, {"host", host_label(mount_host(model, mount))}}.dump();
}

ObjectRef lnet_of(const Model& model, std::int64_t host) {
    const HostRow* row = model.hosts.find(host);
    return row == nullptr ? ObjectRef{} : ObjectRef{Kind::lnet_configuration, row->lnet_id};
}

ObjectRef pacemaker_of(const Model& model, std::int64_t host) {
    const HostRow* row = model.hosts.find(host);
    if (row == nullptr || !row->pacemaker_id) return {};
    return {Kind::pacemaker_configuration, *row->pacemaker_id};
}

void need_lnet(const Model& model, const TargetRow& target, bool all_mounts, std::vector<Dependency>& needs) {
    for (const MountPart& mount : target.mounts) {
        if (!all_mounts && !mount.primary) continue;
        if (ObjectRef lnet = lnet_of(model, mount.host_id)) needs.push_back(one_state(lnet, "lnet_up"));
    }
}

void need_pacemaker(const Model& model, const TargetRow& target, std::vector<Dependency>& needs) {
    for (const MountPart& mount : target.mounts) {
        if (ObjectRef pacemaker = pacemaker_of(model, mount.host_id))
            needs.push_back(one_state(pacemaker, "started"));
    }
}

}  // namespace csim::parts
