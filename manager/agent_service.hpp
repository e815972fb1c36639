// The manager's end of the agent protocol: sessions, one transmit queue and one parked long poll per host,
// and who is in contact. Knows no sockets and no text; the HTTP front and an in-process transport call it
// alike. Source: the agent protocol, §3 and §8.4 to §8.6 of its specification. Differs: the recommended
// design of §3.2; a session belongs to the agent instance that asked for it, and what is queued for it goes
// to a poll of that instance only.
#pragma once

#include "core/result.hpp"
#include "core/rng.hpp"
#include "core/timeline.hpp"
#include "core/unique_function.hpp"
#include "manager/consumer.hpp"
#include "state/document.hpp"
#include "wire/message.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

struct AgentServiceOptions {
    Duration poll_hold = std::chrono::seconds(30);
    /// How long a reply that must tell a reset waits for the session responses that usually follow.
    Duration reset_grace = std::chrono::milliseconds(100);
    Duration contact_timeout = std::chrono::seconds(60);
    Duration contact_check_period = std::chrono::seconds(2);
    Duration contact_check_delay = std::chrono::seconds(30);  ///< of the first check, after the start
    /// A host never heard of since the start is reported lost after this.
    Duration silence_after_start = std::chrono::seconds(90);
    Duration boot_time_tolerance = std::chrono::seconds(2);  ///< smaller differences are clock wobble
    /// A host that posts but never polls keeps its sessions no longer than this.
    Duration unproven_session_max = std::chrono::seconds(10);
    bool posts_count_as_contact = true;  ///< for a host in contact; only a long poll ends a loss
    std::size_t sessions_per_host_max = 64;
    std::size_t queue_messages_max = 10'000;
    std::size_t queue_bytes_max = 64u << 20;
    std::size_t reply_messages_max = 1'000;
    std::size_t reply_bytes_max = 8u << 20;
};

/// Counted since the start.
struct AgentServiceStats {
    std::uint64_t gets = 0, posts = 0, messages_received = 0, messages_sent = 0;
    std::uint64_t stale_data = 0;  ///< DATA without a session, or for a replaced one
    std::uint64_t filtered = 0;    ///< queued messages that were obsolete at the time of the reply
    std::uint64_t unknown_types = 0;
    std::uint64_t rejected_bodies = 0;  ///< bodies that their consumer found wrong
    std::uint64_t overflows = 0;
    std::size_t hosts = 0, sessions = 0, parked = 0;
    std::size_t queued = 0;  ///< messages for agents that wait to be taken
};

/// A refusal, as HTTP tells it.
struct AgentRefusal {
    unsigned status = 400;
    std::string text;
};

template <class T>
using AgentAnswer = boost::system::result<T, AgentRefusal>;

/// Hears of changes in contact. Called on the world's thread, never from inside a change to observers.
class ContactObserver {
  public:
    virtual ~ContactObserver() = default;
    /// Nothing was heard of the host for too long; its sessions are gone. Raise the alert.
    virtual void contact_lost(const std::string& fqdn) = 0;
    /// A long poll arrived after a loss, or the first one since the start. Clear the alert, if any.
    virtual void contact_made(const std::string& fqdn) = 0;
    /// The boot time the agent reports. `rebooted`: another one was known before.
    virtual void boot_time_changed(const std::string& fqdn, SimTime boot_time, bool rebooted) = 0;
};

/// One thread: the world's. Consumers and observers outlive it and are registered before the first request.
/// They may call back into it, remove_host() included.
class AgentService {
  public:
    /// Loads the hosts that `documents` remembers. No host is in contact yet.
    AgentService(Timeline& timeline, Documents& documents, Rng rng, AgentServiceOptions options = {});
    ~AgentService();
    AgentService(const AgentService&) = delete;
    AgentService& operator=(const AgentService&) = delete;

    /// What agents of `plugin` send goes to `consumer`. Without one, sessions are accepted and data is
    /// dropped. The consumer is told at once that all earlier sessions are gone.
    void subscribe(std::string_view plugin, Consumer& consumer);
    void observe(ContactObserver& observer);

    // What agents ask. `fqdn` is the one that the caller's certificate stands for.

    using PollDone = UniqueFunction<void(AgentAnswer<std::vector<Message>>)>;
    /// The long poll. `done` runs once: inside this call, or within poll_hold. Never after the service is
    /// gone.
    void get(const std::string& fqdn, const AgentGet& request, PollDone done);
    /// All or nothing up to here: a refused batch had no effect.
    AgentAnswer<Nothing> post(const std::string& fqdn, const AgentPost& request);

    // What the manager asks.

    /// A host that registered. Harmless if known.
    void add_host(const std::string& fqdn);
    /// Ends its poll with an empty reply, its sessions upstream, and forgets it. Harmless if unknown.
    /// Does not revoke certificates; see CertificateTable.
    void remove_host(const std::string& fqdn);
    /// The host goes on under another name, with no session. Requires: `to` is unknown.
    void rename_host(const std::string& from, const std::string& to);
    /// Answers the poll that has been parked longest, and longer than 5 s, with nothing, so that its
    /// connection can serve somebody else. False if there is none.
    bool end_oldest_poll();
    bool knows(std::string_view fqdn) const;
    std::vector<std::string> hosts() const;
    /// Nothing until the first long poll ever of this host.
    std::optional<SimTime> boot_time(std::string_view fqdn) const;
    /// A long poll arrived since the start and the contact has not been lost since.
    bool in_contact(std::string_view fqdn) const;

    std::optional<std::string> session(std::string_view fqdn, std::string_view plugin) const;
    /// Queues a command for the agent's current session of `plugin`; false if there is none.
    bool send(const std::string& fqdn, std::string_view plugin, Body body);
    /// Ends the session if its id is still `session_id`, and tells the agent. Nothing upstream.
    void reset_session(const std::string& fqdn, std::string_view plugin, std::string_view session_id);
    void reset_plugin_sessions(std::string_view plugin);

    AgentServiceStats stats() const;
    /// Messages waiting for the agent.
    std::size_t queued(std::string_view fqdn) const;
    /// Told of every body that its consumer found wrong, for the log.
    void on_rejected(UniqueFunction<void(const Message&, const Error&)> hook);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim
