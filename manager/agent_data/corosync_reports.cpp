// corosync: states of the two daemons and who belongs to whose cluster. And what contact tells: boot times.
#include "core/utc.hpp"
#include "manager/agent_data/agent_data.hpp"
#include "manager/agent_data/decode_body.hpp"
#include "manager/jobs/job_engine.hpp"
#include "wire/reports/corosync.hpp"

#include <algorithm>

namespace csim {

namespace {

bool known_state(const std::string& state) {
    return state == "stopped" || state == "started";
}

}  // namespace

Result<Nothing> AgentData::corosync_report(std::int64_t host_id, const Body& body) {
    auto decoded = decode_body<CorosyncReport>(body);
    if (!decoded) return decoded.error();
    const CorosyncReport& report = **decoded;
    if (repeats(seen_[host_id].cluster, report)) return Nothing{};
    const HostRow& host = model_.hosts.at(host_id);
    if (!host.corosync_id) return Nothing{};
    const ObjectRef corosync{Kind::corosync_configuration, *host.corosync_id};
    if (model_.status(corosync)->state == "unconfigured") return Nothing{};
    if (report.state) {
        if (!known_state(report.state->corosync) || !known_state(report.state->pacemaker)) {
            return Error{Errc::bad_argument, "/state: expected stopped or started"};
        }
        note_state(corosync, report.state->corosync);
        if (host.pacemaker_id)
            note_state({Kind::pacemaker_configuration, *host.pacemaker_id}, report.state->pacemaker);
        if (report.state->corosync == "stopped") return Nothing{};
    }
    if (!report.crm_info || report.crm_info->empty()) return Nothing{};
    apply_members(host_id, *host.corosync_id, report);
    return Nothing{};
}

void AgentData::note_state(ObjectRef object, const std::string& state) {
    const Status* status = model_.status(object);
    if (status == nullptr || status->state == state) return;
    engine_.notify({object, model_.now(), state, {"stopped", "started"}, {}, {}});
}

/// What reports of HA clusters are compared with, and what they change.
std::uint64_t AgentData::cluster_stamp() const {
    return model_.hosts.version() + model_.corosyncs.version() + model_.pacemakers.version() +
           model_.alerts.version() + engine_.notified();
}

/// The host tells what it told before, which changed nothing, and nothing has changed since.
bool AgentData::repeats(SeenCluster& seen, const CorosyncReport& report) const {
    if (seen.stamp == 0 || !report.state || !report.crm_info) return false;
    const CrmInfo& crm = *report.crm_info;
    if (seen.nodes != crm.nodes || seen.stonith_enabled != crm.stonith_enabled) return false;
    if (seen.services != *report.state || seen.stamp != cluster_stamp()) return false;
    for (SeenMember& member : seen.members)
        member.memory->corosync_accepted = std::max(member.memory->corosync_accepted, crm.datetime.at);
    return true;
}

void AgentData::apply_members(std::int64_t host, std::int64_t id, const CorosyncReport& report) {
    SeenCluster& seen = seen_[host].cluster;
    const CrmInfo& crm = *report.crm_info;
    const SimTime at = crm.datetime.at;
    seen = {crm.nodes, crm.stonith_enabled, report.state.value_or(ClusterServices{}), {}, cluster_stamp()};
    const ObjectRef corosync{Kind::corosync_configuration, id};
    if (crm.stonith_enabled) alerts_.set("StonithNotEnabledAlert", corosync, !*crm.stonith_enabled);
    std::vector<std::pair<const HostRow*, bool>> known;
    std::vector<std::int64_t> ids;
    for (const auto& [name, node] : *crm.nodes) {
        const HostRow* member = model_.host_by_node(name);
        if (member == nullptr) continue;
        known.emplace_back(member, node.online == "true");
        ids.push_back(member->id);
    }
    std::sort(ids.begin(), ids.end());
    alerts_.set("CorosyncNoPeersAlert", corosync, ids.size() == 1);
    bool all_accepted = true;
    for (const auto& [member, online] : known) {
        HostVolatile& memory = model_.host_volatile[member->id];
        if (!member->corosync_id) continue;
        std::vector<std::int64_t> peers = ids;
        std::erase(peers, member->id);
        seen.members.push_back(
            {member, &model_.corosyncs.at(*member->corosync_id), &memory, online, std::move(peers)}
        );
        all_accepted = all_accepted && at > memory.corosync_accepted;
        if (at <= memory.corosync_accepted) continue;
        memory.corosync_accepted = at;
        note_member(seen.members.back(), at);
    }
    // Only a report that counted as a whole and changed nothing says that the next one like it will not.
    if (!all_accepted || !report.state || seen.stamp != cluster_stamp()) seen = {};
}

void AgentData::note_member(const SeenMember& member, SimTime at) {
    const std::int64_t id = member.corosync->id;
    alerts_.set("HostOfflineAlert", {Kind::host, member.host->id}, !member.online);
    if (member.corosync->reported_up != member.online) {
        Notification news{{Kind::corosync_configuration, id}, at, {}, {}, "reported_up", {}};
        news.apply = [this, id, up = member.online] {
            model_.corosyncs.edit(id, [&](CorosyncRow& row) { row.reported_up = up; });
        };
        engine_.notify(std::move(news));
    }
    note_peers(member.host->id, member.peers);
}

void AgentData::note_peers(std::int64_t host, std::vector<std::int64_t> peers) {
    if (model_.hosts.at(host).peers == peers) return;
    Notification news{{Kind::host, host}, model_.now(), {}, {}, "peers", {}};
    news.apply = [this, host, peers = std::move(peers)] {
        std::vector<std::int64_t> present = peers;
        std::erase_if(present, [&](std::int64_t id) { return model_.hosts.find(id) == nullptr; });
        if (model_.hosts.at(host).peers == present) return;
        model_.hosts.edit(host, [&](HostRow& row) { row.peers = present; });
        balance_volumes_of(host);
    };
    engine_.notify(std::move(news));
}

void AgentData::boot_time(std::int64_t host, SimTime boot_time, bool rebooted) {
    const HostRow& row = model_.hosts.at(host);
    if (row.boot_time == boot_time) return;
    if (rebooted) {
        std::string at = utc_text(boot_time);
        at[10] = ' ';
        alerts_.event(
            "HostRebootEvent", {Kind::host, host}, "WARNING", host_label(row) + " restarted at " + at,
            "{\"boot_time\": \"" + at + "\"}"
        );
    }
    Notification news{{Kind::host, host}, model_.now(), {}, {}, "boot_time", {}};
    news.apply = [this, host, boot_time] {
        if (model_.hosts.at(host).boot_time == boot_time) return;
        model_.hosts.edit(host, [&](HostRow& edited) { edited.boot_time = boot_time; });
    };
    engine_.notify(std::move(news));
}

}  // namespace csim
