// What agents send, message by message.
#include "core/utc.hpp"
#include "manager/agent_service_impl.hpp"

#include <algorithm>

namespace csim {
namespace {

constexpr std::size_t plugin_name_bytes_max = 128;

bool asks_for_session(const Message& message) {
    return message.type == MessageType::session_create_request;
}

}  // namespace

std::optional<AgentRefusal> AgentService::Impl::refuse(const AgentHost& host, const AgentPost& request)
    const {
    std::size_t new_sessions = 0;
    for (const Message& message : request.messages) {
        if (message.fqdn != host.fqdn) return AgentRefusal{400, "Incorrect client name"};
        if (message.type != MessageType::data && !asks_for_session(message)) continue;
        if (!message.plugin) return AgentRefusal{400, "Missing attribute 'plugin'"};
        if (message.plugin->size() > plugin_name_bytes_max)
            return AgentRefusal{400, "The plugin's name is too long"};
        const bool opens =
            asks_for_session(message) && find_session(host.sessions, message.plugin->str()) == nullptr;
        new_sessions += opens ? 1 : 0;
    }
    if (new_sessions > 0 && host.sessions.size() + new_sessions > options.sessions_per_host_max) {
        return AgentRefusal{400, "Too many sessions"};
    }
    return std::nullopt;
}

AgentAnswer<Nothing> AgentService::Impl::post(
    AgentCaller& caller, const std::string& fqdn, const AgentPost& request
) {
    ++stats.posts;
    AgentHost* host = find(caller, fqdn);
    if (host == nullptr) return AgentRefusal{400, "Unknown server '" + fqdn + "'"};
    if (auto refusal = refuse(*host, request)) return *refusal;
    std::optional<SimTime> instance;
    if (std::any_of(request.messages.begin(), request.messages.end(), asks_for_session)) {
        const auto parsed = parse_utc(request.client_start_time);
        if (!parsed) return AgentRefusal{400, "client_start_time: " + parsed.error().detail};
        instance = *parsed;
        end_poll_of_other_instance(*host, *parsed);
    }
    stats.messages_received += request.messages.size();
    if (!request.messages.empty()) note_post(*host);
    for (const Message& message : request.messages) {
        if (host->removed) return Nothing{};
        if (message.type == MessageType::data) {
            take_data(*host, request, message);
        } else if (asks_for_session(message)) {
            open_session(*host, *message.plugin, *instance);
        } else if (message.type == MessageType::unknown) {
            ++stats.unknown_types;
        }
    }
    if (instance) close_sessions_of_other_instances(*host, *instance);
    return Nothing{};
}

void AgentService::Impl::take_data(AgentHost& host, const AgentPost& post, const Message& message) {
    AgentSession* session = find_open_session(host.sessions, *message.plugin);
    if (session != nullptr && message.session_id == session->id) return deliver(message, *session);
    ++stats.stale_data;
    if (session != nullptr) {
        // A delayed request of a dead process may have taken the plugin from the live one, which polls on and
        // would never be told: end that session. Otherwise the agent is about to learn of its newer session.
        const auto instance = parse_utc(post.client_start_time);
        const bool poster_is_live = instance && host.polled_instance == *instance;
        if (!poster_is_live || session->instance == *instance) return;
        close_session(host, *message.plugin, false, true);
    }
    if (!host.removed) enqueue_termination(host, *message.plugin);
}

}  // namespace csim
