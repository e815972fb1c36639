// Contact, its loss, and reboots (§3.8 and §3.9 of the agent protocol).
#include "tests/conformance/manager_steps.hpp"

#include <doctest/doctest.h>

namespace csim {
namespace {

constexpr const char* oss1 = "oss1.example.com";
using std::chrono::seconds;

void silence_is_reported_after_sixty_seconds_and_ended_by_a_poll(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({"lustre"});
    bench->events();
    bench->run_for(seconds(60));
    CHECK(bench->events().empty());
    bench->run_for(seconds(10));
    CHECK(bench->events() == Names{"contact lost", "lustre terminated"});
    CHECK(!bench->service().session(oss1, "lustre"));
    // Same process: no reset, single terminations.
    CHECK(summary(agent.poll_now()) == Names{"SESSION_TERMINATE lustre"});
    CHECK(bench->events() == Names{"contact made"});
}

void a_poll_that_is_held_keeps_the_contact(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({"lustre"});
    bench->events();
    for (int i = 0; i < 10; ++i) CHECK(agent.poll_now().empty());
    CHECK(bench->events().empty());
}

void posts_alone_never_end_a_loss(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({"lustre"});
    bench->run_for(seconds(70));
    bench->events();
    agent.post({agent.create("lustre")});
    CHECK(bench->events() == Names{"lustre created"});
    bench->run_for(seconds(10));
    CHECK(bench->events() == Names{"lustre terminated"});
    CHECK(!bench->service().in_contact(oss1));
}

void a_host_that_never_comes_is_reported(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    bench->run_for(seconds(89));
    CHECK(bench->events().empty());
    bench->run_for(seconds(5));
    CHECK(bench->events() == Names{"contact lost"});
    bench->restart();
    bench->run_for(seconds(95));
    CHECK(bench->events() == Names{"contact lost"});
}

void only_another_boot_time_is_a_reboot(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.boot_time = "2026-11-21T01:00:00Z";
    agent.poll_now();
    CHECK(bench->events() == Names{"booted", "contact made"});
    agent.restart();
    agent.poll_now();
    CHECK(bench->events().empty());
    agent.boot_time = "2026-11-21T01:00:02Z";
    agent.poll_now();
    CHECK(bench->events().empty());
    agent.boot_time = "2026-11-21T01:20:00Z";
    agent.restart();
    agent.poll_now();
    CHECK(bench->events() == Names{"rebooted"});
    bench->restart();
    agent.poll_now();
    CHECK(bench->events() == Names{"contact made"});
    // A clock that went back is a reboot too.
    agent.boot_time = "2001-01-01T00:00:00Z";
    agent.restart();
    CHECK(summary(agent.poll_now()) == Names{"SESSION_TERMINATE_ALL"});
    CHECK(bench->events() == Names{"rebooted"});
}

}  // namespace

std::vector<ManagerCheck> manager_contact_checks() {
    return {
        {"silence is reported after sixty seconds and ended by a poll",
         silence_is_reported_after_sixty_seconds_and_ended_by_a_poll},
        {"a poll that is held keeps the contact", a_poll_that_is_held_keeps_the_contact},
        {"posts alone never end a loss", posts_alone_never_end_a_loss},
        {"a host that never comes is reported", a_host_that_never_comes_is_reported},
        {"only another boot time is a reboot", only_another_boot_time_is_a_reboot},
    };
}

}  // namespace csim
