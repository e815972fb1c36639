#include "sim/vtime/world_watch.hpp"

#include "fakes/invariants.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace csim {
namespace {

void append(std::vector<Violation>& to, std::vector<Violation> more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

WorldWatch::WorldWatch(VirtualCluster& cluster, const std::unique_ptr<ScenarioRun>& scenario)
    : cluster_(cluster), scenario_(scenario) {
    cluster_.trace().add_sink([this](const TraceEvent& event) {
        if (touched_.size() < 64) touched_.emplace(event.subject);
    });
    cluster_.network().on_arrival = [this](const std::string& fqdn, const AgentPost& post, bool late) {
        post_arrived(fqdn, post, late);
    };
}

/// I-19: what arrives in order carries rising numbers. Late copies of what was lost may come in between.
void WorldWatch::post_arrived(const std::string& fqdn, const AgentPost& post, bool late) {
    if (late) return;
    auto& of_host = sequences_[fqdn];
    for (const Message& message : post.messages) {
        if (message.type != MessageType::data || !message.plugin || !message.session_seq) continue;
        auto found = of_host.find(message.plugin->str());
        if (found == of_host.end()) found = of_host.emplace(message.plugin->str(), Sequence{}).first;
        Sequence& seen = found->second;
        if (seen.session != *message.session_id) seen = {*message.session_id, -1};
        if (*message.session_seq <= seen.last) {
            wire_.push_back(
                {"I-19", fqdn + " sent number " + std::to_string(*message.session_seq) + " of " +
                             message.plugin->str() + " after " + std::to_string(seen.last)}
            );
        }
        seen.last = *message.session_seq;
    }
}

/// While volumes are taken away on purpose, a resource's node may well not see its own.
bool WorldWatch::excused(const Violation& violation) const {
    if (violation.invariant != "I-7") return false;
    return scenario_->active() > 0;
}

void WorldWatch::check_server(const FakeServer& node, std::vector<Violation>& found) const {
    const std::string& fqdn = node.fqdn();
    const Fleet& fleet = cluster_.simulator().fleet();
    if (!node.up() && fleet.running(fqdn)) found.push_back({"I-3", fqdn + " is not up and its agent runs"});
    if (fleet.sessions_open(fqdn) > 0 && !node.up())
        found.push_back({"I-3", fqdn + " is not up and has sessions"});
    if (fleet.sessions_open(fqdn) > 0 && !node.registered())
        found.push_back({"I-18", fqdn + " is not registered and has sessions"});
}

std::vector<Violation> WorldWatch::after_event() {
    std::vector<Violation> found = std::exchange(wire_, {});
    if (touched_.empty()) return found;
    std::map<std::int64_t, FakeCluster*> clusters;
    const auto touched = std::exchange(touched_, {});
    for (const std::string& subject : touched) {
        if (const FakeServer* node = cluster_.simulator().world().find(subject)) {
            check_server(*node, found);
            clusters[node->cluster().id()] = &node->cluster();
            append(found, power_violations(cluster_.simulator().world().power(), *node));
        } else if (subject.starts_with("fake_cluster_")) {
            const std::int64_t id = std::stoll(subject.substr(13));
            clusters[id] = &cluster_.simulator().world().cluster(id);
        }
    }
    for (const auto& [id, cluster] : clusters) {
        Population some;
        some.clusters.push_back(cluster);
        some.devices = &cluster_.simulator().world().devices();
        for (const auto& [name, member] : cluster->state().nodes) {
            if (const FakeServer* node = cluster_.simulator().world().find(member.fqdn))
                some.servers.push_back(node);
        }
        append(found, violations(some));
    }
    std::erase_if(found, [this](const Violation& each) { return excused(each); });
    return found;
}

std::vector<Violation> WorldWatch::all() {
    World& world = cluster_.simulator().world();
    std::vector<Violation> found = std::exchange(wire_, {});
    Population everybody;
    std::set<std::string> servers;
    for (const FakeServer* node : world.nodes()) {
        everybody.servers.push_back(node);
        servers.insert(node->fqdn());
        check_server(*node, found);
        append(found, power_violations(world.power(), *node));
    }
    for (const FakeCluster* cluster : world.clusters()) everybody.clusters.push_back(cluster);
    everybody.devices = &world.devices();
    append(found, violations(everybody));
    append(found, world.devices().violations(&servers));
    append(found, world.targets().violations());
    append(found, world.power().violations());
    append(found, world.controllers().violations());
    append(found, world.hsm().violations());
    std::erase_if(found, [this](const Violation& each) { return excused(each); });
    return found;
}

}  // namespace csim
