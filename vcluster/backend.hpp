// What clusters are made of: a runtime for their nodes, with its time, and what only that kind can do.
#pragma once

#include "vcluster/nodes.hpp"
#include "vcluster/spec/spec.hpp"
#include "vcluster/store.hpp"

#include <memory>

namespace csim {

class Backend {
  public:
    virtual ~Backend() = default;

    virtual Nodes& nodes() = 0;
    /// Whether real programs run there.
    virtual bool real() const = 0;
    /// What the runtime calls the node.
    virtual std::string name_of(const std::string& hostname) const { return hostname; }
    /// Addresses for so many nodes, in order. Throws Fatal if the specification's network is too small.
    virtual std::vector<std::string> addresses(const ClusterSpec& spec);
    /// Makes what the nodes share before there are any, and what they lack when they are up.
    virtual void begin(const ClusterSpec&) {}
    virtual NodeSpec node_spec(const ClusterSpec& spec, const PlannedNode& node, const std::string& address);
    virtual void furnish(const ClusterSpec&, const PlannedNode&) {}
    /// Removes what the nodes shared. Complaints, one a line; empty when nothing is left.
    virtual std::vector<std::string> end() { return {}; }
    /// Which capabilities a node's programs lack, for runtimes that have no word for it.
    virtual std::uint64_t without_capabilities(const ClusterSpec&) { return 0; }
    /// What has happened is on disk.
    virtual void commit() {}
};

/// Of a cluster that is being made, or that is there. Throws Fatal with status 5 when it cannot be had here.
std::unique_ptr<Backend> make_backend(
    const ClusterStore& store, const ClusterRecord& record, const ClusterSpec& spec
);
std::unique_ptr<Backend> find_backend(
    const ClusterStore& store, const ClusterRecord& record, const ClusterSpec& spec
);
/// Why the backend cannot be used on this machine, in one sentence; empty if it can.
std::string why_not_backend(const std::string& backend);
/// The same for clusters of the store, which may be for simulated ones only.
std::string why_not_backend(const ClusterStore& store, const std::string& backend);

/// The nth host of a network such as 10.9.0.0/24, from 1; empty: it has not so many.
std::string host_address(const std::string& network, std::size_t number);

std::unique_ptr<Backend> simulated_backend(
    const ClusterStore& store, const ClusterRecord& record, const ClusterSpec& spec, bool fresh
);
std::unique_ptr<Backend> namespaces_backend(
    const ClusterStore& store, const ClusterRecord& record, const ClusterSpec& spec, bool fresh
);

}  // namespace csim
