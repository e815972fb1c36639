#include "sim/budget.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace csim;

namespace {

constexpr Machine ample{
    .descriptors_soft = 1024,
    .descriptors_hard = 1'000'000,
    .ports = 28'000,
    .memory_bytes = 64ull << 30,
    .backlog = 4096,
    .clock_resolution_ns = 1};

const BudgetCheck& named(const std::vector<BudgetCheck>& checks, const std::string& name) {
    return *std::find_if(checks.begin(), checks.end(), [&](const BudgetCheck& each) {
        return each.name == name;
    });
}

}  // namespace

TEST_SUITE_BEGIN("sim/budget");

TEST_CASE("an ample machine carries ten thousand agents and gets no advice") {
    for (const BudgetCheck& each : check_budget({.servers = 10'000, .with_manager = true}, ample)) {
        CAPTURE(each.name);
        CHECK(each.ok);
        CHECK(each.advice.empty());
    }
}

TEST_CASE("each limit that is too low fails alone and says what to do") {
    const auto fails = [](const char* name, Machine machine) {
        const auto checks = check_budget({.servers = 10'000}, machine);
        CAPTURE(name);
        CHECK_FALSE(named(checks, name).ok);
        CHECK_FALSE(named(checks, name).advice.empty());
        CHECK(std::count_if(checks.begin(), checks.end(), [](const BudgetCheck& each) {
                  return !each.ok;
              }) == 1);
    };
    Machine machine = ample;
    machine.descriptors_hard = 1024;
    fails("descriptors", machine);
    machine = ample;
    machine.memory_bytes = 100'000'000;
    fails("memory", machine);
    machine = ample;
    machine.ports = 10;
    fails("ports", machine);
    machine = ample;
    machine.backlog = 128;
    fails("backlog", machine);
}

TEST_CASE("a limit that makes connections take turns is told and is enough") {
    Machine machine = ample;
    machine.descriptors_hard = 20'000;
    const auto checks = check_budget({.servers = 10'000, .with_manager = true}, machine);
    for (const char* name : {"descriptors", "manager_descriptors"}) {
        const BudgetCheck& check = named(checks, name);
        CHECK(check.ok);
        CHECK(check.needed < 12'000);
        CHECK(check.advice.find("9680 of 10000") != std::string::npos);
        CHECK(check.advice.find("20320") != std::string::npos);
    }
    CHECK(named(checks, "memory").needed > named(checks, "manager_memory").needed);
}

TEST_CASE("connections come from as many addresses as their ports need") {
    CHECK(loopback_sources({.servers = 1'000}, ample).empty());
    CHECK(loopback_sources({.servers = 10'000}, ample) == std::vector<std::string>{"127.0.1.1", "127.0.1.2"});
    CHECK(loopback_sources({.servers = 10'000, .keep_alive = false}, ample).size() > 10);
    CHECK(loopback_sources({.servers = 10'000, .loopback = false}, ample).empty());
    Machine machine = ample;
    machine.ports = 1;
    CHECK(loopback_sources({.servers = 10'000}, machine).empty());
    machine.ports = 100;
    CHECK(loopback_sources({.servers = 10'000}, machine).size() == 200);
}

TEST_CASE("a manager elsewhere is reached from the addresses there are") {
    CHECK(named(check_budget({.servers = 10'000, .loopback = false}, ample), "ports").ok);
    const Demand many{.servers = 20'000, .loopback = false};
    CHECK_FALSE(named(check_budget(many, ample), "ports").ok);
    CHECK(named(check_budget(many, ample), "ports").advice.find("--source_address") != std::string::npos);
    const Demand from_two{.servers = 20'000, .loopback = false, .source_addresses = 2};
    CHECK(named(check_budget(from_two, ample), "ports").ok);
}

TEST_CASE("this machine tells its limits and the soft limit can be raised to the hard one") {
    const Machine machine = read_machine();
    CHECK(machine.descriptors_hard >= machine.descriptors_soft);
    CHECK(machine.memory_bytes > 0);
    CHECK(raise_descriptor_limit() == machine.descriptors_hard);
    CHECK(read_machine().descriptors_soft == machine.descriptors_hard);
}
