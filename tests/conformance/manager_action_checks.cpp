// Remote calls as agents see them (§4 and §8.7 of the agent protocol).
#include "tests/conformance/manager_calls.hpp"

#include <doctest/doctest.h>

namespace csim {
namespace {

void a_call_reaches_the_agent_and_its_completion_comes_back(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    const std::string session = agent.open({runner}).front();
    std::vector<Subprocess> log;
    CallOptions options;
    options.subprocesses = [&](const std::vector<Subprocess>& told) { log = told; };
    Call call(*bench, "start_lnet", std::move(options));
    const Json request = command(agent);
    CHECK(request.size() == 4);
    CHECK(request["type"] == "ACTION_START");
    CHECK(request["action"] == "start_lnet");
    CHECK(request["args"] == Json{{"name", "value"}});
    agent.post({agent.data(runner, session, 0, completion(request["id"], {{"result", 7}}))});
    bench->run_for(milliseconds(1));
    REQUIRE(call.over());
    CHECK(call.result->value().value == Json{{"result", 7}});
    REQUIRE(log.size() == 1);
    CHECK(log[0].args == std::vector<std::string>{"echo", "hi"});
    CHECK(log[0].out == "hi\n");
    CHECK(bench->rpc().outstanding() == 0);
}

void an_exception_fails_the_call_with_its_text(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    const std::string session = agent.open({runner}).front();
    Call call(*bench, "fail");
    const Json request = command(agent);
    agent.post({agent.data(runner, session, 0, completion(request["id"], Json(), "Traceback\nBoom: no"))});
    bench->run_for(milliseconds(1));
    REQUIRE(call.over());
    CHECK(call.code() == Errc::refused);
    CHECK(call.detail() == "Traceback\nBoom: no");
}

void a_call_waits_thirty_seconds_for_a_session(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    Call call(*bench, "a");
    bench->run_for(milliseconds(29'900));
    CHECK(!call.over());
    bench->run_for(milliseconds(200));
    REQUIRE(call.over());
    CHECK(call.code() == Errc::unreachable);
    CHECK(call.detail() == "Could not contact server oss1.example.com no session after 30 seconds");
    Call other(*bench, "b");
    bench->run_for(seconds(20));
    agent.post({agent.create(runner)});
    const auto messages = agent.poll_now();
    CHECK(
        summary(messages) ==
        Names{"SESSION_TERMINATE_ALL", "SESSION_CREATE_RESPONSE action_runner", "DATA action_runner"}
    );
    bench->run_for(seconds(29));
    CHECK(!other.over());
}

void a_session_that_ends_fails_its_calls(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({runner});
    Call first(*bench, "a"), second(*bench, "b");
    agent.post({agent.create(runner)});
    bench->run_for(milliseconds(1));
    REQUIRE(first.over());
    REQUIRE(second.over());
    CHECK(first.detail() == "Communications error with oss1.example.com because session terminated");
    CHECK(first.code() == Errc::unreachable);
    Call third(*bench, "c");
    bench->run_for(seconds(70));
    REQUIRE(third.over());
    CHECK(third.detail() == "Communications error with oss1.example.com because session terminated");
}

void a_removed_host_fails_its_calls(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({runner});
    Call call(*bench, "a");
    bench->remove_host(oss1);
    bench->run_for(milliseconds(1));
    REQUIRE(call.over());
    CHECK(call.code() == Errc::unreachable);
}

void a_silent_replacement_asks_again_under_the_same_id(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    const std::string session = agent.open({runner}).front();
    Call call(*bench, "a");
    const Json request = command(agent);
    bench->service().reset_session(oss1, runner, session);
    agent.post({agent.create(runner)});
    const auto messages = agent.poll_now();
    REQUIRE(summary(messages) == Names{"SESSION_CREATE_RESPONSE action_runner", "DATA action_runner"});
    CHECK(messages[1].body.to_json() == request);
    agent.post({agent.data(runner, *messages[0].session_id, 0, completion(request["id"], true))});
    bench->run_for(milliseconds(1));
    REQUIRE(call.over());
    CHECK(call.result->value().value == true);
}

void a_cancelled_call_is_over_at_once_and_the_agent_is_told(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    const std::string session = agent.open({runner}).front();
    Call call(*bench, "a");
    const Json request = command(agent);
    bench->rpc().cancel(call.id);
    bench->rpc().cancel(call.id);
    bench->run_for(milliseconds(1));
    REQUIRE(call.over());
    CHECK(call.code() == Errc::conflict);
    CHECK(call.detail() == "cancelled");
    const Json expected = {
        {"type", "ACTION_CANCEL"}, {"id", request["id"]}, {"action", Json()}, {"args", Json()}};
    CHECK(command(agent) == expected);
    const auto rejected = bench->service().stats().rejected_bodies;
    agent.post({agent.data(runner, session, 0, completion(request["id"], true))});
    CHECK(bench->service().stats().rejected_bodies == rejected);
    CHECK(bench->service().session(oss1, runner) == session);
}

void a_call_has_a_deadline(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({runner});
    CallOptions options;
    options.deadline = seconds(40);
    Call call(*bench, "a", std::move(options));
    command(agent);
    agent.poll_now();
    CHECK(!call.over());
    const auto poll = agent.poll();
    bench->run_for(seconds(11));
    REQUIRE(call.over());
    CHECK(call.code() == Errc::exhausted);
    const auto told = agent.polled(poll);
    REQUIRE(told.size() == 1);
    CHECK(told[0].body.to_json()["type"] == "ACTION_CANCEL");
}

}  // namespace

std::vector<ManagerCheck> manager_action_checks() {
    return {
        {"a call reaches the agent and its completion comes back",
         a_call_reaches_the_agent_and_its_completion_comes_back},
        {"an exception fails the call with its text", an_exception_fails_the_call_with_its_text},
        {"a call waits thirty seconds for a session", a_call_waits_thirty_seconds_for_a_session},
        {"a session that ends fails its calls", a_session_that_ends_fails_its_calls},
        {"a removed host fails its calls", a_removed_host_fails_its_calls},
        {"a silent replacement asks again under the same id",
         a_silent_replacement_asks_again_under_the_same_id},
        {"a cancelled call is over at once and the agent is told",
         a_cancelled_call_is_over_at_once_and_the_agent_is_told},
        {"a call has a deadline", a_call_has_a_deadline},
    };
}

}  // namespace csim
