#include "core/json_codec.hpp"
#include "tests/fakes/small_world.hpp"

#include <doctest/doctest.h>

using namespace csim;

TEST_SUITE_BEGIN("fakes/cluster");

namespace {

/// Two nodes, and the resource R with test000 as primary and test001 as secondary, started.
struct Pair : SmallWorld {
    explicit Pair(ClusterOptions options = {}) : SmallWorld({.workers = 0, .cluster = options}) {
        REQUIRE(storage.configure("test000", {"R", path(0), "uuid", "/mnt/R"}, true).has_value());
        REQUIRE(storage.configure("test001", {"R", path(0), "uuid", "/mnt/R"}, false).has_value());
        REQUIRE(storage.start("R").has_value());
    }
    std::optional<std::string> where() const { return storage.find("R")->started_on; }
};

}  // namespace

// Proves: defect 37, 59; invariant I-4.
// Proves: action start_corosync, start_pacemaker, stop_corosync, stop_pacemaker.
TEST_CASE("a node is online when it is up with both daemons started and not otherwise") {
    SmallWorld world({.booted = false});
    FakeServer& server = world.server(0);
    CHECK(!world.storage.online("test000"));
    REQUIRE(server.boot(Pacing::at_once).has_value());
    CHECK(!world.storage.online("test000"));
    CHECK(!server.start(Service::pacemaker).has_value());
    REQUIRE(server.start(Service::corosync).has_value());
    CHECK(!world.storage.online("test000"));
    REQUIRE(server.start(Service::pacemaker).has_value());
    CHECK(world.storage.online("test000"));
    server.stop(Service::corosync);
    CHECK(!world.storage.online("test000"));
    CHECK(server.state_of(Service::pacemaker) == "stopped");
}

// Proves: defect 55, 57; invariant I-3, I-6.
TEST_CASE("a node that leaves hands its resources to its peer and does not take them back") {
    Pair pair;
    pair.cut_power(pair.server(0));
    CHECK(pair.where() == "test001");
    CHECK(pair.trace.count("resource_moved") == 2);
    pair.restore_power(pair.server(0));
    pair.pass(10s);
    CHECK(pair.storage.online("test000"));
    CHECK(pair.where() == "test001");
    CHECK(pair.server(1).lnet_state() == "lnet_up");
}

TEST_CASE("with automatic failback a resource returns as soon as its primary is back") {
    Pair pair({.automatic_failback = true});
    pair.cut_power(pair.server(0));
    pair.restore_power(pair.server(0));
    CHECK(pair.where() == "test001");
    pair.pass(5s);
    CHECK(pair.where() == "test000");
}

TEST_CASE("a resource with no node left waits for the first that returns") {
    Pair pair;
    pair.cut_power(pair.server(0));
    pair.cut_power(pair.server(1));
    CHECK(pair.where() == std::nullopt);
    pair.restore_power(pair.server(1));
    pair.pass(5s);
    CHECK(pair.where() == "test001");
}

// Proves: defect 56; invariant I-5.
TEST_CASE("a stopped resource stays stopped whatever nodes do") {
    Pair pair;
    REQUIRE(pair.storage.stop("R").has_value());
    for (int round = 0; round < 3; ++round) {
        pair.cut_power(pair.server(round % 2));
        pair.restore_power(pair.server(round % 2));
        pair.pass(10s);
        CHECK(pair.where() == std::nullopt);
    }
    CHECK(!pair.storage.failover("R").has_value());
    CHECK(pair.where() == std::nullopt);
}

// Proves: defect 54.
TEST_CASE("starting with the primary offline starts on the secondary and says so") {
    Pair pair;
    REQUIRE(pair.storage.stop("R").has_value());
    pair.cut_power(pair.server(0));
    const auto node = pair.storage.start("R");
    REQUIRE(node.has_value());
    CHECK(*node == "test001");
}

