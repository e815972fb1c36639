// Growth at a thousand servers: right in the end, and in portions on the way.
#include "tests/sim/live_cluster.hpp"

#include <doctest/doctest.h>

#include <algorithm>

TEST_SUITE_BEGIN("sim/growth");

using namespace csim;

namespace {

struct Growing : LiveCluster {
    Growing() : LiveCluster({.cluster_size = 4, .server_count = 4, .worker_count = 0}) { watch(); }
    void watch() {
        after_event = [this] {
            const auto nodes = static_cast<std::int64_t>(simulator->world().node_count());
            largest_step = std::max(largest_step, std::abs(nodes - nodes_before));
            most_writes = std::max(most_writes, store.writes - writes_before);
            nodes_before = nodes;
            writes_before = store.writes;
        };
        nodes_before = static_cast<std::int64_t>(simulator->world().node_count());
        writes_before = store.writes;
    }
    std::int64_t nodes_before = 0;
    std::int64_t largest_step = 0;
    std::uint64_t writes_before = 0;
    std::uint64_t most_writes = 0;
};

}  // namespace

// Proves: method add_su, remove_all_servers; defect 77.
TEST_CASE_FIXTURE(Growing, "a scalable unit of a thousand servers comes and goes in bounded slices") {
    const Json unit = tell("add_su", {1000, 2000, 2});
    CHECK(unit["fqdns"].size() == 1000);
    CHECK(unit["serials"].size() == 2000);
    CHECK(unit["controller_id"] == 1);
    CHECK(unit["fqdns"].front() == "test004.localdomain");
    CHECK(unit["fqdns"].back() == "test1003.localdomain");
    CHECK(largest_step <= 16);
    // 64 volumes, each with its LUN of ten disks, and the list of who sees them.
    CHECK(most_writes <= 64 * 12 + 8);
    CHECK(simulator->world().devices().presented_to("test500.localdomain").size() == 2000);
    CHECK(tell("poll_fake_controller", {"1"})["luns"].size() == 2000);
    CHECK(simulator->fleet().stats().agents == 0);

    largest_step = 0;
    most_writes = 0;
    tell("remove_all_servers");
    CHECK(simulator->world().node_count() == 0);
    CHECK(largest_step <= 16);
    CHECK(most_writes <= 200);
    CHECK(simulator->world().devices().groups().empty());
    MESSAGE("slices: " << simulator->growth().work().slices());
}

// Proves: defect 21; invariant I-29; method remove_server, remove_all_servers.
TEST_CASE_FIXTURE(Growing, "an HA cluster goes with its last node, and comes back with a new one") {
    const auto saved = [&] {
        documents.save_all();
        return store.documents("fake_cluster_");
    };
    CHECK(saved() == std::vector<std::string>{"fake_cluster_0"});
    tell("add_server", {2});
    CHECK(saved() == std::vector<std::string>{"fake_cluster_0", "fake_cluster_1"});
    tell("remove_server", {"test004.localdomain"});
    CHECK(saved() == std::vector<std::string>{"fake_cluster_0"});
    CHECK(tell("add_server", {2}) == "test005.localdomain");
    CHECK(saved().size() == 2);
    CHECK(tell("cluster_get", {"test005.localdomain"})["nodes"].size() == 1);
    tell("remove_all_servers");
    CHECK(saved().empty());
    CHECK(simulator->world().clusters().empty());
    CHECK(wrong() == std::vector<std::string>{});
}

TEST_CASE_FIXTURE(Growing, "timers of others run between the slices") {
    std::int64_t seen = 0;
    std::set<std::size_t> sizes;
    const std::function<void()> look = [&] {
        ++seen;
        sizes.insert(simulator->world().node_count());
        if (simulator->world().node_count() < 204) timeline.after(1ms, look);
    };
    timeline.after(Duration(0), look);
    tell("add_su", {200, 0, 1});
    CHECK(sizes.size() > 10);
}

// Proves: defect 2; method add_server.
TEST_CASE_FIXTURE(Growing, "operations that arrive together happen one after the other") {
    std::vector<Json> answers;
    const auto keep = [&](Result<Answer> result) {
        REQUIRE(result.has_value());
        answers.push_back(result->value);
    };
    api->call({"add_su", {40, 8, 1}}, keep);
    api->call({"add_server", {1}}, keep);
    api->call({"remove_all_servers", Json::array()}, keep);
    api->call({"add_server", {1}}, keep);
    run_for(1s);
    REQUIRE(answers.size() == 4);
    CHECK(answers[0]["fqdns"].back() == "test043.localdomain");
    CHECK(answers[1] == "test044.localdomain");
    CHECK(answers[3] == "test045.localdomain");
    CHECK(tell("server_list") == Json{"test045.localdomain"});
}

// Proves: defect 6, 7; invariant I-28.
TEST_CASE_FIXTURE(Growing, "what cannot work is refused and nothing has changed") {
    documents.save_all();
    const auto before = store.writes;
    for (const Json& params :
         {Json{0, 0, 1}, Json{1, -1, 1}, Json{1, 1, 0}, Json{1, 1, 500}, Json{700000, 1, 1}}) {
        CAPTURE(params.dump());
        CHECK(ask("add_su", params).has_error());
    }
    CHECK(ask("add_server", {0}).has_error());
    CHECK(ask("setup", {3, 0, 6, 1, 4, 1, 0}).error().code == Errc::conflict);
    CHECK(store.writes == before);
    CHECK(tell("add_server", {1}) == "test004.localdomain");
}

// Proves: defect 2; method setup, server_list.
TEST_CASE_FIXTURE(Growing, "an emptied world may be set up again with new names") {
    tell("remove_all_servers");
    tell("setup", {4, 1, 8, 2, 2, 2, 2});
    const Json names = tell("server_list");
    REQUIRE(names.size() == 5);
    CHECK(names[0] == "test004.localdomain");
    CHECK(names[4] == "worker000.localdomain");
    CHECK(tell("cluster_get", Json::array({names[0]}))["id"] == 2);
}
