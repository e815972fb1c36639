// UpdateNidsJob: after NIDs have changed, every target of an MGS is told anew where the others are.
// Source: the manager API, §3.7.10. Differs: one job for each MGS concerned, over all of its filesystems.
#include "manager/jobs/job_engine.hpp"
#include "manager/jobs/target_parts.hpp"
#include "manager/jobs/target_steps.hpp"

#include <nlohmann/json.hpp>

namespace csim {

namespace {

using namespace parts;

/// The MGT, then the MDTs and OSTs of all its filesystems.
std::vector<std::int64_t> all_targets(const Model& model, std::int64_t mgt) {
    std::vector<std::int64_t> targets{mgt};
    for (std::int64_t filesystem : model.target_index.filesystems_of_mgt(mgt)) {
        const auto& members = model.target_index.of_filesystem(filesystem);
        targets.insert(targets.end(), members.begin(), members.end());
    }
    return targets;
}

/// Targets that were never registered know no NIDs.
bool knows_nids(const TargetRow& target) {
    return target.ha_label.has_value() && target.uuid.has_value();
}

std::vector<Dependency> writeconf_needs(const Model& model, ObjectRef object) {
    std::vector<Dependency> needs;
    if (model.targets.find(object.id) == nullptr) return needs;
    for (std::int64_t filesystem : model.target_index.filesystems_of_mgt(object.id)) {
        needs.push_back(one_state({Kind::filesystem, filesystem}, "stopped"));
    }
    for (std::int64_t id : all_targets(model, object.id)) {
        const TargetRow& target = model.targets.at(id);
        if (!knows_nids(target)) continue;
        need_lnet(model, target, false, needs);
        needs.push_back({{Kind::target, id}, {"registered", "unmounted"}, "unmounted", {}});
    }
    return needs;
}

std::vector<LockPart> writeconf_locks(const Model& model, ObjectRef object) {
    std::vector<LockPart> locks;
    for (std::int64_t id : all_targets(model, object.id)) locks.push_back({{Kind::target, id}, true, {}});
    for (std::int64_t filesystem : model.target_index.filesystems_of_mgt(object.id)) {
        locks.push_back({{Kind::filesystem, filesystem}, true, {}});
    }
    return locks;
}

StepSpec writeconf_step(const Model& model, const TargetRow& target) {
    const MountPart& primary = primary_mount(target);
    Json args{{"erase_params", true}, {"device", primary.path}};
    if (target.kind != "MGT") {
        args["mgsnode"] = mgs_nids(model, target);
        args["writeconf"] = true;
    }
    Json failnode = failover_nids(model, target);
    if (!failnode.empty()) args["failnode"] = std::move(failnode);
    auto run = [fqdn = mount_host(model, primary).fqdn, args](StepRun& step) {
        step.raw(fqdn, "writeconf_target", args, [&step](const Json&) { step.succeed(); });
    };
    return {"WriteConfStep", target_args(model, target, primary), std::move(run)};
}

/// The MGS forgets its parameters with its configuration; they are applied again once it runs.
StepSpec forget_params_step(std::int64_t mgt) {
    auto run = [mgt](StepRun& step) {
        Model& model = step.model();
        if (model.targets.find(mgt) == nullptr) return step.fail("The MGT was removed while this ran");
        model.targets.edit(mgt, [](TargetRow& row) { row.params_applied = 0; });
        step.succeed();
    };
    return {"ResetConfParamsStep", Json{{"mgs", mgt}}.dump(), std::move(run)};
}

StepSpec start_step(const Model& model, const TargetRow& target) {
    const MountPart& primary = primary_mount(target);
    Json args{{"ha_label", *target.ha_label}};
    auto run = [fqdn = mount_host(model, primary).fqdn, args](StepRun& step) {
        step.checked(fqdn, "start_target", args, [&step](const Json&) { step.succeed(); });
    };
    return {"StartTargetStep", target_args(model, target, primary), std::move(run)};
}

StepSpec stop_step(const Model& model, const TargetRow& target) {
    const MountPart& primary = primary_mount(target);
    Json args{{"ha_label", *target.ha_label}};
    auto run = [fqdn = mount_host(model, primary).fqdn, args](StepRun& step) {
        step.checked(fqdn, "stop_target", args, [&step](const Json&) { step.succeed(); });
    };
    return {"StopTargetStep", target_args(model, target, primary), std::move(run)};
}

/// Servers register again when they start: the MGS first, then MDTs, then OSTs. They stop the other way
/// round.
std::vector<StepSpec> writeconf_steps(const Model& model, const JobRow& job) {
    std::vector<const TargetRow*> targets;
    for (const char* kind : {"MGT", "MDT", "OST"}) {
        for (std::int64_t id : all_targets(model, target_of_job(model, job).id)) {
            const TargetRow& target = model.targets.at(id);
            if (target.kind == kind && knows_nids(target)) targets.push_back(&target);
        }
    }
    std::vector<StepSpec> steps;
    for (const TargetRow* target : targets) {
        steps.push_back(move_step(model, *target, primary_mount(*target), false));
        steps.push_back(writeconf_step(model, *target));
    }
    steps.push_back(forget_params_step(job.subject.id));
    for (const TargetRow* target : targets) {
        steps.push_back(move_step(model, *target, primary_mount(*target), true));
        steps.push_back(start_step(model, *target));
    }
    for (auto target = targets.rbegin(); target != targets.rend(); ++target) {
        steps.push_back(stop_step(model, **target));
        steps.push_back(export_step(model, **target));
    }
    return steps;
}

std::string describe(const Model& model, ObjectRef mgt) {
    return "Update NIDs of the targets of " + model.display_text(mgt);
}

}  // namespace

const std::vector<JobClass>& writeconf_job_classes() {
    static const std::vector<JobClass> classes = [] {
        JobClass row;
        row.name = "UpdateNidsJob";
        row.acts_on = Kind::target;
        row.long_description = "Write the present NIDs into all targets of an MGS.";
        row.describe = describe;
        row.needs = writeconf_needs;
        row.locks = writeconf_locks;
        row.steps = writeconf_steps;
        row.argument = "mgs_id";
        return std::vector<JobClass>{row};
    }();
    return classes;
}

}  // namespace csim
