// What takes the messages of one plugin from all agents.
#pragma once

#include "core/result.hpp"
#include "wire/message.hpp"

#include <cstdint>
#include <string>

namespace csim {

/// What a consumer may keep with an open session, so that it need not look for the same things at every
/// message. It begins empty and ends with the session.
struct SessionMemo {
    std::int64_t seq = -1;      ///< number of the last message; -1: none came yet
    const void* row = nullptr;  ///< of the host, as long as `row_stamp` says so
    std::uint64_t row_stamp = 0;
};

/// Called on the world's thread, in the order in which agents sent. May call the AgentService back.
class Consumer {
  public:
    virtual ~Consumer() = default;

    /// The response to the agent is queued already: a command sent now arrives after it.
    virtual void session_created(const std::string& fqdn, const std::string& session_id);
    /// The named session ended: replaced, contact lost, host removed, queue overflow. Not told of sessions
    /// that a consumer has reset itself.
    virtual void session_terminated(const std::string& fqdn, const std::string& session_id);
    /// The manager has just started: every session it may have known is gone.
    virtual void all_sessions_terminated();
    /// DATA of a current session: fqdn, session_id and plugin are set, everything else is as hostile as the
    /// agent. An error, or an exception, is counted and logged; nothing else happens because of it.
    /// `memo` is the session's, and gone once the consumer ends that session.
    virtual Result<Nothing> data(const Message& message, SessionMemo& memo) = 0;
};

}  // namespace csim
