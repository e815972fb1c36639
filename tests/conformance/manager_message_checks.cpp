// What managers answer to polls and posts (§3.1 to §3.5 and §9 of the agent protocol).
#include "tests/conformance/manager_steps.hpp"

#include <doctest/doctest.h>

namespace csim {
namespace {

constexpr const char* oss1 = "oss1.example.com";

void identity_is_the_certificate(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    HandAgent other(*bench, "oss2.example.com");
    const auto refused =
        bench->wait(bench->send("stranger", post_request("/agent/message/", "not even JSON")));
    CHECK(refused.status == 403);
    CHECK(refused.body.empty());
    bench->events();
    const HttpReply foreign = agent.post({agent.create("lustre"), other.create("lustre")});
    CHECK(foreign.status == 400);
    CHECK(foreign.body == "Incorrect client name");
    CHECK(bench->events().empty());
    CHECK(!bench->service().session(oss1, "lustre"));
}

void posts_of_a_wrong_shape_are_400_and_without_effect(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    CHECK(agent.post_text("{}").body == "Missing attribute 'messages'");
    // A message with one member changed by a JSON merge patch; null removes it.
    const auto message = [](const char* patch) {
        Json json = {
            {"fqdn", oss1}, {"type", "SESSION_CREATE_REQUEST"}, {"plugin", "lustre"}, {"session_id", Json()}};
        json["session_seq"] = json["body"] = Json();
        json.merge_patch(Json::parse(patch));
        return json.dump();
    };
    const std::string good = message("{}");
    const std::string messages[] = {
        "1",
        "{}",
        message(R"({"type": "DATA", "session_seq": null})"),
        message(R"({"type": 7})"),
        message(R"({"plugin": null})"),
        message(R"({"plugin": 7})"),
        message(R"({"session_id": 5})"),
        message(R"({"session_seq": "a"})"),
        message(R"({"fqdn": null})"),
        message(R"({"fqdn": []})"),
        message(R"({"body": null})"),
    };
    for (const std::string& wrong : messages) {
        CAPTURE(wrong);
        const std::string head =
            R"({"client_start_time":"2026-11-21T01:28:12Z","server_boot_time":"x","messages":[)";
        CHECK(agent.post_text(head + good + "," + wrong + "]}").status == 400);
        CHECK(agent.post_text(R"({"messages":[)" + good + "]}").status == 400);
        CHECK(agent.post_text(R"({"client_start_time":"soon","messages":[)" + good + "]}").status == 400);
    }
    for (const char* text : {"", "[]", "7", "{\"messages\":{}}", "{\"messages\":[}", "\xff\xfe"}) {
        CHECK(agent.post_text(text).status == 400);
    }
    CHECK(!bench->service().session(oss1, "lustre"));
    CHECK(agent.post_text(R"({"messages":[]})").status == 200);
}

void a_good_post_is_answered_with_nothing(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    const HttpReply reply = agent.post({agent.create("linux")});
    CHECK(reply.status == 200);
    CHECK(reply.body.empty());
    CHECK(content_type(reply).starts_with("text/html"));
    const auto wrong = bench->send(agent.certificate, {"PUT", "/agent/message/", {}, {}});
    CHECK(bench->wait(wrong).status == 405);
}

void polls_without_usable_times_are_400(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    const std::string targets[] = {
        "/agent/message/",
        "/agent/message/?server_boot_time=2026-11-21T01:28:12Z",
        "/agent/message/?client_start_time=2026-11-21T01:28:12Z",
        "/agent/message/?server_boot_time=now&client_start_time=2026-11-21T01:28:12Z",
        "/agent/message/"
        "?server_boot_time=2026-11-21T01:28:12Z&client_start_time=2026-11-21T01:28:12.1234567Z",
    };
    for (const std::string& target : targets) {
        CAPTURE(target);
        CHECK(bench->wait(bench->send(agent.certificate, {"GET", target, {}, {}})).status == 400);
    }
    CHECK(!bench->service().in_contact(oss1));
}

void one_instant_may_be_spelled_in_many_ways(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.start_time = "2026-11-21T01:28:12.753437+00:00Z";
    CHECK(summary(agent.poll_now()) == Names{"SESSION_TERMINATE_ALL"});
    const auto parked = agent.poll();
    agent.start_time = "2026-11-21T02:28:12.753437+01:00";
    REQUIRE(agent.post({agent.create("linux")}).status == 200);
    CHECK(summary(agent.polled(parked)) == Names{"SESSION_CREATE_RESPONSE linux"});
    agent.start_time = "2026-11-21T01:28:12.753437Z";
    const auto again = agent.poll();
    bench->run_for(std::chrono::seconds(1));
    CHECK(!again->has_value());
}

void an_idle_poll_is_held_for_thirty_seconds(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.poll_now();
    const auto reply = agent.poll();
    bench->run_for(std::chrono::milliseconds(29'900));
    CHECK(!reply->has_value());
    CHECK(agent.polled(reply, std::chrono::milliseconds(200)).empty());
}

void every_key_is_in_every_message(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.post({agent.create("linux")});
    const Json reply = Json::parse(bench->wait(agent.poll()).body);
    REQUIRE(reply["messages"].size() == 2);
    for (const Json& message : reply["messages"]) {
        CHECK(message.size() == 6);
        CHECK(message["fqdn"] == oss1);
        CHECK(message["session_seq"].is_null());
        CHECK(message["body"].is_null());
    }
    CHECK(reply["messages"][0]["plugin"].is_null());
    CHECK(reply["messages"][0]["session_id"].is_null());
}

void data_without_a_current_session_is_dropped_and_told(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.poll_now();
    CHECK(agent.post({agent.data("lustre", "unknown", 0, {})}).status == 200);
    CHECK(summary(agent.poll_now()) == Names{"SESSION_TERMINATE lustre"});
    const std::string session = agent.open({"lustre"}).front();
    bench->events();
    // Stale and null ids with a live newer session: silence.
    Message null_id = agent.data("lustre", session, 0, {});
    null_id.session_id.reset();
    agent.post({agent.data("lustre", "stale", 0, {}), null_id});
    CHECK(bench->events().empty());
    const auto reply = agent.poll();
    bench->run_for(std::chrono::seconds(1));
    CHECK(!reply->has_value());
    agent.post({agent.data("lustre", session, 0, Json::object())});
    CHECK(bench->events() == Names{"lustre data"});
}

void unknown_types_and_plugins_are_accepted(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    const std::string session = agent.open({"simulator_controller"}).front();
    CHECK(agent.post({agent.data("simulator_controller", session, 0, Json::object())}).status == 200);
    Message terminate = agent.create("simulator_controller");
    terminate.type = MessageType::session_terminate;
    CHECK(agent.post({terminate}).status == 200);
    Json odd = {{"fqdn", oss1}, {"type", "SESSION_GREETING"}, {"plugin", Json()}, {"session_id", Json()}};
    odd["session_seq"] = Json();
    odd["body"] = Json::array({1});
    CHECK(agent.post_text(Json{{"messages", Json::array({odd})}}.dump()).status == 200);
    CHECK(bench->service().session(oss1, "simulator_controller") == session);
    CHECK(bench->service().stats().unknown_types == 1);
}

void bodies_that_consumers_cannot_read_harm_nobody(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    const auto sessions = agent.open({"action_runner", "linux", "lustre"});
    bench->events();
    const Json bodies[] = {"bad", "throw", Json(), 7, Json::array({1}), {{"type", "ACTION_COMPLETE"}}};
    for (const Json& body : bodies) {
        CAPTURE(body.dump());
        const auto open = agent.open({"action_runner", "linux", "lustre"});
        const auto status = agent.post({agent.data("action_runner", open[0], 0, body)}).status;
        CHECK(status == 200);
        agent.post({agent.data("lustre", open[2], 0, body), agent.data("linux", open[1], 0, body)});
        CHECK(bench->service().session(oss1, "lustre") == open[2]);
    }
    CHECK(agent.poll_now().size() > 0);
    CHECK(bench->service().stats().rejected_bodies > 0);
}

void long_queues_go_out_in_several_replies(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({"action_runner"});
    for (int i = 0; i < 2'500; ++i) bench->service().send(oss1, "action_runner", Body(Json{{"number", i}}));
    int next = 0;
    for (const std::size_t size : {1'000u, 1'000u, 500u}) {
        const auto messages = agent.poll_now(std::chrono::milliseconds(50));
        CHECK(messages.size() == size);
        for (const Message& message : messages) CHECK(message.body.to_json()["number"] == next++);
    }
    for (int i = 0; i < 3; ++i) {
        bench->service().send(oss1, "action_runner", Body(Json(std::string(4u << 20, 'x'))));
    }
    CHECK(agent.poll_now().size() == 1);
    CHECK(agent.poll_now().size() == 1);
    CHECK(agent.poll_now().size() == 1);
}

void a_queue_that_nobody_fetches_is_given_up(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, oss1);
    agent.open({"action_runner", "lustre"});
    bench->events();
    bool failed = false;
    bench->rpc().call(oss1, "test", Json::object(), [&](Result<ActionResult> result) {
        failed = result.has_error();
    });
    for (int i = 0; i < 10'100; ++i) bench->service().send(oss1, "action_runner", Body(Json(i)));
    bench->run_for(std::chrono::milliseconds(1));
    CHECK(failed);
    CHECK(bench->events() == Names{"lustre terminated"});
    CHECK(summary(agent.poll_now()) == Names{"SESSION_TERMINATE action_runner", "SESSION_TERMINATE lustre"});
}

}  // namespace

std::vector<ManagerCheck> manager_message_checks() {
    return {
        {"identity is the certificate", identity_is_the_certificate},
        {"posts of a wrong shape are 400 and without effect",
         posts_of_a_wrong_shape_are_400_and_without_effect},
        {"a good post is answered with nothing", a_good_post_is_answered_with_nothing},
        {"polls without usable times are 400", polls_without_usable_times_are_400},
        {"one instant may be spelled in many ways", one_instant_may_be_spelled_in_many_ways},
        {"an idle poll is held for thirty seconds", an_idle_poll_is_held_for_thirty_seconds},
        {"every key is in every message", every_key_is_in_every_message},
        {"data without a current session is dropped and told",
         data_without_a_current_session_is_dropped_and_told},
        {"unknown types and plugins are accepted", unknown_types_and_plugins_are_accepted},
        {"bodies that consumers cannot read harm nobody", bodies_that_consumers_cannot_read_harm_nobody},
        {"long queues go out in several replies", long_queues_go_out_in_several_replies},
        {"a queue that nobody fetches is given up", a_queue_that_nobody_fetches_is_given_up},
    };
}

}  // namespace csim
