#include "vcluster/docker/docker_hosts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <sstream>

namespace csim {
namespace {

/// What $CLUSTER_SIM_DOCKER_HOSTS says, by name.
std::map<std::string, std::string> given_addresses() {
    const char* const given = std::getenv("CLUSTER_SIM_DOCKER_HOSTS");
    std::istringstream words(given != nullptr ? given : "");
    std::map<std::string, std::string> all;
    for (std::string word; words >> word;)
        if (const auto equals = word.find('='); equals != std::string::npos)
            all[word.substr(0, equals)] = word.substr(equals + 1);
    return all;
}

std::string text_at(const Json& object, const char* outer, const char* inner) {
    const Json part = object.is_object() ? object.value(outer, Json()) : Json();
    const Json found = part.is_object() ? part.value(inner, Json()) : Json();
    return found.is_string() ? found.get<std::string>() : "";
}

Result<DockerHost> host_at(const std::string& name, const std::string& address, const CallLimit& limit) {
    auto http = EngineHttp::at(address);
    if (!http) return Error{http.error().code, "the engine of " + name + ": " + http.error().detail};
    DockerHost host{name, DockerEngine(std::move(*http)), 0};
    const auto info = host.engine.call("GET", "/info", nullptr, limit);
    if (!info)
        return Error{
            Errc::unreachable, "the engine of the Swarm's machine " + name + ": " + info.error().detail +
                                   "; $CLUSTER_SIM_DOCKER_HOSTS can say where it is (" + name + "=ADDRESS)"};
    host.running = info->body.value("ContainersRunning", 0);
    return host;
}

}  // namespace

std::vector<std::size_t> spread_over(
    std::size_t nodes, const std::vector<std::pair<std::string, int>>& hosts
) {
    std::vector<std::size_t> order(hosts.size()), counts(hosts.size(), 0);
    if (hosts.empty()) return counts;
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(hosts[a].second, hosts[a].first) < std::pair(hosts[b].second, hosts[b].first);
    });
    const int most = hosts[order.back()].second;
    for (const std::size_t each : order) {
        counts[each] = std::min(nodes, static_cast<std::size_t>(most - hosts[each].second));
        nodes -= counts[each];
    }
    for (std::size_t i = 0; i < order.size(); ++i)
        counts[order[i]] += nodes / order.size() + (i < nodes % order.size() ? 1 : 0);
    return counts;
}

Result<DockerHosts> DockerHosts::of(const DockerEngine& first, const CallLimit& limit) {
    DockerHosts hosts;
    const auto info = first.call("GET", "/info", nullptr, limit);
    const Json facts = info ? info->body : Json::object();
    const int running = facts.is_object() ? facts.value("ContainersRunning", 0) : 0;
    const std::string name = facts.is_object() ? facts.value("Name", "here") : "here";
    hosts.swarm_ = text_at(facts, "Swarm", "LocalNodeState") == "active";
    hosts.hosts_.push_back({name, first, running});
    // Only managers can tell.
    const auto nodes =
        hosts.swarm_ ? first.call("GET", "/nodes", nullptr, limit) : Result<DockerEngine::Reply>(Error{});
    if (!nodes || !nodes->body.is_array() || nodes->body.size() < 2) return hosts;
    const auto addresses = given_addresses();
    const std::string self = text_at(facts, "Swarm", "NodeID");
    for (const Json& node : nodes->body) {
        if (node.value("ID", "") == self || text_at(node, "Status", "State") != "ready" ||
            text_at(node, "Spec", "Availability") == "drain")
            continue;
        const std::string other = text_at(node, "Description", "Hostname");
        const auto given = addresses.find(other);
        auto host = host_at(
            other,
            given != addresses.end() ? given->second : "tcp://" + text_at(node, "Status", "Addr") + ":2375",
            limit
        );
        if (!host) return host.error();
        hosts.hosts_.push_back(std::move(*host));
    }
    return hosts;
}

void DockerHosts::place(const std::vector<std::string>& containers) {
    std::vector<std::pair<std::string, int>> loads;
    for (const DockerHost& each : hosts_) loads.emplace_back(each.name, each.running);
    const auto counts = spread_over(containers.size(), loads);
    const std::lock_guard lock(places_->mutex);
    std::size_t next = 0;
    for (std::size_t host = 0; host < counts.size(); ++host)
        for (std::size_t i = 0; i < counts[host]; ++i) places_->known[containers[next++]] = host;
}

const DockerEngine& DockerHosts::engine_of(const std::string& container, const CallLimit& limit) const {
    if (hosts_.size() == 1) return hosts_[0].engine;
    {
        const std::lock_guard lock(places_->mutex);
        if (const auto found = places_->known.find(container); found != places_->known.end())
            return hosts_[found->second].engine;
    }
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
        if (!hosts_[i].engine.call("GET", "/containers/" + container + "/json", nullptr, limit)) continue;
        const std::lock_guard lock(places_->mutex);
        places_->known[container] = i;
        return hosts_[i].engine;
    }
    return hosts_[0].engine;
}

std::string DockerHosts::host_of(const std::string& container) const {
    const std::lock_guard lock(places_->mutex);
    const auto found = places_->known.find(container);
    return hosts_[found == places_->known.end() ? 0 : found->second].name;
}

}  // namespace csim
