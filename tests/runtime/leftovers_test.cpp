// Real environments through the program: they answer, they are counted, and nothing is left of them, even
// after the program was killed in the middle.
#include "runtime/namespaces/namespaces_runtime.hpp"
#include "runtime/namespaces/process.hpp"
#include "runtime/namespaces/stage.hpp"
#include "tests/programs/program.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>

TEST_SUITE_BEGIN("runtime/leftovers");

using namespace csim;

namespace {

struct Stage {
    TempFolder folder;
    std::string exp = (folder / "exp").string(), base = (folder / "base").string(),
                runs = (folder / "runs").string();

    Launch launch(std::vector<std::string> arguments) {
        std::vector<std::string> all{cluster_sim_path(), "ve"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        if (arguments[0] != "createbase") all.insert(all.end(), {"--exp", exp});
        if (arguments[0] == "createbase" || arguments[0] == "setup")
            all.insert(all.end(), {"--base_dir", base});
        return {all, {{"CLUSTER_SIM_RUNS", runs}}};
    }
    Ended run(std::vector<std::string> arguments) { return run_program(launch(std::move(arguments))); }
    std::string run_id() { return LedgerFolder(runs).all().at(0).run; }
    bool nothing_left() {
        for (const Mount& mount : mounts())
            if (mount.path == exp) return false;
        return LedgerFolder(runs).all().empty() && !std::filesystem::exists(exp);
    }
    ~Stage() { run({"takedown"}); }
};

bool usable() {
    const std::string why_not = why_no_namespaces();
    if (!why_not.empty()) MESSAGE("skipped: " << why_not);
    return why_not.empty();
}

}  // namespace

TEST_CASE("real environments on a network ping the bridge, and takedown leaves nothing") {
    if (!usable()) return;
    Stage stage;
    REQUIRE(stage.run({"createbase"}).status == 0);
    CHECK(stage.run({"createbase"}).status == 1);
    REQUIRE(stage.run({"setup", "70"}).status == 0);
    CHECK(stage.run({"setup", "70"}).status == 1);
    const auto started = stage.run({"start", "--target", "bridge", "--pings", "1"});
    REQUIRE_MESSAGE(started.status == 0, started.err);
    CHECK(stage.run({"start", "3", "4"}).status == 1);
    CHECK(stage.run({"start", "3"}).status == 2);
    CHECK(stage.run({"start", "3", "71"}).status == 2);
    const auto complete = [&] {
        return stage.run({"stats"}).out.find("1-ping VEs       : 70\n") != std::string::npos;
    };
    CHECK(eventually(complete));
    CHECK(stage.run({"stats", "2", "3"}).out.find("Total VEs        : 2\n") != std::string::npos);
    CHECK(stage.run({"stats"}).out.find("70 VEs have a PID\n") != std::string::npos);
    const std::string run = stage.run_id();
    CHECK(marked_processes(run).size() == 71);
    CHECK(stage.run({"stop", "1", "10", "--grace", "0s"}).status == 0);
    CHECK(marked_processes(run).size() == 61);
    CHECK(stage.run({"takedown"}).status == 0);
    CHECK(marked_processes(run).empty());
    CHECK(stage.nothing_left());
    CHECK(stage.run({"takedown"}).status == 1);
}

TEST_CASE("what a killed command leaves is found and removed") {
    if (!usable()) return;
    for (const char* killed_in : {"setup", "start"}) {
        CAPTURE(std::string(killed_in));
        Stage stage;
        REQUIRE(stage.run({"createbase"}).status == 0);
        const bool in_setup = std::string(killed_in) == "setup";
        if (!in_setup) REQUIRE(stage.run({"setup", "100"}).status == 0);
        Program victim(stage.launch(
            in_setup ? std::vector<std::string>{"setup", "4000"} : std::vector<std::string>{"start"}
        ));
        REQUIRE(eventually([&] {
            if (in_setup) return std::filesystem::exists(stage.exp + "/ve1");
            return marked_processes(stage.run_id()).size() > 3 || !victim.running();
        }));
        victim.signal(SIGKILL);
        victim.wait();
        const std::string run = stage.run_id();
        // A start that was over before it could be killed left its environments up on purpose.
        CHECK(stage.run({"takedown", "--leftovers", "--all"}).status == 0);
        CHECK(marked_processes(run).empty());
        CHECK(stage.nothing_left());
        CHECK(stage.run({"takedown", "--leftovers"}).out.starts_with("0 processes, 0 mounts, 0 folders"));
    }
}

TEST_CASE("takedown touches nothing that is not ours") {
    if (!usable()) return;
    Stage stage;
    std::filesystem::create_directories(stage.exp + "/ve1/delta0");
    CHECK(stage.run({"takedown"}).status == 1);
    CHECK(stage.run({"stats"}).status == 1);
    CHECK(stage.run({"takedown", "--leftovers", "--all"}).status == 0);
    CHECK(std::filesystem::exists(stage.exp + "/ve1/delta0"));
    REQUIRE(stage.run({"createbase"}).status == 0);
    const auto refused = stage.run({"setup", "2"});
    CHECK(refused.status == 1);
    CHECK(refused.err.find("is not an empty folder") != std::string::npos);
    CHECK(LedgerFolder(stage.runs).all().empty());
}

TEST_SUITE_END();
