// One impersonated agent process: a reader that always has one long poll open, a writer that posts whatever
// is queued, and between them the sessions of its plugins.
#pragma once

#include "agent_proto/action_runner.hpp"
#include "agent_proto/agent_sessions.hpp"
#include "agent_proto/agent_watch.hpp"
#include "agent_proto/habits.hpp"
#include "agent_proto/outbox.hpp"
#include "agent_proto/ports.hpp"
#include "agent_proto/transport.hpp"
#include "core/rng.hpp"
#include "core/timeline.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

struct AgentSetup {
    SharedText fqdn;
    WireHabits habits;
    /// Stops after so many refused long polls (status 403) in a row; 0 retries forever, as the original does.
    unsigned refusals_max = 0;
    /// Where jitter comes from. Give each agent its own stream.
    Rng rng{0};
    /// Outlives the agent; may be null.
    AgentWatch* watch = nullptr;
};

struct AgentCounters {
    std::uint64_t gets = 0;
    std::uint64_t posts = 0;
    std::uint64_t get_failures = 0;
    std::uint64_t post_failures = 0;
    std::uint64_t messages_sent = 0;
    std::uint64_t messages_received = 0;
    std::uint64_t messages_skipped = 0;  ///< received and not obeyed
};

/// Source: §3.10 to §3.12, §4, §5 and the agent's side of §8 and §9 of the protocol.
/// One thread. May be stopped and started from its own callbacks (an action's effect, after_reply), but not
/// destroyed there. A ReportPort must do neither.
class Agent {
  public:
    struct Peers {
        Timeline& timeline;
        AgentTransport& transport;
        ReportPort& reports;
        ActionPort& actions;
    };

    /// All of `peers` outlive the agent. At most 64 plugins.
    Agent(AgentSetup setup, Peers peers);
    ~Agent();
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;

    /// The process begins: a start time of its own, sampled and spelled once. Its ticks count from `phase`,
    /// or from this instant; that is what spreads a fleet: start agents apart, and tell an agent that starts
    /// late when it was due, so that those that were late together do not stay together. Requires: not
    /// running; `phase` is not later than now.
    void start(SimTime boot_time, std::optional<SimTime> phase = std::nullopt);
    /// The process is gone at once: connections drop, actions are killed, nothing is sent and no callback
    /// runs.
    void stop();
    bool running() const { return running_; }
    /// The next poll of these plugins reports everything, changed or not; sessions stay as they are.
    void report_all(const std::vector<std::string>& plugins);

    const std::string& fqdn() const { return setup_.fqdn; }
    /// As it stands on the wire; empty before the first start.
    const std::string& client_start_time() const { return times_.client_start_time; }
    std::size_t sessions_open() const { return sessions_ ? sessions_->open_count() : 0; }
    bool session_open(std::string_view plugin) const;
    std::size_t actions_running() const { return actions_.running(); }
    /// Since construction, over all starts.
    const AgentCounters& counters() const { return counters_; }

  private:
    void get();
    void get_done(Outcome<std::vector<Message>> outcome);
    void get_failed(const Failure& failure);
    void handle(Message& message);
    void handle_response(Message& message);
    void handle_terminate(const Message& message);
    void handle_data(const Message& message);
    void skip(const Message& message, std::string_view what);

    void pump();
    bool send_batch(Batch batch);
    void drop_oversized(const Batch& batch);
    void post_done(const Outcome<Nothing>& outcome, std::size_t bytes);
    void post_failed(const Failure& failure, std::size_t bytes);
    void complete(Body completion, UniqueFunction<void()> after_reply);

    void end_session(std::size_t plugin, SessionEnd reason);
    void end_all_sessions(SessionEnd reason);
    void arm();
    void sessions_due();
    SimTime next_start_time() const;

    AgentSetup setup_;
    Peers peers_;
    AgentCounters counters_;
    AgentGet times_;
    SimTime started_;
    Outbox outbox_;
    ActionRunner actions_;
    std::optional<AgentSessions> sessions_;
    std::optional<std::size_t> action_plugin_;

    bool running_ = false;
    bool posting_ = false;
    std::uint32_t process_ = 0;  ///< number of the present process; callbacks of earlier ones are ignored
    unsigned refusals_ = 0;      ///< in a row
    std::uint64_t posted_plugins_ = 0;  ///< bit per plugin with data in the post in flight
    std::vector<UniqueFunction<void()>> posted_callbacks_;
    SimTime posted_at_;

    SimTime armed_for_ = SimTime::max();
    EventId session_timer_;
    EventId reader_timer_;
};

}  // namespace csim
