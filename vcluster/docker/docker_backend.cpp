// A network that bears the cluster's name and its labels, and a container a node.
#include "vcluster/docker/docker_backend.hpp"

#include "core/hex.hpp"
#include "vcluster/cluster.hpp"
#include "vcluster/docker/docker_runtime.hpp"

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <set>

namespace csim {
namespace {

DockerHosts hosts_of(const DockerEngine& engine) {
    auto hosts = DockerHosts::of(engine);
    if (!hosts) throw Fatal(hosts.error().detail, cluster_status::unavailable);
    return std::move(*hosts);
}

DockerEngine engine_at(const std::string& address) {
    auto http = EngineHttp::at(address);
    if (!http) throw Fatal("DOCKER_HOST: " + http.error().detail, cluster_status::invalid);
    return DockerEngine(std::move(*http));
}

std::string sha256(const std::string& text) {
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_Digest(text.data(), text.size(), raw, &length, EVP_sha256(), nullptr);
    return hex_text({reinterpret_cast<char*>(raw), length});
}

Json environment_list(const Environment& env) {
    Json list = Json::array();
    for (const auto& [name, value] : env) list.push_back(name + "=" + value);
    return list;
}

Json mount_list(const std::vector<MountSpec>& mounts) {
    Json list = Json::array();
    for (const MountSpec& each : mounts)
        if (each.source.starts_with("/"))
            list.push_back(each.source + ":" + each.target + (each.read_only ? ":ro" : ":rw"));
    return list;
}

/// File systems in memory, by path, with their options.
Json memory_mounts(const std::vector<MountSpec>& mounts) {
    Json all = Json::object();
    for (const MountSpec& each : mounts) {
        const auto colon = each.source.find(':');
        if (!each.source.starts_with("/"))
            all[each.target] = colon == std::string::npos ? "" : each.source.substr(colon + 1);
    }
    return all;
}

/// The highest host address, which no node gets.
std::string gateway_of(const std::string& network) {
    const int bits = std::atoi(network.c_str() + network.find('/') + 1);
    const std::size_t last = (1ULL << (32 - bits)) - 3;
    std::string address = host_address(network, last);
    const auto dot = address.rfind('.');
    return address.substr(0, dot + 1) + std::to_string(std::atoi(address.c_str() + dot + 1) + 1);
}

/// The last quarter of a network, as a network: where a Swarm takes addresses of its own from, one a machine.
/// Empty: the network is too small to be parted.
std::string last_quarter(const std::string& network) {
    const int bits = std::atoi(network.c_str() + network.find('/') + 1);
    if (bits > 27) return "";
    return host_address(network, 3ULL << (30 - bits)) + "/" + std::to_string(bits + 2);
}

class DockerBackend final : public Backend {
  public:
    DockerBackend(const ClusterRecord& record, const ClusterSpec& spec)
        : record_(record),
          spec_(spec),
          engine_(engine_at(record.place.empty() ? usual_engine() : record.place)),
          timeline_(wall_now()),
          loop_(timeline_, Pace::realtime()),
          runtime_(
              loop_, timeline_, hosts_of(engine_), "cluster-sim.cluster=" + spec.name,
              [this](const NodeSpec& node) { return container(node); }
          ),
          nodes_(timeline_, loop_, runtime_) {}

    Nodes& nodes() override { return nodes_; }
    bool real() const override { return true; }
    std::string name_of(const std::string& hostname) const override { return spec_.name + "-" + hostname; }

    std::vector<std::string> addresses(const ClusterSpec& spec) override {
        network_ = spec.subnet.empty() ? free_network() : spec.subnet;
        std::vector<std::string> all;
        const int bits = std::atoi(network_.c_str() + network_.find('/') + 1);
        const std::size_t most =
            runtime_.hosts().swarm() && bits <= 27 ? (3ULL << (30 - bits)) - 1 : SIZE_MAX;
        for (std::size_t i = 1; i <= spec.nodes.size(); ++i) {
            all.push_back(host_address(network_, i));
            if (all.back().empty() || i > most)
                throw Fatal(
                    "the network " + network_ + " is too small for " + std::to_string(spec.nodes.size()) +
                        " nodes",
                    cluster_status::invalid
                );
        }
        return all;
    }

    void begin(const ClusterSpec& spec) override {
        std::vector<std::string> names;
        for (const PlannedNode& node : spec.nodes) names.push_back(name_of(node.hostname));
        runtime_.place(names);
        require_images(spec);
        const bool swarm = runtime_.hosts().swarm();
        Json range{{"Subnet", network_}, {"Gateway", gateway_of(network_)}};
        if (const std::string quarter = last_quarter(network_); swarm && !quarter.empty())
            range["IPRange"] = quarter;
        const Json body{
            {"Name", spec.name},
            {"CheckDuplicate", true},
            {"Driver", swarm ? "overlay" : "bridge"},
            {"Attachable", true},
            {"EnableIPv6", false},
            {"Labels", network_labels()},
            {"IPAM", {{"Config", Json::array({range})}}}};
        const auto made = engine_.call("POST", "/networks/create", body);
        if (!made && made.error().code == Errc::conflict)
            throw Fatal(
                "there is a network " + spec.name +
                    " that is not of a cluster of ours, perhaps of an earlier run: " + made.error().detail,
                cluster_status::exists
            );
        if (!made) throw Fatal("the network " + spec.name + ": " + made.error().detail);
    }

    NodeSpec node_spec(const ClusterSpec&, const PlannedNode& node, const std::string& address) override {
        NodeSpec spec;
        spec.name = name_of(node.hostname);
        spec.base = node.image;
        spec.address = address;
        spec.network = spec_.name;
        return spec;
    }

