// What waits to be sent to one agent, and which of it a reply may carry.
#pragma once

#include "core/time.hpp"
#include "manager/consumer.hpp"
#include "wire/message.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// An open session of one agent. At most one per plugin.
struct AgentSession {
    SharedText plugin;
    SharedText id;
    SimTime instance;              ///< the start of the agent process that asked for it
    Consumer* consumer = nullptr;  ///< of the plugin; null: nobody wants its data
    SessionMemo memo;
};

/// First in, first out, less what has become obsolete.
class TransmitQueue {
  public:
    struct Limits {
        std::size_t messages = 0;
        std::size_t bytes = 0;
    };

    void push(Message message);
    bool holds_termination_of(std::string_view plugin) const;
    std::size_t size() const { return entries_.size(); }
    std::size_t bytes() const { return bytes_; }
    void clear();

    /// Takes what a poll of `instance` may carry, in order: commands for a current session of that instance,
    /// and terminations of plugins without a session. Drops what is obsolete and counts it in `dropped`; what
    /// belongs to another instance's sessions stays, as does everything beyond `limits` (one message always
    /// fits). Source: the agent protocol, §3.2 steps 5 and 6.
    std::vector<Message> take(
        const std::vector<AgentSession>& sessions, SimTime instance, Limits limits, std::uint64_t& dropped
    );

  private:
    struct Entry {
        Message message;
        std::size_t bytes;
    };
    std::vector<Entry> entries_;
    std::size_t bytes_ = 0;
};

const AgentSession* find_session(const std::vector<AgentSession>& sessions, std::string_view plugin);
/// The same; looks at no text where messages share the name that the session was opened with.
AgentSession* find_open_session(std::vector<AgentSession>& sessions, const SharedText& plugin);

}  // namespace csim
