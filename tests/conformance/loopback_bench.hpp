// The bench without a network: agent and scripted manager on one timeline.
#pragma once

#include "tests/agent_proto/scripted_manager.hpp"
#include "tests/conformance/agent_bench.hpp"

#include <nlohmann/json.hpp>

namespace csim {

class LoopbackBench final : public AgentBench, private ManagerPeer {
  public:
    explicit LoopbackBench(const BenchOptions& options)
        : agent_(
              AgentSetup{"oss1.example.com", options.habits, 0, Rng(7), nullptr},
              {timeline_, manager_, reports_, actions_}
          ) {}

    Agent& agent() override { return agent_; }
    ManagerPeer& manager() override { return *this; }
    ScriptedReports& reports() override { return reports_; }
    ScriptedActions& actions() override { return actions_; }
    SimTime now() const override { return timeline_.now(); }
    void run_for(Duration span) override { timeline_.run_until(timeline_.now() + span); }

  private:
    std::vector<SeenGet> gets() const override {
        std::vector<SeenGet> seen;
        for (const auto& get : manager_.gets) seen.push_back({get.at, message_target(get.request)});
        return seen;
    }
    std::vector<SeenPost> posts() const override {
        std::vector<SeenPost> seen;
        for (const auto& post : manager_.posts) seen.push_back({post.at, encode(post.request), post.request});
        return seen;
    }
    void send(std::vector<Message> messages) override { manager_.send(std::move(messages)); }
    void fail_gets(unsigned status) override { manager_.fail_gets(status); }
    void fail_posts(unsigned status) override { manager_.post_status = status == 0 ? 599 : status; }
    void works() override {
        manager_.gets_work();
        manager_.post_status = 0;
    }
    void hold_posts() override { manager_.holds_posts = true; }
    void release_posts() override { manager_.release_posts(); }

    Timeline timeline_{SimTime::from_unix_ns(1'700'000'000'123'456'000)};
    ScriptedManager manager_{timeline_};
    ScriptedReports reports_;
    ScriptedActions actions_;
    Agent agent_;
};

}  // namespace csim
