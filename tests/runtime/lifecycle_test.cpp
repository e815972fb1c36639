// The stress of a container host: the published trace to the nanosecond, a window that slides, wedges that
// are told.
#include "runtime/lifecycle/lifecycle.hpp"

#include "runtime/simulated/simulated_runtime.hpp"
#include "tests/runtime/bench.hpp"

#include <doctest/doctest.h>

#include <algorithm>

TEST_SUITE_BEGIN("runtime/lifecycle");

using namespace csim;

namespace {

LifecycleReport run(const HostModel& model, const LifecycleOptions& options, std::uint64_t seed = 1) {
    RuntimeBench bench;
    bench.runtime = std::make_unique<SimulatedRuntime>(bench.timeline, model, seed);
    return Lifecycle(bench.loop, bench.timeline, *bench.runtime, options).run();
}

}  // namespace

TEST_CASE("one instance without jitter leaves the published trace, to the nanosecond") {
    auto scenario = lifecycle_scenario("cnd-4x10").value();
    scenario.model.sigma = 0;
    scenario.options.count = 1;
    scenario.options.prefix = "test";
    const auto report = run(scenario.model, scenario.options);
    CHECK(report.instances[0].trace == R"(1428421302.344413989 Cloning test1
1428421302.428151020 Starting test1
1428421302.464650798: test1 container_init() ->
1428421302.486832770: test1 container_init() <-
1428421302.489644348: test1 c.start() ->
1428421302.509369004: test1 not running, calling c.start() ->
1428421303.033891514: test1 state=running
1428421303.039484133 Running 2 commands
Ubuntu 14.04.2 LTS \n \l

 15:41:43 up  1:03,  0 users,  load average: 0.01, 0.05, 0.05
1428421303.100174183 Stopping test1
1428421303.191919773 test1 STOPPED
1428421303.194327578 test1 Deleting test1
Deleted test1
1428421303.953419947 test1 DONE
)");
}

TEST_CASE("a new instance begins as soon as any ends, never more than the window at once") {
    HostModel model = *host_model("lxd-5");
    LifecycleOptions options;
    options.count = 30;
    options.jobs = 7;
    const auto report = run(model, options);
    CHECK(report.count(InstanceEnd::ok) == 30);
    CHECK(report.peak == 7);
    CHECK(report.leftovers == 0);
    std::vector<SimTime> ends;
    for (const auto& each : report.instances) ends.push_back(each.phases.back().ended);
    std::sort(ends.begin(), ends.end());
    for (std::size_t i = 7; i < 30; ++i) CHECK(report.instances[i].phases.front().began == ends[i - 7]);
    options.batch = true;
    CHECK(run(model, options).wall > report.wall);
}

TEST_CASE("names are padded to the largest number, and a clean-up goes by number") {
    LifecycleOptions options;
    options.count = 100;
    CHECK(instance_names(options).front() == "cnd-001");
    CHECK(instance_names(options).back() == "cnd-100");
    RuntimeBench bench;
    bench.runtime = std::make_unique<SimulatedRuntime>(bench.timeline, *host_model("lxd-5"), 1);
    for (const char* name : {"cnd-01", "cnd-001", "cnd-7", "cnd-x", "other-1"}) REQUIRE(bench.create(name));
    CHECK(remove_instances(bench.loop, *bench.runtime, "cnd-") == 3);
    CHECK(remove_instances(bench.loop, *bench.runtime, "cnd-") == 0);
    CHECK(bench.list()->size() == 2);
}

TEST_CASE("50 instances with 25 in flight usually wedge, 12 or 4 in flight do not") {
    const auto wedged = [](std::uint64_t jobs, std::uint64_t seed) {
        auto scenario = lifecycle_scenario("cnd-25x50").value();
        scenario.options.jobs = jobs;
        const auto report = run(scenario.model, scenario.options, seed);
        const bool any = report.count(InstanceEnd::wedged) > 0;
        if (any) CHECK(report.first_wedge()->error->kind == NodeError::Kind::timeout);
        if (any) CHECK(report.leftovers > 0);
        return any;
    };
    int usually = 0, rarely = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        usually += wedged(25, seed);
        rarely += wedged(12, seed);
    }
    CHECK(usually >= 80);
    CHECK(rarely <= 2);
    CHECK(wedged(25, 1));
    const auto small = lifecycle_scenario("cnd-4x10").value();
    CHECK(run(small.model, small.options).count(InstanceEnd::ok) == 10);
}

TEST_CASE("the same seed is the same trace") {
    const auto scenario = lifecycle_scenario("cnd-25x50").value();
    const auto trace = [&](std::uint64_t seed) {
        std::string all;
        for (const auto& each : run(scenario.model, scenario.options, seed).instances) all += each.trace;
        return all;
    };
    CHECK(trace(3) == trace(3));
    CHECK(trace(3) != trace(4));
}

TEST_SUITE_END();
