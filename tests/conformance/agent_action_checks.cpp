// Remote procedure calls: the agent's part of the conformance checklist.
#include "tests/conformance/agent_bench_steps.hpp"

#include <doctest/doctest.h>

namespace csim {
namespace {

ActionOutcome succeeded(std::string result) {
    ActionOutcome outcome;
    outcome.result = std::move(result);
    return outcome;
}

void a_completion_has_five_keys(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    start_action(*bench, "a-1");
    start_action(*bench, "a-2");
    REQUIRE(bench->actions().running.size() == 2);
    ActionOutcome failed;
    failed.exception = "Traceback:\nValueError: no\n";
    failed.result = "17";
    failed.subprocesses = R"([{"args":["false"],"rc":1,"stdout":"","stderr":""}])";
    bench->actions().finish("a-2", std::move(failed));
    bench->actions().finish("a-1", succeeded(R"({"wrapper_version":1,"result":true})"));
    bench->run_for(50ms);
    const auto done = completions(*bench);
    REQUIRE(done.size() == 2);
    CHECK(
        done[0] ==
        Json{
            {"type", "ACTION_COMPLETE"},
            {"id", "a-2"},
            {"result", nullptr},
            {"exception", "Traceback:\nValueError: no\n"},
            {"subprocesses", {{{"args", {"false"}}, {"rc", 1}, {"stdout", ""}, {"stderr", ""}}}}}
    );
    CHECK(
        done[1] ==
        Json{
            {"type", "ACTION_COMPLETE"},
            {"id", "a-1"},
            {"result", {{"wrapper_version", 1}, {"result", true}}},
            {"exception", nullptr},
            {"subprocesses", Json::array()}}
    );
    CHECK(data(*bench, "action_runner")[1].session_seq == 1);
}

void a_cancelled_action_is_silent(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    start_action(*bench, "a-1");
    bench->manager().send(
        {action("ACTION_CANCEL", "a-1", nullptr, nullptr),
         action("ACTION_CANCEL", "unknown", nullptr, nullptr)}
    );
    bench->run_for(5s);
    CHECK(bench->actions().cancelled == std::vector<std::string>{"a-1"});
    CHECK(completions(*bench).empty());
    CHECK(bench->agent().session_open("action_runner"));
}

void teardown_aborts_actions_silently(const BenchFactory& make) {
    const std::vector<std::function<void(AgentBench&)>> teardowns = {
        [](AgentBench& bench) { bench.manager().send({terminate("action_runner")}); },
        [](AgentBench& bench) { bench.manager().send({terminate_all()}); },
        [](AgentBench& bench) { bench.manager().send({response("action_runner", "r-2")}); },
        [](AgentBench& bench) { bench.manager().fail_gets(502); },
    };
    for (const auto& teardown : teardowns) {
        auto bench = make({});
        open_sessions(*bench);
        start_action(*bench, "a-1");
        // A completion that comes although the action was aborted: some work cannot be interrupted.
        auto late = std::move(bench->actions().running.at("a-1").done);
        teardown(*bench);
        bench->run_for(100ms);
        CHECK(bench->actions().cancelled == std::vector<std::string>{"a-1"});
        late(succeeded("null"));
        bench->run_for(3s);
        CHECK(completions(*bench).empty());
    }
}

void a_lost_completion_aborts_what_still_runs(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    start_action(*bench, "a-1");
    start_action(*bench, "a-2");
    bench->manager().fail_posts(502);
    bench->actions().finish("a-1", succeeded("null"));
    bench->run_for(100ms);
    CHECK_FALSE(bench->agent().session_open("action_runner"));
    CHECK(bench->actions().cancelled == std::vector<std::string>{"a-2"});
}

void a_run_that_was_aborted_completes_no_later_one(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    start_action(*bench, "a-1");
    auto late = std::move(bench->actions().running.at("a-1").done);
    Message again = action("ACTION_START", "a-1", "start_lnet", Json::object());
    again.session_id = "r-2";
    bench->manager().send({response("action_runner", "r-2"), again});
    bench->run_for(50ms);
    CHECK(bench->actions().started.size() == 2);
    late(succeeded("1"));
    bench->run_for(50ms);
    CHECK(completions(*bench).empty());
    bench->actions().finish("a-1", succeeded("2"));
    bench->run_for(50ms);
    REQUIRE(completions(*bench).size() == 1);
    CHECK(completions(*bench)[0]["result"] == 2);
}

void the_callback_follows_the_attempt_once(const BenchFactory& make) {
    for (const bool post_fails : {false, true}) {
        CAPTURE(post_fails);
        auto bench = make({});
        open_sessions(*bench);
        start_action(*bench, "a-1", "reboot_server");
        bench->run_for(2s);
        bench->manager().hold_posts();
        if (post_fails) bench->manager().fail_posts(0);
        int called = 0;
        ActionOutcome outcome = succeeded("null");
        outcome.after_reply = [&called] { ++called; };
        bench->actions().finish("a-1", std::move(outcome));
        bench->run_for(2s);
        CHECK(completions(*bench).size() == 1);
        CHECK(called == 0);
        bench->manager().release_posts();
        bench->run_for(5s);
        CHECK(called == 1);
        CHECK(bench->agent().session_open("action_runner") != post_fails);
    }
}

void the_callback_may_end_the_agent(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    start_action(*bench, "a-1", "restart_agent");
    ActionOutcome outcome = succeeded("null");
    Agent& agent = bench->agent();
    outcome.after_reply = [&agent] {
        agent.stop();
        agent.start(bench_boot_time);
    };
    const std::string before = agent.client_start_time();
    bench->actions().finish("a-1", std::move(outcome));
    bench->run_for(50ms);
    CHECK(agent.running());
    CHECK(agent.client_start_time() != before);
    CHECK(requests(*bench, "linux").size() == 2);
    CHECK(agent.sessions_open() == 0);
}

void an_action_runs_once_per_id(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    start_action(*bench, "a-1");
    start_action(*bench, "a-1");
    CHECK(bench->actions().started.size() == 1);
    int called = 0;
    ActionOutcome outcome = succeeded("5");
    outcome.after_reply = [&called] { ++called; };
    bench->actions().finish("a-1", std::move(outcome));
    bench->run_for(50ms);
    CHECK(completions(*bench).size() == 1);
    start_action(*bench, "a-1");
    CHECK(bench->actions().started.size() == 1);
    REQUIRE(completions(*bench).size() == 2);
    CHECK(completions(*bench)[1] == completions(*bench)[0]);
    CHECK(data(*bench, "action_runner")[1].session_seq == 1);
    CHECK(called == 1);
    bench->run_for(601s);
    start_action(*bench, "a-1");
    CHECK(bench->actions().started.size() == 2);
}

void a_stored_completion_goes_into_the_present_session(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    start_action(*bench, "a-1");
    bench->actions().finish("a-1", succeeded("5"));
    bench->run_for(50ms);
    Message again = action("ACTION_START", "a-1", "start_lnet", Json::object());
    again.session_id = "r-2";
    bench->manager().send({response("action_runner", "r-2"), again});
    bench->run_for(50ms);
    REQUIRE(data(*bench, "action_runner").size() == 2);
    CHECK(data(*bench, "action_runner")[1].session_id == "r-2");
    CHECK(data(*bench, "action_runner")[1].session_seq == 0);
}

void actions_are_concurrent_without_limit(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    std::vector<Message> starts;
    for (int n = 0; n < 1000; ++n) {
        starts.push_back(action("ACTION_START", "a-" + std::to_string(n), "kernel_status", Json::object()));
    }
    bench->manager().send(starts);
    bench->run_for(100ms);
    REQUIRE(bench->actions().running.size() == 1000);
    for (int n = 999; n >= 0; --n) bench->actions().finish("a-" + std::to_string(n), succeeded("null"));
    bench->run_for(100ms);
    const auto sent_data = data(*bench, "action_runner");
    REQUIRE(sent_data.size() == 1000);
    for (std::size_t n = 0; n < 1000; ++n) CHECK(sent_data[n].session_seq == static_cast<std::int64_t>(n));
}

void a_body_that_is_no_request_costs_the_session(const BenchFactory& make) {
    for (const char* text :
         {R"({"type":"ACTION_PAUSE","id":"a-1","action":null,"args":null})", "null", "[]", R"("x")",
          R"({"type":"ACTION_START"})", R"({"type":"ACTION_START","id":"a-1","action":"x","args":[1]})",
          R"({"type":"ACTION_START","id":"a-1","action":null,"args":{}})"}) {
        CAPTURE(text);
        auto bench = make({});
        open_sessions(*bench);
        bench->manager().send({data_for("action_runner", "r-1", Json::parse(text))});
        bench->run_for(50ms);
        CHECK_FALSE(bench->agent().session_open("action_runner"));
        CHECK(bench->agent().session_open("linux"));
        bench->run_for(1100ms);
        CHECK(requests(*bench, "action_runner").size() == 2);
    }
}

}  // namespace

std::vector<AgentCheck> action_checks() {
    return {
        {"a completion has five keys", a_completion_has_five_keys},
        {"a cancelled action is silent", a_cancelled_action_is_silent},
        {"teardown aborts actions silently", teardown_aborts_actions_silently},
        {"a lost completion aborts what still runs", a_lost_completion_aborts_what_still_runs},
        {"a run that was aborted completes no later one", a_run_that_was_aborted_completes_no_later_one},
        {"the callback follows the attempt once", the_callback_follows_the_attempt_once},
        {"the callback may end the agent", the_callback_may_end_the_agent},
        {"an action runs once per id", an_action_runs_once_per_id},
        {"a stored completion goes into the present session",
         a_stored_completion_goes_into_the_present_session},
        {"actions are concurrent without limit", actions_are_concurrent_without_limit},
        {"a body that is no request costs the session", a_body_that_is_no_request_costs_the_session},
    };
}

}  // namespace csim
