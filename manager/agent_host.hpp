// What the agent service remembers of one host. Internal to the service.
#pragma once

#include "core/timeline.hpp"
#include "manager/agent_service.hpp"
#include "manager/transmit_queue.hpp"

#include <boost/describe.hpp>

#include <list>
#include <optional>
#include <string>
#include <vector>

namespace csim {

/// The part that survives a restart of the manager.
struct HostMemory {
    std::optional<SimTime> boot_time;
};
BOOST_DESCRIBE_STRUCT(HostMemory, (), (boot_time))

/// A long poll that waits for something to say.
struct ParkedPoll {
    AgentService::PollDone done;  ///< empty: none is parked
    SimTime instance;
    SimTime hold_until;
    SimTime reset_at;  ///< when a reset is told even if nothing else is
    EventId timer;
    bool woken = false;  ///< the timer is due now, because something was queued
};

struct AgentHost {
    enum class Contact { unknown, healthy, lost };
    using Order = std::list<AgentHost*>;

    AgentHost(Documents& documents, std::string name, HostMemory from);
    struct Loaded {};
    AgentHost(Loaded, Documents& documents, std::string name, HostMemory from);

    SharedText fqdn;
    Document<HostMemory> memory;
    std::vector<AgentSession> sessions;
    TransmitQueue queue;
    ParkedPoll parked;
    Order::iterator place;  ///< in the service's list of healthy or of silent hosts
    SimTime last_contact;
    SimTime unproven_since;  ///< when a silent host opened its oldest session
    /// The start of the agent process that polled last. Compared, never ordered: a rebooted host's clock may
    /// have gone backwards.
    std::optional<SimTime> polled_instance;
    /// What the last poll spelled, and what that means: most polls say the same again.
    AgentGet last_get;
    SimTime last_boot_time, last_instance;
    Contact contact = Contact::unknown;
    bool reset_required = false;
    bool removed = false;  ///< dead, kept until the present event ends
};

/// The document entry that holds a host's memory.
EntryName host_entry(const std::string& fqdn);
inline constexpr const char* agents_document = "agents.json";
inline constexpr const char* hosts_section = "hosts";

}  // namespace csim
