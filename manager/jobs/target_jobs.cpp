// Jobs of targets: rows of the table.
#include "manager/jobs/target_parts.hpp"
#include "manager/jobs/target_steps.hpp"

namespace csim {

namespace {

using namespace parts;

std::vector<Dependency> format_needs(const Model& model, ObjectRef object) {
    std::vector<Dependency> needs;
    const TargetRow* target = model.targets.find(object.id);
    if (target == nullptr) return needs;
    need_lnet(model, *target, true, needs);
    const TargetRow* mgt = model.targets.find(model.mgt_of(*target));
    if (mgt != nullptr && mgt != target) need_lnet(model, *mgt, true, needs);
    return needs;
}

std::vector<Dependency> register_needs(const Model& model, ObjectRef object) {
    std::vector<Dependency> needs;
    const TargetRow* target = model.targets.find(object.id);
    if (target == nullptr) return needs;
    need_lnet(model, *target, false, needs);
    if (target->kind == "MGT") return needs;
    needs.push_back(one_state({Kind::target, model.mgt_of(*target)}, "mounted"));
    if (target->kind != "OST") return needs;
    for (std::int64_t mdt : model.target_index.mdts_of(target->filesystem_id)) {
        needs.push_back(one_state({Kind::target, mdt}, "mounted"));
    }
    return needs;
}

std::vector<Dependency> configure_needs(const Model& model, ObjectRef object) {
    std::vector<Dependency> needs;
    const TargetRow* target = model.targets.find(object.id);
    if (target == nullptr) return needs;
    need_lnet(model, *target, false, needs);
    need_pacemaker(model, *target, needs);
    return needs;
}

std::vector<Dependency> start_needs(const Model& model, ObjectRef object) {
    std::vector<Dependency> needs;
    const TargetRow* target = model.targets.find(object.id);
    if (target == nullptr) return needs;
    need_lnet(model, *target, true, needs);
    need_pacemaker(model, *target, needs);
    for (Dependency& need : needs) need.alternative = true;
    return needs;
}

std::vector<Dependency> move_needs(const Model& model, ObjectRef object, std::int64_t host) {
    std::vector<Dependency> needs{one_state(object, "mounted")};
    if (ObjectRef lnet = lnet_of(model, host)) needs.push_back(one_state(lnet, "lnet_up"));
    if (ObjectRef pacemaker = pacemaker_of(model, host)) needs.push_back(one_state(pacemaker, "started"));
    return needs;
}

std::int64_t failover_host(const TargetRow& target) {
    for (const MountPart& mount : target.mounts) {
        if (!mount.primary) return mount.host_id;
    }
    return 0;
}

std::vector<Dependency> failover_needs(const Model& model, ObjectRef object) {
    const TargetRow* target = model.targets.find(object.id);
    if (target == nullptr) return {};
    return move_needs(model, object, failover_host(*target));
}

std::vector<Dependency> failback_needs(const Model& model, ObjectRef object) {
    const TargetRow* target = model.targets.find(object.id);
    if (target == nullptr) return {};
    return move_needs(model, object, primary_host(*target));
}

bool can_fail_over(const Model& model, ObjectRef object) {
    const TargetRow& target = model.targets.at(object.id);
    return !target.status.immutable && failover_host(target) != 0 &&
           target.active_host == primary_host(target);
}

bool can_fail_back(const Model& model, ObjectRef object) {
    const TargetRow& target = model.targets.at(object.id);
    return !target.status.immutable && failover_host(target) != 0 && target.active_host &&
           target.active_host != primary_host(target);
}

bool is_watched_only(const Model& model, ObjectRef object) {
    return model.status(object)->immutable;
}

std::vector<LockPart> write_lock(const Model&, ObjectRef object) {
    return {{object, true, {}}};
}

/// At one instant with the state: a target that counts as mounted runs somewhere.
void note_stopped(JobServices& services, const JobRow& job) {
    services.model.targets.edit(job.subject.id, [](TargetRow& row) { row.active_host.reset(); });
}

void delete_target(JobServices& services, const JobRow& job) {
    services.alerts.object_removed(job.subject);
    services.model.remove_target(job.subject.id);
}

template <const char* const& before, const char* const& after>
std::string describe(const Model& model, ObjectRef object) {
    return before + model.display_text(object) + after;
}

constexpr const char* nothing = "";
constexpr const char* format_text = "Format ";
constexpr const char* register_text = "Register ";
constexpr const char* configure_text = "Configure ";
constexpr const char* mount_points = " mount points";
constexpr const char* start_text = "Start target ";
constexpr const char* stop_text = "Stop target ";
constexpr const char* remove_text = "Remove target ";
constexpr const char* configuration = " from configuration";
constexpr const char* forget_text = "Forget target ";
constexpr const char* failover_text = "Fail over target ";
constexpr const char* failback_text = "Fail back target ";

JobClass target_job(const char* name, std::string_view verb, std::string_view text) {
    JobClass row;
    row.name = name;
    row.acts_on = Kind::target;
    row.verb = verb;
    row.long_description = text;
    return row;
}

void add_making_classes(std::vector<JobClass>& classes) {
    JobClass row = target_job("FormatTargetJob", "Format", "Make a Lustre target of the volume.");
    row.describe = describe<format_text, nothing>;
    row.needs = format_needs;
    row.steps = format_target_steps;
    row.cancellable = false;
    classes.push_back(row);
    row = target_job("RegisterTargetJob", "Register", "Make the target known to its MGS.");
    row.describe = describe<register_text, nothing>;
    row.needs = register_needs;
    row.steps = register_target_steps;
    classes.push_back(row);
    row = target_job(
        "ConfigureTargetJob", "Configure mount points", "Let the HA cluster of its servers run the target."
    );
    row.describe = describe<configure_text, mount_points>;
    row.needs = configure_needs;
    row.steps = configure_target_steps;
    classes.push_back(row);
}

void add_running_classes(std::vector<JobClass>& classes) {
    JobClass row =
        target_job("StartTargetJob", "Start", "Start the target on its primary server if that is reachable.");
    row.describe = describe<start_text, nothing>;
    row.needs = start_needs;
    row.steps = start_target_steps;
    classes.push_back(row);
    row = target_job(
        "StopTargetJob", "Stop",
        "Stop the target. What it stores cannot be reached until it is started again."
    );
    row.describe = describe<stop_text, nothing>;
    row.steps = stop_target_steps;
    row.succeeded = note_stopped;
    row.requires_confirmation = true;
    classes.push_back(row);
    row = target_job("FailoverTargetJob", "Failover", "Move the target to its secondary server.");
    row.describe = describe<failover_text, nothing>;
    row.can_run = can_fail_over;
    row.needs = failover_needs;
    row.locks = write_lock;
    row.steps = failover_target_steps;
    row.argument = "target_id";
    row.confirmation = "Clients that use the target wait until it runs on its other server.";
    row.advertised = true;
    classes.push_back(row);
    row = target_job("FailbackTargetJob", "Failback", "Move the target back to its primary server.");
    row.describe = describe<failback_text, nothing>;
    row.can_run = can_fail_back;
    row.needs = failback_needs;
    row.locks = write_lock;
    row.steps = failback_target_steps;
    row.argument = "target_id";
    row.confirmation = "Clients that use the target wait until it runs on its primary server again.";
    row.advertised = true;
    classes.push_back(row);
}

void add_removal_classes(std::vector<JobClass>& classes) {
    JobClass row = target_job(
        "RemoveConfiguredTargetJob", "Remove",
        "Take the target out. Files on it can no longer be reached; copy them first."
    );
    row.describe = describe<remove_text, configuration>;
    row.steps = unconfigure_target_steps;
    row.succeeded = delete_target;
    row.requires_confirmation = true;
    classes.push_back(row);
    row.name = "RemoveTargetJob";
    row.steps = nullptr;
    classes.push_back(row);
    row.name = "ForgetTargetJob";
    row.verb = "Forget";
    row.long_description = "Stop watching the target. The target itself is left as it is.";
    row.describe = describe<forget_text, nothing>;
    row.can_run = is_watched_only;
    classes.push_back(row);
}

}  // namespace

const std::vector<JobClass>& target_job_classes() {
    static const std::vector<JobClass> classes = [] {
        std::vector<JobClass> made;
        add_making_classes(made);
        add_running_classes(made);
        add_removal_classes(made);
        return made;
    }();
    return classes;
}

}  // namespace csim
