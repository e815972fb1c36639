#include "fakes/invariants.hpp"

#include "fakes/fake_cluster.hpp"
#include "fakes/fake_devices.hpp"
#include "fakes/fake_server.hpp"
#include "fakes/placement.hpp"

#include <map>
#include <set>

namespace csim {
namespace {

class Checks {
  public:
    explicit Checks(const Population& population) : population_(population) {
        for (const FakeServer* server : population.servers) by_node_[server->nodename()] = server;
    }

    std::vector<Violation> run() {
        for (const FakeServer* server : population_.servers) check(*server);
        for (const FakeCluster* cluster : population_.clusters) check(*cluster);
        check_addresses();
        return std::move(found_);
    }

  private:
    void require(bool holds, const char* invariant, const std::string& sentence) {
        if (!holds) found_.push_back({invariant, sentence});
    }

    /// What only a server that is up can have, named.
    static std::string running(const FakeServer& server) {
        std::string found;
        if (!server->client_mounts.empty()) found += " client mounts";
        if (server->lnet_loaded || server->lnet_up) found += " LNet";
        if (server.state_of(Service::corosync) != "stopped") found += " corosync";
        if (server.state_of(Service::pacemaker) != "stopped") found += " pacemaker";
        return found;
    }

    void check(const FakeServer& server) {
        const std::string& name = server.nodename();
        require(
            server.up() || running(server).empty(), "I-3",
            name + " is not up and still runs" + running(server)
        );
        require(server.has_power() || !server.up(), "I-16", name + " is up without power");
        const int phases = server->starting_up + server->shutting_down + server->up;
        require(phases <= 1, "I-17", name + " is in several phases of its life at once");
        require(
            !server->boot_queued || server->shutting_down, "I-17", name + " has a boot queued behind nothing"
        );
        require(!server->lnet_up || server->lnet_loaded, "I-3", name + " has LNet up that is not loaded");
        require(
            !server.worker() || server->cluster_id < 0, "I-8", name + " is a worker in a storage cluster"
        );
        require(
            server.cluster().state().nodes.contains(name), "I-8", name + " is unknown to its own cluster"
        );
        require(
            !server.fit_for_cluster() || server.cluster().online(name), "I-4",
            name + " is fit for its cluster and not online in it"
        );
    }

    void check(const FakeCluster& cluster) {
        for (const auto& [name, node] : cluster.state().nodes) {
            require(homes_.insert(name).second, "I-8", name + " belongs to two clusters");
            const auto server = by_node_.find(name);
            require(server != by_node_.end() || !node.online, "I-29", name + " is online and does not exist");
            if (server == by_node_.end()) continue;
            require(
                !node.online || cluster.suspected(name) || server->second->fit_for_cluster(), "I-4",
                name + " is online and not fit for it"
            );
        }
        const auto eligible = cluster.eligible();
        for (const auto& [label, resource] : cluster.state().resources) check(cluster, resource, eligible);
    }

    void check(
        const FakeCluster& cluster, const ResourceState& resource, const std::set<std::string>& eligible
    ) {
        const std::string& label = resource.ha_label;
        const auto& node = resource.started_on;
        require(!node || resource.configured_on(*node), "I-1", label + " runs on a node that it is not for");
        require(!node || eligible.contains(*node), "I-2", label + " runs on a node that is not online");
        require(resource.role == ResourceRole::started || !node, "I-5", label + " is stopped and runs");
        const bool has_place = place(resource, eligible, false).has_value();
        require(!has_place || node.has_value(), "I-6", label + " should run and does not");
        for (const auto* configured : {&resource.primary_node, &resource.secondary_node}) {
            if (*configured) check_configured(cluster, resource, **configured);
        }
    }

    void check_configured(
        const FakeCluster& cluster, const ResourceState& resource, const std::string& node
    ) {
        const std::string& label = resource.ha_label;
        require(
            cluster.state().nodes.contains(node), "I-7", label + " names " + node + " of another cluster"
        );
        const auto server = by_node_.find(node);
        if (population_.devices == nullptr || server == by_node_.end()) return;
        const auto seen = population_.devices->resolve(server->second->fqdn(), resource.device_path);
        require(seen.has_value(), "I-7", node + " does not see the volume of " + label);
    }

    void check_addresses() {
        std::set<std::string> taken;
        for (const FakeServer* server : population_.servers) {
            for (const auto& address : server->addresses()) {
                require(taken.insert(address).second, "I-14", "two interfaces have the address " + address);
            }
            for (const auto& [name, interface] : server->network_report().interfaces) {
                const std::string& mac = interface.facts->mac_address;
                require(
                    mac.size() == 17 && taken.insert(mac).second, "I-14", "two interfaces have the MAC " + mac
                );
            }
        }
    }

    const Population& population_;
    std::map<std::string, const FakeServer*> by_node_;
    std::set<std::string> homes_;
    std::vector<Violation> found_;
};

}  // namespace

std::vector<Violation> violations(const Population& population) {
    return Checks(population).run();
}

}  // namespace csim
