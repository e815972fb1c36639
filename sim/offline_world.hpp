// A state folder looked at, or made, while no simulator serves it.
#pragma once

#include "sim/node_status.hpp"
#include "sim/setup.hpp"

#include <filesystem>
#include <functional>

namespace csim {

/// Makes a cluster in the folder, as one durable change; or, unless `replace`, lets the one that is there
/// grow to these counts, and returns true. Throws Fatal with one sentence as World::create, and when the
/// folder is in use or not ours; nothing has changed then.
bool create_cluster(
    const std::filesystem::path& folder, const Setup& setup, std::uint64_t seed, bool replace
);

/// What the folder says, whether or not a simulator is serving it. Changes nothing. Throws Fatal.
ClusterStatus read_status(const std::filesystem::path& folder);

}  // namespace csim
