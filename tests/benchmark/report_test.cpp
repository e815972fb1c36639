#include "benchmark/report/report.hpp"

#include "benchmark/report/outputs.hpp"
#include "benchmark/report/teller.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <set>
#include <sstream>

TEST_SUITE_BEGIN("benchmark/report");

using namespace csim;

namespace {

RunRecord record() {
    RunRecord run;
    run.routine = "server_count_limit";
    run.seconds = 60;
    run.outcome.verdict = "The limit is 32 servers.";
    run.outcome.stop_reason = "the limit was found";
    run.outcome.limit = LimitEstimate{32, 28, 36};
    run.outcome.knee = 24;
    run.cleanup = "done";
    PathFigures path{"/api/host/", {}, 2, 1, 5, 3};
    for (int i = 1; i <= 100; ++i) path.latency.record(std::chrono::milliseconds(i));
    run.paths = {path, {"/api/target/", {}, 0, 0, 0, 0}};
    Interval good, bad;
    good.at = 1, good.queues["q"] = {12, 1, 1};
    good.manager = {true, true, 0.5, 0.4, 5e7, 3e8, 50, 1000, 0};
    bad.at = 2, bad.valid = false, bad.invalid_because = "the simulator lagged";
    run.intervals = {good, bad, good};
    run.intervals[2].at = 3;
    return run;
}

}  // namespace

TEST_CASE("the report has the keys that others rely on") {
    const RunRecord run = record();
    const Judgement judgement = judge(run, {*parse_threshold("api./api/host/.p99<200ms")});
    const Json report = report_json(run, judgement);
    for (const char* key :
         {"routine", "verdict", "limit", "latency", "limiting_resource", "invalid_intervals", "thresholds"})
        CHECK_MESSAGE(report.contains(key), key);
    CHECK(report["limit"]["value"] == 32);
    CHECK(report["limit"]["low"] == 28);
    CHECK(report["limit"]["high"] == 36);
    const Json& host = report["latency"]["/api/host/"];
    for (const char* key : {"p50_ms", "p90_ms", "p99_ms", "p999_ms", "max_ms", "requests", "errors"})
        CHECK_MESSAGE(host.contains(key), key);
    CHECK(host["requests"] == 103);
    CHECK(host["p50_ms"].get<double>() == doctest::Approx(50).epsilon(0.02));
    CHECK(report["limiting_resource"].contains("name"));
    CHECK(report["limiting_resource"].contains("evidence"));
    REQUIRE(report["invalid_intervals"].size() == 1);
    CHECK(report["invalid_intervals"][0]["from"] == 1);
    CHECK(report["invalid_intervals"][0]["to"] == 2);
    CHECK(report["thresholds"][0]["passed"] == true);
    CHECK(judgement.all_passed());
}

TEST_CASE("thresholds may name every figure of the run") {
    const Figures figures = figures_of(record());
    for (const char* name :
         {"api./api/host/.p99", "api./api/host/.error_rate", "limit.value", "limit.high", "limit.knee",
          "manager.rss", "queue.q.messages", "run.invalid"})
        CHECK_MESSAGE(figures.contains(name), name);
    for (const auto& [name, value] : figures) {
        bool usable = false;
        for (const char* unit : {"", "ms", "B"})
            usable = usable || parse_threshold(name + "<1" + unit).has_value();
        CHECK_MESSAGE(usable, name);
    }
    CHECK_FALSE(judge(record(), {*parse_threshold("api./api/target/.p99<1s")}).all_passed());
}

TEST_CASE("the summary says what a person must know") {
    RunRecord run = record();
    run.outcome.partial = true;
    run.cleanup = "the manager does not answer";
    const std::string text = summary_text(run, judge(run, {*parse_threshold("limit.value>=64")}));
    for (const char* part :
         {"PARTIAL", "The limit is 32 servers.", "bends at 24", "/api/host/", "no data",
          "Limiting resource:", "FAILED: limit.value>=64", "Cleaning up failed", "bottleneck"})
        CHECK_MESSAGE(text.find(part) != std::string::npos, part);
}

TEST_CASE("outputs are checked before a run and written whole after it") {
    const TempFolder folder;
    const std::string inside = (folder / "evidence").string(), json = (folder / "r.json").string();
    CHECK_THROWS_WITH_AS(
        check_outputs({(folder / "none" / "r.json").string(), "", ""}),
        doctest::Contains("there is no folder"), Fatal
    );
    CHECK_THROWS_WITH_AS(
        check_outputs({folder.path().string(), "", ""}), doctest::Contains("is a folder"), Fatal
    );
    const OutputOptions outputs{json, "", inside};
    check_outputs(outputs);
    CHECK_FALSE(std::filesystem::exists(json));
    const RunRecord run = record();
    write_outputs(outputs, report_json(run, judge(run, {})), {"a line"});
    std::set<std::string> names;
    for (const auto& each : std::filesystem::directory_iterator(inside))
        names.insert(each.path().filename().string());
    for (const char* name : {"report.json", "configuration.json", "samples.csv", "log.txt"})
        CHECK_MESSAGE(names.contains(name), name);
    CHECK(std::filesystem::exists(json));
}

TEST_CASE("a file in the place of the evidence folder is refused") {
    const TempFolder folder;
    write_outputs({(folder / "file").string(), "", ""}, Json::object(), {});
    CHECK_THROWS_WITH_AS(
        check_outputs({"", "", (folder / "file").string()}), doctest::Contains("--out"), Fatal
    );
}

TEST_CASE("the live line fits the terminal") {
    Interval last;
    last.phase = "n=8";
    CHECK(live_line(last, "steady_state", 40).size() == 40);
    last.valid = false;
    CHECK(live_line(last, "reset", 400).find("invalid") != std::string::npos);
    std::ostringstream out;
    Teller teller(out, false, "x", [] { return std::nullopt; });
    teller.say("hello");
    CHECK(out.str() == "hello\n");
    CHECK(teller.lines() == std::vector<std::string>{"hello"});
}

TEST_SUITE_END();
