// A moment of a run, to come back to: how to get there again, what must be found there, and the saved state
// of both sides for bringing it to life.
#pragma once

#include "sim/vtime/simulation.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace csim {

struct Snapshot {
    Scenario scenario;
    std::uint64_t seed = 1;
    Duration failure_detection{};
    Duration at{};  ///< from the start of the run
    std::uint64_t digest = 0;
    Json world;    ///< name → document, of the simulator
    Json manager;  ///< the same of the manager
};

/// Takes one of a simulation that stands still.
Snapshot take_snapshot(Simulation& simulation, const SimulationOptions& options);
/// Throws Fatal.
void write_snapshot(const std::filesystem::path& file, const Snapshot& snapshot);
/// Throws Fatal in one sentence: no such file, no snapshot, damaged, of another version.
Snapshot read_snapshot(const std::filesystem::path& file);
/// Runs there again. Throws Fatal when this program comes to another state.
std::unique_ptr<Simulation> rebuild(const Snapshot& snapshot, const Simulation::Progress& progress = {});

/// Writes the state of both sides into two new folders, with real keys and certificates, so that
/// `cluster-sim run` and `cluster-sim-manager` go on from there over real sockets. Throws Fatal, also when a
/// folder is there already.
void revive(
    const Snapshot& snapshot, const std::filesystem::path& world_folder,
    const std::filesystem::path& manager_folder
);

}  // namespace csim
