// What hosts depend on, and what jobs of hosts lock.
#include "manager/jobs/host_steps.hpp"
#include "manager/jobs/job_parts.hpp"

namespace csim {

namespace {

using namespace parts;

std::vector<LockPart> write_locks(
    const Model& model, ObjectRef host, const std::string& end_state, bool all
) {
    std::vector<LockPart> locks{{host, true, end_state}};
    const StatefulClass* of = stateful_class(Kind::host);
    for (ObjectRef object : all ? all_dependents(model, host) : of->dependents(model, host)) {
        if (model.status(object) != nullptr) locks.push_back({object, true, {}});
    }
    return locks;
}

}  // namespace

void create_configurations(Model& model, ObjectRef object) {
    const HostRow& host = model.hosts.at(object.id);
    const ServerProfile& profile = model.profile_of(host);
    const Status fresh{"unconfigured", model.now(), !profile.managed};
    auto add = [&](bool wanted, const auto& present, auto& table, const char* sequence, auto row,
                   auto member) {
        if (!wanted || present) return;
        row.id = model.next_id(sequence);
        row.status = fresh;
        row.host_id = object.id;
        const std::int64_t id = table.insert(std::move(row)).id;
        model.hosts.edit(object.id, [&](HostRow& edited) { edited.*member = id; });
    };
    add(profile.corosync2, host.corosync_id, model.corosyncs, "corosync", CorosyncRow{},
        &HostRow::corosync_id);
    add(profile.pacemaker, host.pacemaker_id, model.pacemakers, "pacemaker", PacemakerRow{},
        &HostRow::pacemaker_id);
    add(profile.ntp, host.ntp_id, model.ntps, "ntp", NtpRow{}, &HostRow::ntp_id);
}

std::vector<Dependency> setup_needs(const Model& model, ObjectRef object) {
    const HostRow& host = model.hosts.at(object.id);
    std::vector<Dependency> needs{one_state({Kind::lnet_configuration, host.lnet_id}, "lnet_up")};
    if (host.pacemaker_id)
        needs.push_back(one_state({Kind::pacemaker_configuration, *host.pacemaker_id}, "started"));
    if (host.ntp_id) needs.push_back(one_state({Kind::ntp_configuration, *host.ntp_id}, "configured"));
    return needs;
}

std::vector<Dependency> setup_monitored_needs(const Model& model, ObjectRef object) {
    const ObjectRef lnet{Kind::lnet_configuration, model.hosts.at(object.id).lnet_id};
    return {{lnet, {"lnet_unloaded", "lnet_down", "lnet_up"}, "lnet_unloaded", {}}};
}

std::vector<Dependency> removal_needs(const Model& model, ObjectRef object) {
    const HostRow* host = model.hosts.find(object.id);
    if (host == nullptr) return {};
    std::vector<Dependency> needs{one_state({Kind::lnet_configuration, host->lnet_id}, "unconfigured")};
    if (host->corosync_id)
        needs.push_back(one_state({Kind::corosync_configuration, *host->corosync_id}, "unconfigured"));
    if (host->ntp_id) needs.push_back(one_state({Kind::ntp_configuration, *host->ntp_id}, "unconfigured"));
    return needs;
}

std::vector<LockPart> removal_locks(const Model& model, ObjectRef host) {
    return write_locks(model, host, "removed", true);
}

std::vector<LockPart> update_locks(const Model& model, ObjectRef host) {
    return write_locks(model, host, {}, false);
}

void update_succeeded(JobServices& services, const JobRow& job) {
    services.alerts.set("UpdatesAvailableAlert", job.subject, false);
}

}  // namespace csim
