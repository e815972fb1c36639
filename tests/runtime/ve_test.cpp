// The experiment's figures: exactly the published ones, and never anything but integers compared.
#include "runtime/ve/experiment.hpp"
#include "runtime/ve/scenarios.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <set>

TEST_SUITE_BEGIN("runtime/ve");

using namespace csim;

// Proves: container 5.
TEST_CASE("addresses follow the rule and end where it ends") {
    const std::pair<std::uint64_t, const char*> cases[] = {
        {1, "10.0.0.1"}, {254, "10.0.0.254"}, {255, "10.0.1.0"}, {256, "10.0.1.1"}, {65'024, "10.0.254.254"}};
    for (const auto& [number, address] : cases) {
        CHECK(address_of(number, Addressing::original).value() == address);
        CHECK(address_of(number, Addressing::wide).value() == address);
    }
    CHECK(!address_of(0, Addressing::original).has_value());
    CHECK(!address_of(65'025, Addressing::original).has_value());
    CHECK(address_of(65'025, Addressing::wide).value() == "10.1.0.1");
    CHECK(address_of(wide_last, Addressing::wide).has_value());
    CHECK(!address_of(wide_last + 1, Addressing::wide).has_value());
}

TEST_CASE("no two environments share an address, and the bridge's is nobody's") {
    std::set<std::string> seen{"10.255.255.254"};
    for (std::uint64_t i = 64'900; i <= 66'000; ++i)
        CHECK(seen.insert(*address_of(i, Addressing::wide)).second);
    for (std::uint64_t i = wide_last - 600; i <= wide_last; ++i)
        CHECK(seen.insert(*address_of(i, Addressing::wide)).second);
}

// Proves: container 4.
TEST_CASE("a log is complete when it has exactly its lines") {
    for (const std::uint64_t lines : {0u, 1u, 187u, 188u, 189u, 376u, 1188u, 1880u}) {
        CAPTURE(lines);
        SeenEnvironment seen;
        seen.job = JobReport{lines};
        const auto figures = figures_of({seen, SeenEnvironment{}}, 0, 180);
        CHECK(figures.complete == (lines == 188 ? 1 : 0));
        CHECK(figures.incomplete == (lines == 188 ? 0 : 1));
        CHECK(figures.no_log == 1);
        CHECK(figures.total == figures.complete + figures.incomplete + figures.no_log);
    }
    CHECK(figures_of({}, 0, 180).total == 0);
}

TEST_CASE("sizes are written as du writes them") {
    const std::pair<std::uint64_t, const char*> cases[] = {
        {0, "0"},
        {512, "512"},
        {1024, "1.0K"},
        {1025, "1.1K"},
        {10 << 10, "10K"},
        {(10 << 10) + 1, "11K"},
        {138 << 20, "138M"},
        {3ull << 30, "3.0G"}};
    for (const auto& [bytes, text] : cases) CHECK(human_size(bytes) == text);
}

// Proves: container 4, 19.
TEST_CASE("704 of 1000 finish when memory is enough for 704, whoever looks later") {
    const TempFolder folder;
    const std::string place = (folder / "ve").string();
    {
        const auto made = make_simulated_experiment({place, "lxd-2015", "memory=704", 1});
        CHECK(made->setup({1000, false, Addressing::original}, {}).done == 1000);
        ExperimentStart all;
        all.last = 1000;
        const VeOutcome outcome = made->start(all, {});
        CHECK(outcome.done == 704);
        CHECK(outcome.refused == std::map<std::string, std::uint64_t>{{"memory", 296}});
    }
    const auto found = find_simulated_experiment(place);
    const auto figures = figures_of(found->look(1, 1000), found->disk_bytes(), found->pings());
    CHECK(block_text(figures, "/exp", 180, false) == R"(Disk Usage of VEs: 138M /exp
Total VEs        : 1000
180-ping VEs     : 704
Incomplete VEs   : 0
No log file VEs  : 296
704 VEs have a PID
)");
    CHECK(remove_simulated_experiment(place));
    CHECK(!remove_simulated_experiment(place));
}

namespace {

/// Setup and start of `count`, in a fresh experiment of that scenario.
struct Played {
    VeOutcome started, stopped;
    ExperimentFigures figures;
};

Played play(const std::string& scenario, std::uint64_t count) {
    const TempFolder folder;
    const auto made = make_simulated_experiment({(folder / "ve").string(), "namespaces", "", 1, scenario});
    REQUIRE(made->setup({count, true, Addressing::wide}, {}).failed() == 0);
    ExperimentStart all;
    all.last = count;
    all.target = "bridge";
    Played played;
    played.started = made->start(all, {});
    played.figures = figures_of(made->look(1, count), made->disk_bytes(), made->pings());
    played.stopped = made->stop(1, count, {});
    return played;
}

}  // namespace

// Proves: container 19.
TEST_CASE("each scenario brings about the outcome that it is named after") {
    const Played cliff = play("arp-cliff", 1000);
    CHECK(cliff.started.done == 1000);
    CHECK(cliff.figures.complete == 750);
    CHECK(cliff.figures.incomplete == 250);
    CHECK(cliff.figures.no_log == 0);
    const Played bridge = play("bridge-1023", 1030);
    CHECK(bridge.started.done == 1023);
    CHECK(bridge.started.refused == std::map<std::string, std::uint64_t>{{"bridge_ports", 7}});
    CHECK(bridge.figures.complete == 1023);
    const Played old = play("inotify-128", 200);
    CHECK(old.started.done == 200);
    CHECK(old.figures.complete == 120);
    CHECK(old.figures.no_log == 80);
    const Played slow = play("slow-delete", 1000), quick = play("", 1000);
    CHECK(slow.stopped.done == 1000);
    CHECK(slow.stopped.took >= 17s);
    CHECK(slow.stopped.took < 18s);
    CHECK(quick.stopped.took >= 200ms);
    CHECK(quick.stopped.took < 1s);
    CHECK(play("lxcexp-704", 1000).started.done == 704);
}

TEST_CASE("every scenario says what comes of it, and an unknown one names those that there are") {
    for (const ExperimentScenario& each : experiment_scenarios()) {
        CAPTURE(std::string(each.name));
        CHECK(each.says.size() > 20);
        CHECK(experiment_scenario(std::string(each.name)).has_value());
    }
    const auto unknown = experiment_scenario("arp-clif");
    REQUIRE(!unknown.has_value());
    CHECK(unknown.error().detail.find("arp-cliff, bridge-1023, inotify-128") != std::string::npos);
}

TEST_SUITE_END();
