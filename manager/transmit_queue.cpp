#include "manager/transmit_queue.hpp"

#include <algorithm>
#include <cassert>

namespace csim {
namespace {

enum class Verdict { deliver, keep, drop };

Verdict judge(const Message& message, const std::vector<AgentSession>& sessions, SimTime instance) {
    assert(message.plugin);
    const AgentSession* session = find_session(sessions, message.plugin->str());
    if (!message.session_id) return session == nullptr ? Verdict::deliver : Verdict::drop;
    if (session == nullptr || session->id != *message.session_id) return Verdict::drop;
    return session->instance == instance ? Verdict::deliver : Verdict::keep;
}

}  // namespace

const AgentSession* find_session(const std::vector<AgentSession>& sessions, std::string_view plugin) {
    const auto found = std::find_if(sessions.begin(), sessions.end(), [&](const AgentSession& session) {
        return session.plugin == plugin;
    });
    return found == sessions.end() ? nullptr : &*found;
}

AgentSession* find_open_session(std::vector<AgentSession>& sessions, const SharedText& plugin) {
    for (AgentSession& session : sessions) {
        if (session.plugin.shares(plugin)) return &session;
    }
    const auto found = std::find_if(sessions.begin(), sessions.end(), [&](const AgentSession& session) {
        return session.plugin == plugin;
    });
    return found == sessions.end() ? nullptr : &*found;
}

void TransmitQueue::push(Message message) {
    const std::size_t size = encoded_size(message) + 1;
    bytes_ += size;
    entries_.push_back({std::move(message), size});
}

bool TransmitQueue::holds_termination_of(std::string_view plugin) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return entry.message.type == MessageType::session_terminate && entry.message.plugin == plugin;
    });
}

void TransmitQueue::clear() {
    entries_ = {};
    bytes_ = 0;
}

std::vector<Message> TransmitQueue::take(
    const std::vector<AgentSession>& sessions, SimTime instance, Limits limits, std::uint64_t& dropped
) {
    std::vector<Message> taken;
    std::vector<Entry> kept;
    std::size_t taken_bytes = 0;
    bool full = false;
    for (Entry& entry : entries_) {
        const Verdict verdict = judge(entry.message, sessions, instance);
        if (verdict == Verdict::drop) {
            ++dropped;
            bytes_ -= entry.bytes;
            continue;
        }
        const bool too_much = taken.size() >= limits.messages || taken_bytes + entry.bytes > limits.bytes;
        if (verdict == Verdict::deliver && too_much && !taken.empty()) full = true;
        if (verdict == Verdict::keep || full) {
            kept.push_back(std::move(entry));
            continue;
        }
        taken_bytes += entry.bytes;
        bytes_ -= entry.bytes;
        taken.push_back(std::move(entry.message));
    }
    entries_ = std::move(kept);
    return taken;
}

}  // namespace csim
