// The agent's conformance checklist, over an in-process manager and over real connections.
#include "tests/conformance/loopback_bench.hpp"
#include "tests/conformance/tls_bench.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("conformance/agent");

namespace csim {

TEST_CASE("the agent conforms over the in-process peer") {
    const BenchFactory make = [](const BenchOptions& options) {
        return std::make_unique<LoopbackBench>(options);
    };
    for (const AgentCheck& check : agent_checks()) {
        SUBCASE(check.name) {
            check.run(make);
        }
    }
}

TEST_CASE("the agent conforms over mutual TLS") {
    const BenchFactory make = [](const BenchOptions& options) { return std::make_unique<TlsBench>(options); };
    for (const AgentCheck& check : agent_checks()) {
        SUBCASE(check.name) {
            check.run(make);
        }
    }
}

}  // namespace csim
