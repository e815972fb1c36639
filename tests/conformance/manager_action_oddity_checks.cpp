// Completions that are wrong or late, restarts and the end (§4.2 and §9 of the agent protocol).
#include "tests/conformance/manager_calls.hpp"

#include <doctest/doctest.h>

namespace csim {
namespace {

void malformed_completions_fail_their_call_and_reset_the_session(const ManagerBenchFactory& make) {
    const char* patches[] = {
        R"({"exception": {}})",
        R"({"exception": 5})",
        R"({"subprocesses": null})",
        R"({"subprocesses": [{"args": "echo", "rc": 0, "stdout": "", "stderr": ""}]})",
        R"({"subprocesses": [7]})",
    };
    for (const char* patch : patches) {
        CAPTURE(patch);
        auto bench = make();
        HandAgent agent(*bench, oss1);
        const std::string session = agent.open({runner}).front();
        Call broken(*bench, "a"), healthy(*bench, "b");
        const auto commands = agent.poll_now();
        REQUIRE(commands.size() == 2);
        Json body = completion(commands[0].body.to_json()["id"], true);
        body.merge_patch(Json::parse(patch));
        agent.post({agent.data(runner, session, 0, body)});
        bench->run_for(milliseconds(1));
        REQUIRE(broken.over());
        CHECK(broken.code() == Errc::corrupt);
        CHECK(!healthy.over());
        CHECK(!bench->service().session(oss1, runner));
        agent.open({runner});
        bench->run_for(milliseconds(1));
        CHECK(!healthy.over());
        // Nobody opens a session again: the other call does not hang.
    }
    auto bench = make();
    HandAgent agent(*bench, oss1);
    const std::string session = agent.open({runner}).front();
    Call call(*bench, "a");
    agent.post({agent.data(runner, session, 0, Json())});
    bench->run_for(seconds(31));
    REQUIRE(call.over());
    CHECK(call.code() == Errc::unreachable);
}

void completions_out_of_the_blue_are_ignored(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    HandAgent other(*bench, "oss2.example.com");
    const std::string session = agent.open({runner}).front();
    const std::string foreign = other.open({runner}).front();
    Call call(*bench, "a");
    const std::string id = command(agent)["id"];
    agent.post({agent.data(runner, session, 0, completion("unknown", true))});
    other.post({other.data(runner, foreign, 0, completion(id, "forged"))});
    agent.post({agent.data(runner, session, 1, {{"type", "ACTION_PROGRESS"}})});
    bench->run_for(milliseconds(1));
    CHECK(!call.over());
    CHECK(bench->service().session(oss1, runner) == session);
}

void shutting_down_fails_every_call(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    Call waiting(*bench, "a");
    agent.open({runner});
    Call issued(*bench, "b");
    bench->rpc().shutdown();
    bench->run_for(milliseconds(1));
    REQUIRE(waiting.over());
    REQUIRE(issued.over());
    CHECK(issued.detail() == "Cancelled due to service shutdown");
}

void a_restart_is_awaited_by_another_session(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({runner});
    const auto old = bench->rpc().session(oss1);
    std::optional<Result<Nothing>> back, late;
    bench->rpc().await_other_session(oss1, old, agent_restart_limit, [&](Result<Nothing> result) {
        back = result;
    });
    bench->run_for(seconds(20));
    CHECK(!back);
    agent.restart();
    agent.open({runner});
    bench->run_for(milliseconds(1));
    REQUIRE(back);
    CHECK(back->has_value());
    const auto newer = bench->rpc().session(oss1);
    CHECK(newer != old);
    bench->rpc().await_other_session(oss1, newer, agent_restart_limit, [&](Result<Nothing> result) {
        late = result;
    });
    bench->run_for(seconds(31));
    REQUIRE(late);
    CHECK(late->error().code == Errc::unreachable);
}

}  // namespace

std::vector<ManagerCheck> manager_action_oddity_checks() {
    return {
        {"malformed completions fail their call and reset the session",
         malformed_completions_fail_their_call_and_reset_the_session},
        {"completions out of the blue are ignored", completions_out_of_the_blue_are_ignored},
        {"shutting down fails every call", shutting_down_fails_every_call},
        {"a restart is awaited by another session", a_restart_is_awaited_by_another_session},
    };
}

}  // namespace csim
