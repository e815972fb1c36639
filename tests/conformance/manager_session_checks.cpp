// Sessions and instances of agents (§3.2, §3.8 and §3.13 of the agent protocol).
#include "tests/conformance/manager_steps.hpp"

#include <doctest/doctest.h>

namespace csim {
namespace {

constexpr const char* oss1 = "oss1.example.com";
using std::chrono::milliseconds;
using std::chrono::seconds;

void a_request_before_the_first_poll_is_answered_after_the_reset(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.post({agent.create("linux")});
    CHECK(
        summary(agent.poll_now(milliseconds(200))) ==
        Names{"SESSION_TERMINATE_ALL", "SESSION_CREATE_RESPONSE linux"}
    );
}

void data_before_the_first_poll_is_terminated_after_the_reset(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.post({agent.data("linux", "some", 4, Json::object())});
    CHECK(
        summary(agent.poll_now(milliseconds(200))) ==
        Names{"SESSION_TERMINATE_ALL", "SESSION_TERMINATE linux"}
    );
}

void the_first_poll_of_each_manager_and_agent_is_told_to_reset(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({"linux"});
    bench->events();
    bench->restart();
    CHECK(summary(agent.poll_now(milliseconds(200))) == Names{"SESSION_TERMINATE_ALL"});
    CHECK(bench->events() == Names{"contact made"});
    agent.restart();
    CHECK(summary(agent.poll_now(milliseconds(200))) == Names{"SESSION_TERMINATE_ALL"});
    CHECK(bench->events().empty());
    const auto idle = agent.poll();
    bench->run_for(seconds(1));
    CHECK(!idle->has_value());
}

void a_reset_waits_briefly_for_the_responses_that_follow(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    const auto reply = agent.poll();
    bench->run_for(milliseconds(20));
    CHECK(!reply->has_value());
    agent.post({agent.create("linux"), agent.create("lustre")});
    const Names expected{
        "SESSION_TERMINATE_ALL", "SESSION_CREATE_RESPONSE linux", "SESSION_CREATE_RESPONSE lustre"};
    CHECK(summary(agent.polled(reply, milliseconds(20))) == expected);
}

void a_poll_of_a_dead_process_gets_nothing_and_loses_nothing(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({"linux"});
    const auto zombie = agent.poll();
    agent.restart();
    agent.post({agent.create("linux")});
    CHECK(agent.polled(zombie, milliseconds(10)).empty());
    CHECK(summary(agent.poll_now()) == Names{"SESSION_TERMINATE_ALL", "SESSION_CREATE_RESPONSE linux"});
}

void a_new_poll_ends_the_one_of_the_dead_process(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({"action_runner"});
    const auto zombie = agent.poll();
    agent.restart();
    const auto live = agent.poll();
    CHECK(agent.polled(zombie, milliseconds(10)).empty());
    agent.post({agent.create("action_runner")});
    CHECK(
        summary(agent.polled(live)) == Names{"SESSION_TERMINATE_ALL", "SESSION_CREATE_RESPONSE action_runner"}
    );
    bench->service().send(oss1, "action_runner", Body(Json("command")));
    CHECK(summary(agent.poll_now()) == Names{"DATA action_runner"});
}

void a_late_poll_of_a_dead_process_takes_nothing_from_the_live_one(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({"linux"});
    const std::string dead = agent.start_time;
    agent.restart();
    agent.post({agent.create("linux")});
    const std::string live = std::exchange(agent.start_time, dead);
    CHECK(agent.poll_now().empty());
    agent.start_time = live;
    CHECK(summary(agent.poll_now()) == Names{"SESSION_TERMINATE_ALL", "SESSION_CREATE_RESPONSE linux"});
}

void a_late_request_of_a_dead_process_does_not_keep_the_plugin(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    const std::string dead = agent.start_time;
    agent.restart();
    const std::string session = agent.open({"lustre"}).front();
    const std::string live = std::exchange(agent.start_time, dead);
    agent.post({agent.create("lustre")});
    agent.start_time = live;
    agent.post({agent.data("lustre", session, 0, Json::object())});
    CHECK(summary(agent.poll_now(seconds(1))) == Names{"SESSION_TERMINATE lustre"});
}

void a_second_poll_displaces_the_first(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({"linux"});
    const auto first = agent.poll();
    const auto second = agent.poll();
    CHECK(agent.polled(first, milliseconds(10)).empty());
    agent.post({agent.create("linux")});
    CHECK(summary(agent.polled(second)) == Names{"SESSION_CREATE_RESPONSE linux"});
}

void nothing_is_delivered_for_a_session_that_was_replaced(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({"action_runner"});
    bench->service().send(oss1, "action_runner", Body(Json("old")));
    agent.post({agent.create("action_runner")});
    agent.post({agent.create("action_runner")});
    bench->service().send(oss1, "action_runner", Body(Json("new")));
    const auto messages = agent.poll_now();
    REQUIRE(summary(messages) == Names{"SESSION_CREATE_RESPONSE action_runner", "DATA action_runner"});
    CHECK(messages[0].session_id == messages[1].session_id);
    CHECK(messages[1].body.to_json() == "new");
}

void a_termination_that_was_overtaken_disappears(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    const std::string session = agent.open({"linux"}).front();
    bench->service().reset_session(oss1, "linux", "another");
    CHECK(bench->service().session(oss1, "linux") == session);
    bench->service().reset_session(oss1, "linux", session);
    agent.post({agent.create("linux")});
    CHECK(summary(agent.poll_now()) == Names{"SESSION_CREATE_RESPONSE linux"});
}

void consumers_hear_of_replacements_in_order(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({"lustre"});
    CHECK(bench->events() == Names{"lustre created", "booted", "contact made"});
    agent.open({"lustre"});
    CHECK(bench->events() == Names{"lustre terminated", "lustre created"});
}

void sessions_of_a_dead_process_end_when_the_new_one_asks_for_any(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({"linux", "lustre"});
    bench->events();
    agent.restart();
    agent.post({agent.create("linux")});
    CHECK(bench->events() == Names{"lustre terminated"});
    CHECK(!bench->service().session(oss1, "lustre"));
    CHECK(summary(agent.poll_now()) == Names{"SESSION_TERMINATE_ALL", "SESSION_CREATE_RESPONSE linux"});
}

void sequences_decide_between_full_incremental_and_reset(const ManagerBenchFactory& make) {
    for (const std::string plugin : {"linux", "linux_network"}) {
        auto bench = make();
        HandAgent agent(*bench, oss1);
        std::string session = agent.open({plugin}).front();
        bench->events();
        const auto send = [&](std::int64_t seq, const Json& body = Json::object()) {
            agent.post({agent.data(plugin, session, seq, body)});
            return bench->events();
        };
        const auto expect_reset = [&] {
            CHECK(!bench->service().session(oss1, plugin));
            CHECK(summary(agent.poll_now()) == Names{"SESSION_TERMINATE " + plugin});
            session = agent.open({plugin}).front();
            bench->events();
        };
        CHECK(send(0) == Names{plugin + " full"});
        CHECK(send(1) == Names{plugin + " incremental"});
        CHECK(send(2) == Names{plugin + " incremental"});
        for (const std::int64_t wrong : {4, 2, 0, -1}) {
            CAPTURE(wrong);
            CHECK(send(wrong).empty());
            expect_reset();
            CHECK(send(0) == Names{plugin + " full"});
            CHECK(send(1) == Names{plugin + " incremental"});
            CHECK(send(2) == Names{plugin + " incremental"});
        }
        CHECK(send(3, "bad").empty());
        expect_reset();
        CHECK(send(0, "throw").empty());
        expect_reset();
        CHECK(send(1).empty());
        expect_reset();
        Message no_seq = agent.data(plugin, session, 0, Json::object());
        no_seq.session_seq.reset();
        agent.post({no_seq});
        expect_reset();
    }
}

}  // namespace

std::vector<ManagerCheck> manager_session_checks() {
    return {
        {"a request before the first poll is answered after the reset",
         a_request_before_the_first_poll_is_answered_after_the_reset},
        {"data before the first poll is terminated after the reset",
         data_before_the_first_poll_is_terminated_after_the_reset},
        {"the first poll of each manager and agent is told to reset",
         the_first_poll_of_each_manager_and_agent_is_told_to_reset},
        {"a reset waits briefly for the responses that follow",
         a_reset_waits_briefly_for_the_responses_that_follow},
        {"a poll of a dead process gets nothing and loses nothing",
         a_poll_of_a_dead_process_gets_nothing_and_loses_nothing},
        {"a new poll ends the one of the dead process", a_new_poll_ends_the_one_of_the_dead_process},
        {"a late poll of a dead process takes nothing from the live one",
         a_late_poll_of_a_dead_process_takes_nothing_from_the_live_one},
        {"a late request of a dead process does not keep the plugin",
         a_late_request_of_a_dead_process_does_not_keep_the_plugin},
        {"a second poll displaces the first", a_second_poll_displaces_the_first},
        {"nothing is delivered for a session that was replaced",
         nothing_is_delivered_for_a_session_that_was_replaced},
        {"a termination that was overtaken disappears", a_termination_that_was_overtaken_disappears},
        {"consumers hear of replacements in order", consumers_hear_of_replacements_in_order},
        {"sessions of a dead process end when the new one asks for any",
         sessions_of_a_dead_process_end_when_the_new_one_asks_for_any},
        {"sequences decide between full and incremental and reset",
         sequences_decide_between_full_incremental_and_reset},
    };
}

}  // namespace csim
