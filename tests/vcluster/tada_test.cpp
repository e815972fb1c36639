// The test report protocol: both forms of messages, what is printed, what is stored.
#include "tests/programs/program.hpp"
#include "tests/support/temp_folder.hpp"
#include "vcluster/tada/collector.hpp"
#include "vcluster/tada/print.hpp"
#include "vcluster/tada/reporter.hpp"
#include "vcluster/tada/results.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

TEST_SUITE_BEGIN("vcluster/tada");

using namespace csim;

namespace {

struct Heard {
    std::vector<TadaRun> finished;
    std::vector<std::string> complaints;
    TadaCollector collector{
        {[](const TadaRun&) {}, [](const TadaRun&, const TadaAssertion&) {},
         [this](const TadaRun& run) { finished.push_back(run); },
         [this](const std::string& level, const std::string& text) {
             complaints.push_back(level + " " + text);
         }}};
    void hear(const std::string& bytes, std::uint16_t port = 40369) {
        collector.receive(bytes, "127.0.0.1", port, 1562161900);
    }
};

const char* const v1_start =
    R"({"msg-type": "test-start", "test-suite": "LDMSD", "test-type": "LDMSD", "test-name": "agg", "timestamp": 1562161831.25})";
const char* const v1_assert =
    R"({"msg-type": "assert-status", "test-suite": "LDMSD", "test-type": "LDMSD", "test-name": "agg", "assert-no": 1, "assert-desc": "ldms_ls agg-2", "assert-cond": "dir result verified", "test-status": "passed"})";
const char* const v1_finish =
    R"({"msg-type": "test-finish", "test-suite": "LDMSD", "test-type": "LDMSD", "test-name": "agg", "timestamp": 1562161840})";

bool no_sqlite() {
    try {
        TempFolder folder;
        TadaResults((folder / "x").string());
        return false;
    } catch (const Fatal& failure) {
        MESSAGE("skipped: " << failure.what());
        return true;
    }
}

}  // namespace

// Proves: vcluster C50.
TEST_CASE("C50: the id of a run is the published one") {
    CHECK(
        tada_test_id("LDMSD", "FVT", "simple", "root", "abc1234", 1562161831) ==
        "e708b50ce08b30d9fa621b065da1caee24c234410f4cdb42bef8b204f5dc8f0e"
    );
}

// Proves: vcluster C52.
TEST_CASE("C52: messages of the first form, without ids, are told apart by who sends them") {
    Heard heard;
    heard.hear(v1_start), heard.hear(v1_start, 40370);
    heard.hear(v1_assert);
    heard.hear(v1_finish);
    REQUIRE(heard.finished.size() == 1);
    CHECK(heard.finished[0].started == 1562161831);
    CHECK(heard.finished[0].assertions.size() == 1);
    CHECK(heard.collector.open() == 1);
}

