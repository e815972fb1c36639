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
    if (repeats(host_id, report)) return Nothing{};
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
    apply_members(host_id, *host.corosync_id, *report.crm_info);
    return Nothing{};
}

void AgentData::note_state(ObjectRef object, const std::string& state) {
    const Status* status = model_.status(object);
    if (status == nullptr || status->state == state) return;
    engine_.notify({object, model_.now(), state, {"stopped", "started"}, {}, {}});
}

AgentData::Rows AgentData::rows() const {
    const auto count = [](std::size_t rows) { return static_cast<std::int64_t>(rows); };
    return {model_.hosts.last_id(),      count(model_.hosts.size()),
            model_.corosyncs.last_id(),  count(model_.corosyncs.size()),
            model_.alerts.last_id(),     count(model_.all_active_alerts().size()),
            model_.pacemakers.last_id(), count(model_.pacemakers.size()),
            count(engine_.notified())};
}

bool AgentData::same_services(const SeenCluster& seen, const CorosyncReport& report) const {
    const HostRow& host = *seen.host;
    if (host.corosync_id != seen.corosync->id || host.pacemaker_id.has_value() != (seen.pacemaker != nullptr))
        return false;
    if (report.state->corosync != "started" || seen.corosync->status.state != "started") return false;
    return seen.pacemaker == nullptr || (host.pacemaker_id == seen.pacemaker->id &&
                                         seen.pacemaker->status.state == report.state->pacemaker);
}

/// The host tells what it told before, which changed nothing, and nothing has changed since.
bool AgentData::repeats(std::int64_t host, const CorosyncReport& report) {
    const auto found = seen_clusters_.find(host);
    if (found == seen_clusters_.end() || !report.state || !report.crm_info) return false;
    SeenCluster& seen = found->second;
    const CrmInfo& crm = *report.crm_info;
    if (seen.nodes == nullptr || seen.nodes != crm.nodes || seen.stonith_enabled != crm.stonith_enabled)
        return false;
    if (seen.rows != rows() || !same_services(seen, report)) return false;
    const bool same = std::all_of(seen.members.begin(), seen.members.end(), [](const SeenMember& member) {
        return member.host->corosync_id == member.corosync->id && member.host->peers == member.peers &&
               member.corosync->reported_up == member.online;
    });
    if (!same) return false;
    for (SeenMember& member : seen.members)
        member.memory->corosync_accepted = std::max(member.memory->corosync_accepted, crm.datetime.at);
    return true;
}

void AgentData::apply_members(std::int64_t host, std::int64_t id, const CrmInfo& crm) {
    SeenCluster& seen = seen_clusters_[host];
    const SimTime at = crm.datetime.at;
    seen = {crm.nodes, crm.stonith_enabled, rows(), {}, &model_.hosts.at(host), &model_.corosyncs.at(id)};
    if (seen.host->pacemaker_id) seen.pacemaker = model_.pacemakers.find(*seen.host->pacemaker_id);
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
    if (!all_accepted || seen.rows != rows()) seen = {};
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
