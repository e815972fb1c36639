// What was asked for, and whether and where it can be done.
#include "connections/plan.hpp"

#include "connections/fleet/preflight.hpp"
#include "connections/fleet/ranks.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

TEST_SUITE_BEGIN("connections/plan");

using namespace csim;
using namespace csim::connections;

TEST_CASE("targets are understood or refused with what is wrong") {
    const Target plain = parse_target("https://host.example").value();
    CHECK(plain.host == "host.example");
    CHECK(plain.port == 443);
    CHECK(plain.path == "/");
    const Target full = parse_target("https://[::1]:8443/a/b?c=d").value();
    CHECK(full.host == "::1");
    CHECK(full.port == 8443);
    CHECK(full.path == "/a/b?c=d");
    const std::pair<const char*, const char*> refusals[] = {
        {"http://host/", "https://"},    {"host:80", "https://"},       {"https://", "no host"},
        {"https://a b/", "space"},       {"https://u:p@host/", "user"}, {"https://host:0/", "port"},
        {"https://host:99999/", "port"}, {"https://host:x/", "port"},   {"https://host/#x", "fragment"},
        {"https://[::1/", "bracket"},    {"https://[::1]x/", "port"},
    };
    for (const auto& [url, what] : refusals) {
        CAPTURE(url);
        const auto target = parse_target(url);
        REQUIRE(target.has_error());
        CHECK(target.error().detail.find(what) != std::string::npos);
    }
}

// Proves: connection C-23.
TEST_CASE("shares add up to the plan, and a plan comes back from its text") {
    Plan plan;
    plan.connections = 100'003;
    plan.ramp_rate = 777;
    plan.sources = {"127.1.0.1", "127.1.0.2"};
    plan.headers = {"A: \"quoted\""};
    const auto shares = shares_of(plan, 0, plan.connections, 7);
    std::uint64_t next = 0;
    double rate = 0;
    for (const Share& each : shares) {
        CHECK(each.first == next);
        next += each.count;
        rate += each.ramp_rate;
    }
    CHECK(next == plan.connections);
    CHECK(rate == doctest::Approx(777));
    const std::string text = plan_text(plan, shares[3]);
    const auto read = parse_plan(text).value();
    CHECK(plan_text(read.first, read.second) == text);
    CHECK(parse_plan("{}").has_error());
    CHECK(parse_plan("nonsense").has_error());
}

// Proves: connection C-27.
TEST_CASE("the preflight finds what is too low, and half a million fit into what held them before") {
    PreflightLimits limits;
    limits.descriptors_soft = limits.descriptors_hard = 20'000;
    limits.file_max = 2'466'170;
    limits.epoll_watches = 5'490'000;
    limits.ports = 28'232;
    limits.backlog = 4096, limits.syn_backlog = 1024;
    limits.memory_available = 23'000'000'000;
    limits.pids_max = 32'768;
    limits.cores = 2;
    const auto all_well = [&](const PreflightDemand& demand) {
        const auto checks = preflight(demand, limits);
        return std::all_of(checks.begin(), checks.end(), [](const auto& each) { return each.ok; });
    };
    CHECK(all_well({.connections = 500'000}));
    CHECK_FALSE(all_well({.connections = 500'000, .hibernating = false}));
    CHECK_FALSE(all_well({.connections = 500'000, .local_server = false}));
    CHECK(all_well({.connections = 500'000, .local_server = false, .source_addresses = 20}));
    CHECK_FALSE(all_well({.connections = 500'000, .workers = 2}));
    limits.conntrack_count = 5, limits.conntrack_max = 65'536;
    CHECK_FALSE(all_well({.connections = 100'000}));
    limits.conntrack_count = 0;
    limits.memory_cgroup = 1'000'000'000;
    CHECK_FALSE(all_well({.connections = 500'000}));
}

// Proves: connection C-25.
TEST_CASE("launchers are known by their variables, and who is where by those and --rank0") {
    using Variables = std::map<std::string, std::string>;
    const auto place = [](const Variables& variables, const std::string& rank0 = "") {
        return rank_place(
            [&](const char* name) {
                const auto found = variables.find(name);
                return found == variables.end() ? nullptr : found->second.c_str();
            },
            rank0
        );
    };
    CHECK_FALSE(place({})->several());
    const Variables open_mpi{
        {"OMPI_COMM_WORLD_RANK", "2"},
        {"OMPI_COMM_WORLD_SIZE", "4"},
        {"OMPI_COMM_WORLD_LOCAL_SIZE", "4"},
        {"PMIX_NAMESPACE", "77"}};
    CHECK(place(open_mpi)->rank == 2);
    CHECK(place(open_mpi)->size == 4);
    CHECK(place(open_mpi)->first_host == "127.0.0.1");
    Variables spread = open_mpi;
    spread["OMPI_COMM_WORLD_LOCAL_SIZE"] = "1";
    CHECK(place(spread).has_error());
    CHECK(place(spread, "head:4000")->first_host == "head");
    CHECK(place(spread, "head:4000")->port == 4000);
    CHECK(place(spread, "head:x").has_error());
    Variables slurm{{"SLURM_PROCID", "1"},         {"SLURM_STEP_NUM_TASKS", "2"},
                    {"SLURM_JOB_ID", "9"},         {"SLURM_STEP_ID", "0"},
                    {"SLURM_STEP_NUM_NODES", "2"}, {"SLURM_STEP_NODELIST", "node[07-08,11]"}};
    CHECK(place(slurm)->first_host == "node07");
    CHECK(place(slurm)->job == "9.0");
    slurm["SLURM_STEP_NODELIST"] = "a,b";
    CHECK(place(slurm)->first_host == "a");
    slurm["SLURM_PROCID"] = "2";
    CHECK(place(slurm).has_error());
}

TEST_SUITE_END();
