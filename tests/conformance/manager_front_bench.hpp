// The manager's agent-facing side in this process: HTTP requests go to the front without a socket.
#pragma once

#include "tests/conformance/manager_bench.hpp"

namespace csim {

std::unique_ptr<ManagerBench> make_front_bench();

}  // namespace csim
