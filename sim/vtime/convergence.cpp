// When everything has come to rest.
#include "fakes/plugins/server_reports.hpp"
#include "sim/vtime/world_watch.hpp"

#include <optional>

namespace csim {
namespace {

/// Compares the manager's picture with the world, object by object.
class Picture {
  public:
    explicit Picture(VirtualCluster& cluster)
        : cluster_(cluster),
          world_(cluster.simulator().world()),
          model_(cluster.manager().model()),
          agents_(cluster.manager().agents()) {}

    std::vector<Violation> compare() {
        for (const FakeServer* node : world_.nodes()) check_node(*node);
        model_.targets.each([this](const TargetRow& row) { check_target(row); });
        check_commands();
        return std::move(found_);
    }

  private:
    void require(bool holds, const char* number, const std::string& sentence) {
        if (!holds) found_.push_back({number, sentence});
    }

    void check_node(const FakeServer& node) {
        const std::string& fqdn = node.fqdn();
        require(node.registered(), "C-1", fqdn + " is not registered");
        if (!node.registered()) return;
        require(node.up(), "C-1", fqdn + " is not up");
        if (!node.up()) return;
        check_sessions(fqdn);
        const HostRow* host = model_.host_by_fqdn(fqdn);
        require(host != nullptr, "C-3", fqdn + " is unknown to the manager");
        if (host != nullptr) check_host(node, *host);
    }

    void check_sessions(const std::string& fqdn) {
        const Agent* agent = cluster_.simulator().fleet().find(fqdn);
        require(agent != nullptr && agent->running(), "C-1", fqdn + " is up and its agent does not run");
        if (agent == nullptr || !agent->running()) return;
        for (const std::string& plugin : ServerReports::plugins()) {
            require(agent->session_open(plugin), "C-2", fqdn + " has no session for " + plugin);
            require(
                agents_.session(fqdn, plugin).has_value(), "C-2",
                "the manager has no session for " + plugin + " of " + fqdn
            );
        }
        require(agents_.in_contact(fqdn), "C-2", fqdn + " is not in contact with the manager");
        require(agents_.queued(fqdn) == 0, "C-4", "messages wait for " + fqdn + " that never leave");
    }

    void check_host(const FakeServer& node, const HostRow& host) {
        const std::string& fqdn = node.fqdn();
        const ObjectRef ref{Kind::host, host.id};
        require(
            host.boot_time.has_value() &&
                std::abs((*host.boot_time - node->boot_time).count()) <= 2'000'000'000,
            "C-3", "the manager has another boot time of " + fqdn
        );
        const LNetRow* lnet = model_.lnets.find(host.lnet_id);
        if (lnet != nullptr && lnet->status.state != "unconfigured") {
            require(
                lnet->status.state == node.lnet_state(), "C-3",
                "LNet of " + fqdn + " is " + std::string(node.lnet_state()) + ", and the manager has " +
                    lnet->status.state
            );
        }
        require_alert("HostContactAlert", ref, false, fqdn);
        check_membership(node, host);
    }

    void check_membership(const FakeServer& node, const HostRow& host) {
        if (node.worker() || !host.corosync_id) return;
        const CorosyncRow* row = model_.corosyncs.find(*host.corosync_id);
        if (row == nullptr || row->status.state == "unconfigured") return;
        const bool online = node.cluster().online(node.nodename());
        require(
            row->reported_up == online, "C-3",
            node.fqdn() + (online ? " is online in its cluster" : " is offline in its cluster") +
                ", and the manager has the contrary"
        );
        require_alert("HostOfflineAlert", {Kind::host, host.id}, !online, node.fqdn());
    }

    void check_target(const TargetRow& row) {
        if (!row.uuid || row.status.state == "forgotten" || row.status.state == "removed") return;
        const std::string runs_on = world_.targets().started_on(*row.uuid);
        const HostRow* active = row.active_host ? model_.hosts.find(*row.active_host) : nullptr;
        const std::string believed = active == nullptr ? "" : active->fqdn;
        require(
            runs_on == believed, "C-3",
            row.name + " runs on '" + runs_on + "', and the manager has '" + believed + "'"
        );
        const ObjectRef ref{Kind::target, row.id};
        const bool mounted = row.status.state == "mounted";
        if (row.status.state != "mounted" && row.status.state != "unmounted") return;
        require(
            mounted == !runs_on.empty(), "C-3",
            row.name + " is " + row.status.state + " for the manager and runs on '" + runs_on + "'"
        );
        require_alert("TargetOfflineAlert", ref, !mounted, row.name);
        const bool away = mounted && row.active_host && *row.active_host != primary_host(row);
        require_alert("TargetFailoverAlert", ref, away, row.name);
    }

    void require_alert(const char* type, ObjectRef item, bool wanted, const std::string& name) {
        const bool active = model_.active_alert(item, type) != nullptr;
        require(
            active == wanted, "C-5",
            std::string(type) + " of " + name + (active ? " stands and should not" : " is missing")
        );
    }

    void check_commands() {
        model_.commands.each([this](const CommandRow& row) {
            require(
                row.complete, "C-4", "command " + std::to_string(row.id) + " (" + row.message + ") never ends"
            );
        });
        require(
            cluster_.manager().jobs().running() == 0 && cluster_.manager().jobs().pending() == 0, "C-4",
            "jobs wait or run that no command has"
        );
    }

    VirtualCluster& cluster_;
    World& world_;
    Model& model_;
    AgentService& agents_;
    std::vector<Violation> found_;
};

}  // namespace

std::vector<Violation> WorldWatch::unsettled() {
    if (!cluster_.manager_alive()) return {{"C-1", "the manager does not run"}};
    std::vector<Violation> found = Picture(cluster_).compare();
    for (Violation& each : all()) found.push_back(std::move(each));
    return found;
}

}  // namespace csim
