// The order matters: indexes and alerts of dependents first, the host last.
#include "manager/jobs/host_removal.hpp"

#include "manager/agent_data/agent_data.hpp"
#include "manager/jobs/hsm_states.hpp"
#include "manager/jobs/stateful_class.hpp"
#include "manager/power/power_control.hpp"

#include <algorithm>

namespace csim {

void delete_host(JobServices& services, std::int64_t id) {
    Model& model = services.model;
    const HostRow* found = model.hosts.find(id);
    if (found == nullptr) return;
    const HostRow host = *found;
    std::vector<ObjectRef> gone = all_dependents(model, {Kind::host, id});
    gone.push_back({Kind::host, id});
    for (ObjectRef object : gone) services.alerts.object_removed(object);
    if (host.corosync_id) services.alerts.object_removed({Kind::corosync_configuration, *host.corosync_id});
    for (ObjectRef object : gone) {
        if (object.kind == Kind::target) model.remove_target(object.id);
        if (object.kind == Kind::filesystem) model.remove_filesystem(object.id);
    }
    if (services.forget_agent) services.forget_agent(host.fqdn);
    for (std::int64_t node : std::set(model.nodes_of_host(id))) model.remove_volume_node(node);
    for (std::int64_t interface : std::set(model.interfaces_of(id))) model.remove_interface(interface);
    for (std::int64_t peer : host.peers) {
        if (model.hosts.find(peer) == nullptr) continue;
        model.hosts.edit(peer, [&](HostRow& row) { std::erase(row.peers, id); });
    }
    for (ObjectRef object : gone) {
        if (object.kind == Kind::copytool) delete_copytool(services, object.id);
        if (object.kind == Kind::client_mount) model.client_mounts.erase(object.id);
    }
    if (services.power != nullptr) services.power->host_removed(id);
    model.lnets.erase(host.lnet_id);
    if (host.corosync_id) model.corosyncs.erase(*host.corosync_id);
    if (host.pacemaker_id) model.pacemakers.erase(*host.pacemaker_id);
    if (host.ntp_id) model.ntps.erase(*host.ntp_id);
    model.remove_host(id);
}

}  // namespace csim
