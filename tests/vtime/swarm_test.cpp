// Random cases: reproducible, shrinkable, and told in one line.
#include "sim/explore/swarm.hpp"

#include "sim/scenario/workload.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace csim;

TEST_SUITE_BEGIN("swarm");

TEST_CASE("cases differ from seed to seed, are scenarios, and are the same again") {
    std::set<std::string> kinds;
    std::set<int> sizes;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        CAPTURE(seed);
        const Scenario scenario = swarm_scenario({seed, {}, {}});
        for (int servers = 1; servers <= scenario.setup.server_count; ++servers) {
            CHECK(check(swarm_scenario({seed, servers, {}}).setup).has_value());
        }
        // Registration and a filesystem, and sometimes power devices.
        CHECK(scenario.steps.size() >= swarm_faults(seed) + 2);
        CHECK(scenario.steps.size() <= swarm_faults(seed) + 3);
        CHECK(scenario_json(scenario) == scenario_json(swarm_scenario({seed, {}, {}})));
        CHECK(parse_scenario(scenario_json(scenario)).has_value());
        sizes.insert(scenario.setup.server_count);
        for (const ScenarioStep& step : scenario.steps) kinds.insert(std::string(step.workload->name));
    }
    CHECK(sizes.size() >= 5);
    for (const ScenarioWorkload& row : workload_table()) {
        if (row.fault) CHECK_MESSAGE(kinds.contains(std::string(row.name)), std::string(row.name));
    }
}

TEST_CASE("a smaller case keeps what it keeps as it was") {
    const SwarmCase whole{7, {}, {}};
    const Scenario all = swarm_scenario(whole);
    const SwarmCase part{7, 2, std::vector<std::size_t>{1}};
    const Scenario some = swarm_scenario(part);
    CHECK(some.setup.server_count == 2);
    REQUIRE(some.steps.size() == 3);
    CHECK(some.steps[2].at == all.steps[3].at);
    CHECK(swarm_line(part) == "cluster-sim replay --explored 7 --servers 2 --keep 1");
    CHECK(
        swarm_line({7, 2, std::vector<std::size_t>{}}) ==
        "cluster-sim replay --explored 7 --servers 2 --keep none"
    );
}

TEST_CASE("lists of faults are read as they are told") {
    CHECK(parse_keep("none")->empty());
    CHECK(*parse_keep("3") == std::vector<std::size_t>{3});
    CHECK(*parse_keep("0,12,5") == std::vector<std::size_t>{0, 12, 5});
    for (const char* text : {"a", "1,,2", "1,x", "-1", "99999999999999999999"})
        CHECK_MESSAGE(parse_keep(text).has_error(), text);
}

TEST_CASE("shrinking keeps exactly what a failure needs") {
    std::uint64_t seed = 1;
    while (swarm_faults(seed) < 12) ++seed;
    const auto needs = [](const SwarmCase& of, std::set<std::size_t> faults, int servers) {
        const auto& keep = *of.keep;
        return swarm_scenario(of).setup.server_count >= servers &&
               std::all_of(faults.begin(), faults.end(), [&](std::size_t fault) {
                   return std::find(keep.begin(), keep.end(), fault) != keep.end();
               });
    };
    const int full = swarm_scenario({seed, {}, {}}).setup.server_count;
    for (const std::set<std::size_t>& faults : {std::set<std::size_t>{}, {4}, {0, 11}, {2, 3, 9}}) {
        int calls = 0;
        const SwarmCase small = shrink(
            {seed, {}, {}},
            [&](const SwarmCase& of) {
                ++calls;
                return needs(of, faults, std::min(full, 2));
            },
            200
        );
        CHECK(std::set<std::size_t>(small.keep->begin(), small.keep->end()) == faults);
        CHECK(swarm_scenario(small).setup.server_count == std::min(full, 2));
        CHECK(calls <= 200);
    }
    int calls = 0;
    (void)shrink(
        {seed, {}, {}}, [&](const SwarmCase&) { return ++calls, true; }, 3
    );
    CHECK(calls == 3);
}

TEST_CASE("the first seeds end well") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const SwarmOutcome outcome = run_swarm({seed, {}, {}});
        CHECK_MESSAGE(outcome.invariant.empty(), swarm_line({seed, {}, {}}) << ": " << outcome.sentence);
    }
}

TEST_SUITE_END();
