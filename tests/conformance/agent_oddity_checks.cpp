// Errors and odd inputs: the rows of the protocol's table of edge cases that name the agent.
#include "tests/conformance/agent_bench_steps.hpp"

#include <doctest/doctest.h>

namespace csim {
namespace {

void odd_messages_are_skipped(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    Message unknown;
    unknown.type = MessageType::unknown;
    Message echo;
    echo.type = MessageType::session_create_request;
    echo.plugin = "linux";
    Message without_id = response("linux", "");
    without_id.session_id.reset();
    Message other_session = terminate("linux");
    other_session.session_id = "l-0";
    const Json start = {{"type", "ACTION_START"}, {"id", "a-1"}, {"action", "x"}, {"args", Json::object()}};
    bench->manager().send(
        {unknown, echo, without_id, other_session, response("zfs", "z-1"), terminate("zfs"),
         data_for("action_runner", "r-0", start), data_for("linux", "l-1", {{"any", "thing"}}),
         data_for("zfs", "z-1", start)}
    );
    bench->run_for(100ms);
    CHECK(bench->agent().sessions_open() == 3);
    CHECK(bench->agent().counters().messages_skipped == 9);
    CHECK(bench->actions().started.empty());
    CHECK(requests(*bench, "zfs").empty());
    bench->manager().send({data_for("action_runner", "r-1", start)});
    bench->run_for(50ms);
    CHECK(bench->actions().started.size() == 1);
}

void a_response_over_an_open_session_replaces_it(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    bench->run_for(15s);
    bench->manager().send({response("linux", "l-2"), response("linux", "l-3")});
    bench->run_for(1s);
    const auto sent_data = data(*bench, "linux");
    CHECK(sent_data.back().session_id == "l-3");
    CHECK(sent_data.back().session_seq == 0);
    CHECK(bench->reports().ended["linux"] == 2);
    CHECK(requests(*bench, "linux").size() == 1);
    CHECK(bench->reports().asked.back() == "linux first");
}

void a_session_may_come_unasked(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    bench->manager().send({terminate("linux"), response("linux", "l-2")});
    bench->run_for(100ms);
    CHECK(bench->agent().session_open("linux"));
    bench->run_for(30s);
    CHECK(requests(*bench, "linux").size() == 1);
}

void a_matching_id_ends_the_session(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    Message end = terminate("linux");
    end.session_id = "l-1";
    bench->manager().send({end});
    bench->run_for(50ms);
    CHECK_FALSE(bench->agent().session_open("linux"));
}

void a_removed_host_keeps_trying(const BenchFactory& make) {
    auto bench = make({.habits = {.reference = true}});
    open_sessions(*bench);
    bench->manager().fail_gets(403);
    bench->manager().fail_posts(403);
    const std::size_t polls = bench->manager().gets().size();
    bench->run_for(301s);
    CHECK(bench->manager().gets().size() == polls + 30);
    CHECK(bench->agent().running());
    bench->manager().works();
    bench->run_for(100s);
    CHECK(bench->agent().counters().get_failures == 31);
    bench->manager().send({response("linux", "l-2")});
    bench->run_for(2s);
    CHECK(data(*bench, "linux").back().session_id == "l-2");
}

void a_report_that_is_too_large_is_not_sent(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    bench->reports().says["linux"].bodies = {Body(Json(std::string(post_bytes_max, 'x')))};
    const SimTime refused = bench->now();
    bench->run_for(1s);
    CHECK(data(*bench, "linux").empty());
    CHECK_FALSE(bench->agent().session_open("linux"));
    REQUIRE(data(*bench, "lustre").size() == 1);
    bench->run_for(15s);
    const auto asked = seconds_of(*bench, MessageType::session_create_request, "linux", refused);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0] > 9.0);
}

void a_refused_report_is_not_repeated_at_once(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    bench->manager().fail_posts(413);
    const SimTime refused = bench->now();
    bench->run_for(1s);
    bench->manager().works();
    CHECK_FALSE(bench->agent().session_open("linux"));
    bench->run_for(8s);
    CHECK(seconds_of(*bench, MessageType::session_create_request, "linux", refused).empty());
    bench->run_for(4s);
    CHECK(seconds_of(*bench, MessageType::session_create_request, "linux", refused).size() == 1);
}

void only_one_poll_and_one_post_at_a_time(const BenchFactory& make) {
    auto bench = make({});
    bench->manager().hold_posts();
    open_sessions(*bench);
    bench->run_for(25s);
    CHECK(bench->manager().posts().size() == 1);
    bench->manager().release_posts();
    bench->run_for(100ms);
    REQUIRE(bench->manager().posts().size() == 2);
    CHECK(bench->manager().posts().back().post.messages.size() == 6);
}

}  // namespace

std::vector<AgentCheck> oddity_checks() {
    return {
        {"odd messages are skipped", odd_messages_are_skipped},
        {"a response over an open session replaces it", a_response_over_an_open_session_replaces_it},
        {"a session may come unasked", a_session_may_come_unasked},
        {"a matching id ends the session", a_matching_id_ends_the_session},
        {"a removed host keeps trying", a_removed_host_keeps_trying},
        {"a report that is too large is not sent", a_report_that_is_too_large_is_not_sent},
        {"a refused report is not repeated at once", a_refused_report_is_not_repeated_at_once},
        {"only one poll and one post at a time", only_one_poll_and_one_post_at_a_time},
    };
}

}  // namespace csim
