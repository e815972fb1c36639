// The inside of AgentService, shared by its source files.
#pragma once

#include "manager/agent_host.hpp"
#include "manager/agent_service.hpp"

#include <map>
#include <memory>
#include <string_view>

namespace csim {

/// A message without a session, sequence number or body.
Message control_message(
    const std::string& fqdn, MessageType type, std::optional<std::string> plugin = std::nullopt
);

struct AgentService::Impl {
    Impl(Timeline& timeline, Documents& documents, Rng rng, AgentServiceOptions options);
    ~Impl();

    // Hosts (agent_service.cpp).
    AgentHost* find(std::string_view fqdn) const;
    AgentHost& insert(std::unique_ptr<AgentHost> host);
    void remove(AgentHost& host);

    // Sessions and the transmit queue (agent_sessions.cpp).
    Consumer* consumer_of(std::string_view plugin) const;
    void open_session(AgentHost& host, const std::string& plugin, SimTime instance);
    /// Forgets the session. `tell_agent` queues a termination, `tell_consumer` reports it upstream.
    void close_session(AgentHost& host, std::string plugin, bool tell_agent, bool tell_consumer);
    void close_all_sessions(AgentHost& host, bool tell_agent);
    void close_sessions_of_other_instances(AgentHost& host, SimTime instance);
    void enqueue(AgentHost& host, Message message);
    void enqueue_termination(AgentHost& host, const std::string& plugin);
    void overflow(AgentHost& host);
    void deliver(const Message& message);

    // Long polls (agent_polls.cpp).
    void poll(const std::string& fqdn, const AgentGet& request, PollDone done);
    void end_poll_of_other_instance(AgentHost& host, SimTime instance);
    void park(AgentHost& host, SimTime instance, PollDone done);
    void set_poll_timer(AgentHost& host, SimTime due);
    void wake(AgentHost& host);
    /// Answers if there is something to say or the poll has been held long enough.
    void try_answer(AgentHost& host);
    void answer(AgentHost& host, std::vector<Message> messages);
    bool end_oldest_poll();
    static void poll_timer_fired(void* impl, std::uint64_t host);

    // Posts (agent_posts.cpp).
    AgentAnswer<Nothing> post(const std::string& fqdn, const AgentPost& request);
    std::optional<AgentRefusal> refuse(const AgentHost& host, const AgentPost& request) const;
    void take_data(AgentHost& host, const AgentPost& post, const Message& message);

    // Contact (agent_contact.cpp).
    void note_poll(AgentHost& host, SimTime boot_time, SimTime instance);
    void note_post(AgentHost& host);
    void note_boot_time(AgentHost& host, SimTime boot_time);
    void note_contact(AgentHost& host);
    void lose_contact(AgentHost& host);
    void check_contact();
    void schedule_check(Duration delay);
    void close_unproven_sessions(AgentHost& host);

    Timeline& timeline;
    Documents& documents;
    Rng rng;
    AgentServiceOptions options;
    AgentServiceStats stats;
    std::map<std::string_view, std::unique_ptr<AgentHost>> hosts;  ///< keyed by the host's own name
    AgentHost::Order healthy;                                      ///< the longest silent first
    AgentHost::Order silent;                                       ///< unknown and lost
    std::vector<std::unique_ptr<AgentHost>> graveyard;             ///< removed during the present event
    std::map<std::string, Consumer*, std::less<>> consumers;
    std::vector<ContactObserver*> observers;
    UniqueFunction<void(const Message&, const Error&)> rejected;
    EventId check_timer;
    EventId burial_timer;
};

}  // namespace csim
