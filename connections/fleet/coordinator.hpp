// Leads a run: starts workers, gathers ranks, times the phases, watches, merges.
#pragma once

#include "connections/fleet/outcome.hpp"
#include "connections/fleet/ranks.hpp"

#include <functional>
#include <string>
#include <vector>

namespace csim::connections {

struct RunPorts {
    std::vector<std::string> worker_command;  ///< starts a worker; its control descriptor is added
    std::size_t workers = 0;                  ///< of each rank; 0: as many as are needed
    RankPlace place;
    std::function<bool()> stop;               ///< the user wants an end
    std::function<void(const Moment&)> tell;  ///< each second
};

/// Rank 0, or the only one: the whole run. Throws Fatal when it cannot begin.
Outcome lead(const Plan& plan, const RunPorts& ports);
/// Any other rank: does its share as rank 0 says, until the end. False: rank 0 was lost.
bool follow(const RunPorts& ports);

}  // namespace csim::connections
