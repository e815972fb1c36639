// The inside of ActionRpc, shared by its source files.
#pragma once

#include "manager/action_rpc.hpp"
#include "wire/action_bodies.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace csim {

struct ActionRpc::Impl {
    /// A call that is not over. Waits for a session while `session_id` is empty.
    struct Call {
        std::string uuid;
        std::string fqdn;
        std::string action;
        Json args;
        CallOptions options;
        Done done;
        std::string session_id;
        EventId wait_timer;
        EventId deadline_timer;
    };
    /// Somebody waits for an agent to come back.
    struct Awaiting {
        std::string fqdn;
        std::optional<std::string> old_session;
        Duration limit;
        UniqueFunction<void(Result<Nothing>)> done;
        EventId timer;
    };

    Impl(Timeline& timeline, AgentService& service, Rng rng, ActionRpcOptions options)
        : timeline(timeline), service(service), rng(rng), options(options) {}
    ~Impl();

    // Calls (action_rpc.cpp).
    void issue(CallId id, Call& call);
    void wait_for_session(CallId id, Call& call);
    /// Ends the call with `error`, and tells the agent if it has been asked.
    void cancel_on_agent(CallId id, Error error);
    void deadline_passed(CallId id);
    void complete(CallId id, Result<ActionResult> result);
    void await(CallId id, Awaiting awaiting);
    void end_awaiting(CallId id, Result<Nothing> result);
    /// Runs `action` after the present event; in order, and never after the Impl has gone.
    void later(UniqueFunction<void()> action);
    void run_finished();
    void remember_cancelled(const std::string& uuid);
    std::optional<CallId> find_call(std::string_view uuid) const;
    std::vector<CallId> calls_of(std::string_view fqdn) const;

    // What agents do (action_rpc_events.cpp).
    void reset(const std::string& fqdn, const std::string& session_id);
    void fail_calls_of_session(const std::string& fqdn, const std::string& session_id, const Error& error);
    Result<Nothing> take_completion(const Message& message, const ActionCompletion& completion);
    Result<Nothing> reject(const Message& message, Error error);

    Timeline& timeline;
    AgentService& service;
    Rng rng;
    ActionRpcOptions options;
    CallId last_id = 0;
    std::uint64_t received = 0;
    std::map<CallId, Call> calls;
    std::map<CallId, Awaiting> awaitings;
    std::map<std::string, CallId, std::less<>> by_uuid;
    std::map<std::string, std::set<CallId>, std::less<>> by_host;
    std::map<std::string, std::string, std::less<>> sessions;  ///< fqdn → current session
    std::deque<std::pair<SimTime, std::string>> cancelled;     ///< the oldest first
    std::set<std::string, std::less<>> cancelled_uuids;
    std::deque<UniqueFunction<void()>> finished;
    EventId finished_timer;
};

}  // namespace csim
