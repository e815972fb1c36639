#include "benchmark/report/html_report.hpp"

#include "benchmark/report/report.hpp"
#include "benchmark/report/svg_chart.hpp"
#include "tests/programs/program.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <regex>

TEST_SUITE_BEGIN("benchmark/html_report");

using namespace csim;

namespace {

/// Ninety seconds with growth, a phase, invalid intervals, and a name that is not what it seems.
Json sample() {
    RunRecord run;
    run.routine = "server_count_limit";
    run.manager_url = "https://manager/?<script>alert(1)</script>";
    run.outcome.verdict = "The limit is 32 servers, between 28 and 36.";
    run.outcome.limit = LimitEstimate{32, 28, 36};
    run.outcome.failed = true;
    for (int i = 1; i <= 90; ++i) {
        Interval each;
        each.at = i;
        each.warm_up = i < 5;
        each.phase = "n=" + std::to_string(8 << (i / 30));
        each.servers = 8 << (i / 30), each.sessions = 7 * each.servers;
        each.p50_ms = 2 + i / 10.0, each.p90_ms = 2 * each.p50_ms, each.p99_ms = 5 * each.p50_ms;
        each.max_ms = 8 * each.p50_ms;
        each.valid = i < 40 || i > 46;
        each.queues["agent_systemd_journal_rx"] = {i > 60 ? 20.0 * (i - 60) : 0, 20, 5};
        each.manager = {true, true, 0.5, 0.4, 5e7 + 1e5 * i, 3e8, 50.0 + i, 1000, 0};
        run.intervals.push_back(each);
    }
    PathFigures path{"/api/host/", {}, 1, 0, 5, 3};
    for (int i = 1; i <= 100; ++i) path.latency.record(std::chrono::milliseconds(i));
    run.paths = {path};
    Step failed;
    failed.servers = 64, failed.reason = "queue is backed up";
    run.outcome.steps = {failed};
    return report_json(run, judge(run, {*parse_threshold("limit.value>=64")}));
}

std::string chromium() {
    for (const char* path : {"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"})
        if (std::filesystem::exists(path)) return path;
    return {};
}

}  // namespace

TEST_CASE("the page holds everything and reaches for nothing") {
    const std::string page = html_report(sample());
    for (const char* part :
         {"Latency of the API", "Percentiles by path", "Queues of the manager", "Servers and sessions",
          "class='invalid'", "class='warm_up'", "prefers-color-scheme:dark", "@media print",
          "queue:agent_systemd_journal_rx", "limit.value&gt;=64", "queue is backed up"})
        CHECK_MESSAGE(page.find(part) != std::string::npos, part);
    CHECK(page.find("<script") == std::string::npos);
    CHECK_FALSE(std::regex_search(page, std::regex(R"re((src|href)\s*=)re")));
    CHECK(page.find("nan") == std::string::npos);
    CHECK(page.find("inf,") == std::string::npos);
}

TEST_CASE("a report with next to nothing in it still makes a page") {
    for (const char* text :
         {"{}", R"({"routine": "reset", "intervals": [], "latency": {}})", R"({"latency": [1], "steps": 3})"})
        CHECK(html_report(Json::parse(text)).find("</html>") != std::string::npos);
    CHECK(escaped("<a & 'b'>") == "&lt;a &amp; &#39;b&#39;&gt;");
}

TEST_CASE("a browser draws every chart without a complaint") {
    if (chromium().empty()) {
        MESSAGE("skipped: there is no Chromium on this machine");
        return;
    }
    const TempFolder folder;
    std::ofstream(folder / "report.html") << html_report(sample());
    const Ended ended = run_program(
        {{chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
          "--disable-background-networking", "--disable-component-update", "--disable-sync",
          "--user-data-dir=" + (folder / "profile").string(), "--dump-dom",
          "file://" + (folder / "report.html").string()}}
    );
    CHECK(ended.status == 0);
    const std::string& dom = ended.out;
    std::size_t charts = 0;
    for (std::size_t at = 0; (at = dom.find("<svg", at)) != std::string::npos; ++at) ++charts;
    CHECK(charts == 9);
    CHECK(dom.find("polyline") != std::string::npos);
    CHECK(ended.err.find("Error") == std::string::npos);
}

TEST_SUITE_END();
