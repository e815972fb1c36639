// Real environments through the program: they answer, they are counted, and nothing is left of them, even
// after the program was killed in the middle.
#include "tests/runtime/ve_stage.hpp"

#include <csignal>

TEST_SUITE_BEGIN("runtime/leftovers");

using namespace csim;

namespace {

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

// Proves: container 8.
TEST_CASE("real environments on a network ping the bridge, and takedown leaves nothing") {
    if (!ve_is_usable()) return;
    VeStage stage;
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
    // One may ping another, too, over the bridges between them.
    CHECK(stage.run({"stop", "70", "70", "--grace", "0s"}).status == 0);
    for (const char* nobody : {"ve71", "ve0", "ve", "nobody", "ve1x"})
        CHECK(stage.run({"start", "70", "70", "--target", nobody}).status == 2);
    REQUIRE(stage.run({"start", "70", "70", "--target", "ve1", "--pings", "1"}).status == 0);
    CHECK(eventually(complete));
    const std::string run = stage.run_id();
    CHECK(marked_processes(run).size() == 71);
    CHECK(stage.run({"monitor", "ve?", "--once"}).out.starts_with("ve1 RUNNING\nve2 RUNNING\n"));
    Program monitor(stage.launch({"monitor", "ve[12]"}));
    CHECK(monitor.wait_for("watching 2 environments\n"));
    CHECK(stage.run({"stop", "1", "10", "--grace", "0s"}).status == 0);
    CHECK(monitor.wait_for("'ve1' changed state to [STOPPED]\n"));
    monitor.signal(SIGINT);
    CHECK(monitor.wait().status == 0);
    CHECK(monitor.out().find("ve3") == std::string::npos);
    CHECK(marked_processes(run).size() == 61);
    CHECK(stage.run({"takedown"}).status == 0);
    CHECK(marked_processes(run).empty());
    CHECK(stage.nothing_left());
    CHECK(stage.run({"takedown"}).status == 1);
}

TEST_CASE("what a killed command leaves is found and removed") {
    if (!ve_is_usable()) return;
    for (const char* killed_in : {"setup", "start"}) {
        CAPTURE(std::string(killed_in));
        VeStage stage;
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

// Proves: container 7.
TEST_CASE("killed at any point, a thousand environments leave mounts, links and processes as they were") {
    if (!ve_is_usable()) return;
    // Those of stop and takedown come when so many are left.
    const Point points[] = {{"setup", 0, 0}, {"setup", 1, 0},     {"setup", 300, 0},   {"setup", 999, 0},
                            {"start", 0, 1}, {"start", 0, 2},     {"start", 0, 15},    {"start", 0, 40},
                            {"stop", 0, 60}, {"takedown", 0, 60}, {"takedown", 0, 20}, {"takedown", 0, 0}};
    for (const Point& point : points) {
        CAPTURE(std::string(point.command));
        CAPTURE(point.folders);
        CAPTURE(point.processes);
        VeStage stage;
        const VeMachine before = machine_now(stage.exp);
        REQUIRE(stage.run({"createbase"}).status == 0);
        const bool in_setup = std::string(point.command) == "setup";
        if (!in_setup) REQUIRE(stage.run({"setup", "60"}).status == 0);
        const bool in_start = std::string(point.command) == "start";
        if (!in_setup && !in_start)
            REQUIRE(stage.run({"start", "--target", "bridge", "--pings", "0"}).status == 0);
        const std::string run = in_setup ? "" : stage.run_id();
        Program victim(stage.launch(
            in_setup   ? std::vector<std::string>{"setup", "1000"}
            : in_start ? std::vector<std::string>{"start", "--target", "bridge"}
                       : std::vector<std::string>{point.command}
        ));
        const auto come = [&] {
            if (!victim.running()) return true;
            if (in_setup)
                return !LedgerFolder(stage.runs).all().empty() && folders_in(stage.exp) >= point.folders;
            const auto processes = marked_processes(run).size();
            return in_start ? processes >= point.processes : processes <= point.processes;
        };
        while (!come()) {
        }
        victim.signal(SIGKILL);
        victim.wait();
        const auto runs = LedgerFolder(stage.runs).all();
        stage.run({"takedown", "--leftovers", "--all"});
        for (const auto& each : runs) CHECK(marked_processes(each.run).empty());
        if (!run.empty()) CHECK(marked_processes(run).empty());
        CHECK(stage.nothing_left());
        const VeMachine after = machine_now(stage.exp);
        CHECK(after.mounts == before.mounts);
        CHECK(after.links == before.links);
        CHECK(stage.run({"takedown", "--leftovers"}).out.starts_with("0 processes, 0 mounts, 0 folders"));
    }
}

TEST_SUITE_END();
