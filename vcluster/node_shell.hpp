// A shell on a node for people: of the node itself where programs are real, line by line where they are not.
#pragma once

#include "vcluster/cluster.hpp"

#include <iosfwd>

namespace csim {

/// Until `exit` or the end of the input. Returns the last status. Others can use the cluster meanwhile.
/// `node` as in Cluster::node().
int node_shell(
    const ClusterStore& store, const std::string& name, const std::string& node, std::istream& in,
    std::ostream& out, bool prompt
);

}  // namespace csim
