// Tokens of a fleet's registration: large enough, long enough, and replaced when they ran out.
#include "sim/fleet_registration.hpp"

#include "core/utc.hpp"
#include "tests/sim/live_cluster.hpp"
#include "tests/sim/paper_manager.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("sim/fleet_registration");

using namespace csim;

namespace {

struct Fleet12 : LiveCluster, PaperManager {
    Fleet12() : LiveCluster({.cluster_size = 4, .server_count = 12, .worker_count = 2}) { give_keys(); }

    /// The world goes on while the manager answers over its socket.
    RegistrationSummary register_all() {
        const auto way = client();
        TokenSource tokens(*way, "/", "admin", "lustre");
        std::optional<RegistrationSummary> summary;
        FleetRegistration registration(
            {timeline, *simulator, &tokens, {}}, [](std::size_t, std::size_t) {},
            [&](RegistrationSummary all) { summary = std::move(all); }
        );
        registration.start();
        REQUIRE(PaperManager::inbox.run_until([&] {
            run_for(10ms);
            return summary.has_value();
        }));
        return *summary;
    }
};

}  // namespace

// Proves: defect 93.
TEST_CASE_FIXTURE(Fleet12, "tokens are good for every node of their kind and for longer than a minute") {
    network.good_secret = "token-1";
    const SimTime before = timeline.now();
    (void)register_all();
    REQUIRE(tokens_asked.size() >= 2);
    CHECK(tokens_asked[0]["credits"] == 12);
    CHECK(tokens_asked[0]["profile"] == "/api/server_profile/1/");
    CHECK(tokens_asked[1]["credits"] == 2);
    CHECK(tokens_asked[1]["profile"] == "/api/server_profile/2/");
    const auto expiry = parse_utc(tokens_asked[0]["expiry"].get<std::string>());
    REQUIRE(expiry.has_value());
    CHECK(*expiry > before + 60s);
}

// Proves: defect 93.
TEST_CASE_FIXTURE(Fleet12, "a token that ran out is replaced and the refused nodes are tried again") {
    network.good_secret = "token-3";
    const RegistrationSummary summary = register_all();
    CHECK(tokens_asked.size() >= 3);
    CHECK(tokens_asked[2]["credits"] == 12);
    CHECK(summary.registered == 12);
    CHECK(summary.wanted == 14);
}

TEST_SUITE_END();
