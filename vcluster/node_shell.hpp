// A shell on a node for people: of the node itself where programs are real, line by line where they are not.
#pragma once

#include "vcluster/cluster.hpp"

#include <iosfwd>

namespace csim {

/// Until `exit` or the end of the input. Returns the last status.
int node_shell(Cluster& cluster, const PlannedNode& node, std::istream& in, std::ostream& out, bool prompt);

}  // namespace csim
