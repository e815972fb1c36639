// Remote calls: actions that the manager asks agents to run.
// Source: the agent protocol, §4 and §8.7. Differs: every call has a deadline, waiting for a restart ends,
// and a termination of a session that is not the current one fails that session's calls only.
#pragma once

#include "core/unique_function.hpp"
#include "manager/action_result.hpp"
#include "manager/agent_service.hpp"
#include "manager/consumer.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace csim {

struct CallOptions {
    /// From the call until its completion, waiting for a session included.
    Duration deadline = std::chrono::hours(1);
    Duration session_wait = std::chrono::seconds(30);
    /// Told the commands that the action ran, before the call's `done`, when the agent answered at all.
    UniqueFunction<void(const std::vector<Subprocess>&)> subprocesses;
};

struct ActionRpcOptions {
    Duration cancelled_memory = std::chrono::seconds(600);
};

/// The limits of waiting after having asked for a restart.
inline constexpr Duration agent_restart_limit = std::chrono::seconds(30);
inline constexpr Duration reboot_limit = std::chrono::seconds(300);

/// Subscribes itself for `action_runner`. One thread: the world's.
class ActionRpc final : public Consumer {
  public:
    /// Names a call; 0 names none.
    using CallId = std::uint64_t;
    using Done = UniqueFunction<void(Result<ActionResult>)>;

    ActionRpc(Timeline& timeline, AgentService& service, Rng rng, ActionRpcOptions options = {});
    ~ActionRpc() override;

    /// Runs `action` on the agent. `args` must be a JSON object. `done` runs once, never inside this call.
    /// Errors, by code:
    ///   unreachable   "Could not contact server <fqdn> no session after 30 seconds", or
    ///                 "Communications error with <fqdn> because session terminated"
    ///   refused       the action failed on the agent; the detail is the agent's text
    ///   exhausted     the deadline passed; the agent was told to cancel
    ///   conflict      cancel() or shutdown()
    ///   corrupt       the agent's completion was malformed
    CallId call(std::string fqdn, std::string action, Json args, CallOptions options, Done done);
    CallId call(std::string fqdn, std::string action, Json args, Done done);

    /// Fails the call with conflict "cancelled", and tells the agent if it has been asked. Harmless when
    /// over.
    void cancel(CallId call);

    /// The host's session of `action_runner`, for await_other_session().
    std::optional<std::string> session(std::string_view fqdn) const;
    /// Waits until the host has a session other than `old_session`. Fails with unreachable after `limit`.
    CallId await_other_session(
        std::string fqdn, std::optional<std::string> old_session, Duration limit,
        UniqueFunction<void(Result<Nothing>)> done
    );

    /// Fails every call: "Cancelled due to service shutdown".
    void shutdown();
    /// Messages of agents since the start, and those whose effect is still to come.
    struct Received {
        std::uint64_t messages = 0;
        std::size_t waiting = 0;
    };
    Received received() const;
    /// Calls that are not over.
    std::size_t outstanding() const;

    void session_created(const std::string& fqdn, const std::string& session_id) override;
    void session_terminated(const std::string& fqdn, const std::string& session_id) override;
    void all_sessions_terminated() override;
    Result<Nothing> data(const Message& message, SessionMemo& memo) override;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim
