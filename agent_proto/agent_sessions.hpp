// The sessions of one agent, one per device plugin: who asks for one when, which reports are due, which
// numbers messages carry. No I/O: time and messages go in, messages come out into an Outbox.
#pragma once

#include "agent_proto/agent_watch.hpp"
#include "agent_proto/habits.hpp"
#include "agent_proto/outbox.hpp"
#include "agent_proto/ports.hpp"
#include "core/rng.hpp"
#include "core/shared_text.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// Source: §3.12, §5.3, §5.4 and the state machine of §8.1 of the protocol. Differs: waking up only when
/// something is due; a failing plugin asks once (B-27); a response over an open session ends that one first
/// (B-26).
class AgentSessions {
  public:
    struct Peers {
        SharedText fqdn;
        ReportPort& reports;
        Outbox& outbox;
        AgentWatch& watch;
    };

    /// Ticks are counted from `start`, so that an agent's phase is the instant of its start; all of its
    /// plugins share it. All sessions are asked for at `start`.
    AgentSessions(Peers peers, WireHabits habits, SimTime start, Rng rng);

    /// Asks for sessions and polls plugins as far as they are due. Calls into the ReportPort.
    void run_due(SimTime now);
    /// When run_due() has something to do next; SimTime::max() if never.
    SimTime next_due() const;

    /// Index of a plugin by name.
    std::optional<std::size_t> find(std::string_view plugin) const;
    bool is_open(std::size_t plugin) const { return slots_[plugin].state == State::active; }
    bool is_open(std::size_t plugin, std::string_view session_id) const;
    std::size_t open_count() const;
    std::size_t count() const { return slots_.size(); }

    /// A new session: sequence from 0, complete report at the next tick. Requires: not open.
    void open(std::size_t plugin, SharedText session_id, SimTime now);
    /// Ends the session if there is one; a new one is asked for at the next tick.
    void end(std::size_t plugin, SessionEnd reason, SimTime now);
    /// The same, but the next request waits as long as an unanswered one would, growing with repetition: for
    /// posts that the manager found too large, since the next complete report will be as large again.
    void end_and_wait(std::size_t plugin, SessionEnd reason, SimTime now);
    /// No session is asked for before `until`; those that are open go on.
    void rest_until(SimTime until);
    /// A post with data of this plugin arrived: forget the growth of end_and_wait().
    void delivered(std::size_t plugin) { slots_[plugin].waits_longer = Duration{}; }

    /// Queues data in the plugin's session under the next sequence number. Requires: open.
    void send(std::size_t plugin, Body body, Priority priority, UniqueFunction<void()> after_attempt = {});
    /// The next poll of the named plugins, or of all, reports everything, changed or not.
    /// Names without a session are ignored.
    void report_all_at_next_poll(const std::optional<std::vector<std::string>>& names);

  private:
    enum class State : std::uint8_t { idle, requested, active };

    struct Slot {
        State state = State::idle;
        bool polls = true;    ///< false for action_runner, which has nothing to report
        bool polled = false;  ///< in this session
        bool full_next = false;
        SimTime due;
        Duration pause{};         ///< of the last request
        Duration waits_longer{};  ///< of the last end_and_wait()
        std::int64_t seq = 0;
        SharedText session_id;
    };

    SimTime tick_after(SimTime now) const;
    SimTime poll_after(SimTime due, SimTime now) const;
    SimTime after_pause(Duration pause, SimTime now);
    void request(std::size_t plugin, Duration pause, SimTime now);
    void poll(std::size_t plugin, SimTime now);
    Result<Report> report_of(std::size_t plugin);
    std::string_view name(std::size_t plugin) const { return peers_.reports.plugins()[plugin]; }
    Message message(std::size_t plugin, MessageType type) const;

    Peers peers_;
    WireHabits habits_;
    SimTime start_;
    Rng rng_;
    std::optional<double> stretch_;  ///< one draw per pass, so that requests of one pass stay together
    std::vector<Slot> slots_;
};

}  // namespace csim
