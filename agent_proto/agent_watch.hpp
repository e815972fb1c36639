// What happens inside an agent, for logs, traces and tests. Observation only.
#pragma once

#include "agent_proto/transport.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <string_view>

namespace csim {

/// Why a plugin's session ended.
enum class SessionEnd {
    manager_said_so,  ///< SESSION_TERMINATE or SESSION_TERMINATE_ALL
    replaced,         ///< a response for a newer session came
    poll_failed,      ///< the long poll failed, so anything may have been missed
    post_failed,      ///< a post with data of this plugin failed
    plugin_failed,    ///< the plugin could not report, or could not understand a message
    stopped,          ///< the agent process ended
};

/// Every method may be left as it is. Implementations must not call back into the agent.
class AgentWatch {
  public:
    virtual ~AgentWatch() = default;
    virtual void session_opened(std::string_view /*plugin*/, std::string_view /*session_id*/) {}
    virtual void session_ended(std::string_view /*plugin*/, SessionEnd) {}
    /// It polls plugins or asks for sessions now, so long after that was due.
    virtual void woke(Duration /*late*/) {}
    /// A post was answered well; so long after it was sent.
    virtual void post_answered(Duration /*took*/) {}
    virtual void get_failed(const Failure&) {}
    virtual void post_failed(const Failure&) {}
    /// Something the agent does not obey: `what` says why in a phrase.
    virtual void skipped(const Message&, std::string_view /*what*/) {}
    /// A plugin's report or the handling of a message failed; the manager is not told.
    virtual void plugin_failed(std::string_view /*plugin*/, const Error&) {}
    /// The manager refused this agent's certificate as often as configured; it has stopped.
    virtual void gave_up() {}
};

}  // namespace csim
