// Every promise of the simulated world that can be checked at one instant, over everything there is.
// Source: the behaviour specification, §8.1.
#pragma once

#include "fakes/violation.hpp"

#include <vector>

namespace csim {

class ClusterSimulator;
class World;

/// Of servers, clusters, power, devices, targets, controllers and HSM. Empty in a correct world between any
/// two events; costs time in proportion to the world's size. Changes nothing.
std::vector<Violation> violations(const World& world);

/// The same, and that agents run exactly where they may: I-3 and I-18.
std::vector<Violation> violations(const ClusterSimulator& simulator);

}  // namespace csim
