// How a fleet spreads over time: measured on the agents themselves, in virtual time.
#include "agent_proto/agent.hpp"
#include "tests/agent_proto/scripted_manager.hpp"
#include "tests/agent_proto/scripted_server.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <memory>

TEST_SUITE_BEGIN("agent_proto/spread");

namespace csim {
namespace {

constexpr std::size_t agent_count = 1500;
constexpr Duration poll_period = 10s;
constexpr Duration long_poll_period = 30s;

/// Requests by tenth of a period.
struct Tenths {
    std::array<std::size_t, 10> counts{};
    std::size_t sum = 0;

    void add(SimTime at, SimTime from, Duration period) {
        const Duration phase = (at - from) % period;
        ++counts[static_cast<std::size_t>(phase * 10 / period)];
        ++sum;
    }
    /// The fullest tenth against the mean: 1 is even, 10 is all at once.
    double peak() const {
        return 10.0 * static_cast<double>(*std::max_element(counts.begin(), counts.end())) /
               static_cast<double>(sum);
    }
};

struct FleetFixture {
    Timeline timeline{SimTime::from_unix_ns(1'700'000'000'000'000'000)};
    ScriptedReports reports{{"action_runner", "linux", "lustre"}};
    ScriptedActions actions;
    std::vector<std::unique_ptr<ScriptedManager>> managers;
    std::vector<std::unique_ptr<Agent>> agents;

    /// Agents that start one after the other over `spread`.
    void start_over(Duration spread, bool reference = false) {
        WireHabits habits{reference};
        habits.return_spread = spread_for(agent_count * 10);
        for (std::uint64_t number = 0; number < agent_count; ++number) {
            managers.push_back(std::make_unique<ScriptedManager>(timeline));
            managers.back()->opens_sessions = true;
            agents.push_back(std::make_unique<Agent>(
                AgentSetup{"oss" + std::to_string(number), habits, 0, Rng(number), nullptr},
                Agent::Peers{timeline, *managers.back(), reports, actions}
            ));
            const Duration delay = spread * static_cast<std::int64_t>(number) / std::int64_t{agent_count};
            timeline.after(delay, [agent = agents.back().get(), this] { agent->start(timeline.now()); });
        }
    }
    void run_for(Duration span) { timeline.run_until(timeline.now() + span); }
    void forget() {
        for (const auto& manager : managers) {
            manager->gets.clear();
            manager->posts.clear();
        }
    }
    void each(void (*change)(ScriptedManager&)) {
        for (const auto& manager : managers) change(*manager);
    }
    /// Of what comes within `span`.
    std::pair<Tenths, Tenths> measure(Duration span) {
        forget();
        const SimTime from = timeline.now();
        run_for(span);
        Tenths posts, gets;
        for (const auto& manager : managers) {
            for (const auto& post : manager->posts) posts.add(post.at, from, poll_period);
            for (const auto& get : manager->gets) gets.add(get.at, from, long_poll_period);
        }
        return {posts, gets};
    }
    void check_all_polled_once_a_period() {
        for (const auto& manager : managers) {
            REQUIRE(manager->posts.size() >= 2);
            for (std::size_t i = 1; i < manager->posts.size(); ++i)
                CHECK(manager->posts[i].at - manager->posts[i - 1].at == poll_period);
        }
    }
};

}  // namespace

TEST_CASE("a larger fleet takes longer to start, up to the period of its long polls") {
    CHECK(spread_for(1) == Duration(10s));
    CHECK(spread_for(1'000) == Duration(10s));
    CHECK(spread_for(2'000) == Duration(20s));
    CHECK(spread_for(10'000) == Duration(30s));
}

TEST_CASE_FIXTURE(FleetFixture, "polls and long polls are even over their periods and stay so") {
    start_over(30s);
    run_for(1min);
    for (const Duration rest : {Duration(0), Duration(20min)}) {
        run_for(rest);
        const auto [posts, gets] = measure(60s);
        CHECK(posts.sum == agent_count * 6);
        CHECK(gets.sum == agent_count * 2);
        CHECK(posts.peak() < 1.05);
        CHECK(gets.peak() < 1.05);
        check_all_polled_once_a_period();
    }
}

TEST_CASE_FIXTURE(FleetFixture, "agents whose sessions open all at once poll at their own times soon") {
    start_over(30s);
    each([](ScriptedManager& manager) { manager.holds_posts = true; });
    run_for(40s);
    each([](ScriptedManager& manager) { manager.release_posts(); });
    run_for(40s);
    const auto [posts, gets] = measure(60s);
    CHECK(posts.peak() < 1.05);
    check_all_polled_once_a_period();
}

TEST_CASE_FIXTURE(FleetFixture, "agents that start late together keep the phases they were due at") {
    const SimTime from = timeline.now();
    start_over(0s);
    run_for(0s);
    for (const auto& agent : agents) agent->stop();
    run_for(30s);
    for (std::size_t number = 0; number < agent_count; ++number) {
        const Duration late = 30s * static_cast<std::int64_t>(number) / std::int64_t{agent_count};
        agents[number]->start(from, timeline.now() - late);
    }
    run_for(1min);
    CHECK(measure(60s).first.peak() < 1.05);
    check_all_polled_once_a_period();
}

TEST_CASE_FIXTURE(FleetFixture, "a manager that comes back meets no storm") {
    start_over(30s);
    run_for(2min);
    forget();
    const SimTime gone = timeline.now();
    each([](ScriptedManager& manager) { manager.fail_gets(0); });
    run_for(1s);
    each([](ScriptedManager& manager) { manager.gets_work(); });
    run_for(49s);
    Tenths returns;
    for (const auto& manager : managers) {
        REQUIRE_FALSE(manager->gets.empty());
        const SimTime back = manager->gets.front().at;
        CHECK(back - gone >= 5s);
        CHECK(back - gone <= 35s);
        returns.add(back, gone + 5s, 30s + 1ms);
        // Nothing is asked for before the long poll that brings the answer is there.
        for (const auto& post : manager->posts) CHECK(post.at >= back);
    }
    CHECK(returns.peak() < 1.5);
    for (const auto& agent : agents) CHECK(agent->sessions_open() == 3);
    run_for(30s);
    const auto [posts, gets] = measure(60s);
    CHECK(posts.peak() < 1.05);
    CHECK(gets.peak() < 1.5);
}

TEST_CASE_FIXTURE(FleetFixture, "with reference habits the same manager meets the storm of the original") {
    start_over(10s, true);
    run_for(2min);
    forget();
    const SimTime gone = timeline.now();
    each([](ScriptedManager& manager) { manager.fail_gets(0); });
    run_for(1s);
    each([](ScriptedManager& manager) { manager.gets_work(); });
    run_for(20s);
    for (const auto& manager : managers) {
        REQUIRE_FALSE(manager->gets.empty());
        CHECK(manager->gets.front().at - gone >= Duration(10s));
        CHECK(manager->gets.front().at - gone <= Duration(10s + 10ms));
        REQUIRE_FALSE(manager->posts.empty());
        CHECK(manager->posts.front().at - gone <= Duration(1s + 10ms));
    }
}

}  // namespace csim
