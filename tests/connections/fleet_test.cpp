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

// Proves: connection C-23.
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

// Proves: connection C-24.
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

// Proves: connection C-23.
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

// Proves: connection C-24.
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

// Proves: connection C-25.
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

// Proves: connection C-22.
TEST_CASE("the embedded manager is a server like others: its connections hibernate, too") {
    const TempFolder folder;
    const auto file = [&](const char* name) { return (folder / name).string(); };
    Program manager(
        {{manager_path(), "--listen", "127.0.0.1:0", "--state", file("state"), "--ready_file", file("ready")}}
    );
    REQUIRE(eventually([&] { return std::filesystem::exists(folder / "ready"); }));
    std::string url;
    std::ifstream(folder / "ready") >> url;
    const Ended ended = run_program(
        {{program,
          "--json",
          file("report.json"),
          "connections",
          url,
          "--verify",
          "none",
          "--connections",
          "20",
          "--ramp",
          "max",
          "--settle",
          "0s",
          "--hold",
          "1s",
          "--schedule",
          "constant:300ms",
          "--first_request",
          "immediate",
          "--timeout_handshake",
          "60s",
          "--progress",
          "off"}}
    );
    REQUIRE_MESSAGE(std::filesystem::exists(folder / "report.json"), ended.err);
    const auto report = nlohmann::json::parse(contents(folder / "report.json"));
    check_all_held(report, 20);
    CHECK(report["counts"]["hibernated"] == 20);
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

TEST_SUITE_END();
