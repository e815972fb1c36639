// Power through the manager's own devices, in virtual time: its client speaks to the strips' menus.
#include "core/json_codec.hpp"
#include "sim/vtime/simulation.hpp"

#include <doctest/doctest.h>

using namespace csim;

TEST_SUITE_BEGIN("simulation");

namespace {

SimulationOptions power_run(const char* action) {
    SimulationOptions options;
    options.scenario = *parse_scenario(Json::parse(R"({
        "servers": 4, "workers": 0, "psus": 2, "for": "30m", "settle": "20m",
        "steps": [{"do": "register_all"}, {"do": "watch_power", "at": "1m"}]})"));
    Scenario ordered = *parse_scenario(Json::parse(
        std::string(
            R"({"for": "30m", "steps": [{"do": "power_command", "at": "10m", "on": "test001", "action": ")"
        ) +
        action + R"(", "lasts": "5m"}]})"
    ));
    options.scenario.steps.push_back(ordered.steps.front());
    return options;
}

}  // namespace

TEST_CASE("the manager learns what feeds which host, switches it, and everything comes to rest") {
    for (const char* action : {"off", "cycle"}) {
        CAPTURE(action);
        Simulation simulation(power_run(action));
        VirtualCluster& cluster = simulation.cluster();
        const SimTime begin = cluster.timeline().now();
        REQUIRE(simulation.advance(begin + 9min));
        const Model& model = cluster.manager().model();
        REQUIRE(model.power_outlets.size() == 2 * 8);
        std::size_t given = 0;
        model.power_outlets.each([&](const PowerOutletRow& outlet) {
            if (!outlet.host_id) return;
            ++given;
            CHECK(outlet.has_power == true);
        });
        CHECK(given == 2 * 4);
        const FakePower& power = cluster.simulator().world().power();
        REQUIRE(simulation.advance(begin + 12min));
        CHECK(power.has_power("test001.localdomain") == (std::string(action) == "cycle"));
        CHECK(power.has_power("test000.localdomain"));
        CHECK(cluster.trace().count("server_down") == 1);
        const SimulationResult result = simulation.run();
        for (const FoundViolation& each : result.violations) MESSAGE(each.violation.sentence);
        CHECK(result.violations.empty());
        CHECK(result.settled_after.has_value());
        CHECK(power.has_power("test001.localdomain"));
    }
}

TEST_CASE("a manager that dies while it speaks to a strip leaves nobody waiting") {
    SimulationOptions options = power_run("off");
    const Scenario death = *parse_scenario(
        Json::parse(R"({"for": "30m", "steps": [{"do": "restart_manager", "at": "601s", "lasts": "20s"}]})")
    );
    options.scenario.steps.push_back(death.steps.front());
    Simulation simulation(options);
    const SimulationResult result = simulation.run();
    for (const FoundViolation& each : result.violations) MESSAGE(each.violation.sentence);
    CHECK(result.violations.empty());
    CHECK(simulation.cluster().manager_starts() == 2);
}

TEST_SUITE_END();
