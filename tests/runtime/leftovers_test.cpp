// Real environments through the program: they answer, they are counted, and nothing is left of them, even
// after the program was killed in the middle.
#include "runtime/namespaces/namespaces_runtime.hpp"
#include "runtime/namespaces/process.hpp"
#include "runtime/namespaces/stage.hpp"
#include "tests/programs/program.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
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

/// What a machine has of what environments are made of. Other programs' processes come and go; ours bear
/// their run's mark and are counted by it.
struct Machine {
    std::vector<std::string> mounts, links;
    bool operator==(const Machine&) const = default;
};

/// Links of this network namespace, and mounts below the experiment or of its kinds.
Machine machine_now(const std::string& exp) {
    Machine now;
    for (const Mount& each : mounts())
        if (each.path.starts_with(exp)) now.mounts.push_back(each.path);
    for (const auto& each : std::filesystem::directory_iterator("/sys/class/net"))
        if (const std::string name = each.path().filename(); name.starts_with("cs"))
            now.links.push_back(name);
    std::sort(now.mounts.begin(), now.mounts.end());
    std::sort(now.links.begin(), now.links.end());
    return now;
}

/// Where a command is killed.
struct Point {
    const char* command;
    std::size_t folders;    ///< environments that have a folder, when it comes
    std::size_t processes;  ///< and processes that bear the run's mark
};

std::size_t folders_in(const std::string& exp) {
    std::error_code none;
    std::size_t count = 0;
    for (std::filesystem::directory_iterator each(exp, none), end; each != end; each.increment(none))
        count += each->path().filename().string().starts_with("ve") ? 1 : 0;
    return count;
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

TEST_CASE("killed at any point, a thousand environments leave mounts, links and processes as they were") {
    if (!usable()) return;
    const Point points[] = {{"setup", 0, 0}, {"setup", 1, 0}, {"setup", 300, 0}, {"setup", 999, 0},
                            {"start", 0, 1}, {"start", 0, 2}, {"start", 0, 20},  {"start", 0, 60}};
    for (const Point& point : points) {
        CAPTURE(std::string(point.command));
        CAPTURE(point.folders);
        CAPTURE(point.processes);
        Stage stage;
        const Machine before = machine_now(stage.exp);
        REQUIRE(stage.run({"createbase"}).status == 0);
        const bool in_setup = std::string(point.command) == "setup";
        if (!in_setup) REQUIRE(stage.run({"setup", "100"}).status == 0);
        Program victim(stage.launch(
            in_setup ? std::vector<std::string>{"setup", "1000"}
                     : std::vector<std::string>{"start", "--target", "bridge"}
        ));
        const auto come = [&] {
            const auto runs = LedgerFolder(stage.runs).all();
            if (in_setup)
                return !victim.running() || (!runs.empty() && folders_in(stage.exp) >= point.folders);
            return !victim.running() || marked_processes(runs.at(0).run).size() >= point.processes;
        };
        while (!come()) {
        }
        victim.signal(SIGKILL);
        victim.wait();
        const auto runs = LedgerFolder(stage.runs).all();
        stage.run({"takedown", "--leftovers", "--all"});
        for (const auto& each : runs) CHECK(marked_processes(each.run).empty());
        CHECK(stage.nothing_left());
        const Machine after = machine_now(stage.exp);
        CHECK(after.mounts == before.mounts);
        CHECK(after.links == before.links);
        CHECK(stage.run({"takedown", "--leftovers"}).out.starts_with("0 processes, 0 mounts, 0 folders"));
    }
}

TEST_CASE("environments that cannot be are refused with a sentence, and nothing is made") {
    if (!usable()) return;
    Stage stage;
    REQUIRE(stage.run({"createbase"}).status == 0);
    const Machine before = machine_now(stage.exp);
    struct Case {
        std::vector<std::string> arguments;
        int status;
        const char* says;
    };
    const Case cases[] = {
        {{"setup", "0"}, 2, "1 to 65024"},
        {{"setup", "many"}, 2, ""},
        {{"setup", "2", "--size", "huge"}, 1, "cannot mount a tmpfs of huge"},
        {{"setup", "2", "--size", "64k"}, 1, "does not fit into a tmpfs of 64k"},
        {{"setup", "70000", "--address", "original"}, 2, "65024"},
        {{"setup", "9000000"}, 2, "65024"},
        {{"start"}, 1, "setup"},
        {{"stop"}, 1, "setup"},
        {{"info"}, 1, "setup"},
    };
    for (const Case& each : cases) {
        std::string words;
        for (const std::string& word : each.arguments) words += word + " ";
        CAPTURE(words);
        const Ended ended = stage.run(each.arguments);
        INFO(ended.err);
        CHECK(ended.status == each.status);
        CHECK(ended.err.find(each.says) != std::string::npos);
        CHECK(ended.err.size() > 20);
        CHECK(LedgerFolder(stage.runs).all().empty());
    }
    CHECK(machine_now(stage.exp) == before);
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
