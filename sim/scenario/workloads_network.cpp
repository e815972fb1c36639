// The network between agents and manager, and between cluster nodes.
#include "sim/agent_network.hpp"
#include "sim/cluster_simulator.hpp"
#include "sim/scenario/workload.hpp"

#include <array>
#include <functional>
#include <memory>

namespace csim {
namespace {

using Kind = WorkloadParameter::Kind;
using StrikePtr = std::shared_ptr<Strike>;

void change(Strike& strike, const std::function<void(LinkConditions&)>& how) {
    for (const std::string& fqdn : strike.on) {
        LinkConditions conditions = strike.host.network.conditions(fqdn);
        how(conditions);
        strike.host.network.set_conditions(fqdn, conditions);
    }
}

void heal(Strike& strike) {
    for (const std::string& fqdn : strike.on) strike.host.network.heal(fqdn);
}

void partition(const StrikePtr& strike) {
    const auto direction = static_cast<int>(strike->number("direction"));
    change(*strike, [&](LinkConditions& link) {
        link.to_manager_cut = direction != 2;
        link.from_manager_cut = direction != 1;
    });
}

void slow_link(const StrikePtr& strike) {
    change(*strike, [&](LinkConditions& link) {
        link.latency = strike->span("latency");
        link.jitter = strike->span("jitter");
        link.bytes_per_second = strike->number("bytes_per_second");
    });
}

void lose_messages(const StrikePtr& strike) {
    change(*strike, [&](LinkConditions& link) {
        link.loss = Ratio{static_cast<std::uint64_t>(strike->number("percent") * 100), 10'000};
    });
}

/// The nodes of the strike's cluster fall into two groups; the second begins at a random place.
void corosync_split(const StrikePtr& strike) {
    for (const std::string& fqdn : strike->on) {
        FakeServer* node = strike->host.simulator.world().find(fqdn);
        if (node == nullptr || node->worker()) continue;
        std::vector<std::string> names;
        for (const auto& [name, member] : node->cluster().state().nodes) names.push_back(name);
        if (names.size() < 2) continue;
        const auto cut =
            static_cast<std::size_t>(strike->chance.between(1, static_cast<std::int64_t>(names.size()) - 1));
        std::vector<std::set<std::string>> groups(2);
        for (std::size_t i = 0; i < names.size(); ++i) groups[i < cut ? 0 : 1].insert(names[i]);
        node->cluster().split(groups);
    }
}

void corosync_whole(Strike& strike) {
    for (const std::string& fqdn : strike.on) {
        FakeServer* node = strike.host.simulator.world().find(fqdn);
        if (node != nullptr && !node->worker()) node->cluster().split({});
    }
}

constexpr std::array partition_parameters{
    WorkloadParameter{
        "direction", Kind::choice, 0, 0, 2, "both to_manager from_manager", "which way nothing gets through"},
};
constexpr std::array slow_parameters{
    WorkloadParameter{"latency", Kind::span, 0.25, 0, 60, "", "of every message, one way"},
    WorkloadParameter{"jitter", Kind::span, 0.25, 0, 60, "", "added at random"},
    WorkloadParameter{"bytes_per_second", Kind::number, 125000, 100, 1e12, "", "of the link"},
};
constexpr std::array loss_parameters{
    WorkloadParameter{"percent", Kind::number, 10, 0, 100, "", "of requests and of answers that get lost"},
};

constexpr std::array<ScenarioWorkload, 4> table{{
    {"corosync_split",
     ScenarioWorkload::Where::cluster,
     true,
     true,
     90,
     {},
     &corosync_split,
     &corosync_whole,
     "The network between the nodes of an HA cluster is cut in two; the stronger side fences the other."},
    {"lose_messages", ScenarioWorkload::Where::server, true, true, 120, loss_parameters, &lose_messages,
     &heal, "Requests and answers get lost; what was lost may still arrive, later and out of order."},
    {"partition", ScenarioWorkload::Where::server, true, true, 120, partition_parameters, &partition, &heal,
     "The server cannot reach the manager, or hears nothing of it, or neither."},
    {"slow_link", ScenarioWorkload::Where::server, true, true, 300, slow_parameters, &slow_link, &heal,
     "The way to the manager becomes long and narrow."},
}};

}  // namespace

std::span<const ScenarioWorkload> network_workloads() {
    return table;
}

}  // namespace csim
