// The simulated host: what it runs out of has a name, and the same seed is the same run.
#include "runtime/ping_log.hpp"
#include "runtime/simulated/simulated_runtime.hpp"
#include "tests/runtime/bench.hpp"
#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("runtime/simulated");

using namespace csim;

namespace {

struct Fixture : RuntimeBench {
    explicit Fixture(HostModel model, std::uint64_t seed = 1) {
        auto made = std::make_unique<SimulatedRuntime>(timeline, std::move(model), seed);
        simulated = made.get();
        runtime = std::move(made);
    }
    /// Creates and starts `n`; how many starts were refused, by resource.
    std::map<std::string, int> fill(int n, const NodeSpec& like = {}) {
        std::map<std::string, int> refused;
        for (int i = 1; i <= n; ++i) {
            NodeSpec spec = like;
            spec.name = "ve" + std::to_string(i);
            runtime->create(spec, 0s, [](NodeResult<Done>) {});
        }
        loop.run();
        for (int i = 1; i <= n; ++i)
            runtime->start("ve" + std::to_string(i), 0s, [&](NodeResult<Done> result) {
                if (!result) ++refused[result.error().refused];
            });
        loop.run();
        return refused;
    }
    SimulatedRuntime* simulated = nullptr;
};

}  // namespace

// Proves: container 23.
TEST_CASE("exactly as many nodes start as a resource allows, and the refusal names it") {
    const HostModel whole = *host_model("lxd-2015");
    for (const HostResource& each : whole.resources) {
        if (each.at_limit != AtLimit::fails || each.per_running <= 0 || each.network_only) continue;
        CAPTURE(each.name);
        HostModel model = *host_model("lxd-2015");
        REQUIRE(limit_nodes(model, each.name, 37).has_value());
        Fixture host(model);
        const auto refused = host.fill(50);
        REQUIRE(refused.size() == 1);
        CHECK(refused.begin()->first == each.name);
        CHECK(refused.begin()->second == 13);
    }
}

TEST_CASE("beyond the neighbour table nothing is refused and nobody answers") {
    HostModel model = *host_model("namespaces");
    REQUIRE(limit_nodes(model, "neighbours", 10).has_value());
    Fixture host(model);
    NodeSpec like;
    like.address = "10.0.0.9";
    like.job = {5, "10.255.255.254"};
    CHECK(host.fill(12, like).empty());
    host.loop.run_until(host.timeline.now() + 60s);
    int answered = 0;
    for (int i = 1; i <= 12; ++i)
        answered += host.simulated->look("ve" + std::to_string(i))->job->replies == 5;
    CHECK(answered == 10);
}

TEST_CASE("the log of the job is what the count of its lines says, at any moment") {
    Fixture host(*host_model("namespaces"));
    NodeSpec spec;
    spec.name = "ve1";
    spec.job.count = 180;
    REQUIRE(host.create(spec));
    REQUIRE(host.start("ve1"));
    for (const auto span : {0s, 1s, 90s, 178s, 179s, 300s}) {
        Fixture again(*host_model("namespaces"));
        REQUIRE(again.create(spec));
        REQUIRE(again.start("ve1"));
        again.loop.run_until(again.timeline.now() + span);
        const auto report = again.simulated->look("ve1")->job;
        const JobReport read = read_ping_log(again.read("ve1", std::string(ping_log_path))->content);
        CHECK(report->lines == read.lines);
        CHECK(report->replies == read.replies);
        if (span >= 179s) CHECK(read.lines == 188);
    }
}

// Proves: container 24.
TEST_CASE("a wedged start never ends, holds its slot, and its time limit names the phase") {
    HostModel model = *host_model("lxd-5");
    model.scripted = {{NodePhase::start, 2}};
    Fixture host(model);
    for (const char* name : {"a", "b", "c"}) REQUIRE(host.create(name));
    CHECK(host.start("a"));
    const auto wedged = host.start("b");
    REQUIRE(!wedged);
    CHECK(wedged.error().kind == NodeError::Kind::timeout);
    CHECK(wedged.error().phase == NodePhase::start);
    CHECK(host.stats("b")->state == NodeState::wedged);
    CHECK(host.start("c"));
    CHECK(host.simulated->host().in_flight() == 1);
}

// Proves: container 21.
TEST_CASE("the same seed is the same run") {
    const auto boots = [](std::uint64_t seed) {
        Fixture host(*host_model("lxd-5"), seed);
        host.fill(40);
        std::vector<Duration> all;
        for (int i = 1; i <= 40; ++i) all.push_back(host.simulated->look("ve" + std::to_string(i))->boot);
        return all;
    };
    for_each_seed(3, [&](std::uint64_t seed) {
        CHECK(boots(seed) == boots(seed));
        CHECK(boots(seed) != boots(seed + 1000));
    });
}

TEST_SUITE_END();