    std::vector<std::string> end() override {
        const auto seen = engine_.call("GET", "/networks/" + spec_.name, nullptr);
        if (!seen && seen.error().code == Errc::not_found) return {};
        if (!seen) return {"the network " + spec_.name + ": " + seen.error().detail};
        const Json labels = seen->body.value("Labels", Json::object());
        if (!labels.is_object() ||
            (!labels.contains("cluster-sim.cluster") && !labels.contains("DockerCluster")))
            return {};
        const auto gone = engine_.call("DELETE", "/networks/" + spec_.name, nullptr);
        if (gone || gone.error().code == Errc::not_found) return {};
        return {"the network " + spec_.name + ": " + gone.error().detail};
    }

  private:
    /// On every machine that gets a node of it.
    void require_images(const ClusterSpec& spec) {
        std::set<std::pair<std::string, std::string>> asked;
        for (const PlannedNode& node : spec.nodes) {
            const std::string name = name_of(node.hostname), host = runtime_.hosts().host_of(name);
            if (!asked.insert({host, node.image}).second) continue;
            const auto found =
                runtime_.hosts().engine_of(name, {}).call("GET", "/images/" + node.image + "/json", nullptr);
            if (!found)
                throw Fatal(
                    "image: the engine " + (runtime_.hosts().all().size() > 1 ? "of " + host + " " : "") +
                        "has no image " + node.image + ": " + found.error().detail,
                    cluster_status::unavailable
                );
        }
    }

    Json own_labels() const {
        return {
            {"cluster-sim.version", CSIM_VERSION},
            {"cluster-sim.cluster", spec_.name},
            {"cluster-sim.owner", record_.owner},
            {"cluster-sim.created", record_.created},
            {"cluster-sim.spec-sha256", sha256(spec_.normalised.dump())}};
    }
    /// Those that the original's tools look for, too.
    Json network_labels() const {
        Json aliases = Json::object(), hostnames = Json::array();
        for (const PlannedNode& node : spec_.nodes) {
            aliases[node.hostname] = node.aliases;
            hostnames.push_back(node.hostname);
        }
        Json labels = own_labels();
        labels["DockerCluster"] = Json{
            {"name", spec_.name},
            {"image", spec_.image},
            {"env", environment_list(spec_.env)},
            {"nodes", hostnames},
            {"mounts", mount_list(spec_.mounts)},
            {"cap_add", spec_.cap_add},
            {"cap_drop",
             spec_.cap_drop}}.dump();
        labels["LDMSDCluster.spec"] = record_.spec;
        labels["node_aliases"] = aliases.dump();
        return labels;
    }

    Json container(const NodeSpec& node) const {
        const PlannedNode* planned = find_planned(spec_, node.name);
        std::vector<MountSpec> mounts;
        std::error_code error;
        if (std::filesystem::is_directory(spec_.ovis_prefix, error))
            mounts.push_back({spec_.ovis_prefix, "/opt/ovis", true});
        mounts.insert(mounts.end(), planned->mounts.begin(), planned->mounts.end());
        Json labels = own_labels();
        labels["cluster-sim.node"] = planned->hostname;
        labels["cluster-sim.index"] = std::to_string(planned - spec_.nodes.data() + 1);
        return {
            {"Image", node.base},
            {"Hostname", planned->hostname},
            {"Env", environment_list(node_environment(spec_, *planned))},
            {"Tty", true},
            {"OpenStdin", true},
            {"Entrypoint", {"/bin/sh"}},
            {"Cmd", Json::array()},
            {"Labels", labels},
            {"HostConfig",
             {{"Binds", mount_list(mounts)},
              {"Tmpfs", memory_mounts(mounts)},
              {"CapAdd", spec_.cap_add},
              {"CapDrop", spec_.cap_drop},
              {"NetworkMode", node.network},
              {"Init", true}}},
            {"NetworkingConfig",
             {{"EndpointsConfig", {{node.network, {{"IPAMConfig", {{"IPv4Address", node.address}}}}}}}}}};
    }

    /// A /24 of 10.213.0.0/16 that no network of the engine overlaps.
    std::string free_network() {
        const auto seen = engine_.call("GET", "/networks", nullptr);
        if (!seen) throw Fatal(seen.error().detail, cluster_status::unavailable);
        const std::string taken = seen->body.dump();
        for (int i = 0; i < 256; ++i) {
            const std::string start = "10.213." + std::to_string(i) + ".";
            if (taken.find("\"" + start) == std::string::npos) return start + "0/24";
        }
        throw Fatal("no network of 10.213.0.0/16 is free; give a subnet", cluster_status::failed);
    }

    ClusterRecord record_;
    ClusterSpec spec_;
    DockerEngine engine_;
    Timeline timeline_;
    EventLoop loop_;
    DockerRuntime runtime_;
    Nodes nodes_;
    std::string network_;
};

}  // namespace

std::unique_ptr<Backend> docker_backend(const ClusterRecord& record, const ClusterSpec& spec) {
    return std::make_unique<DockerBackend>(record, spec);
}

std::string why_no_docker() {
    const auto http = EngineHttp::at(usual_engine());
    if (!http) return "DOCKER_HOST: " + http.error().detail;
    const DockerEngine engine(*http);
    const auto ping = engine.call("GET", "/_ping", nullptr, {5s, nullptr});
    if (!ping) return ping.error().detail;
    const auto hosts = DockerHosts::of(engine, {5s, nullptr});
    return hosts ? "" : hosts.error().detail;
}

}  // namespace csim
