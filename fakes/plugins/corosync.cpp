// Source: the reference's corosync plugin. Differs: one coordinator, real counts, the view of this node.
#include "wire/reports/corosync.hpp"

#include "fakes/fake_server.hpp"
#include "fakes/plugins/plugin.hpp"
#include "wire/body_of.hpp"

namespace csim {

PluginReport corosync_report(ReportScope& of) {
    look_at_cluster(of);
    CorosyncReport& report = of.memory.corosync.next();
    if (!report.state) report.state.emplace();
    report.state->corosync = of.server.state_of(Service::corosync);
    report.state->pacemaker = of.server.state_of(Service::pacemaker);
    if (!report.crm_info) report.crm_info.emplace();
    CrmInfo& crm = *report.crm_info;
    if (crm.nodes != of.memory.nodes) crm = {of.memory.nodes, std::nullopt, {}};
    if (!crm.empty()) {
        crm.stonith_enabled = of.server.cluster().options().stonith_enabled;
        crm.datetime.at = of.now;
    }
    return {{of.memory.corosync.body()}};
}

}  // namespace csim
