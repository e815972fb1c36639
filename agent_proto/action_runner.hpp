// The plugin `action_runner` of one agent: requests in, completions out. Runs nothing itself: actions belong
// to an ActionPort, apart from the two that concern the agent's own reports.
#pragma once

#include "agent_proto/agent_sessions.hpp"
#include "agent_proto/ports.hpp"
#include "core/time.hpp"
#include "core/timeline.hpp"
#include "core/unique_function.hpp"
#include "wire/body.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace csim {

/// Any number of actions at a time, in no order. An aborted action stays silent. An id that was completed
/// less than ten minutes ago is not run again: its completion is sent once more, without its after_reply.
/// Source: §4 and the state machine of §8.3 of the protocol. Differs: knows repeated ids.
class ActionRunner {
  public:
    struct Peers {
        ActionPort& actions;
        ReportPort& reports;
        const Timeline& timeline;
    };
    /// Queues a completion in the present session; `after_reply` runs once its post was attempted.
    using Reply = UniqueFunction<void(Body completion, UniqueFunction<void()> after_reply)>;

    ActionRunner(Peers peers, Reply reply) : peers_(peers), reply_(std::move(reply)) {}

    /// A body the manager sent. `sessions` serves trigger_plugin_update. An error means that this is none,
    /// and costs the plugin its session.
    Result<Nothing> accept(const Body& body, AgentSessions& sessions);

    /// Aborts everything that runs; none of it says anything any more. The session ended.
    void abort_all();
    /// Forgets completions too. The agent process ended.
    void reset();

    std::size_t running() const { return running_.size(); }

  private:
    struct Kept {
        SimTime at;
        Body completion;
    };

    Result<Nothing> start(
        const std::string& id, const std::string& action, Json& args, AgentSessions& sessions
    );
    void run(const std::string& id, const std::string& action, Json& args);
    void cancel(const std::string& id);
    void finish(const std::string& id, ActionOutcome outcome);
    const Kept* kept(const std::string& id);
    void forget_old();

    Peers peers_;
    Reply reply_;
    std::uint64_t last_run_ = 0;
    std::map<std::string, std::uint64_t> running_;  ///< id to the number of its run
    std::map<std::string, Kept> completed_;
    SimTime oldest_looked_for_;
};

}  // namespace csim
