// What is particular to nodes made of namespaces: what they see, what they do not, and who made them.
#include "runtime/namespaces/process.hpp"
#include "runtime/namespaces/stage.hpp"
#include "tests/runtime/backends.hpp"

#include <doctest/doctest.h>

#include <sstream>

TEST_SUITE_BEGIN("runtime/namespaces");

using namespace csim;

namespace {

/// A bench of that backend; empty, with a message, where there is none.
std::unique_ptr<RuntimeBench> namespaces_bench() {
    for (const Backend& each : backends()) {
        if (std::string_view(each.name) != "namespaces") continue;
        const std::string why_not = each.why_not();
        if (why_not.empty()) return each.make();
        MESSAGE("skipped: " << why_not);
    }
    return nullptr;
}

NodeSpec on_network(const std::string& name, const std::string& address) {
    NodeSpec spec;
    spec.name = name;
    spec.address = address;
    return spec;
}

std::vector<std::string> lines_of_text(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

}  // namespace

TEST_CASE("a node sees its own mounts, addresses and name, and none of the machine's") {
    const auto bench = namespaces_bench();
    if (!bench) return;
    REQUIRE(bench->create(on_network("one", "10.0.0.1")));
    REQUIRE(bench->start("one"));
    const auto printed = [&](const std::string& command) {
        const auto ran = bench->exec("one", {{"sh", "-c", command}});
        REQUIRE(ran);
        return ran->out;
    };
    std::vector<std::string> places;
    for (const std::string& line : lines_of_text(printed("cat /proc/mounts"))) {
        std::istringstream words(line);
        std::string source, place;
        words >> source >> place;
        places.push_back(place);
    }
    CHECK(places == std::vector<std::string>{"/", "/proc", "/dev"});
    // Whoever announces itself to all others by IPv6, each to each, is a storm.
    for (const std::string& line : lines_of_text(printed("cat /proc/net/if_inet6")))
        CHECK(line.ends_with(" lo"));
    CHECK(printed("cat /proc/1/cmdline").starts_with("csim-init:"));
    CHECK(printed("cat /proc/sys/kernel/hostname") == "one\n");
    CHECK(printed("echo x > /dev/null; echo $?") == "0\n");
}

TEST_CASE("nodes are made by one process for each thread, bear their own marks, and are reaped when they end"
) {
    const auto bench = namespaces_bench();
    if (!bench) return;
    std::vector<std::string> names;
    for (int i = 1; i <= 40; ++i) names.push_back("n" + std::to_string(i));
    for (const std::string& each : names) REQUIRE(bench->create(each));
    std::size_t up = 0;
    bench->runtime->start_all(names, 60s, [&](const std::string&, NodeResult<Done> result) {
        CHECK(result);
        if (++up == names.size()) bench->loop.stop();
    });
    while (up < names.size()) bench->loop.run();
    const auto pid = bench->stats("n7")->pid;
    std::string run;
    for (const MarkedProcess& each : marked_processes(""))
        if (each.pid == pid) run = each.run;
    REQUIRE(!run.empty());
    std::map<std::string, int> seen;
    for (const MarkedProcess& each : marked_processes(run)) ++seen[each.name];
    for (const std::string& each : names) CHECK(seen[each] == 1);
    CHECK(seen[maker_name] >= 1);
    CHECK(seen.size() == names.size() + 1);
    for (const std::string& each : names) REQUIRE(bench->stop(each));
    CHECK(start_ticks(static_cast<pid_t>(pid)) == 0);
    for (const MarkedProcess& each : marked_processes(run)) CHECK(each.name == maker_name);
}

// Proves: container 9, 10.
TEST_CASE("orphans are reaped, and programs end as they ended") {
    const auto bench = namespaces_bench();
    if (!bench) return;
    REQUIRE(bench->create("one"));
    REQUIRE(bench->start("one"));
    const auto status = [&](const std::string& command) {
        const auto ran = bench->exec("one", {{"sh", "-c", command}});
        REQUIRE(ran);
        return ran->status;
    };
    CHECK(status("i=0; while [ $i -lt 300 ]; do (true &); i=$((i+1)); done") == 0);
    const std::string zombies = "grep -l '^State:.Z' /proc/[0-9]*/status";
    for (int tries = 0; tries < 1000 && status(zombies) == 0; ++tries) static_cast<void>(0);
    CHECK(status(zombies) == 1);
    CHECK(status("exit 7") == 7);
    CHECK(status("kill -15 $$") == 143);
    CHECK(bench->exec("one", {{"/etc"}})->status == 126);
    CHECK(bench->exec("one", {{"/no/such"}})->status == 127);
    ExecSpec copy{{"cat"}};
    for (int i = 0; i < (10 << 20); ++i) copy.input += static_cast<char>(i * 7 + i / 255);
    CHECK(bench->exec("one", copy)->out == copy.input);
}

TEST_SUITE_END();
