// What several commands of `cluster-sim vcluster` share.
#pragma once

#include "apps/cluster_sim/vcluster_options.hpp"
#include "vcluster/cluster.hpp"

#include <string>

namespace csim {

/// A file's text, or standard input's for `-`. Throws Fatal (status 2) that calls it a `what`.
std::string spec_text(const std::string& path, const std::string& what = "specification");
/// Warnings go to standard error.
ClusterOptions cluster_options(const VclusterOptions& options);

}  // namespace csim
