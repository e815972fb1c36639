// A simulated server as an agent sees it: its plugins report it, its actions change it.
#pragma once

#include "sim/fleet.hpp"
#include "sim/world.hpp"

namespace csim {

/// Ports of one node. `world` and `node` outlive them.
NodePorts make_server_ports(World& world, FakeServer& node);

}  // namespace csim
