// Agents: their processes, their clocks, their certificates.
#include "sim/cluster_simulator.hpp"
#include "sim/scenario/workload.hpp"
#include "sim/vtime/virtual_cluster.hpp"

#include <array>
#include <memory>

namespace csim {
namespace {

using Kind = WorkloadParameter::Kind;
using StrikePtr = std::shared_ptr<Strike>;

void kill_agent(const StrikePtr& strike) {
    for (const std::string& fqdn : strike->on) strike->host.simulator.fleet().stop(fqdn);
}

void start_agent(Strike& strike) {
    for (const std::string& fqdn : strike.on) {
        const FakeServer* node = strike.host.simulator.world().find(fqdn);
        if (node != nullptr && node->up() && node->registered())
            (void)strike.host.simulator.start_server(fqdn);
    }
}

void hang_agent(const StrikePtr& strike) {
    for (const std::string& fqdn : strike->on) {
        if (strike->host.cluster == nullptr) {
            strike->host.network.set_fault(fqdn, NetworkFault::drop_responses);
            continue;
        }
        LinkConditions conditions = strike->host.network.conditions(fqdn);
        conditions.frozen = true;
        strike->host.network.set_conditions(fqdn, conditions);
    }
}

void go_on(Strike& strike) {
    for (const std::string& fqdn : strike.on) strike.host.network.heal(fqdn);
}

/// A clock that is set changes the boot time that the system reckons; the agent notices when it starts again.
void shift_clocks(Strike& strike, Duration by) {
    for (const std::string& fqdn : strike.on) {
        FakeServer* node = strike.host.simulator.world().find(fqdn);
        if (node == nullptr || !node->up()) continue;
        node->edit([&](ServerState& state) { state.boot_time += by; });
        (void)node->restart_agent();
    }
}

void clock_skew(const StrikePtr& strike) {
    shift_clocks(*strike, strike->span("by"));
}

void revoke(const StrikePtr& strike) {
    if (!strike->host.cluster->manager_alive()) return;
    for (const std::string& fqdn : strike->on) {
        const auto serials = strike->host.cluster->manager().certificates().suspend(fqdn);
        auto& kept = strike->kept["revoked"];
        kept.insert(kept.end(), serials.begin(), serials.end());
    }
}

void reinstate(const std::shared_ptr<std::vector<std::string>>& left, VirtualCluster& cluster) {
    // What the manager cannot keep did not happen: the operator tries again.
    if (!cluster.manager_alive() || cluster.manager_disk().full()) {
        cluster.timeline().after(1s, [left, &cluster] { reinstate(left, cluster); });
        return;
    }
    cluster.manager().certificates().reinstate(*left);
}

void reinstated(Strike& strike) {
    reinstate(std::make_shared<std::vector<std::string>>(strike.kept["revoked"]), *strike.host.cluster);
}

constexpr std::array skew_parameters{
    WorkloadParameter{
        "by", Kind::span, -3600, -864000, 864000, "", "how far the clock is set; may be negative"},
};

constexpr std::array<ScenarioWorkload, 4> table{{
    {"certificate_revoked",
     ScenarioWorkload::Where::server,
     false,
     true,
     120,
     {},
     &revoke,
     &reinstated,
     "The manager no longer takes the agent's certificate, until an operator lifts the revocation."},
    {"clock_skew", ScenarioWorkload::Where::server, true, true, 60, skew_parameters, &clock_skew, nullptr,
     "The server's clock is set, its boot time seems to change, and its agent starts again."},
    {"hang_agent",
     ScenarioWorkload::Where::server,
     true,
     true,
     90,
     {},
     &hang_agent,
     &go_on,
     "The agent's process stands still: its connections stay and nothing comes of them."},
    {"kill_agent",
     ScenarioWorkload::Where::server,
     true,
     true,
     15,
     {},
     &kill_agent,
     &start_agent,
     "The agent's process dies and is started again after `lasts`; the machine goes on."},
}};

}  // namespace

std::span<const ScenarioWorkload> agent_workloads() {
    return table;
}

}  // namespace csim
