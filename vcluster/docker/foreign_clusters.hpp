// Clusters of the engine that are in no store of ours: those of the original, and those of another machine or
// user.
#pragma once

#include "vcluster/cluster.hpp"

namespace csim {

struct ForeignCluster {
    std::string name, created;
    std::vector<std::string> containers;  ///< running or not, in order of creation as far as names tell
};

/// What the usual engine has; nothing when none answers. Networks without the marker of a cluster are left
/// out.
std::vector<ForeignCluster> foreign_clusters(const ClusterStore& store);
/// Removes its containers, the network's stale ends, the network. Throws Fatal when no engine answers;
/// `was_there` is false when it has no such cluster.
Removal remove_foreign_cluster(const std::string& name);

}  // namespace csim
