// corosync: states of the two daemons and who belongs to whose cluster. And what contact tells: boot times.
#include "core/utc.hpp"
#include "manager/agent_data/agent_data.hpp"
#include "manager/agent_data/decode_body.hpp"
#include "manager/jobs/job_engine.hpp"
#include "wire/reports/corosync.hpp"

#include <algorithm>

namespace csim {

namespace {

Notification state_news(ObjectRef object, SimTime at, const std::string& state) {
    return {object, at, state, {"stopped", "started"}, {}, {}};
}

bool known_state(const std::string& state) {
    return state == "stopped" || state == "started";
}

}  // namespace

Result<Nothing> AgentData::corosync_report(std::int64_t host_id, const Body& body) {
    auto decoded = decode_body<CorosyncReport>(body);
    if (!decoded) return decoded.error();
    const CorosyncReport& report = **decoded;
    const HostRow& host = model_.hosts.at(host_id);
    if (!host.corosync_id) return Nothing{};
    const ObjectRef corosync{Kind::corosync_configuration, *host.corosync_id};
    if (model_.status(corosync)->state == "unconfigured") return Nothing{};
    if (report.state) {
        if (!known_state(report.state->corosync) || !known_state(report.state->pacemaker)) {
            return Error{Errc::bad_argument, "/state: expected stopped or started"};
        }
        engine_.notify(state_news(corosync, model_.now(), report.state->corosync));
        if (host.pacemaker_id) {
            const ObjectRef pacemaker{Kind::pacemaker_configuration, *host.pacemaker_id};
            engine_.notify(state_news(pacemaker, model_.now(), report.state->pacemaker));
        }
        if (report.state->corosync == "stopped") return Nothing{};
    }
    if (!report.crm_info || report.crm_info->empty()) return Nothing{};
    const CrmInfo& crm = *report.crm_info;
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
    for (const auto& [member, online] : known) {
        HostVolatile& memory = model_.host_volatile[member->id];
        if (!member->corosync_id || crm.datetime.at <= memory.corosync_accepted) continue;
        memory.corosync_accepted = crm.datetime.at;
        alerts_.set("HostOfflineAlert", {Kind::host, member->id}, !online);
        const std::int64_t id = *member->corosync_id;
        if (model_.corosyncs.at(id).reported_up != online) {
            Notification news{{Kind::corosync_configuration, id}, crm.datetime.at, {}, {}, "reported_up", {}};
            news.apply = [this, id, up = online] {
                model_.corosyncs.edit(id, [&](CorosyncRow& row) { row.reported_up = up; });
            };
            engine_.notify(std::move(news));
        }
        std::vector<std::int64_t> peers = ids;
        std::erase(peers, member->id);
        note_peers(member->id, std::move(peers));
    }
    return Nothing{};
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
