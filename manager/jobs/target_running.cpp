// Starting, stopping, moving and dismantling targets.
#include "manager/jobs/target_parts.hpp"
#include "manager/jobs/target_steps.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace csim {

namespace {

using namespace parts;

const std::string& ha_label(const TargetRow& target) {
    if (!target.ha_label) throw StepsImpossible("the target was never registered");
    return *target.ha_label;
}

void set_active(Model& model, std::int64_t target, std::int64_t host) {
    model.targets.edit(target, [&](TargetRow& row) { row.active_host = host; });
}

/// The agent tells where the target runs now: another server may have been chosen.
void started_on(StepRun& step, const Json& node) {
    const TargetRow* target = target_of_step(step);
    if (target == nullptr) return;
    Model& model = step.model();
    const HostRow* host = node.is_string() ? model.host_by_node(node.get<std::string>()) : nullptr;
    if (host == nullptr)
        return step.fail(target->name + " was started on " + node.dump() + ", which is no known server");
    if (mount_on(*target, host->id) == nullptr) {
        return step.fail(
            target->name + " was started on " + host_label(*host) + ", which has no mount of it"
        );
    }
    set_active(model, target->id, host->id);
    step.succeed();
}

StepSpec label_step(
    const Model& model, const TargetRow& target, const MountPart& mount, const char* name, const char* action,
    std::function<void(StepRun&, const Json&)> then
) {
    Json args{{"ha_label", ha_label(target)}};
    auto run = [fqdn = mount_host(model, mount).fqdn, action, args, then = std::move(then)](StepRun& step) {
        step.checked(fqdn, action, args, [&step, then](const Json& result) { then(step, result); });
    };
    return {name, target_args(model, target, mount), std::move(run)};
}

/// A move is believed once the destination says so.
std::vector<StepSpec> migrate(
    const Model& model, const TargetRow& target, const MountPart& to, const char* name, const char* action
) {
    auto moved = [host = to.host_id](StepRun& step, const Json&) {
        const TargetRow* found = target_of_step(step);
        if (found == nullptr) return;
        set_active(step.model(), found->id, host);
        step.succeed();
    };
    return {label_step(model, target, to, name, action, moved)};
}

StepSpec each_step(const char* name, const TargetRow& target, std::vector<AgentCall> calls) {
    auto run = [calls = std::move(calls)](StepRun& step) {
        call_each(step, calls, [&step] { step.succeed(); });
    };
    return {name, Json{{"target", target.name}}.dump(), std::move(run)};
}

}  // namespace

std::vector<StepSpec> start_target_steps(const Model& model, const JobRow& job) {
    const TargetRow& target = target_of_job(model, job);
    const MountPart& mount = best_mount(model, target);
    return {
        move_step(model, target, mount, true),
        label_step(model, target, mount, "StartTargetStep", "start_target", started_on)};
}

std::vector<StepSpec> stop_target_steps(const Model& model, const JobRow& job) {
    const TargetRow& target = target_of_job(model, job);
    auto stopped = [](StepRun& step, const Json&) { step.succeed(); };
    return {
        label_step(model, target, best_mount(model, target), "StopTargetStep", "stop_target", stopped),
        export_step(model, target)};
}

std::vector<StepSpec> unconfigure_target_steps(const Model& model, const JobRow& job) {
    const TargetRow& target = target_of_job(model, job);
    const std::string uuid = target.uuid.value_or("");
    std::vector<AgentCall> resources, stores;
    // The primary comes last, as it came first.
    for (auto mount = target.mounts.rbegin(); mount != target.mounts.rend(); ++mount) {
        const std::string& fqdn = mount_host(model, *mount).fqdn;
        Json resource{{"ha_label", ha_label(target)}, {"uuid", uuid}, {"primary", mount->primary}};
        resources.push_back({fqdn, "unconfigure_target_ha", std::move(resource)});
        stores.push_back({fqdn, "unconfigure_target_store", Json{{"uuid", uuid}}, false});
    }
    return {
        each_step("RemoveTargetFromPacemakerConfigStep", target, std::move(resources)),
        each_step("UnconfigureTargetStoreStep", target, std::move(stores))};
}

std::vector<StepSpec> failover_target_steps(const Model& model, const JobRow& job) {
    const TargetRow& target = target_of_job(model, job);
    for (const MountPart& mount : target.mounts) {
        if (!mount.primary) return migrate(model, target, mount, "FailoverTargetStep", "failover_target");
    }
    throw StepsImpossible("the target has no server to fail over to");
}

std::vector<StepSpec> failback_target_steps(const Model& model, const JobRow& job) {
    const TargetRow& target = target_of_job(model, job);
    return migrate(model, target, primary_mount(target), "FailbackTargetStep", "failback_target");
}

}  // namespace csim