// Proves: defect 54; invariant I-28.
TEST_CASE("starting with no node online is refused and changes nothing") {
    Pair pair;
    REQUIRE(pair.storage.stop("R").has_value());
    pair.cut_power(pair.server(0));
    pair.cut_power(pair.server(1));
    const std::string before = pair.everything();
    const auto node = pair.storage.start("R");
    REQUIRE(!node.has_value());
    CHECK(node.error().code == Errc::conflict);
    CHECK(pair.everything() == before);
}

// Proves: defect 54; invariant I-1.
TEST_CASE("starting a running resource leaves it where it is") {
    Pair pair;
    REQUIRE(pair.storage.failover("R").has_value());
    const auto node = pair.storage.start("R");
    REQUIRE(node.has_value());
    CHECK(*node == "test001");
}

// Proves: defect 54, 55; invariant I-2, I-28.
TEST_CASE("failover to an offline or missing node is refused and changes nothing") {
    Pair pair;
    REQUIRE(pair.storage.configure("test000", {"S", pair.path(1), "other", "/mnt/S"}, true).has_value());
    REQUIRE(pair.storage.start("S").has_value());
    pair.cut_power(pair.server(1));
    const std::string before = pair.everything();
    for (const char* label : {"R", "S"}) {
        const auto moved = pair.storage.failover(label);
        REQUIRE(!moved.has_value());
        CHECK(moved.error().code == Errc::conflict);
    }
    CHECK(pair.everything() == before);
}

TEST_CASE("a failover is remembered as a preference until the next one") {
    Pair pair;
    REQUIRE(pair.storage.failover("R").has_value());
    CHECK(pair.where() == "test001");
    REQUIRE(pair.storage.stop("R").has_value());
    CHECK(*pair.storage.start("R") == "test001");
    REQUIRE(pair.storage.failback("R").has_value());
    REQUIRE(pair.storage.stop("R").has_value());
    CHECK(*pair.storage.start("R") == "test000");
}

// Proves: defect 60.
TEST_CASE("with a detection time peers take over only when they notice") {
    Pair pair({.failure_detection = 5s});
    pair.cut_power(pair.server(0));
    CHECK(pair.where() == "test000");
    CHECK(pair.storage.suspected("test000"));
    CHECK(pair.wrong().empty());
    pair.pass(5s);
    CHECK(pair.where() == "test001");
    CHECK(!pair.storage.online("test000"));
}

TEST_CASE("nothing moves to a node that died too and nobody noticed yet") {
    Pair pair({.failure_detection = 5s});
    pair.cut_power(pair.server(0));
    pair.pass(1s);
    pair.cut_power(pair.server(1));
    pair.pass(4s);
    CHECK(!pair.storage.online("test000"));
    CHECK(!pair.storage.online("test001"));
    CHECK(!pair.storage.find("R")->started_on);
    CHECK(pair.wrong().empty());
}

// Proves: invariant I-28.
TEST_CASE("asking a node that died unnoticed to run something is how its peers notice, after the refusal") {
    Pair pair({.failure_detection = 5s});
    pair.cut_power(pair.server(1));
    REQUIRE(pair.storage.suspected("test001"));
    const auto refused = pair.storage.failover("R");
    REQUIRE(!refused.has_value());
    CHECK(pair.storage.online("test001"));
    pair.pass(1ms);
    CHECK(!pair.storage.online("test001"));
    CHECK(pair.where() == "test000");
    CHECK(pair.wrong().empty());
}

TEST_CASE("a node that died and returns unnoticed has lost its resources all the same") {
    Pair pair({.failure_detection = 1min});
    pair.cut_power(pair.server(0));
    pair.restore_power(pair.server(0));
    pair.pass(5s);
    CHECK(pair.storage.online("test000"));
    CHECK(pair.where() == "test001");
    pair.pass(2min);
    CHECK(pair.storage.online("test000"));
}

