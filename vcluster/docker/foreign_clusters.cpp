#include "vcluster/docker/foreign_clusters.hpp"

#include "vcluster/docker/docker_backend.hpp"
#include "vcluster/docker/docker_hosts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace csim {
namespace {

/// None when no engine answers, or one of its machines does not.
std::optional<DockerHosts> usual_docker_hosts() {
    auto http = EngineHttp::at(usual_engine());
    if (!http) return std::nullopt;
    const DockerEngine engine(std::move(*http));
    if (!engine.call("GET", "/_ping", nullptr, {5s, nullptr})) return std::nullopt;
    auto hosts = DockerHosts::of(engine);
    if (!hosts) return std::nullopt;
    return std::move(*hosts);
}

/// Of the original, or of ours.
bool is_marked(const Json& network) {
    const Json labels = network.value("Labels", Json());
    return labels.is_object() && (labels.contains("DockerCluster") || labels.contains("cluster-sim.cluster"));
}

/// Names may come from elsewhere, so whatever a target cannot carry is put in another form.
std::string escaped(const std::string& text) {
    static const char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.')
            out += c;
        else
            out += std::string("%") + digits[byte >> 4] + digits[byte & 15];
    }
    return out;
}

std::vector<std::string> containers_of(const DockerHosts& hosts, const std::string& network) {
    const std::string target =
        "/containers/json?all=1&filters=" + escaped(Json{{"network", {network}}}.dump());
    std::vector<std::string> names;
    for (const DockerHost& host : hosts.all()) {
        const auto seen = host.engine.call("GET", target, nullptr);
        if (!seen || !seen->body.is_array()) continue;
        for (const Json& each : seen->body) {
            const Json list = each.value("Names", Json::array());
            const std::string name = list.empty() ? each.value("Id", "") : list[0].get<std::string>();
            names.push_back(name.substr(name.starts_with("/") ? 1 : 0));
        }
    }
    std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    });
    return names;
}

}  // namespace

std::vector<ForeignCluster> foreign_clusters(const ClusterStore& store) {
    std::vector<ForeignCluster> all;
    const auto hosts = usual_docker_hosts();
    if (!hosts) return all;
    const auto seen = hosts->all()[0].engine.call("GET", "/networks", nullptr);
    if (!seen || !seen->body.is_array()) return all;
    for (const Json& network : seen->body) {
        const std::string name = network.value("Name", "");
        if (!is_marked(network) || store.load(name)) continue;
        all.push_back({name, network.value("Created", ""), containers_of(*hosts, name)});
    }
    return all;
}

Removal remove_foreign_cluster(const std::string& name) {
    Removal removal;
    const auto hosts = usual_docker_hosts();
    if (!hosts) throw Fatal(why_no_docker(), cluster_status::unavailable);
    const DockerEngine& manager = hosts->all()[0].engine;
    const std::string network = "/networks/" + escaped(name);
    const auto seen = manager.call("GET", network, nullptr);
    if (!seen || !is_marked(seen->body)) return removal;
    removal.was_there = true;
    const auto ask = [&](const DockerEngine& engine, const std::string& method, const std::string& target,
                         const Json& body) {
        const auto done = engine.call(method, target, body);
        if (!done && done.error().code != Errc::not_found)
            removal.complaints.push_back(method + " " + target + ": " + done.error().detail);
    };
    for (const std::string& each : containers_of(*hosts, name))
        ask(hosts->engine_of(each, {}), "DELETE", "/containers/" + escaped(each) + "?force=1&v=1", nullptr);
    // Ends of containers that are gone keep a network from being removed.
    const auto left = manager.call("GET", network, nullptr);
    const Json ends = left ? left->body.value("Containers", Json::object()) : Json::object();
    if (ends.is_object())
        for (const auto& [id, end] : ends.items())
            ask(manager, "POST", network + "/disconnect",
                {{"Container", end.value("Name", id)}, {"Force", true}});
    ask(manager, "DELETE", network, nullptr);
    return removal;
}

}  // namespace csim
