// Anything may happen to a small world in any order: after each step every promise holds.
#include "core/json_codec.hpp"
#include "tests/fakes/small_world.hpp"
#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>

using namespace csim;

TEST_SUITE_BEGIN("fakes/random_walk");

namespace {

constexpr int steps = 120;

struct Walk {
    explicit Walk(std::uint64_t seed)
        : world({.seed = seed, .servers = 3, .cluster = cluster_options(seed)}),
          chance(Rng(seed).stream("walk")) {
        world.surroundings.times.jitter = seed % 3 == 0 ? Duration(3s) : Duration(0);
        world.make_filesystem();
    }

    static ClusterOptions cluster_options(std::uint64_t seed) {
        return {
            .failure_detection = seed % 2 == 0 ? Duration(3s) : Duration(0),
            .automatic_failback = seed % 5 == 0};
    }

    FakeServer& any_server() { return world.server(static_cast<int>(chance.between(0, 2))); }

    std::string any_label() {
        static const char* const labels[] = {"MGS", "testfs-MDT0000", "testfs-OST0000"};
        return labels[chance.between(0, 2)];
    }

    void step() {
        FakeServer& server = any_server();
        switch (chance.between(0, 15)) {
            case 0:
                return world.cut_power(server);
            case 1:
                return world.restore_power(server);
            case 2:
                return static_cast<void>(server.reboot());
            case 3:
                return static_cast<void>(server.shut_down());
            case 4:
                return static_cast<void>(server.boot());
            case 5:
                return static_cast<void>(server.start(Service::corosync));
            case 6:
                return static_cast<void>(server.start(Service::pacemaker));
            case 7:
                return server.stop(Service::pacemaker);
            case 8:
                return server.stop(Service::corosync);
            case 9:
                return static_cast<void>(world.run(server, "start_target", {{"ha_label", any_label()}}));
            case 10:
                return static_cast<void>(world.run(server, "stop_target", {{"ha_label", any_label()}}));
            case 11:
                return static_cast<void>(world.run(server, "failover_target", {{"ha_label", any_label()}}));
            case 12:
                return static_cast<void>(world.run(server, "failback_target", {{"ha_label", any_label()}}));
            case 13:
                return split();
            case 14:
                return server.set_mcast_port(chance.between(4000, 4001));
            default:
                return world.pass(chance.between(Duration(0), Duration(8s)));
        }
    }

    void split() {
        std::vector<std::set<std::string>> groups(2);
        for (int i = 0; i < 3; ++i) groups[chance.chance({1, 2})].insert(world.server(i).nodename());
        world.storage.split(chance.chance({1, 2}) ? groups : std::vector<std::set<std::string>>{});
    }

    SmallWorld world;
    Rng chance;
};

void check_promises(const SmallWorld& world, int step) {
    for (const Violation& violation : world.wrong()) {
        FAIL_CHECK("after step " << step << ": " << violation.invariant << ": " << violation.sentence);
    }
    for (const Violation& violation : world.targets.violations()) {
        FAIL_CHECK("after step " << step << ": " << violation.invariant << ": " << violation.sentence);
    }
}

std::uint64_t digest_of(std::uint64_t seed, int length) {
    Walk walk(seed);
    for (int i = 0; i < length; ++i) walk.step();
    return walk.world.trace.digest();
}

}  // namespace

TEST_CASE("promises hold after every step of a random walk") {
    for_each_seed(25, [](std::uint64_t seed) {
        Walk walk(seed);
        for (int i = 0; i < steps; ++i) {
            walk.step();
            check_promises(walk.world, i);
        }
    });
}

TEST_CASE("promises hold after a restart in the middle of a random walk") {
    for_each_seed(15, [](std::uint64_t seed) {
        Walk walk(seed);
        for (int i = 0; i < steps / 2; ++i) walk.step();
        walk.world.documents.save_all();
        SmallWorld again({.seed = seed, .store = &walk.world.store});
        check_promises(again, -1);
        again.pass(20s);
        check_promises(again, -2);
    });
}

TEST_CASE("the same seed walks the same way") {
    for_each_seed(5, [](std::uint64_t seed) { CHECK(digest_of(seed, steps) == digest_of(seed, steps)); });
}

TEST_SUITE_END();