// Proves: invariant I-3.
TEST_CASE("what peers start on a node whose death nobody noticed brings nothing up there") {
    Pair pair({.failure_detection = 5s});
    REQUIRE(pair.storage.stop("R").has_value());
    pair.cut_power(pair.server(0));
    REQUIRE(pair.storage.start("R").has_value());
    CHECK(pair.where() == "test001");
    CHECK(pair.server(0).lnet_state() == "lnet_unloaded");
    CHECK(pair.server(1).lnet_state() == "lnet_up");
    CHECK(pair.wrong().empty());
}

// Proves: invariant I-28.
TEST_CASE("a resource whose nodes all died unnoticed does not start, and the attempt changes nothing") {
    Pair pair({.failure_detection = 1min});
    REQUIRE(pair.storage.stop("R").has_value());
    pair.cut_power(pair.server(0));
    pair.cut_power(pair.server(1));
    const auto version = pair.storage.version();
    const auto refused = pair.storage.start("R");
    REQUIRE(!refused.has_value());
    CHECK(refused.error().detail == "cannot start R: none of its nodes is online");
    CHECK(pair.storage.version() == version);
    pair.pass(1ms);
    CHECK(!pair.storage.online("test000"));
    CHECK(!pair.storage.online("test001"));
    CHECK(pair.wrong().empty());
}

// Proves: defect 40; action unconfigure_target_ha.
TEST_CASE("a running resource is not unconfigured and a stopped one is") {
    Pair pair;
    const auto refused = pair.storage.unconfigure("test000", "R", true);
    REQUIRE(!refused.has_value());
    CHECK(refused.error().detail == "cannot unconfigure-ha: R is still running");
    REQUIRE(pair.storage.unconfigure("test001", "R", false).has_value());
    CHECK(pair.storage.find("R")->secondary_node == std::nullopt);
    REQUIRE(pair.storage.stop("R").has_value());
    REQUIRE(pair.storage.unconfigure("test000", "R", true).has_value());
    CHECK(pair.storage.find("R") == nullptr);
    CHECK(pair.storage.unconfigure("test000", "R", true).has_value());
}

// Proves: defect 60; invariant I-1.
TEST_CASE("a split network leaves one side in charge and never two owners") {
    SmallWorld world({.servers = 3, .workers = 0});
    REQUIRE(world.storage.configure("test000", {"R", world.path(0), "u", "/mnt/R"}, true).has_value());
    REQUIRE(world.storage.configure("test001", {"R", world.path(0), "u", "/mnt/R"}, false).has_value());
    REQUIRE(world.storage.start("R").has_value());
    world.storage.split({{"test000"}, {"test001", "test002"}});
    CHECK(world.storage.find("R")->started_on == "test001");
    CHECK(world.storage.view_of("test000")->at("test001").online == "false");
    CHECK(world.wrong().empty());
    world.storage.split({});
    CHECK(world.storage.view_of("test000")->at("test001").online == "true");
    CHECK(world.storage.find("R")->started_on == "test001");
}

// Proves: defect 37, 43.
TEST_CASE("nodes see peers of their own port only and exactly one coordinator") {
    SmallWorld world({.servers = 3, .workers = 0});
    world.server(2).set_mcast_port(4242);
    const auto view = world.storage.view_of("test000");
    CHECK(view->size() == 2);
    CHECK(view->at("test000").is_dc == "true");
    CHECK(view->at("test001").is_dc == "false");
    CHECK(world.storage.view_of("test002")->size() == 1);
    world.server(1).stop(Service::pacemaker);
    CHECK(world.storage.view_of("test000")->at("test001").online == "false");
    world.server(1).unconfigure_corosync();
    CHECK(world.storage.view_of("test000")->size() == 1);
}

// Proves: defect 22; invariant I-29.
TEST_CASE("a removed node is mentioned nowhere any more") {
    Pair pair;
    pair.server(1).erase();
    CHECK(!pair.storage.state().nodes.contains("test001"));
    CHECK(pair.storage.find("R")->secondary_node == std::nullopt);
    pair.documents.save_all();
    CHECK(!pair.store.load({server_document("test001.localdomain"), ""}).has_value());
}

TEST_SUITE_END();
