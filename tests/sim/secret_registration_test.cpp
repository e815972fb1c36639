// Registering a whole fleet with a given token: what its refusal means for the others.
#include "sim/fleet_registration.hpp"

#include "tests/sim/live_cluster.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("sim/secret_registration");

using namespace csim;

namespace {

struct Enlisting : LiveCluster {
    explicit Enlisting(int servers) : LiveCluster({.server_count = servers, .worker_count = 0}) {
        give_keys();
    }

    /// With a given token, as `register --secret` does.
    RegistrationSummary enlist(const std::string& secret) {
        std::optional<RegistrationSummary> summary;
        std::size_t told = 0;
        FleetRegistration registration(
            {timeline, *simulator, nullptr, {secret, secret}},
            [&](std::size_t done, std::size_t) {
                CHECK(done >= told);
                told = done;
            },
            [&](RegistrationSummary done) { summary = std::move(done); }
        );
        registration.start();
        run_for(10min);
        REQUIRE(summary.has_value());
        CHECK(told == summary->registered);
        CHECK(simulator->registrations_pending() == 0);
        return *summary;
    }
};

}  // namespace

TEST_CASE("every node that has no certificate is registered and the others are left alone") {
    Enlisting fleet(150);
    const auto first = fleet.enlist("secret");
    CHECK(first.wanted == 150);
    CHECK(first.registered == 150);
    CHECK(first.failed.empty());
    CHECK(fleet.network.registered.size() == 150);
    const auto second = fleet.enlist("secret");
    CHECK(second.wanted == 0);
    CHECK(fleet.network.registered.size() == 150);
}

TEST_CASE("a refusal of the first node does not give up the others in flight") {
    Enlisting fleet(20);
    fleet.network.unwelcome = {"test000.localdomain"};
    const auto summary = fleet.enlist("secret");
    CHECK(summary.registered == 19);
    REQUIRE(summary.failed.size() == 1);
    CHECK(summary.failed.begin()->second.code == Errc::refused);
    CHECK(fleet.simulator->credentials().count() == 19);
    fleet.network.unwelcome.clear();
    CHECK(fleet.enlist("secret").registered == 1);
}

TEST_CASE("after a refusal of the given token no further node is tried") {
    Enlisting fleet(200);
    const auto summary = fleet.enlist("wrong");
    CHECK(summary.wanted == 200);
    CHECK(summary.registered == 0);
    CHECK(summary.failed.size() == fleet.network.registered.size());
    CHECK(summary.failed.size() < 100);
}

TEST_SUITE_END();