// Proves: vcluster C56.
TEST_CASE("C56: what is printed is the original's, byte for byte") {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    Heard heard;
    heard.hear(v1_start), heard.hear(v1_assert), heard.hear(v1_finish);
    const auto lines = tada_daemon_lines(heard.finished.at(0), false, false);
    CHECK(
        lines ==
        std::vector<std::string>{
            "LDMSD - [127.0.0.1:40369]", "    2019-07-03 13:50:31 agg",
            "        passed    1 ldms_ls agg-2, dir result verified"}
    );
    CHECK(
        tada_daemon_lines(heard.finished[0], true, true)[3] ==
        "        \x1b[92mpassed\x1b[0m    1 ldms_ls agg-2, dir result verified"
    );
    const SimTime at = SimTime::from_unix_ns(1562161750'896'000'000);
    CHECK(
        tada_log_prefix(at, "tada_server", "INFO", true) == "2019-07-03 13:49:10,896 tada_server      INFO\t"
    );
    CHECK(tada_log_prefix(at, "tadad", "INFO", false) == "2019-07-03 13:49:10,896 tadad  INFO    ");
    TadaRun run = heard.finished[0];
    run.id = "x", run.user = "bob", run.commit = "abc", run.description = "what for", run.finished = 0;
    CHECK(
        tada_query_text(run, false) ==
        "LDMSD - bob - commit_id: abc\n    agg (start:2019-07-03 13:50:31, finish: -)\n        what for\n    "
        "test-id: x\n"
        "        passed 1    ldms_ls agg-2, dir result verified\n"
    );
}

// Proves: vcluster C54.
TEST_CASE("C54: stray, broken, late and repeated datagrams are survived and told") {
    Heard heard;
    for (const char* bytes :
         {"", "{", "[]", "7", "{}", R"({"msg-type": "other"})", R"({"msg-type": "test-start"})", "\xff\xfe",
          R"({"msg-type": "assert-status", "test-id": "i", "test-status": "maybe", "assert-no": 1})",
          R"({"msg-type": "assert-status", "test-id": "i", "test-status": "passed"})"})
        heard.hear(bytes);
    heard.hear(std::string(65000, '['));
    CHECK(heard.complaints.size() == 11);
    CHECK(heard.finished.empty());
    heard.hear(
        R"({"msg-type": "assert-status", "test-id": "lost", "assert-no": "3", "assert-desc": "d", "test-status": "failed"})"
    );
    heard.hear(R"({"msg-type": "test-finish", "test-id": "lost", "timestamp": 5})");
    REQUIRE(heard.finished.size() == 1);
    CHECK(heard.finished[0].suite == "NONE");
    CHECK(heard.finished[0].assertions[0].condition == "none");
    heard.hear(R"({"msg-type": "test-finish", "test-id": "lost", "timestamp": 6})");
    heard.hear(
        R"({"msg-type": "assert-status", "test-id": "lost", "assert-no": "3", "test-status": "passed"})"
    );
    CHECK(heard.finished.size() == 1);
    heard.hear(
        R"({"msg-type": "test-start", "test-id": "silent", "test-suite": "S", "test-name": "n", "timestamp": 1})"
    );
    heard.collector.give_up(1562161901);
    CHECK(heard.finished.size() == 2);
}

// Proves: vcluster C51, C53.
TEST_CASE("C51 and C53: our reports carry what either server asks for, and end with 255 unless all has passed"
) {
    auto server = DatagramSocket::bind("127.0.0.1", 0);
    REQUIRE(server.has_value());
    TadaRun run;
    run.suite = "LDMSD", run.type = "FVT", run.name = "simple", run.user = "root", run.commit = "abc1234";
    std::vector<Json> messages;
    {
        auto reporter = TadaReporter::open({"127.0.0.1", server->port()}, run);
        REQUIRE(reporter.has_value());
        reporter->declare("1", "one"), reporter->declare("2", "two"), reporter->declare("last", "three");
        CHECK(reporter->evaluate("1", true, "early").error().code == Errc::conflict);
        REQUIRE(reporter->start(1562161831).has_value());
        REQUIRE(reporter->evaluate("1", false, "was wrong").has_value());
        REQUIRE(reporter->evaluate("1", true, "is right").has_value());
        CHECK(reporter->evaluate("9", true, "").error().code == Errc::not_found);
        CHECK(*reporter->finish(1562161840) == 255);
        CHECK(*reporter->finish(1562161841) == 255);
        CHECK(!reporter->evaluate("2", true, "late").has_value());
    }
    while (auto datagram = server->receive()) messages.push_back(Json::parse(datagram->bytes));
    REQUIRE(messages.size() == 7);
    for (const Json& each : messages)
        for (const char* key : {"test-suite", "test-type", "test-name", "test-user", "commit-id", "test-id"})
            CHECK(each.contains(key));
    CHECK(messages[0]["test-id"] == "e708b50ce08b30d9fa621b065da1caee24c234410f4cdb42bef8b204f5dc8f0e");
    CHECK(messages[3]["assert-no"] == 1);
    CHECK(messages[4]["test-status"] == "skipped");
    CHECK(messages[4]["assert-cond"] == "none");
    CHECK(messages[5]["assert-no"] == "last");
    CHECK(messages[6]["msg-type"] == "test-finish");
}

// Proves: vcluster C55.
TEST_CASE("C55: results are stored as they come, the last run of a kind is found, older ones can be purged") {
    if (no_sqlite()) return;
    TempFolder folder;
    const std::string file = (folder / "tada.sqlite").string();
    TadaRun run;
    run.suite = "S", run.type = "T", run.name = "n", run.user = "bob", run.commit = "c1",
    run.description = "d'; DROP TABLE TADATest";
    for (const std::int64_t start : {100, 200}) {
        TadaResults results(file);
        run.started = start;
        run.id = "id-" + std::to_string(start);
        results.begin(run);
        for (const char* number : {"10", "2", "b"})
            results.store(run.id, {number, true, "desc", "cond", number[0] == '2' ? "failed" : "passed"});
    }
    TadaResults results(file);
    TadaFilter filter;
    auto found = results.find(filter);
    REQUIRE(found.size() == 1);
    CHECK(found[0].id == "id-200");
    CHECK(found[0].finished == 0);
    CHECK(found[0].description == run.description);
    CHECK(found[0].assertions[0].number == "2");
    CHECK(found[0].assertions[1].number == "10");
    run.finished = 300;
    results.finish(run);
    filter.latest = false;
    CHECK(results.find(filter).size() == 2);
    filter.only = "failed";
    CHECK(results.find(filter)[1].assertions.size() == 1);
    filter.only = "skipped";
    CHECK(results.find(filter).empty());
    CHECK(results.last_commit("bob") == "c1");
    CHECK(results.purge_old() == 1);
    CHECK(results.find({}).at(0).finished == 300);
    CHECK(tada_page(results.find({})).find("d'; DROP TABLE") != std::string::npos);
    CHECK(tada_page({}).find("There are none") != std::string::npos);
}

TEST_CASE("the daemon receives, prints and stores, ends in order, and its results can be asked for") {
    if (no_sqlite()) return;
    TempFolder folder;
    const std::string file = (folder / "tada.sqlite").string();
    Program daemon(
        {{cluster_sim_path(), "tada-daemon", "--port", "0", "--db_path", file, "--html",
          (folder / "page.html").string()},
         {{"TZ", "UTC"}},
         folder.path()}
    );
    REQUIRE(daemon.wait_for("Listening on udp 0.0.0.0:"));
    const std::string port = daemon.err().substr(daemon.err().rfind(':') + 1);
    const auto reported = run_program(
        {{cluster_sim_path(), "tada-report", "--to", "127.0.0.1:" + std::to_string(std::atoi(port.c_str())),
          "--suite", "LDMSD", "--type", "FVT", "--name", "simple", "--user", "bob", "--commit", "c1",
          "--assertion", "1:passed:first:was right", "--assertion", "2:skipped:second"}}
    );
    CHECK_MESSAGE(reported.status == 255, reported.err);
    REQUIRE(daemon.wait_for("second, none"));
    daemon.signal(SIGTERM);
    CHECK(daemon.wait().status == 0);
    CHECK(
        daemon.out().find("        passed    1 first, was right\n        skipped    2 second, none\n") !=
        std::string::npos
    );
    const auto asked = run_program(
        {{cluster_sim_path(), "tada-query", "--db_path", file, "--test_user", "bob", "--commit_id", "*"},
         {{"TZ", "UTC"}}}
    );
    CHECK(asked.status == 0);
    CHECK(asked.out.find("LDMSD - bob - commit_id: c1\n    simple (start:") == 0);
    CHECK(run_program(
              {{cluster_sim_path(), "tada-query", "--db_path", file, "--test_user", "*", "--only_failed"}}
    ).out.empty());
    CHECK(std::filesystem::file_size(folder / "page.html") > 500);
}

TEST_SUITE_END();
