// Sessions, reports, failures: the agent's part of the conformance checklist.
#include "core/utc.hpp"
#include "tests/conformance/agent_bench_steps.hpp"

#include <doctest/doctest.h>

#include <set>

namespace csim {

std::vector<AgentCheck> action_checks();
std::vector<AgentCheck> own_action_checks();
std::vector<AgentCheck> oddity_checks();

namespace {

void start_time_has_one_spelling(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    bench->run_for(65s);
    const std::string spelled = bench->agent().client_start_time();
    CHECK(spelled.size() == std::string("2026-11-21T01:28:12.753437+00:00Z").size());
    CHECK(spelled.substr(spelled.size() - 7) == "+00:00Z");
    REQUIRE(bench->manager().gets().size() > 2);
    const std::string target =
        message_target({.server_boot_time = utc_text_z(bench_boot_time), .client_start_time = spelled});
    CHECK(target.find(':') == std::string::npos);
    CHECK(target.find('+') == std::string::npos);
    for (const SeenGet& get : bench->manager().gets()) CHECK(get.target == target);
    for (const SeenPost& post : bench->manager().posts()) CHECK(post.post.client_start_time == spelled);
}

void every_start_has_a_new_start_time(const BenchFactory& make) {
    auto bench = make({});
    std::set<std::string> spellings;
    for (int start = 0; start < 3; ++start) {
        bench->agent().start(bench_boot_time);
        spellings.insert(bench->agent().client_start_time());
        bench->agent().stop();
    }
    CHECK(spellings.size() == 3);
}

void terminate_all_and_responses_in_one_reply(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    bench->manager().send({terminate_all(), response("linux", "l-2"), response("lustre", "u-2")});
    bench->run_for(50ms);
    CHECK(bench->agent().session_open("linux"));
    CHECK(bench->agent().session_open("lustre"));
    CHECK_FALSE(bench->agent().session_open("action_runner"));
    bench->run_for(1s);
    REQUIRE_FALSE(data(*bench, "linux").empty());
    CHECK(data(*bench, "linux").back().session_id == "l-2");
}

void requests_share_the_first_post(const BenchFactory& make) {
    auto bench = make({});
    bench->agent().start(bench_boot_time);
    bench->run_for(50ms);
    REQUIRE(bench->manager().posts().size() == 1);
    CHECK(requests(*bench).size() == 3);
    for (const Message& request : requests(*bench)) {
        CHECK(request.fqdn == "oss1.example.com");
        CHECK_FALSE(request.session_id.has_value());
        CHECK_FALSE(request.session_seq.has_value());
        CHECK(request.body.is_null());
    }
}

void sequence_starts_at_zero_and_grows_by_one(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    bench->run_for(45s);
    bench->manager().send({response("linux", "l-2")});
    bench->run_for(25s);
    std::map<std::string, std::int64_t> next;
    for (const Message& message : data(*bench)) {
        REQUIRE(message.session_id.has_value());
        CHECK(message.session_seq == next[message.session_id->str()]++);
    }
    CHECK(next["l-1"] == 5);
    CHECK(next["l-2"] >= 2);
    CHECK(next["u-1"] == 7);
    CHECK(next.count("r-1") == 0);
}

void an_empty_object_is_a_message_and_null_is_none(const BenchFactory& make) {
    auto bench = make({});
    bench->reports().says["linux"].bodies = {Body(), Body(Json())};
    bench->reports().says["lustre"].bodies = {Body(Json::object()), Body(Json(0)), Body(Json(false))};
    open_sessions(*bench);
    bench->run_for(1s);
    CHECK(data(*bench, "linux").empty());
    REQUIRE(data(*bench, "lustre").size() == 3);
    CHECK(data(*bench, "lustre")[0].body.to_json() == Json::object());
    CHECK(data(*bench, "lustre")[2].session_seq == 2);
}

void reports_due_together_share_a_post(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    const std::size_t before = bench->manager().posts().size();
    bench->run_for(1s);
    REQUIRE(bench->manager().posts().size() == before + 1);
    CHECK(bench->manager().posts().back().post.messages.size() == 2);
}

void polls_every_ten_seconds(const BenchFactory& make) {
    for (const bool reference : {false, true}) {
        CAPTURE(reference);
        auto bench = make({.habits = {.reference = reference}});
        const SimTime started = bench->now();
        open_sessions(*bench);
        bench->run_for(32s);
        const double period = reference ? 10.01 : 10.0;
        const auto seconds = seconds_of(*bench, MessageType::data, "linux", started);
        REQUIRE(seconds.size() == 4);
        for (std::size_t poll = 0; poll < seconds.size(); ++poll) {
            const double expected = (reference ? 1.001 : 1.0) + period * static_cast<double>(poll);
            CHECK(seconds[poll] == doctest::Approx(expected).epsilon(0.01));
        }
        CHECK(bench->reports().asked.front() == "linux first");
        CHECK(bench->reports().asked.back() == "lustre next");
    }
}

void a_failed_poll_ends_all_sessions(const BenchFactory& make) {
    for (const unsigned status : {0U, 400U, 403U, 500U, 502U}) {
        CAPTURE(status);
        auto bench = make({.habits = {.reference = true}});
        open_sessions(*bench);
        bench->run_for(1s);
        const SimTime failed = bench->now();
        const std::size_t polls = bench->manager().gets().size();
        bench->manager().fail_gets(status);
        bench->run_for(100ms);
        CHECK(bench->agent().sessions_open() == 0);
        bench->run_for(9800ms);
        CHECK(bench->manager().gets().size() == polls);
        bench->run_for(200ms);
        CHECK(bench->manager().gets().size() == polls + 1);
        const auto asked_again = seconds_of(*bench, MessageType::session_create_request, "linux", failed);
        REQUIRE_FALSE(asked_again.empty());
        CHECK(asked_again.front() <= 1.1);
    }
}

void a_failed_post_ends_the_sessions_of_its_data(const BenchFactory& make) {
    auto bench = make({});
    bench->reports().says["lustre"] = {};
    open_sessions(*bench);
    bench->manager().fail_posts(0);
    bench->run_for(1s);
    CHECK_FALSE(bench->agent().session_open("linux"));
    CHECK(bench->agent().session_open("lustre"));
    CHECK(bench->agent().session_open("action_runner"));
    bench->manager().works();
    const std::size_t lost = data(*bench, "linux").size();
    bench->run_for(12s);
    CHECK(data(*bench, "linux").size() == lost);
    CHECK(requests(*bench, "linux").size() >= 2);
}

void a_new_session_is_asked_for_within_a_second(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    bench->run_for(2300ms);
    const SimTime ended = bench->now();
    bench->manager().send({terminate("linux")});
    bench->run_for(1100ms);
    const auto asked = seconds_of(*bench, MessageType::session_create_request, "linux", ended);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0] <= 1.02);
    CHECK(bench->reports().ended["linux"] == 1);
    CHECK(bench->agent().session_open("lustre"));
}

