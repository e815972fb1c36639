// Filesystem states follow their targets; see the three rules in follow_targets().
#include "manager/jobs/target_hooks.hpp"

#include "manager/jobs/job_engine.hpp"

#include <algorithm>

namespace csim {

namespace {

void note_state(
    JobServices& services, std::int64_t filesystem, const char* state, std::vector<std::string> from
) {
    Notification news;
    news.object = {Kind::filesystem, filesystem};
    // Several targets may change at one instant; each of their notes counts.
    news.at = services.model.now() + std::chrono::nanoseconds(1);
    news.state = state;
    news.allowed = std::move(from);
    services.engine->notify(std::move(news));
}

void follow_targets(JobServices& services, std::int64_t id, const std::string& target_state) {
    const Model& model = services.model;
    const FilesystemRow* filesystem = model.filesystems.find(id);
    if (filesystem == nullptr || services.engine->locks().held({Kind::filesystem, id})) return;
    const std::string present = filesystem->status.state;
    const auto members = model.members_of(id);
    auto all = [&](const char* state) {
        return std::all_of(members.begin(), members.end(), [&](std::int64_t member) {
            return model.targets.at(member).status.state == state;
        });
    };
    const bool up = target_state == "mounted" || target_state == "removed";
    if (present != "available" && up && all("mounted")) {
        note_state(services, id, "available", {"stopped", "unavailable"});
    } else if (present != "stopped" && target_state == "unmounted" && all("unmounted")) {
        note_state(services, id, "stopped", {"unavailable", "stopped", "available"});
    } else if (present == "available" && target_state == "unmounted" && !all("mounted")) {
        note_state(services, id, "unavailable", {"available"});
    }
}

}  // namespace

std::vector<std::int64_t> filesystems_concerned(const Model& model, ObjectRef object) {
    const TargetRow* target = model.targets.find(object.id);
    if (target == nullptr) return {};
    if (target->filesystem_id != 0) return {target->filesystem_id};
    const auto& filesystems = model.target_index.filesystems_of_mgt(object.id);
    return {filesystems.begin(), filesystems.end()};
}

void target_changed(JobServices& services, ObjectRef object, const std::vector<std::int64_t>& filesystems) {
    const TargetRow* target = services.model.targets.find(object.id);
    const std::string state = target == nullptr ? "removed" : target->status.state;
    if (target != nullptr) {
        const bool away = target->active_host && target->active_host != primary_host(*target);
        services.alerts.set("TargetFailoverAlert", object, away);
        if (!target->active_host) services.alerts.set("TargetRecoveryAlert", object, false);
    }
    for (std::int64_t filesystem : filesystems) follow_targets(services, filesystem, state);
}

std::int64_t parameters_wait(const Model& model, ObjectRef object) {
    const TargetRow* target = model.targets.find(object.id);
    if (target == nullptr) return 0;
    const TargetRow* mgt = model.targets.find(model.mgt_of(*target));
    if (mgt == nullptr || mgt->params_applied >= mgt->params_version) return 0;
    return mgt->status.state == "mounted" ? mgt->id : 0;
}

}  // namespace csim
