#include "core/json_codec.hpp"
#include "state/document_of.hpp"
#include "tests/fakes/small_world.hpp"

#include <doctest/doctest.h>

using namespace csim;

TEST_SUITE_BEGIN("fakes/life_cycle");

TEST_CASE("the table leaves every phase that takes time and never queues a boot behind nothing") {
    for (const Phase phase : {Phase::booting, Phase::shutting_down}) {
        CHECK(find_transition(phase, LifeEvent::elapsed) != nullptr);
    }
    for (const Phase phase : {Phase::off, Phase::booting, Phase::up, Phase::shutting_down}) {
        const LifeTransition* cut = find_transition(phase, LifeEvent::power_cut);
        REQUIRE(cut != nullptr);
        CHECK(cut->to == Phase::off);
        CHECK(cut->boot == BootQueue::clear);
    }
    for (const LifeTransition& row : life_transitions()) {
        CHECK((row.boot == BootQueue::clear || row.to == Phase::shutting_down));
    }
}

// Proves: defect 80.
TEST_CASE("a boot takes five seconds and a shutdown five more") {
    SmallWorld world({.booted = false});
    FakeServer& server = world.server(0);
    REQUIRE(server.boot().has_value());
    CHECK(server.phase() == Phase::booting);
    world.pass(4999ms);
    CHECK(!server.up());
    world.pass(1ms);
    CHECK(server.up());
    CHECK(world.came_up == std::vector<std::string>{"test000.localdomain"});
    REQUIRE(server.shut_down().has_value());
    CHECK(world.went_down.size() == 1);
    world.pass(5s);
    CHECK(server.phase() == Phase::off);
}

// Proves: defect 80; invariant I-17.
TEST_CASE("a boot asked for during a shutdown waits for its end") {
    SmallWorld world;
    FakeServer& server = world.server(0);
    const SimTime before = server->boot_time;
    REQUIRE(server.shut_down().has_value());
    world.pass(2s);
    REQUIRE(server.boot().has_value());
    CHECK(server.phase() == Phase::shutting_down);
    world.pass(3s);
    CHECK(server.phase() == Phase::booting);
    CHECK(server->boot_time > before);
    world.pass(5s);
    CHECK(server.up());
}

// Proves: defect 57, 80; invariant I-16.
TEST_CASE("cutting the power ends every phase at once and no timer brings the server back") {
    for (const auto& prepare : std::vector<void (*)(FakeServer&)>{
             [](FakeServer&) {},
             [](FakeServer& server) { (void)server.shut_down(); },
             [](FakeServer& server) { (void)server.reboot(); },
         }) {
        SmallWorld world;
        prepare(world.server(0));
        world.cut_power(world.server(0));
        CHECK(world.server(0).phase() == Phase::off);
        world.pass(1min);
        CHECK(world.server(0).phase() == Phase::off);
        CHECK(world.wrong().empty());
    }
}

TEST_CASE("a server boots when its power returns and not before") {
    SmallWorld world;
    FakeServer& server = world.server(0);
    world.cut_power(server);
    CHECK(!server.boot().has_value());
    world.restore_power(server);
    world.pass(5s);
    CHECK(server.up());
}

TEST_CASE("an unregistered server does not boot") {
    SmallWorld world({.booted = false});
    world.unregistered.insert("test000.localdomain");
    const auto booted = world.server(0).boot();
    REQUIRE(!booted.has_value());
    CHECK(booted.error().code == Errc::conflict);
}

// Proves: defect 57.
TEST_CASE("a reboot forgets LNet and mounts and brings enabled daemons back") {
    SmallWorld world;
    world.make_filesystem();
    FakeServer& worker = world.worker(0);
    REQUIRE(worker.mount("10.0.0.1@tcp0:/testfs", "/mnt").has_value());
    REQUIRE(worker.reboot().has_value());
    REQUIRE(world.server(1).reboot().has_value());
    world.pass(10s);
    CHECK(worker->client_mounts.empty());
    CHECK(worker.lnet_state() == "lnet_unloaded");
    CHECK(world.server(1).lnet_state() == "lnet_unloaded");
    CHECK(world.server(1).state_of(Service::pacemaker) == "started");
    CHECK(world.storage.online("test001"));
}

// Proves: defect 36; action restart_agent.
TEST_CASE("restarting the agent is not a reboot and moves nothing") {
    SmallWorld world;
    world.make_filesystem();
    const SimTime booted = world.server(0)->boot_time;
    const auto reply = world.run(world.server(0), "restart_agent");
    REQUIRE(reply.has_value());
    apply_aftermath(world.server(0), reply->aftermath);
    world.pass(1min);
    CHECK(world.trace.count("agent_restarted") == 1);
    CHECK(world.server(0)->boot_time == booted);
    CHECK(world.storage.find("MGS")->started_on == "test000");
    CHECK(world.went_down.empty());
}

// Proves: action deregister_server.
TEST_CASE("a deregistered server leaves its cluster") {
    SmallWorld world;
    world.make_filesystem();
    world.server(0).deregister();
    CHECK(!world.server(0).running());
    CHECK(world.unregistered.contains("test000.localdomain"));
    CHECK(world.storage.find("MGS")->started_on == "test001");
}

// Proves: defect 29.
TEST_CASE("phases in progress begin anew after a restart and a server that was up stays up") {
    SmallWorld world({.servers = 3});
    world.make_filesystem();
    const SimTime booted = world.server(0)->boot_time;
    REQUIRE(world.server(1).shut_down().has_value());
    REQUIRE(world.server(2).reboot().has_value());
    world.documents.save_all();

    SmallWorld again({.store = &world.store});
    CHECK(again.server(0).up());
    CHECK(again.server(0)->boot_time == booted);
    CHECK(again.storage.find("MGS")->started_on == "test000");
    again.pass(10s);
    CHECK(again.server(1).phase() == Phase::off);
    CHECK(again.server(2).up());
    CHECK(again.wrong().empty());
}

TEST_CASE("durations and their jitter are settings and the jitter follows the seed") {
    const auto boot_takes = [](std::uint64_t seed) {
        SmallWorld world({.seed = seed, .booted = false});
        world.surroundings.times = {1s, 1s, 10s};
        REQUIRE(world.server(0).boot().has_value());
        const SimTime from = world.timeline.now();
        while (!world.server(0).up()) world.timeline.run_next();
        return world.timeline.now() - from;
    };
    CHECK(boot_takes(1) == boot_takes(1));
    CHECK(boot_takes(1) != boot_takes(2));
    CHECK(boot_takes(1) >= 1s);
    CHECK(boot_takes(1) <= 11s);
}

TEST_SUITE_END();
