// The manager's part of the conformance checklist, over its front in this process and over mutual TLS.
#include "tests/conformance/manager_bench.hpp"
#include "tests/conformance/manager_front_bench.hpp"
#include "tests/conformance/manager_tls_bench.hpp"

#include <doctest/doctest.h>

namespace csim {

TEST_SUITE_BEGIN("conformance/manager");

TEST_CASE("the manager keeps every line of the checklist over its front") {
    for (const ManagerCheck& check : manager_checks()) {
        SUBCASE(check.name) {
            check.run(make_front_bench);
        }
    }
}

TEST_CASE("the manager keeps every line of the checklist over mutual TLS") {
    for (const ManagerCheck& check : manager_checks()) {
        SUBCASE(check.name) {
            check.run(make_manager_tls_bench);
        }
    }
}

TEST_SUITE_END();

}  // namespace csim
