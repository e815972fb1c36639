#include "sim/world_checks.hpp"

#include "fakes/invariants.hpp"
#include "sim/cluster_simulator.hpp"

#include <set>
#include <string>

namespace csim {
namespace {

constexpr std::size_t sessions_max = 7;

void append(std::vector<Violation>& all, std::vector<Violation> more) {
    for (Violation& each : more) all.push_back(std::move(each));
}

Population population_of(const World& world) {
    Population population;
    for (const FakeServer* server : world.nodes()) population.servers.push_back(server);
    for (const FakeCluster* cluster : world.clusters()) population.clusters.push_back(cluster);
    population.devices = &world.devices();
    return population;
}

/// I-29 for power and copytools: nothing refers to a node that is gone.
void check_references(const World& world, std::vector<Violation>& found) {
    for (const auto& [outlet, fqdn] : world.power().outlets().servers()) {
        if (world.find(fqdn) == nullptr)
            found.push_back(
                {"I-29", "outlet " + std::to_string(outlet) + " feeds " + fqdn + ", which is gone"}
            );
    }
    for (const HsmCopytool* copytool : world.hsm().copytools()) {
        const FakeServer* const worker = world.find((*copytool)->server);
        if (worker == nullptr) {
            found.push_back({"I-29", "copytool " + copytool->id() + " belongs to a node that is gone"});
        } else if (copytool->running() && !worker->up()) {
            found.push_back({"I-3", "copytool " + copytool->id() + " runs on a node that is not up"});
        }
    }
}

/// I-7: a target runs where its own volume is seen.
void check_started_targets(const World& world, std::vector<Violation>& found) {
    for (const FakeCluster* cluster : world.clusters()) {
        for (const auto& [label, resource] : cluster->state().resources) {
            if (!resource.started_on) continue;
            const std::string serial = world.targets().serial_of_uuid(resource.uuid);
            const TargetState* const target = serial.empty() ? nullptr : world.targets().find(serial);
            if (target == nullptr) continue;
            const auto device = world.devices().resolve(
                cluster->state().nodes.at(*resource.started_on).fqdn, resource.device_path
            );
            if (!device || *device != serial)
                found.push_back({"I-7", label + " runs where its volume is not seen"});
        }
    }
}

void check_agent(const ClusterSimulator& simulator, const FakeServer& node, std::vector<Violation>& found) {
    const std::string& fqdn = node.fqdn();
    const bool registered = simulator.credentials().registered(fqdn);
    const bool running = simulator.fleet().running(fqdn);
    const std::size_t sessions = simulator.fleet().sessions_open(fqdn);
    if (running && !node.up()) found.push_back({"I-3", fqdn + " is not up and its agent runs"});
    if (sessions > 0 && !running) found.push_back({"I-3", fqdn + " has sessions without an agent"});
    if (running && !registered) found.push_back({"I-18", fqdn + " is not registered and its agent runs"});
    if (node.registered() != registered)
        found.push_back({"I-18", fqdn + " does not know whether it is registered"});
    if (sessions > sessions_max)
        found.push_back({"I-19", fqdn + " has " + std::to_string(sessions) + " sessions for seven plugins"});
}

}  // namespace

std::vector<Violation> violations(const World& world) {
    const Population population = population_of(world);
    std::set<std::string> names;
    for (const FakeServer* server : population.servers) names.insert(server->fqdn());
    std::vector<Violation> found = violations(population);
    append(found, world.devices().violations(&names));
    append(found, world.targets().violations());
    append(found, world.controllers().violations());
    append(found, world.power().violations());
    for (const FakeServer* server : population.servers)
        append(found, power_violations(world.power(), *server));
    append(found, world.hsm().violations());
    check_references(world, found);
    check_started_targets(world, found);
    return found;
}

std::vector<Violation> violations(const ClusterSimulator& simulator) {
    std::vector<Violation> found = violations(simulator.world());
    for (const FakeServer* node : simulator.world().nodes()) check_agent(simulator, *node, found);
    return found;
}

}  // namespace csim
