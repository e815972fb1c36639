// A state folder looked at, or made, while no simulator serves it.
#pragma once

#include "sim/node_status.hpp"
#include "sim/setup.hpp"

#include <filesystem>
#include <functional>

namespace csim {

/// What becomes of a cluster that is in the folder already.
enum class Existing {
    refuse,   ///< it stays, and the caller is told
    grow,     ///< it gets what it lacks up to the given counts; it never shrinks
    replace,  ///< it goes, all of it
};

/// Makes a cluster in the folder, as one durable change; returns true if one was there and has grown. Throws
/// Fatal with one sentence as World::create, when `existing` refuses, and when the folder is in use or not
/// ours; nothing has changed then.
bool create_cluster(
    const std::filesystem::path& folder, const Setup& setup, std::uint64_t seed, Existing existing
);

/// What the folder says, whether or not a simulator is serving it. Changes nothing. Throws Fatal.
ClusterStatus read_status(const std::filesystem::path& folder);

}  // namespace csim
