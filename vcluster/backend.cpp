#include "vcluster/backend.hpp"

#include "core/result.hpp"
#include "runtime/namespaces/namespaces_runtime.hpp"
#include "vcluster/docker/docker_backend.hpp"

#include <unistd.h>

namespace csim {

std::string host_address(const std::string& network, std::size_t number) {
    unsigned parts[4] = {};
    unsigned bits = 24;
    if (std::sscanf(network.c_str(), "%u.%u.%u.%u/%u", &parts[0], &parts[1], &parts[2], &parts[3], &bits) !=
            5 ||
        bits > 30)
        return "";
    const std::uint64_t hosts = (1ULL << (32 - bits)) - 2;
    // The highest is the gateway's.
    if (number == 0 || number >= hosts) return "";
    const std::uint32_t base = (parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3]) &
                               ~static_cast<std::uint32_t>((1ULL << (32 - bits)) - 1);
    const std::uint32_t address = base + static_cast<std::uint32_t>(number);
    return std::to_string(address >> 24) + "." + std::to_string(address >> 16 & 255) + "." +
           std::to_string(address >> 8 & 255) + "." + std::to_string(address & 255);
}

std::vector<std::string> Backend::addresses(const ClusterSpec& spec) {
    const std::string network = spec.subnet.empty() ? "10.213.0.0/16" : spec.subnet;
    std::vector<std::string> all;
    for (std::size_t i = 1; i <= spec.nodes.size(); ++i) {
        all.push_back(host_address(network, i));
        if (all.back().empty())
            throw Fatal(
                "the network " + network + " is too small for " + std::to_string(spec.nodes.size()) +
                    " nodes",
                2
            );
    }
    return all;
}

NodeSpec Backend::node_spec(const ClusterSpec&, const PlannedNode& node, const std::string& address) {
    NodeSpec spec;
    spec.name = name_of(node.hostname);
    spec.address = address;
    return spec;
}

namespace {

std::unique_ptr<Backend> open_backend(
    const ClusterStore& store, const ClusterRecord& record, const ClusterSpec& spec, bool fresh
) {
    if (const std::string why = why_not_backend(store, record.backend); !why.empty()) throw Fatal(why, 5);
    if (record.backend == "simulated") return simulated_backend(store, record, spec, fresh);
    if (record.backend == "docker") return docker_backend(record, spec);
    return namespaces_backend(store, record, spec, fresh);
}

}  // namespace

std::unique_ptr<Backend> make_backend(
    const ClusterStore& store, const ClusterRecord& record, const ClusterSpec& spec
) {
    return open_backend(store, record, spec, true);
}

std::unique_ptr<Backend> find_backend(
    const ClusterStore& store, const ClusterRecord& record, const ClusterSpec& spec
) {
    return open_backend(store, record, spec, false);
}

std::string why_not_backend(const ClusterStore& store, const std::string& backend) {
    if (store.simulated_only() && backend != "simulated")
        return "this port has no token, so it serves simulated clusters only and not those on " + backend +
               "; start it with a --control_token";
    return why_not_backend(backend);
}

std::string why_not_backend(const std::string& backend) {
    if (backend == "simulated") return "";
    if (backend == "namespaces") return why_no_namespaces();
    if (backend == "docker") return why_no_docker();
    return "clusters cannot be made on the backend " + backend +
           "; there are simulated, namespaces and docker";
}

}  // namespace csim