void unanswered_requests_back_off(const BenchFactory& make) {
    struct Case {
        bool reference;
        std::vector<double> pauses;
    };
    for (const Case& c : {Case{true, {10, 20, 40, 80, 80, 80}}, Case{false, {10, 20, 40, 60, 60, 60}}}) {
        CAPTURE(c.reference);
        auto bench = make({.habits = {.reference = c.reference}});
        const SimTime started = bench->now();
        bench->agent().start(bench_boot_time);
        bench->run_for(400s);
        const auto seconds = seconds_of(*bench, MessageType::session_create_request, "linux", started);
        REQUIRE(seconds.size() > c.pauses.size());
        for (std::size_t pause = 0; pause < c.pauses.size(); ++pause) {
            const double waited = seconds[pause + 1] - seconds[pause];
            const double tolerance = c.reference ? 1.1 : c.pauses[pause] * 0.1 + 0.1;
            CHECK(waited >= c.pauses[pause] - (c.reference ? 0.01 : tolerance));
            CHECK(waited <= c.pauses[pause] + tolerance);
        }
    }
}

void a_failing_plugin_asks_once(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    const std::size_t asked = requests(*bench, "linux").size();
    bench->reports().fails["linux"] = true;
    bench->run_for(4s);
    CHECK_FALSE(bench->agent().session_open("linux"));
    CHECK(data(*bench, "linux").empty());
    CHECK(requests(*bench, "linux").size() == asked + 1);
    CHECK(bench->agent().session_open("lustre"));
}

void a_stopped_agent_is_silent(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    start_action(*bench, "a-1");
    bench->agent().stop();
    const std::size_t posts = bench->manager().posts().size();
    const std::size_t gets = bench->manager().gets().size();
    bench->run_for(120s);
    CHECK(bench->manager().posts().size() == posts);
    CHECK(bench->manager().gets().size() == gets);
    CHECK(bench->actions().cancelled == std::vector<std::string>{"a-1"});
    CHECK(bench->agent().sessions_open() == 0);
}

}  // namespace

const std::vector<AgentCheck>& agent_checks() {
    static const std::vector<AgentCheck> checks = [] {
        std::vector<AgentCheck> all = {
            {"client_start_time has one spelling", start_time_has_one_spelling},
            {"every start has a new client_start_time", every_start_has_a_new_start_time},
            {"TERMINATE_ALL and responses in one reply", terminate_all_and_responses_in_one_reply},
            {"requests share the first post", requests_share_the_first_post},
            {"sequence starts at zero and grows by one", sequence_starts_at_zero_and_grows_by_one},
            {"an empty object is a message and null is none", an_empty_object_is_a_message_and_null_is_none},
            {"reports due together share a post", reports_due_together_share_a_post},
            {"polls every ten seconds", polls_every_ten_seconds},
            {"a failed poll ends all sessions", a_failed_poll_ends_all_sessions},
            {"a failed post ends the sessions of its data", a_failed_post_ends_the_sessions_of_its_data},
            {"a new session is asked for within a second", a_new_session_is_asked_for_within_a_second},
            {"unanswered requests back off", unanswered_requests_back_off},
            {"a failing plugin asks once", a_failing_plugin_asks_once},
            {"a stopped agent is silent", a_stopped_agent_is_silent},
        };
        for (const AgentCheck& check : action_checks()) all.push_back(check);
        for (const AgentCheck& check : own_action_checks()) all.push_back(check);
        for (const AgentCheck& check : oddity_checks()) all.push_back(check);
        return all;
    }();
    return checks;
}

}  // namespace csim
