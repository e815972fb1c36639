// The agent's conformance checklist, over an in-process manager and over real connections.
#include "tests/conformance/loopback_bench.hpp"
#include "tests/conformance/tls_bench.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("conformance/agent");

namespace csim {

// Proves: defect 41, 94, 98; invariant I-19, I-20; action trigger_plugin_update.
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
