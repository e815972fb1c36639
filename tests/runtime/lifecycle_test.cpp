// The stress of a container host: the published trace to the nanosecond, a window that slides, wedges that
// are told.
#include "runtime/lifecycle/lifecycle.hpp"

#include "core/json.hpp"
#include "runtime/lifecycle/evidence.hpp"
#include "runtime/lifecycle/lifecycle_tables.hpp"
#include "runtime/simulated/simulated_runtime.hpp"
#include "tests/runtime/bench.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <unistd.h>

TEST_SUITE_BEGIN("runtime/lifecycle");

using namespace csim;

namespace {

LifecycleReport run(const HostModel& model, const LifecycleOptions& options, std::uint64_t seed = 1) {
    RuntimeBench bench;
    bench.runtime = std::make_unique<SimulatedRuntime>(bench.timeline, model, seed);
    return Lifecycle(bench.loop, bench.timeline, *bench.runtime, options).run();
}

}  // namespace

// Proves: container 1.
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

// Proves: container 2.
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

// Proves: container 3.
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

// Proves: container 19.
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

// Proves: container 21.
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

// Proves: container 3.
TEST_CASE(
    "a clean-up finds numbers of any width, names what is out of its range, and a second one finds nothing"
) {
    RuntimeBench bench;
    bench.runtime = std::make_unique<SimulatedRuntime>(bench.timeline, *host_model("lxd-5"), 1);
    LifecycleOptions narrow;
    narrow.count = 50;
    narrow.overlay = true;
    Lifecycle(bench.loop, bench.timeline, *bench.runtime, narrow).run();
    REQUIRE(bench.create("cnd-0100"));
    const auto stopped = stop_instances(bench.loop, *bench.runtime, "cnd-");
    CHECK(stopped.stopped == 50);
    CHECK(stopped.left.empty());
    CHECK(stop_instances(bench.loop, *bench.runtime, "cnd-").stopped == 0);
    const auto cleaned = clean_up_instances(bench.loop, *bench.runtime, "cnd-", {1, 99});
    CHECK(cleaned.removed == 50);
    CHECK(cleaned.left.empty());
    CHECK(cleaned.others == std::vector<std::string>{"cnd-0100"});
    CHECK(clean_up_instances(bench.loop, *bench.runtime, "cnd-", {1, 99}).removed == 0);
    CHECK(clean_up_instances(bench.loop, *bench.runtime, "cnd-", {}).removed == 1);
}

TEST_CASE("rows for other programs hold every phase of every instance, to the nanosecond") {
    auto scenario = lifecycle_scenario("cnd-4x10").value();
    scenario.model.sigma = 0;
    scenario.options.count = 1;
    scenario.options.prefix = "test";
    auto report = run(scenario.model, scenario.options);
    CHECK(csv_text(report) == R"(name,phase,start_ns,end_ns,result,resource
test1,create,1428421302344413989,1428421302428151020,ok,
test1,start,1428421302509369004,1428421303033891514,ok,
test1,exec,1428421303039484133,1428421303100174183,ok,
test1,stop,1428421303100174183,1428421303191919773,ok,
test1,destroy,1428421303194327578,1428421303953419947,ok,
)");
    CHECK(jmeter_rows(report) == R"(1428421302344,83,create,,true
1428421302509,524,start,,true
1428421303039,60,exec,,true
1428421303100,91,stop,,true
1428421303194,759,destroy,,true
)");
    report.instances.push_back({"test2"});
    InstanceRecord refused{"test3", InstanceEnd::failed};
    refused.phases.push_back({NodePhase::start, SimTime::from_unix_ns(1), SimTime::from_unix_ns(2), false});
    refused.error = NodeError{NodeError::Kind::limit, NodePhase::start, "mount(a,b)", "no"};
    report.instances.push_back(refused);
    CHECK(csv_text(report).ends_with("test2,,,,not_started,\ntest3,start,1,2,failed,\"mount(a,b)\"\n"));
    CHECK(jmeter_rows(report).ends_with("0,0,start,,false\n"));
}

