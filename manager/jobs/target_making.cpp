// Formatting, registering and configuring: the steps from a blank volume to a target that can be started.
#include "manager/jobs/target_parts.hpp"
#include "manager/jobs/target_steps.hpp"

#include <nlohmann/json.hpp>

#include <set>

namespace csim {

namespace {

using namespace parts;

std::string mkfs_options(const TargetRow& target) {
    std::string text;
    auto add = [&](const std::string& option) { text += (text.empty() ? "" : " ") + option; };
    if (target.inode_size) add("-I " + std::to_string(*target.inode_size));
    if (target.bytes_per_inode) add("-i " + std::to_string(*target.bytes_per_inode));
    if (target.inode_count) add("-N " + std::to_string(*target.inode_count));
    if (target.kind != "MGT") add("-J size=2048");
    return text;
}

Json format_args(const Model& model, const TargetRow& target) {
    Json args{
        {"target_name", target.name},
        {"device", primary_mount(target).path},
        {"device_type", "linux"},
        {"backfstype", "ldiskfs"}};
    args["target_types"] = target.kind == "MGT" ? "mgs" : target.kind == "MDT" ? "mdt" : "ost";
    if (target.kind != "MGT") {
        const FilesystemRow* filesystem = model.filesystems.find(target.filesystem_id);
        if (filesystem == nullptr) throw StepsImpossible("the file system is gone");
        args["fsname"] = filesystem->name;
        args["index"] = target.index;
        args["mgsnode"] = mgs_nids(model, target);
    }
    Json failnode = failover_nids(model, target);
    if (!failnode.empty()) args["failnode"] = std::move(failnode);
    if (std::string options = mkfs_options(target); !options.empty())
        args["mkfsoptions"] = std::move(options);
    return args;
}

/// A number of the result, or nothing. A null one is nothing too.
std::optional<std::int64_t> number(const Json& result, const char* name) {
    auto at = result.find(name);
    if (at == result.end() || !at->is_number_integer()) return std::nullopt;
    return at->get<std::int64_t>();
}

/// Empty, or why the target that was made is not the one that was asked for.
std::string fault_of(const TargetRow& target, const Json& result) {
    static const std::set<std::string> known{"ext2", "ext3", "ext4", "ldiskfs", "zfs", "btrfs"};
    if (!result.is_object() || !result.contains("uuid") || !result["uuid"].is_string()) {
        return "The agent formatted " + target.name + " but did not tell its uuid";
    }
    const Json type = result.value("filesystem_type", Json());
    if (!type.is_string() || !known.contains(type.get<std::string>())) {
        return "The agent formatted " + target.name + " as " + type.dump() +
               ", which is no known file system type";
    }
    auto check = [&](const char* what, const std::optional<std::int64_t>& wanted) -> std::string {
        auto made = number(result, what);
        if (!wanted || (made && *made == *wanted)) return {};
        return "Asked for " + std::string(what) + " " + std::to_string(*wanted) + ", the agent made " +
               (made ? std::to_string(*made) : "an unknown one");
    };
    if (!number(result, "inode_count")) return {};
    std::string fault = check("inode_size", target.inode_size);
    return fault.empty() ? check("inode_count", target.inode_count) : fault;
}

void take_format_result(StepRun& step, const Json& result) {
    const TargetRow* target = target_of_step(step);
    if (target == nullptr) return;
    if (std::string fault = fault_of(*target, result); !fault.empty()) return step.fail(fault);
    Model& model = step.model();
    model.targets.edit(target->id, [&](TargetRow& row) {
        row.uuid = result["uuid"].get<std::string>();
        row.inode_size = number(result, "inode_size");
        row.inode_count = number(result, "inode_count");
    });
    if (model.volumes.find(target->volume_id) != nullptr) {
        model.volumes.edit(target->volume_id, [&](VolumeRow& row) {
            row.filesystem_type = result["filesystem_type"].get<std::string>();
        });
    }
    step.succeed();
}

void add_check_steps(const Model& model, const TargetRow& target, std::vector<StepSpec>& steps) {
    const MountPart& primary = primary_mount(target);
    Json args{{"path", primary.path}, {"device_type", "linux"}};
    auto check = [fqdn = mount_host(model, primary).fqdn, args](StepRun& step) {
        step.checked(fqdn, "check_block_device", args, [&step](const Json&) { step.succeed(); });
    };
    steps.push_back({"PreFormatCheck", target_args(model, target, primary), std::move(check)});
    auto allow = [](StepRun& step) {
        const TargetRow* found = target_of_step(step);
        if (found == nullptr) return;
        // The volume is known to be blank: what a broken attempt leaves on it may be overwritten by the next.
        step.model().targets.edit(found->id, [](TargetRow& row) { row.reformat = true; });
        step.succeed();
    };
    steps.push_back({"PreFormatComplete", Json{{"target", target.name}}.dump(), allow});
}

StepSpec register_step(const Model& model, const TargetRow& target) {
    const MountPart& primary = primary_mount(target);
    Json args{{"device_path", primary.path}, {"mount_point", mount_point(target)}, {"backfstype", "ldiskfs"}};
    auto run = [fqdn = mount_host(model, primary).fqdn, args, name = target.name](StepRun& step) {
        step.raw(fqdn, "register_target", args, [&step, name](const Json& result) {
            const Json label = result.is_object() ? result.value("label", Json()) : Json();
            if (label == Json(name)) return step.succeed();
            step.fail("The target registered as " + label.dump() + ", it should be " + name);
        });
    };
    return {"RegisterTargetStep", target_args(model, target, primary), std::move(run)};
}

/// Names of HA resources must not hold characters that mean something to pacemaker.
std::string sanitised(const std::string& name) {
    static constexpr std::string_view forbidden = "(){}[].:@$%&/+,; \t";
    std::string text = name;
    for (char& c : text) {
        if (forbidden.find(c) != std::string_view::npos) c = '_';
    }
    if (!text.empty() && ((text[0] >= '0' && text[0] <= '9') || text[0] == '-')) text[0] = '_';
    return text;
}

void choose_label(StepRun& step) {
    const TargetRow* target = target_of_step(step);
    if (target == nullptr) return;
    Model& model = step.model();
    std::string label;
    do {
        static constexpr char digits[] = "0123456789abcdef";
        label = sanitised(target->name) + "_";
        for (int i = 0; i < 6; ++i) label += digits[step.services().rng.between(0, 15)];
    } while (model.target_index.of_ha_label(label) != 0);
    model.label_target(target->id, label);
    step.succeed();
}

}  // namespace

Json mgs_nids(const Model& model, const TargetRow& target) {
    const TargetRow* mgt = model.targets.find(model.mgt_of(target));
    if (mgt == nullptr) throw StepsImpossible("the MGT is gone");
    Json groups = Json::array();
    for (const MountPart& mount : mgt->mounts) {
        auto nids = nids_of_host(model, mount.host_id);
        if (nids.empty()) throw StepsImpossible("a server of the MGT has no NID");
        groups.push_back(std::move(nids));
    }
    return groups;
}

Json failover_nids(const Model& model, const TargetRow& target) {
    Json nids = Json::array();
    for (const MountPart& mount : target.mounts) {
        if (mount.primary) continue;
        const auto of_host = nids_of_host(model, mount.host_id);
        if (of_host.empty()) throw StepsImpossible("a server that should take over has no NID");
        for (const std::string& nid : of_host) nids.push_back(nid);
    }
    return nids;
}

std::vector<StepSpec> format_target_steps(const Model& model, const JobRow& job) {
    const TargetRow& target = target_of_job(model, job);
    const MountPart& primary = primary_mount(target);
    std::vector<StepSpec> steps{move_step(model, target, primary, false)};
    if (!target.reformat) add_check_steps(model, target, steps);
    auto format = [fqdn = mount_host(model, primary).fqdn, args = format_args(model, target)](StepRun& step) {
        const TargetRow* found = target_of_step(step);
        if (found == nullptr) return;
        Json final_args = args;
        if (found->reformat) final_args["reformat"] = true;
        step.raw(fqdn, "format_target", std::move(final_args), [&step](const Json& result) {
            take_format_result(step, result);
        });
    };
    steps.push_back({"MkfsStep", target_args(model, target, primary), std::move(format)});
    steps.push_back(export_step(model, target));
    return steps;
}

std::vector<StepSpec> register_target_steps(const Model& model, const JobRow& job) {
    const TargetRow& target = target_of_job(model, job);
    std::vector<StepSpec> steps;
    if (target.kind != "MGT") {
        const TargetRow* mgt = model.targets.find(model.mgt_of(target));
        if (mgt == nullptr || mgt->active_host != primary_host(*mgt)) {
            throw StepsImpossible("the MGS does not run on its primary server");
        }
        steps.push_back(move_step(model, target, primary_mount(target), false));
        steps.push_back(register_step(model, target));
        steps.push_back(export_step(model, target));
    }
    steps.push_back({"GenerateHaLabelStep", Json{{"target", target.name}}.dump(), choose_label});
    return steps;
}

std::vector<StepSpec> configure_target_steps(const Model& model, const JobRow& job) {
    const TargetRow& target = target_of_job(model, job);
    if (!target.uuid || !target.ha_label)
        throw StepsImpossible("the target was never formatted and registered");
    std::vector<AgentCall> firewalls, stores, resources;
    const Json firewall{
        {"port", 988}, {"address", nullptr}, {"proto", "tcp"}, {"description", "lustre"}, {"persist", true},
    };
    for (const MountPart& mount : target.mounts) {
        const std::string& fqdn = mount_host(model, mount).fqdn;
        Json store{
            {"device", mount.path},
            {"uuid", *target.uuid},
            {"mount_point", mount_point(target)},
            {"backfstype", "ldiskfs"},
            {"device_type", "linux"}};
        Json resource{
            {"device", mount.path},
            {"ha_label", *target.ha_label},
            {"uuid", *target.uuid},
            {"primary", mount.primary},
            {"mount_point", mount_point(target)}};
        firewalls.push_back({fqdn, "open_firewall", firewall});
        stores.push_back({fqdn, "configure_target_store", std::move(store), false});
        resources.push_back({fqdn, "configure_target_ha", std::move(resource)});
    }
    auto in_turn = [&](const char* name, std::vector<AgentCall> calls) {
        auto run = [calls = std::move(calls)](StepRun& step) {
            call_each(step, calls, [&step] { step.succeed(); });
        };
        return StepSpec{name, Json{{"target", target.name}}.dump(), std::move(run)};
    };
    return {
        in_turn("OpenLustreFirewallStep", std::move(firewalls)),
        in_turn("ConfigureTargetStoreStep", std::move(stores)),
        in_turn("AddTargetToPacemakerConfigStep", std::move(resources))};
}

}  // namespace csim
