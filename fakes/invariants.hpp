// Promises of the simulated world that concern servers and clusters, checked over the objects themselves.
// Source: the behaviour specification, §8.1.
#pragma once

#include "fakes/violation.hpp"

#include <vector>

namespace csim {

class FakeCluster;
class FakeDevices;
class FakeServer;

/// What exists at this instant. `devices` may be null.
struct Population {
    std::vector<const FakeServer*> servers;
    std::vector<const FakeCluster*> clusters;
    const FakeDevices* devices = nullptr;
};

/// Everything that is wrong right now; empty in a correct world, between any two events.
std::vector<Violation> violations(const Population& population);

}  // namespace csim
