// Whole runs: the same seed gives the same run, typed values give the same run as text, and what is broken is
// found.
#include "sim/vtime/simulation.hpp"

#include "core/json_codec.hpp"
#include "sim/vtime/time_line.hpp"

#include <doctest/doctest.h>

using namespace csim;

TEST_SUITE_BEGIN("simulation");

namespace {

SimulationOptions small_run(std::uint64_t seed) {
    SimulationOptions options;
    options.seed = seed;
    options.scenario = *parse_scenario(Json::parse(R"({
        "servers": 4, "workers": 1, "for": "25m", "settle": "20m",
        "steps": [
            {"do": "register_all"},
            {"do": "create_filesystem", "at": "30s", "osts": 1},
            {"do": "cut_power", "at": "6m", "lasts": "90s"},
            {"do": "kill_agent", "at": "7m", "every": "2m", "spread": "1m", "until": "20m", "lasts": "15s"},
            {"do": "partition", "at": "9m", "direction": "from_manager", "lasts": "80s"},
            {"do": "corosync_split", "at": "12m", "lasts": "70s"},
            {"do": "restart_manager", "at": "14m", "lasts": "20s"},
            {"do": "lose_messages", "at": "16m", "on": "all", "percent": 20, "lasts": "3m"}
        ]})"));
    return options;
}

std::string told(const SimulationResult& result) {
    std::string text;
    for (const FoundViolation& each : result.violations)
        text += each.violation.invariant + ": " + each.violation.sentence + "\n";
    return text;
}

}  // namespace

TEST_CASE("a run is the same every time, and another with another seed") {
    const SimulationResult first = Simulation(small_run(1)).run();
    CHECK_MESSAGE(first.violations.empty(), told(first));
    CHECK(first.settled_after.has_value());
    CHECK(first.faults > 8);
    const SimulationResult second = Simulation(small_run(1)).run();
    CHECK(first.digest == second.digest);
    CHECK(first.events == second.events);
    CHECK(first.simulated == second.simulated);
    const SimulationResult other = Simulation(small_run(2)).run();
    CHECK_MESSAGE(other.violations.empty(), told(other));
    CHECK(other.digest != first.digest);
}

TEST_CASE("a run is the same to the byte when everything that is said becomes text and is read again") {
    Simulation with_text(small_run(3));
    with_text.cluster().network().pass_text(true);
    const SimulationResult text = with_text.run();
    CHECK_MESSAGE(text.violations.empty(), told(text));
    CHECK(text.settled_after.has_value());
    const SimulationResult values = Simulation(small_run(3)).run();
    CHECK(values.events == text.events);
    CHECK(values.digest == text.digest);
}

TEST_CASE("watching over a run does not change it") {
    SimulationOptions blind = small_run(4);
    blind.checks = false;
    blind.scenario.settle = Duration(0);
    SimulationOptions watched = small_run(4);
    watched.scenario.settle = Duration(0);
    Simulation one(blind), other(watched);
    const SimTime moment = one.cluster().timeline().now() + 20min;
    REQUIRE(one.advance(moment));
    REQUIRE(other.advance(moment));
    CHECK(one.result().digest == other.result().digest);
}

TEST_CASE("a world without a manager has its time, and its scenario, without agents") {
    SimulationOptions options;
    options.world_only = true;
    options.scenario = *parse_scenario(Json::parse(R"({
        "servers": 40, "volumes": 8, "for": "1h",
        "steps": [{"do": "cut_power", "at": "5m", "on": "all", "lasts": "10m"}]})"));
    Simulation simulation(options);
    const SimTime begin = simulation.cluster().timeline().now();
    REQUIRE(simulation.advance(begin + 6min));
    const World& world = simulation.cluster().simulator().world();
    CHECK(!world.power().has_power("test039.localdomain"));
    const SimulationResult result = simulation.run();
    CHECK_MESSAGE(result.violations.empty(), told(result));
    CHECK(result.simulated == 1h);
    CHECK(world.power().has_power("test039.localdomain"));
    CHECK(!simulation.cluster().manager_alive());
    CHECK(simulation.cluster().simulator().fleet().stats().agents == 0);
}

TEST_CASE("a world that breaks a promise ends the run with the trace before it") {
    Simulation simulation(small_run(5));
    REQUIRE(simulation.advance(simulation.cluster().timeline().now() + 5min));
    // A server that was switched off behind the back of everybody, and still has LNet.
    FakeServer* node = simulation.cluster().simulator().world().nodes().front();
    node->edit([](ServerState& state) {
        state.up = false;
        state.lnet_up = state.lnet_loaded = true;
    });
    const SimulationResult result = simulation.run();
    REQUIRE(!result.violations.empty());
    CHECK(told(result).find("I-3") != std::string::npos);
    CHECK(!result.around.empty());
    CHECK(!result.settled_after.has_value());
}

TEST_CASE("the time line holds every lane, and nothing in it can end its script") {
    Simulation simulation(small_run(6));
    TimeLine line(simulation.cluster());
    simulation.on_event([&line] { line.look(); });
    (void)simulation.run();
    const std::string page = line.page("a </script> title", {"seed 6"});
    for (const char* part :
         {"\"power\"", "\"sessions\"", "\"resources\"", "cut_power", "HostContactAlert", "test000"})
        CHECK_MESSAGE(page.find(part) != std::string::npos, part);
    CHECK(page.find("a </script>") == std::string::npos);
    CHECK(page.find("/*DATA*/null") == std::string::npos);
    std::size_t ends = 0;
    for (std::size_t at = page.find("</script>"); at != std::string::npos;
         at = page.find("</script>", at + 1))
        ++ends;
    CHECK(ends == 1);
    CHECK(page.find("http://") == std::string::npos);
    CHECK(page.find("https://") == std::string::npos);
}

TEST_SUITE_END();
