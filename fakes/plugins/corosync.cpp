// Source: the reference's corosync plugin. Differs: one coordinator, real counts, the view of this node.
#include "wire/reports/corosync.hpp"

#include "fakes/fake_server.hpp"
#include "fakes/plugins/plugin.hpp"
#include "wire/body_of.hpp"

namespace csim {

PluginReport corosync_report(ReportScope& of) {
    auto report = std::make_shared<CorosyncReport>();
    report->state.emplace();
    report->state->corosync = of.server.state_of(Service::corosync);
    report->state->pacemaker = of.server.state_of(Service::pacemaker);
    CrmInfo& crm = report->crm_info.emplace();
    crm.nodes = of.server.cluster().view_of(of.server.nodename());
    if (!crm.empty()) {
        crm.stonith_enabled = of.server.cluster().options().stonith_enabled;
        crm.datetime.at = of.now;
    }
    return {{Body::of<CorosyncReport>(std::move(report))}};
}

}  // namespace csim
