// lustre: where targets run, and which of them recover.
// Source: the manager API, §4.4.
#include "manager/agent_data/agent_data.hpp"
#include "manager/jobs/job_engine.hpp"

#include <algorithm>

namespace csim {

namespace {

bool has_mount_on(const TargetRow& target, std::int64_t host) {
    for (const MountPart& mount : target.mounts) {
        if (mount.host_id == host) return true;
    }
    return false;
}

bool recovers(const TargetMount& mount) {
    const auto status = mount.recovery_status.find("status");
    return status != mount.recovery_status.end() && status->second == "RECOVERING";
}

/// The host that runs the target, if the report names one that can.
std::optional<std::int64_t> place_of(
    const Model& model, const TargetRow& target, const std::optional<std::string>& node
) {
    const HostRow* host = node ? model.host_by_node(*node) : nullptr;
    if (host == nullptr || !has_mount_on(target, host->id)) return std::nullopt;
    return host->id;
}

}  // namespace

void AgentData::apply_location(std::int64_t id, std::optional<std::int64_t> host, SimTime at) {
    const TargetRow& target = model_.targets.at(id);
    const std::string state = host ? "mounted" : "unmounted";
    if (target.status.state == state && target.active_host == host) return;
    Notification news;
    news.object = {Kind::target, id};
    news.at = at;
    if (target.status.state != state) news.state = state;
    news.allowed = {"mounted", "unmounted"};
    news.attributes = "active_host";
    news.apply = [this, id, host, at, state, moved_only = !news.state] {
        const TargetRow& present = model_.targets.at(id);
        // Held back while a job moved the target, this may be what was true before the job.
        const bool stale = moved_only && (at <= present.status.modified_at || present.status.state != state);
        if (stale || present.active_host == host) return;
        model_.targets.edit(id, [&](TargetRow& row) { row.active_host = host; });
    };
    engine_.notify(std::move(news));
}

void AgentData::apply_locations(const ResourceLocations& locations, SimTime at) {
    for (const auto& [label, node] : locations) {
        const TargetRow* target = model_.targets.find(model_.target_index.of_ha_label(label));
        if (target == nullptr || target->status.immutable) continue;
        apply_location(target->id, place_of(model_, *target, node), at);
    }
}

void AgentData::apply_mounts(std::int64_t host, const TargetMounts& mounts) {
    for (std::int64_t id : model_.target_index.on_host(host)) {
        const TargetRow& target = model_.targets.at(id);
        const auto mount = std::find_if(mounts.begin(), mounts.end(), [&](const TargetMount& each) {
            return target.uuid == each.fs_uuid;
        });
        // Nobody but its servers tells where a target runs that is only watched.
        const bool here = mount != mounts.end();
        if (target.status.immutable && (here || target.active_host == host))
            apply_location(id, here ? std::optional(host) : std::nullopt, model_.now());
        if (target.active_host != host) continue;
        alerts_.set("TargetRecoveryAlert", {Kind::target, id}, here && recovers(*mount));
    }
}

}  // namespace csim
