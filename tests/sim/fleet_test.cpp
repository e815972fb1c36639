// A fleet's own doings: what it counts of its agents, and starts that are still to come.
#include "tests/sim/live_cluster.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("sim/fleet");

using namespace csim;

namespace {

const std::string first = "test000.localdomain";
const std::string second = "test001.localdomain";
const std::string third = "test002.localdomain";

struct FiveNodes : LiveCluster {
    FiveNodes() : LiveCluster({.cluster_size = 2, .server_count = 4, .worker_count = 1, .nid_count = 2}) {
        certify_all();
    }
};

}  // namespace

// Proves: method simulator_latencies.
TEST_CASE_FIXTURE(FiveNodes, "what happens to sessions and polls is counted for all agents together") {
    simulator->start_everything();
    run_for(30s);
    Json info = tell("simulator_info");
    CHECK(info["sessions_opened"] == 35);
    for (const auto& reason : info["sessions_ended"].items()) CHECK(reason.value() == 0);
    const Json before = tell("simulator_latencies");
    CHECK(before["lag"]["count"] == 0);
    run_for(20s);
    const Json after = tell("simulator_latencies");
    CHECK(after["poll_lateness"]["count"].get<int>() - before["poll_lateness"]["count"].get<int>() == 10);
    CHECK(after["poll_lateness"]["max_ms"] == 0);
    std::int64_t posts = 0;
    for (const Json& each : after["posts"]["classes_us"]) posts += each[1].get<std::int64_t>();
    CHECK(after["posts"]["count"] == posts);
    CHECK(after["posts"]["p99_ms"].get<double>() >= 1);

    // A failed post ends the sessions that it carried data of, and no others; a connection that breaks under
    // the open poll ends all of them.
    tell("stop_server", {second});
    network.manager(third).post_status = 500;
    run_for(12s);
    info = tell("simulator_info");
    CHECK(info["sessions_ended"]["stopped"] == 7);
    const int by_posts = info["sessions_ended"]["post_failed"];
    CHECK(by_posts > 0);
    CHECK(info["sessions_ended"]["poll_failed"] == 0);
    tell("network_fault", {first, "refuse"});
    run_for(1s);
    info = tell("simulator_info");
    CHECK(info["sessions_ended"]["post_failed"] == by_posts);
    CHECK(info["sessions_ended"]["poll_failed"] == 7);
}

TEST_CASE_FIXTURE(FiveNodes, "an agent that was to start later does not start once it is stopped") {
    simulator->start_everything();
    run_for(1s);
    CHECK(simulator->fleet().stats().agents < 5);
    tell("stop");
    run_for(1min);
    CHECK(simulator->fleet().stats().agents == 0);
    tell("remove_server", {second});
    tell("start_all");
    tell("remove_server", {"test003.localdomain"});
    run_for(1min);
    CHECK(simulator->fleet().stats().agents == 3);
}
