// Block devices and their controllers.
#include "sim/cluster_simulator.hpp"
#include "sim/scenario/workload.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <memory>

namespace csim {
namespace {

using StrikePtr = std::shared_ptr<Strike>;

/// Names of the groups of servers that this one sees volumes by, as they are saved.
std::vector<std::string> groups_of(World& world, const std::string& fqdn) {
    std::vector<std::string> names;
    for (const auto& [name, saved] :
         world.context().documents.store().load_section("devices.json", "presentations")) {
        const Json servers = saved.value("servers", Json::array());
        if (std::find(servers.begin(), servers.end(), Json(fqdn)) != servers.end()) names.push_back(name);
    }
    return names;
}

void vanish(Strike& strike, const std::vector<std::string>& servers) {
    FakeDevices& devices = strike.host.simulator.world().devices();
    for (const std::string& fqdn : servers) {
        const auto groups = groups_of(strike.host.simulator.world(), fqdn);
        if (groups.empty()) continue;
        strike.kept[fqdn] = groups;
        strike.kept["volumes of " + fqdn] = devices.presented_to(fqdn);
        devices.remove_presentations(fqdn);
    }
}

void device_vanish(const StrikePtr& strike) {
    vanish(*strike, strike->on);
}

void appear(Strike& strike) {
    FakeDevices& devices = strike.host.simulator.world().devices();
    for (const auto& [fqdn, groups] : strike.kept) {
        if (strike.host.simulator.world().find(fqdn) == nullptr) continue;
        for (const std::string& group : groups) {
            // A group that nobody was left in is gone, and is made anew.
            if (!devices.join_group(group, fqdn))
                (void)devices.present(group, {fqdn}, strike.kept.at("volumes of " + fqdn));
        }
    }
}

/// Every volume is presented to the servers again.
void device_appear(const StrikePtr& strike) {
    FakeDevices& devices = strike->host.simulator.world().devices();
    for (const std::string& fqdn : strike->on) {
        if (!devices.presented_to(fqdn).empty()) continue;
        for (const std::string& group : devices.groups()) (void)devices.join_group(group, fqdn);
    }
}

/// The array behind a server's volumes is gone: everybody who saw one of them sees none.
void controller_failure(const StrikePtr& strike) {
    FakeDevices& devices = strike->host.simulator.world().devices();
    std::set<std::string> servers;
    for (const std::string& fqdn : strike->on) {
        const auto seen = devices.presented_to(fqdn);
        if (seen.empty()) continue;
        for (const std::string& other : devices.seen_by(seen.front())) servers.insert(other);
    }
    vanish(*strike, {servers.begin(), servers.end()});
}

constexpr std::array<ScenarioWorkload, 3> table{{
    {"controller_failure",
     ScenarioWorkload::Where::server,
     true,
     true,
     180,
     {},
     &controller_failure,
     &appear,
     "A storage controller fails: all servers that share its volumes see none of them."},
    {"device_appear",
     ScenarioWorkload::Where::server,
     true,
     false,
     0,
     {},
     &device_appear,
     nullptr,
     "Volumes that had vanished are presented to the server again."},
    {"device_vanish",
     ScenarioWorkload::Where::server,
     true,
     true,
     180,
     {},
     &device_vanish,
     &appear,
     "The server sees no shared volume any more."},
}};

}  // namespace

std::span<const ScenarioWorkload> storage_workloads() {
    return table;
}

}  // namespace csim
