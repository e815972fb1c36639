// Many processes as one run: shares, ranks, losses, and command lines that make no sense.
#include "connections/engine/span_histogram.hpp"
#include "tests/programs/program.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <memory>
#include <sstream>
#include <unistd.h>

TEST_SUITE_BEGIN("connections/fleet");

using namespace csim;

namespace {

const std::string program = std::string(CSIM_BIN_DIR) + "/cluster-sim-benchmark";

struct FleetStage {
    explicit FleetStage(const std::vector<std::string>& more = {}) {
        std::vector<std::string> words{program,    "sink",         "--listen",     "127.0.0.1:0",
                                       "--ca_out", file("ca.pem"), "--ready_file", file("ready")};
        words.insert(words.end(), more.begin(), more.end());
        server = std::make_unique<Program>(Launch{words});
        REQUIRE(eventually([this] { return std::filesystem::exists(folder / "ready"); }));
        std::ifstream(folder / "ready") >> url;
    }
    std::string file(const std::string& name) const { return (folder / name).string(); }
    std::vector<std::string> words(const std::vector<std::string>& more) const {
        std::vector<std::string> all{
            program,
            "--json",
            file("report.json"),
            "--html",
            file("report.html"),
            "connections",
            url,
            "--ca",
            file("ca.pem"),
            "--ramp",
            "max",
            "--settle",
            "0s",
            "--progress",
            "plain",
            "--first_request",
            "immediate",
            "--timeout_handshake",
            "60s"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    nlohmann::json report() const {
        std::ifstream read(folder / "report.json");
        return nlohmann::json::parse(read);
    }
    TempFolder folder;
    std::string url;
    std::unique_ptr<Program> server;
};

std::vector<pid_t> children_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
    std::vector<pid_t> found;
    for (pid_t each = 0; file >> each;) found.push_back(each);
    return found;
}

void check_all_held(const nlohmann::json& report, int connections) {
    CAPTURE(report.dump(1).substr(0, 3000));
    CHECK(report["figures"]["held.min"] == connections);
    CHECK(report["counts"]["held"] == connections);
    CHECK(report["counts"]["responses"] >= connections);
    CHECK(report["drops"].empty());
    CHECK(report["lost"].empty());
    CHECK(report["descriptors"]["before"] == report["descriptors"]["after"]);
    for (const auto& each : report["criteria"]) CHECK(each["met"] == true);
}

std::string contents(const std::filesystem::path& name) {
    std::ifstream file(name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("three workers hold what one would, and the report adds up") {
    FleetStage stage;
    const Ended ended = run_program({stage.words(
        {"--connections", "90", "--workers", "3", "--hold", "1s", "--schedule", "constant:200ms"}
    )});
    CHECK_MESSAGE((ended.status == 0 || ended.out.find("bottleneck") != std::string::npos), ended.err);
    const auto report = stage.report();
    check_all_held(report, 90);
    CHECK(report["workers"] == 3);
    CHECK(report["counts"]["hibernated"] == 90);
    CHECK(report["latency"]["request"]["count"] >= 90);
    const std::string page = contents(stage.folder / "report.html");
    CHECK(page.find("<svg") != std::string::npos);
    CHECK(page.find("http://") == std::string::npos);
    CHECK(page.find("<script") == std::string::npos);
}

TEST_CASE("a worker that is killed is reported with its connections, and the others go on to the end") {
    FleetStage stage;
    Program run({stage.words(
        {"--connections", "40", "--workers", "2", "--hold", "3s", "--schedule", "constant:200ms"}
    )});
    REQUIRE(run.wait_for("held 40/40"));
    const auto workers = children_of(run.pid());
    REQUIRE(workers.size() == 2);
    kill(workers[1], SIGKILL);
    const Ended ended = run.wait();
    CHECK(ended.status == 1);
    CHECK(ended.out.find("signal 9") != std::string::npos);
    const auto report = stage.report();
    REQUIRE(report["lost"].size() == 1);
    CHECK(report["lost"][0]["connections"] == 20);
    CHECK(report["drops"]["worker-lost"] == 20);
    CHECK(report["counts"]["held"] == 20);
    CHECK(report["hold_seconds"] >= 2.9);
}

TEST_CASE("several ranks on one machine make one run with one report") {
    FleetStage stage;
    const std::string job = std::to_string(getpid()) + "-ranks";
    std::vector<std::unique_ptr<Program>> ranks;
    for (int k = 0; k < 3; ++k)
        ranks.push_back(std::make_unique<Program>(Launch{
            stage.words(
                {"--connections", "60", "--hold", "1s", "--schedule", "constant:300ms", "--workers", "2"}
            ),
            {{"CSIM_RANK", std::to_string(k)}, {"CSIM_RANKS", "3"}, {"CSIM_JOB", job}}}));
    for (auto& each : ranks) {
        const Ended ended = each->wait();
        CHECK_MESSAGE((ended.status == 0 || ended.out.find("bottleneck") != std::string::npos), ended.err);
    }
    const auto report = stage.report();
    check_all_held(report, 60);
    CHECK(report["ranks"] == 3);
}

TEST_CASE("a rank that is lost is reported, and the run comes to its end") {
    FleetStage stage;
    const std::string job = std::to_string(getpid()) + "-lost";
    std::vector<std::unique_ptr<Program>> ranks;
    for (int k = 0; k < 2; ++k)
        ranks.push_back(std::make_unique<Program>(Launch{
            stage.words(
                {"--connections", "20", "--hold", "3s", "--schedule", "constant:300ms", "--workers", "1"}
            ),
            {{"CSIM_RANK", std::to_string(k)}, {"CSIM_RANKS", "2"}, {"CSIM_JOB", job}}}));
    REQUIRE(ranks[0]->wait_for("held 20/20"));
    ranks[1]->signal(SIGKILL);
    const Ended ended = ranks[0]->wait();
    CHECK(ended.status == 1);
    const auto report = stage.report();
    REQUIRE(report["lost"].size() == 1);
    CHECK(report["lost"][0]["name"] == "rank 1");
    CHECK(report["drops"]["worker-lost"] == 10);
}

TEST_CASE("mpirun starts the ranks of one run") {
    if (access("/usr/bin/mpirun", X_OK) != 0) {
        MESSAGE("skipped: mpirun is not installed (package openmpi-bin)");
        return;
    }
    FleetStage stage;
    std::vector<std::string> words{"/usr/bin/mpirun", "--oversubscribe", "--bind-to", "none", "-n", "3"};
    if (geteuid() == 0) words.insert(words.begin() + 1, "--allow-run-as-root");
    const auto run =
        stage.words({"--connections", "30", "--hold", "1s", "--schedule", "constant:300ms", "--workers", "1"}
        );
    words.insert(words.end(), run.begin(), run.end());
    const Ended ended = run_program({words});
    if (!std::filesystem::exists(stage.folder / "report.json") &&
        ended.err.find("orte") != std::string::npos) {
        MESSAGE("skipped: mpirun cannot start processes here: " << ended.err.substr(0, 200));
        return;
    }
    REQUIRE_MESSAGE(std::filesystem::exists(stage.folder / "report.json"), ended.err);
    check_all_held(stage.report(), 30);
    CHECK(stage.report()["ranks"] == 3);
}

TEST_CASE("Ctrl-C ends a run early, with its reports") {
    FleetStage stage;
    Program run({stage.words({"--connections", "10", "--hold", "1h"})});
    REQUIRE(run.wait_for("hold   held 10/10"));
    run.signal(SIGINT);
    CHECK(run.wait().status == 130);
    CHECK(stage.report()["partial"] == true);
}

TEST_CASE("a run against a server that answers nonsense fails, and says by what reason") {
    FleetStage stage({"--fault", "garbage_record"});
    const Ended ended = run_program(
        {stage.words({"--connections", "5", "--workers", "1", "--hold", "1s", "--reconnect", "never"})}
    );
    CHECK(ended.status == 1);
    // Which of both depends on whether a silence of two seconds had confirmed it before.
    const auto report = stage.report();
    CHECK(
        report["failed_opens"].value("bad-record-mac", 0) + report["drops"].value("bad-record-mac", 0) == 5
    );
}

TEST_CASE("command lines that make no sense are refused with one sentence") {
    const std::string ok = "https://127.0.0.1:1/";
    struct Case {
        std::vector<std::string> words;
        const char* says;
    };
    const Case cases[] = {
        {{"connections"}, "name a target"},
        {{"connections", "http://127.0.0.1/"}, "https://"},
        {{"connections", "https://127.0.0.1:0/"}, "port"},
        {{"connections", "https://127.0.0.1:9-8/"}, "range"},
        {{"connections", ok, "--connections", "0"}, "between 1 and"},
        {{"connections", ok, "--connections", "-5"}, "between 1 and"},
        {{"connections", ok, "--connections", "many"}, "not a number"},
        {{"connections", ok, "--connections", "99M"}, "between 1 and"},
        {{"connections", ok, "--ramp", "0"}, "--ramp"},
        {{"connections", ok, "--ramp", "soon"}, "--ramp"},
        {{"connections", ok, "--schedule", "constant:0s"}, "1ms"},
        {{"connections", ok, "--schedule", "often"}, "constant:PERIOD"},
        {{"connections", ok, "--schedule", "rate:-1"}, "rate"},
        {{"connections", ok, "--backoff", "9s..1s"}, "MAX is shorter"},
        {{"connections", ok, "--backoff", "1s,jitter=some"}, "jitter"},
        {{"connections", ok, "--reconnect", "1.5"}, "--reconnect"},
        {{"connections", ok, "--source", "300.1.1.1"}, "--source"},
        {{"connections", ok, "--source", "127.0.0.9-127.0.0.1"}, "range"},
        {{"connections", ok, "--request", "get"}, "method"},
        {{"connections", ok, "--request", "GET:nowhere"}, "begin with /"},
        {{"connections", ok, "--header", "Host: x"}, "set by this program"},
        {{"connections", ok, "--header", "nonsense"}, "Name: value"},
        {{"connections", ok, "--client_cert", "one"}, "CERT,KEY"},
        {{"connections", ok, "--client_cert", "/none.pem,/none.key"}, "/none.pem"},
        {{"connections", ok, "--ca", "/none.pem"}, "/none.pem"},
        {{"connections", ok, "--tls_min", "1.3", "--tls_max", "1.2"}, "above"},
        {{"connections", "https://192.0.2.1/"}, "i_may_load_this_target"},
        {{"sink", "--listen", "here"}, "HOST:PORT"},
        {{"sink", "--fault", "nonsense"}, "there are"},
        {{"sink", "--cert", "a.pem"}, "--key"},
        {{"sink", "--client_auth", "require"}, "--client_ca"},
    };
    for (const Case& each : cases) {
        std::vector<std::string> words{program};
        words.insert(words.end(), each.words.begin(), each.words.end());
        std::string typed;
        for (const std::string& word : each.words) typed += word + " ";
        CAPTURE(typed);
        const Ended ended = run_program({words});
        CHECK(ended.status == 2);
        CHECK_MESSAGE(ended.err.find(each.says) != std::string::npos, ended.err);
        CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') <= 2);
    }
}

TEST_SUITE_END();
