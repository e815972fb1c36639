// What the conformance checks do not ask of an agent: giving up, spreading, telling its watch, being cheap.
#include "agent_proto/agent.hpp"

#include "tests/agent_proto/scripted_manager.hpp"
#include "tests/agent_proto/scripted_server.hpp"

#include <doctest/doctest.h>

#include <set>

TEST_SUITE_BEGIN("agent_proto/agent");

namespace csim {
namespace {

struct NotingWatch final : AgentWatch {
    void session_opened(std::string_view plugin, std::string_view) override { note("opened ", plugin); }
    void session_ended(std::string_view plugin, SessionEnd reason) override {
        note("ended ", plugin);
        last_end = reason;
    }
    void get_failed(const Failure& failure) override { note("get failed ", std::to_string(failure.status)); }
    void plugin_failed(std::string_view plugin, const Error&) override { note("failed ", plugin); }
    void gave_up() override { note("gave up", ""); }

    void note(const std::string& what, std::string_view who) { notes.push_back(what + std::string(who)); }
    std::vector<std::string> notes;
    SessionEnd last_end = SessionEnd::stopped;
};

struct AgentFixture {
    Timeline timeline{SimTime::from_unix_ns(1'700'000'000'000'000'000)};
    ScriptedManager manager{timeline};
    ScriptedReports reports{{"action_runner", "linux"}};
    ScriptedActions actions;
    NotingWatch watch;

    AgentFixture() { manager.opens_sessions = true; }
    std::unique_ptr<Agent> make(unsigned refusals_max = 0) {
        return std::make_unique<Agent>(
            AgentSetup{"oss1.example.com", {}, refusals_max, Rng(3), &watch},
            Agent::Peers{timeline, manager, reports, actions}
        );
    }
    void run_for(Duration span) { timeline.run_until(timeline.now() + span); }
};

}  // namespace

TEST_CASE_FIXTURE(AgentFixture, "an agent gives up after as many refusals in a row as configured") {
    const auto agent = make(3);
    agent->start(timeline.now());
    run_for(5s);
    manager.fail_gets(403);
    run_for(15s);
    CHECK(agent->running());
    manager.gets_work();
    run_for(60s);
    manager.fail_gets(403);
    run_for(60s);
    CHECK_FALSE(agent->running());
    CHECK(agent->counters().get_failures == 5);
    CHECK(watch.notes.back() == "gave up");
    agent->start(timeline.now());
    CHECK(agent->running());
}

TEST_CASE_FIXTURE(AgentFixture, "the watch is told what happens to sessions and why") {
    const auto agent = make();
    agent->start(timeline.now());
    run_for(2s);
    CHECK(watch.notes == std::vector<std::string>{"opened action_runner", "opened linux"});
    watch.notes.clear();
    reports.fails["linux"] = true;
    run_for(9500ms);
    CHECK(watch.notes == std::vector<std::string>{"failed linux", "ended linux", "opened linux"});
    CHECK(watch.last_end == SessionEnd::plugin_failed);
    watch.notes.clear();
    manager.fail_gets(502);
    run_for(100ms);
    CHECK(watch.notes == std::vector<std::string>{"get failed 502", "ended action_runner", "ended linux"});
    CHECK(watch.last_end == SessionEnd::poll_failed);
}

TEST_CASE("a fleet does not return to its manager in step unless it imitates the original") {
    for (const bool reference : {false, true}) {
        CAPTURE(reference);
        Timeline timeline;
        ScriptedReports reports({"linux"});
        ScriptedActions actions;
        std::vector<std::unique_ptr<ScriptedManager>> managers;
        std::vector<std::unique_ptr<Agent>> agents;
        for (std::uint64_t number = 0; number < 50; ++number) {
            managers.push_back(std::make_unique<ScriptedManager>(timeline));
            managers.back()->fail_gets(502);
            agents.push_back(std::make_unique<Agent>(
                AgentSetup{"oss" + std::to_string(number), {reference}, 0, Rng(number), nullptr},
                Agent::Peers{timeline, *managers.back(), reports, actions}
            ));
            agents.back()->start(timeline.now());
        }
        timeline.run_until(timeline.now() + 16s);
        std::set<SimTime> returns;
        for (const auto& manager : managers) {
            REQUIRE(manager->gets.size() >= 2);
            const Duration pause = manager->gets[1].at - manager->gets[0].at;
            CHECK(pause >= (reference ? 10s : 5s));
            CHECK(pause <= (reference ? 10s : 15s) + 1ms);
            returns.insert(manager->gets[1].at);
        }
        CHECK(returns.size() == (reference ? 1 : 50));
    }
}

// Proves: invariant I-30; defect 77.
TEST_CASE_FIXTURE(AgentFixture, "an idle agent wakes up only for what is due") {
    const auto agent = make();
    agent->start(timeline.now());
    run_for(5s);
    const std::uint64_t events = timeline.events_run();
    run_for(600s);
    // Sixty polls with a post each, and twenty long polls with two events each in this manager.
    CHECK(timeline.events_run() - events <= 60 * 2 + 21 * 2);
}

TEST_CASE_FIXTURE(AgentFixture, "an agent survives any reply a manager may make up") {
    const auto agent = make();
    agent->start(timeline.now());
    Rng rng(9);
    int made_up = 0;
    for (int round = 0; round < 2000; ++round) {
        std::vector<Message> reply;
        for (std::int64_t count = rng.between(1, 4); count > 0; --count) {
            Message& message = reply.emplace_back();
            message.type = static_cast<MessageType>(rng.between(0, 5));
            if (rng.chance({9, 10})) message.plugin = rng.chance({1, 2}) ? "linux" : "action_runner";
            if (rng.chance({1, 2}))
                message.session_id = rng.chance({1, 2}) ? "s" : manager.session_id("linux");
            // A manager never opens a session twice under one name.
            if (message.type == MessageType::session_create_response && message.session_id) {
                message.session_id = "made-up-" + std::to_string(++made_up);
            }
            if (rng.chance({1, 2}))
                message.body = Body(Json{{"type", "ACTION_START"}, {"id", "a"}, {"action", "x"}});
        }
        manager.send(std::move(reply));
        manager.post_status = rng.chance({1, 10}) ? 500 : 0;
        run_for(rng.between(Duration(0), Duration(3s)));
        if (rng.chance({1, 50})) manager.fail_gets(0);
        if (rng.chance({1, 20})) manager.gets_work();
        if (rng.chance({1, 100})) {
            agent->stop();
            agent->start(timeline.now());
        }
    }
    manager.gets_work();
    manager.post_status = 0;
    run_for(120s);
    CHECK(agent->session_open("linux"));
    CHECK(agent->session_open("action_runner"));
    std::map<std::string, std::int64_t> next;
    for (const auto& post : manager.posts) {
        for (const Message& message : post.request.messages) {
            if (message.type != MessageType::data) continue;
            CHECK(message.session_seq == next[message.session_id->str()]++);
        }
    }
}

}  // namespace csim
