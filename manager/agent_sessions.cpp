// Opens and closes sessions, and queues what agents must be told.
#include "manager/agent_service_impl.hpp"

#include <algorithm>
#include <exception>

namespace csim {

Message control_message(const SharedText& fqdn, MessageType type, std::optional<SharedText> plugin) {
    Message message;
    message.fqdn = fqdn;
    message.type = type;
    message.plugin = std::move(plugin);
    return message;
}

Consumer* AgentService::Impl::consumer_of(std::string_view plugin) const {
    const auto found = consumers.find(plugin);
    return found == consumers.end() ? nullptr : found->second;
}

void AgentService::Impl::open_session(AgentHost& host, const SharedText& plugin, SimTime instance) {
    const SharedText id = rng.uuid();
    Consumer* consumer = consumer_of(plugin);
    std::optional<SharedText> replaced;
    AgentSession* old = find_open_session(host.sessions, plugin);
    if (old != nullptr) {
        replaced = old->id;
        *old = {plugin, id, instance, consumer, {}};
    } else {
        if (host.sessions.empty()) host.unproven_since = timeline.now();
        host.sessions.push_back({plugin, id, instance, consumer, {}});
        ++stats.sessions;
    }
    // Queued before consumers hear of it, so that no command of theirs can precede the response.
    Message response = control_message(host.fqdn, MessageType::session_create_response, plugin);
    response.session_id = id;
    enqueue(host, std::move(response));
    if (consumer == nullptr) return;
    if (replaced) consumer->session_terminated(host.fqdn, *replaced);
    const AgentSession* opened = find_session(host.sessions, plugin);
    if (opened != nullptr && opened->id == id) consumer->session_created(host.fqdn, id);
}

void AgentService::Impl::close_session(
    AgentHost& host, SharedText plugin, bool tell_agent, bool tell_consumer
) {
    const auto found =
        std::find_if(host.sessions.begin(), host.sessions.end(), [&](const AgentSession& session) {
            return session.plugin == plugin;
        });
    if (found == host.sessions.end()) return;
    const SharedText id = found->id;
    Consumer* consumer = found->consumer;
    host.sessions.erase(found);
    --stats.sessions;
    if (tell_agent) enqueue_termination(host, plugin);
    if (tell_consumer && consumer != nullptr) consumer->session_terminated(host.fqdn, id);
}

void AgentService::Impl::close_all_sessions(AgentHost& host, bool tell_agent) {
    while (!host.sessions.empty()) close_session(host, host.sessions.front().plugin, tell_agent, true);
}

void AgentService::Impl::close_sessions_of_other_instances(AgentHost& host, SimTime instance) {
    const auto foreign = [&](const AgentSession& session) { return session.instance != instance; };
    for (;;) {
        const auto found = std::find_if(host.sessions.begin(), host.sessions.end(), foreign);
        if (found == host.sessions.end()) return;
        close_session(host, found->plugin, false, true);
    }
}

void AgentService::Impl::enqueue(AgentHost& host, Message message) {
    if (host.removed) return;
    host.queue.push(std::move(message));
    ++stats.queued;
    if (host.queue.size() > options.queue_messages_max || host.queue.bytes() > options.queue_bytes_max) {
        overflow(host);
    }
    wake(host);
}

void AgentService::Impl::enqueue_termination(AgentHost& host, const SharedText& plugin) {
    if (host.queue.holds_termination_of(plugin)) return;
    enqueue(host, control_message(host.fqdn, MessageType::session_terminate, plugin));
}

void AgentService::Impl::overflow(AgentHost& host) {
    ++stats.overflows;
    stats.queued -= host.queue.size();
    host.queue.clear();
    close_all_sessions(host, true);
}

void AgentService::Impl::deliver(const Message& message, AgentSession& session) {
    if (session.consumer == nullptr) return;
    Error error;
    try {
        auto taken = session.consumer->data(message, session.memo);
        if (taken.has_value()) return;
        error = taken.error();
    } catch (const std::exception& exception) {
        error = {Errc::corrupt, exception.what()};
    }
    ++stats.rejected_bodies;
    if (rejected) rejected(message, error);
}

}  // namespace csim
