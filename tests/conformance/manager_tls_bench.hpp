// The manager's agent-facing side behind real sockets: mutual TLS, its own authority's certificates, the HTTP
// server that it has in production.
#pragma once

#include "tests/conformance/manager_bench.hpp"

namespace csim {

std::unique_ptr<ManagerBench> make_manager_tls_bench();

}  // namespace csim
