// The benchmark as a program: reports, exit statuses, what it says of bad input, and that it cleans up.
#include "tests/benchmark/benchmark_stage.hpp"
#include "tests/programs/bare_server.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <sstream>

TEST_SUITE_BEGIN("benchmark/program");

using namespace csim;

namespace {

/// An HTTP answer with this body, the same for every request.
std::string http(const char* status, const std::string& body) {
    return std::string("HTTP/1.1 ") + status +
           "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

const Words short_run{"--servers", "2", "--probe_rate", "10", "steady_state", "--hold", "1500ms"};

}  // namespace

TEST_CASE("a run ends by itself, reports, holds its thresholds and leaves no host behind") {
    const BenchmarkStage on, strict;
    const std::string out = (on.stage.folder / "evidence").string();
    Program failing({strict.words(Words{"--threshold", "api./api/host/.requests>1000000"} + short_run)});
    const Ended ended = on.run(
        Words{
            "--out", out, "--html", (on.stage.folder / "r.html").string(), "--threshold",
            "api./api/host/.p99<60s", "--threshold", "api./api/host/.errors<1"} +
        short_run
    );
    INFO(ended.err << ended.out);
    CHECK(ended.status == 0);
    const Json report = on.report();
    CHECK(report["routine"] == "steady_state");
    CHECK(report["partial"] == false);
    CHECK(report["latency"].size() == 7);
    CHECK(report["latency"]["/api/host/?limit=0"]["requests"].get<int>() > 0);
    CHECK(report["thresholds"][0]["passed"] == true);
    CHECK(report["manager"]["pid"].is_number());
    CHECK(report["cleanup"] == "done");
    for (const char* file : {"report.json", "report.html", "configuration.json", "samples.csv", "log.txt"})
        CHECK_MESSAGE(std::filesystem::exists(std::filesystem::path(out) / file), file);
    CHECK(on.stage.host_states().empty());
    CHECK(text_of(std::filesystem::path(out) / "configuration.json").find("lustre\"") == std::string::npos);
    const Ended failed = failing.wait();
    INFO(failed.err << failed.out);
    CHECK(failed.status == 3);
    CHECK(failed.out.find("FAILED: api./api/host/.requests>1000000") != std::string::npos);
    const Ended compared =
        run_program({{benchmark_path(), "compare", on.report_path(), strict.report_path()}});
    CHECK(compared.status == 0);
    CHECK(compared.out.find("/api/host/ failed") != std::string::npos);
}

// Proves: defect 16.
TEST_CASE("however a run ends early, it is said, and what is left can be removed") {
    BenchmarkStage interrupted, dying, crashing;
    const Words long_run{"--servers", "4", "steady_state", "--hold", "10m"};
    Program stopped({interrupted.words(long_run)}), orphaned({dying.words(long_run)}),
        killed({crashing.words(long_run)});
    for (Program* program : {&stopped, &orphaned, &killed})
        REQUIRE_MESSAGE(program->wait_for("4 servers are set up"), program->err());
    stopped.signal(SIGINT);
    // Not before it was seen alive: a process that was never there is not missed.
    REQUIRE(eventually([&] { return dying.stage.host_states().size() == 4; }));
    dying.stage.manager().signal(SIGKILL);
    killed.signal(SIGKILL);
    killed.wait();
    {
        const Ended ended = stopped.wait();
        INFO(ended.err << ended.out);
        CHECK(ended.status == 130);
        CHECK(interrupted.report()["partial"] == true);
        CHECK(interrupted.report()["stop_reason"] == "interrupted");
        CHECK(interrupted.stage.host_states().empty());
    }
    {
        const Ended ended = orphaned.wait();
        INFO(ended.err << ended.out);
        CHECK(ended.status == 1);
        CHECK(dying.resource() == "manager_process");
        CHECK(dying.report()["partial"] == true);
        CHECK(ended.out.find("Cleaning up failed: the manager does not answer") != std::string::npos);
    }
    CHECK(crashing.stage.host_states().size() == 4);
    const Ended ended = crashing.run({"reset"});
    INFO(ended.err << ended.out);
    CHECK(ended.status == 0);
    CHECK(crashing.stage.host_states().empty());
}

// Proves: defect 16, 83.
TEST_CASE("what cannot work is said in one sentence") {
    const BenchmarkStage on;
    const BareServer broken(http("500 Internal Server Error", "{}"));
    const BareServer silent("");
    const BareServer bare(http("200 OK", R"({"objects": []})"));
    struct Row {
        Words words;
        int status;
        std::string says;
    };
    const std::string url = on.stage.url();
    const std::vector<Row> table{
        {{"--url", "https://127.0.0.1:1", "steady_state"}, 1, "is a manager running there?"},
        {{"--url", url, "--password", "wrong", "steady_state"}, 1, "check user name and password"},
        {{"--url", broken.url("http"), "steady_state"}, 1, "status 500"},
        {{"--url", silent.url("http"), "--request_timeout", "500ms", "steady_state"},
         1,
         "is a manager running there?"},
        {{"--url", bare.url("http"), "steady_state"},
         1,
         "simulator_controller plugin not enabled on manager at"},
        {{"--url", url, "--json", "/nonexistent/r.json", "reset"}, 1, "there is no folder /nonexistent"},
        {{"--url", url, "--out", "/proc/evidence", "reset"}, 1, "--out: cannot make the folder"},
        {{"--url", url, "--threshold", "p99", "reset"}, 2, "compares nothing"},
        {{"--url", "nonsense", "reset"}, 2, "nonsense"},
        {{"--url", url}, 2, "name a routine: routines are filesystem_size_limit, "},
        {{"--url", url, "no_such_routine"},
         2,
         "there is no routine 'no_such_routine': routines are filesystem_size_limit, concurrent"},
        {{"--url", url, "reset", "now"}, 2, "'now' is not expected here"},
        {{"--url", url, "--no_such_option", "reset"}, 2, "'--no_such_option' is not expected here"},
        {{"--url", url, "--servers", "0", "reset"}, 2, "--servers"},
        {{"--url", url, "steady_state", "--hold", "soon"}, 2, "'soon' is no span of time"},
        {{"--url", url, "--remote_simulator", "http://127.0.0.1:1", "reset"},
         1,
         "no simulator can be driven"},
        {{"--url", url, "--password", "wrong", "queues"}, 1, "check user name and password"},
        {{"--url", url, "queues", "--colwidth", "wide"}, 2, "--colwidth"},
        {{"--url", "nonsense", "queues"}, 2, "nonsense"},
        {{"compare", "/nonexistent/a", "/nonexistent/b"}, 1, "cannot read /nonexistent/a"},
    };
    std::vector<std::unique_ptr<Program>> programs;
    for (const Row& row : table)
        programs.push_back(std::make_unique<Program>(Launch{Words{benchmark_path()} + row.words}));
    for (std::size_t i = 0; i < table.size(); ++i) {
        const Ended ended = programs[i]->wait();
        INFO(table[i].says << "\n" << ended.err << ended.out);
        CHECK(ended.status == table[i].status);
        CHECK(ended.err.find(table[i].says) != std::string::npos);
    }
}

// Proves: defect 17.
TEST_CASE("the queue monitor prints the depth of the manager's queues, and a dash for one that is missing") {
    const BenchmarkStage on;
    const Ended ended = run_program(
        {{benchmark_path(), "--url", on.stage.url(), "queues", "--queue", "agent_lustre_rx", "--queue",
          "nobody", "--colwidth", "30", "--count", "2", "--interval", "10ms"}}
    );
    INFO(ended.err);
    CHECK(ended.status == 0);
    std::istringstream lines(ended.out);
    std::string header, first, second;
    std::getline(lines, header);
    std::getline(lines, first);
    std::getline(lines, second);
    const auto column = header.find("nobody");
    CHECK(column == header.find("agent_lustre_rx") + 30);
    for (const std::string& line : {first, second}) {
        CHECK(line.substr(header.find("agent_lustre_rx"), 2) == "0 ");
        CHECK(line.substr(column) == "-");
    }
}

TEST_CASE("help lists every routine with its own options") {
    const Ended help = run_program({{benchmark_path(), "--help"}});
    CHECK(help.status == 0);
    for (const char* part :
         {"filesystem_size_limit", "concurrent_registration_limit", "server_count_limit", "log_ingest_rate",
          "reset", "reconnect_storm", "failover_storm", "steady_state", "compare", "queues", "--max_servers",
          "--threshold", "--remote_simulator"})
        CHECK_MESSAGE(help.out.find(part) != std::string::npos, part);
    CHECK(help.out.find("--fault") == std::string::npos);
    CHECK(run_program({{manager_path(), "--help"}}).out.find("--fault") == std::string::npos);
}

TEST_SUITE_END();
