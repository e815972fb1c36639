// The experiment's figures: exactly the published ones, and never anything but integers compared.
#include "runtime/ve/experiment.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <set>

TEST_SUITE_BEGIN("runtime/ve");

using namespace csim;

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

TEST_SUITE_END();
