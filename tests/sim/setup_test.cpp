#include "sim/setup.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace csim;

TEST_SUITE_BEGIN("sim/setup");

TEST_CASE("the defaults make a cluster that can exist") {
    CHECK(check(Setup{}).has_value());
    CHECK(Setup{}.volumes() == 16);
}

// Proves: defect 99.
TEST_CASE("impossible counts are refused and the sentence names the option and its range") {
    struct Case {
        Setup setup;
        const char* expected;
    };
    const Case cases[] = {
        {{.server_count = 0}, "--server_count is 0; it must be between 1 and"},
        {{.server_count = -3}, "--server_count is -3; it must be between 1 and"},
        {{.worker_count = -1}, "--worker_count is -1; it must be between 0 and"},
        {{.nid_count = 0}, "--nid_count is 0; it must be between 1 and 128"},
        {{.nid_count = 256}, "--nid_count is 256; it must be between 1 and 128"},
        {{.volume_count = -1}, "--volume_count is -1; it must be between 0 and"},
        {{.cluster_size = 0}, "--cluster_size is 0; it must be between 1 and"},
        {{.psu_count = 0}, "--psu_count is 0; it must be between 1 and"},
        {{.su_size = -1}, "--su_size is -1; it must be between 0 and"},
    };
    for (const Case& each : cases) {
        const auto result = check(each.setup);
        REQUIRE(result.has_error());
        CAPTURE(result.error().detail);
        CHECK(result.error().code == Errc::bad_argument);
        CHECK(result.error().detail.starts_with(each.expected));
    }
}

TEST_CASE("scalable units divide servers and volumes without a rest") {
    CHECK(check({.su_size = 4, .server_count = 8}).has_value());
    const auto servers = check({.su_size = 3, .server_count = 8});
    REQUIRE(servers.has_error());
    CHECK(servers.error().detail == "--server_count (8) must be a multiple of --su_size (3)");
    const auto volumes = check({.su_size = 4, .server_count = 8, .volume_count = 5});
    REQUIRE(volumes.has_error());
    CHECK(
        volumes.error().detail == "--volume_count (5) must be a multiple of the number of scalable units (2)"
    );
}

TEST_CASE("no volumes at all is a choice and not the default") {
    CHECK(Setup{.volume_count = 0}.volumes() == 0);
    CHECK(check({.volume_count = 0}).has_value());
}