// Proves: container 24.
TEST_CASE("a timeline has as many lanes as instances were in flight, and no lane two at once") {
    LifecycleOptions options;
    options.count = 12;
    options.jobs = 3;
    const auto report = run(*host_model("lxd-5"), options);
    const Json trace = Json::parse(chrome_trace(report));
    CHECK(trace["traceEvents"].size() == 12 * 5);
    std::map<int, double> busy_until;
    for (const Json& each : trace["traceEvents"]) {
        double& until = busy_until[each["tid"].get<int>()];
        CHECK(each["ts"].get<double>() >= until - 0.001);
        until = each["ts"].get<double>() + each["dur"].get<double>();
    }
    CHECK(busy_until.size() == 3);
}

TEST_CASE("a phase is slow when it takes ten times what its kind usually took, and more than five seconds") {
    LifecycleReport report;
    const std::pair<int, bool> spans[] = {{100, false}, {1, false}, {1, false}, {1, false},
                                          {4, false},   {11, true}, {2, false}, {60, true}};
    std::int64_t now = 0;
    for (const auto& [seconds, slow] : spans) {
        InstanceRecord record{"x"};
        record.phases.push_back(
            {NodePhase::start, SimTime::from_unix_ns(now),
             SimTime::from_unix_ns(now + seconds * 1'000'000'000LL)}
        );
        now += 200'000'000'000;
        report.instances.push_back(record);
    }
    CHECK(mark_slow(report) == 2);
    for (std::size_t i = 0; i < std::size(spans); ++i) {
        CAPTURE(i);
        CHECK(report.instances[i].phases[0].slow == spans[i].second);
    }
}

TEST_CASE("who listens hears the same lines as the traces hold, whole ones, as they come") {
    LifecycleOptions options;
    options.jobs = 1;
    std::string heard;
    options.on_lines = [&](const std::string& lines) {
        CHECK(lines.back() == '\n');
        heard += lines;
    };
    const auto report = run(*host_model("lxd-5"), options);
    std::string traces;
    for (const InstanceRecord& each : report.instances) traces += each.trace;
    CHECK(heard == traces);
}

namespace {

/// Runs with a watch beside it; why the host was taken for wedged.
std::string watched(
    const HostModel& model, std::map<NodePhase, Duration> limits, std::string* dump = nullptr
) {
    RuntimeBench bench;
    bench.runtime = std::make_unique<SimulatedRuntime>(bench.timeline, model, 1);
    LifecycleOptions options;
    for (const auto& [phase, limit] : limits) options.limits[phase] = limit;
    Lifecycle lifecycle(bench.loop, bench.timeline, *bench.runtime, options);
    HostWatchOptions watching;
    watching.prefix = options.prefix;
    HostWatch watch(bench.timeline, *bench.runtime, watching, [&] {
        return HostWatch::Progress{lifecycle.phases_ended(), lifecycle.in_flight()};
    });
    int told = 0;
    watch.on_wedge = [&](const std::string&) {
        ++told;
        if (dump != nullptr)
            *dump = wedge_dump(lifecycle.going(), bench.timeline.now(), &watch.samples().back(), true);
    };
    watch.begin();
    lifecycle.run();
    watch.end();
    CHECK(told == (watch.wedged().empty() ? 0 : 1));
    CHECK(!watch.samples().empty());
    return watch.wedged();
}

}  // namespace

// Proves: container 24.
TEST_CASE("a host that does not answer its list three times, or ends nothing for a minute, is wedged") {
    CHECK(watched(*host_model("lxd-5"), {}) == "");
    HostModel silent = *host_model("lxd-5");
    silent.scripted = {{NodePhase::start, 3}};
    silent.wedge.list_blocks = 1;
    std::string dump;
    CHECK(watched(silent, {}, &dump) == "the host did not answer its list 3 times in a row");
    CHECK(dump.find(" start ") != std::string::npos);
    CHECK(dump.find("no answer in 2.000 s") != std::string::npos);
    CHECK(dump.find(std::to_string(::getpid()) + " ") != std::string::npos);
    CHECK(dump.find("# mounts\n") != std::string::npos);
    HostModel stuck = *host_model("lxd-5");
    for (int i = 1; i <= 4; ++i) stuck.scripted.push_back({NodePhase::start, i});
    CHECK(
        watched(stuck, {{NodePhase::start, 100s}}) ==
        "no operation has ended for 1m with 4 instances in flight"
    );
    // The same within the limit of the phase is a wedge of the instances alone.
    CHECK(watched(stuck, {{NodePhase::start, 50s}}) == "");
}

TEST_SUITE_END();
