// Random fleets and random faults, drawn from one seed. Swarm: which faults there are, how often and for how
// long is itself left to chance, so that seeds differ in kind and not only in detail.
#pragma once

#include "sim/scenario/scenario.hpp"
#include "sim/vtime/simulation.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace csim {

/// One case: a seed, and what shrinking has taken from it.
struct SwarmCase {
    std::uint64_t seed = 1;
    std::optional<int> servers;                    ///< a smaller fleet than the seed's
    std::optional<std::vector<std::size_t>> keep;  ///< only these of the seed's faults, by number from 0
};

/// The whole scenario of a seed: first what sets the cluster up, then the faults.
Scenario swarm_scenario(const SwarmCase& of);
/// How many faults the seed has before anything is taken from it.
std::size_t swarm_faults(std::uint64_t seed);
/// What to type to see it again.
std::string swarm_line(const SwarmCase& of);
/// `1,4,5`. Errors: bad_argument.
Result<std::vector<std::size_t>> parse_keep(const std::string& text);

SimulationOptions swarm_options(const SwarmCase& of);
/// Runs the case to its end. `invariant` is empty when all went well.
struct SwarmOutcome {
    std::string invariant;
    std::string sentence;
    std::uint64_t events = 0;
    std::uint64_t faults = 0;
    double simulated_seconds = 0;
    std::uint64_t digest = 0;
};
SwarmOutcome run_swarm(const SwarmCase& of);

/// The smallest case found for which `fails` is still true, in at most `runs_max` calls: servers and faults
/// in turn. `told` is called after each step that succeeded. Requires: `from` fails.
SwarmCase shrink(
    SwarmCase from, const std::function<bool(const SwarmCase&)>& fails, int runs_max,
    const std::function<void(const SwarmCase&)>& told = {}
);

}  // namespace csim
