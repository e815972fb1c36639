// Scenario files: what is one, what is none and why.
#include "core/json_codec.hpp"
#include "sim/scenario/workload.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace csim;

TEST_SUITE_BEGIN("scenario");

namespace {

std::string fault_of(const std::string& text) {
    const auto scenario = parse_scenario(Json::parse(text));
    return scenario ? "" : scenario.error().detail;
}

}  // namespace

TEST_CASE("every scenario that ships is one, says what it is, and survives being written and read") {
    const std::filesystem::path folder = std::filesystem::path(CSIM_SOURCE_DIR) / "scenarios";
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        CAPTURE(entry.path().string());
        const Scenario scenario = load_scenario(entry.path());
        CHECK(scenario.name == entry.path().stem().string());
        CHECK(scenario.description.size() > 100);
        const Json once = scenario_json(scenario);
        const auto again = parse_scenario(once);
        REQUIRE(again.has_value());
        CHECK(scenario_json(*again) == once);
        ++count;
    }
    CHECK(count >= 10);
}

TEST_CASE("what is wrong with a scenario is told with its path and a reason") {
    struct Row {
        const char* text;
        const char* path;
        const char* reason;
    };
    for (const Row& row : {
             Row{R"([])", "/:", "an object"},
             Row{R"({})", "/steps", "a list"},
             Row{R"({"steps":{}})", "/steps", "a list"},
             Row{R"({"steps":[],"colour":1})", "/colour", "known are name"},
             Row{R"({"steps":[],"servers":0})", "/servers", "from 1 to"},
             Row{R"({"steps":[],"servers":"8"})", "/servers", "whole number"},
             Row{R"({"steps":[],"for":5})", "/for", "\"90s\""},
             Row{R"({"steps":[],"for":"soon"})", "/for", "such as"},
             Row{R"({"steps":[],"for":"0s"})", "/for", "longer than nothing"},
             Row{R"({"steps":[7]})", "/steps/0", "an object"},
             Row{R"({"steps":[{}]})", "/steps/0", "names a workload"},
             Row{R"({"steps":[{"do":"make_tea"}]})", "/steps/0/do",
                 "known are certificate_revoked, client_load"},
             Row{R"({"steps":[{"do":"cut_power","at":"2h"}]})", "/steps/0/at", "behind the end"},
             Row{R"({"steps":[{"do":"cut_power","at":"-2s"}]})", "/steps/0/at", "negative"},
             Row{R"({"steps":[{"do":"cut_power","every":"0s"}]})", "/steps/0/every", "longer"},
             Row{R"({"steps":[{"do":"cut_power","repeat":0}]})", "/steps/0/repeat", "from 1"},
             Row{R"({"steps":[{"do":"cut_power","volume":1}]})", "/steps/0/volume", "no such key"},
             Row{R"({"steps":[{"do":"cut_power","on":[]}]})", "/steps/0/on", "list of names"},
             Row{R"({"steps":[{"do":"cut_power","on":"any 2"}]})", "/steps/0/on", "is no place"},
             Row{R"({"steps":[{"do":"restart_manager","on":"all"}]})", "/steps/0/on",
                 "does not happen to servers"},
             Row{R"({"steps":[{"do":"lose_messages","percent":101}]})", "/steps/0/percent", "from 0 to 100"},
             Row{R"({"steps":[{"do":"partition","direction":"up"}]})", "/steps/0/direction", "from_manager"},
             Row{R"({"steps":[{"do":"clock_skew","by":3}]})", "/steps/0/by", "a time"},
         }) {
        CAPTURE(row.text);
        const std::string fault = fault_of(row.text);
        CHECK_MESSAGE(fault.starts_with(row.path), fault);
        CHECK_MESSAGE(fault.find(row.reason) != std::string::npos, fault);
    }
}

TEST_CASE("files that are no scenarios are refused by name") {
    TempFolder folder;
    const auto file = folder.path() / "odd.json";
    CHECK_THROWS_AS(load_scenario(file), Fatal);
    CHECK_THROWS_AS(load_scenario(folder.path()), Fatal);
    for (const char* text : {"", "{", "{\"steps\":[]} x", "\xff\xfe"}) {
        std::ofstream(file) << text;
        try {
            (void)load_scenario(file);
            FAIL("was taken: " << text);
        } catch (const Fatal& fault) {
            CHECK(std::string(fault.what()).starts_with(file.string()));
        }
    }
}

TEST_CASE("the table of workloads is sorted, told of, and able to do what it says") {
    std::string_view last;
    for (const ScenarioWorkload& row : workload_table()) {
        CAPTURE(std::string(row.name));
        CHECK(last < row.name);
        last = row.name;
        CHECK((row.begin != nullptr));
        CHECK(row.doc.ends_with("."));
        CHECK(
            (row.lasts_seconds == 0 || row.end != nullptr || row.name == "clock_skew" ||
             row.name == "rolling_upgrade")
        );
        for (const WorkloadParameter& each : row.parameters) {
            CHECK(each.low <= each.standard);
            CHECK(each.standard <= each.high);
            CHECK(!each.doc.empty());
        }
    }
    CHECK((find_workload("cut_power") != nullptr));
    CHECK((find_workload("") == nullptr));
}

TEST_CASE("docs/scenarios.md is made of the table") {
    std::ifstream in(std::filesystem::path(CSIM_SOURCE_DIR) / "docs" / "scenarios.md");
    std::ostringstream text;
    text << in.rdbuf();
    CHECK_MESSAGE(
        text.str() == scenarios_markdown(), "run 'cluster-sim scenario markdown > docs/scenarios.md'"
    );
}

TEST_SUITE_END();
