// Who is in contact: noted at the start of long polls, checked in rounds.
// Source: the agent protocol, §3.8, §3.9 and §8.5. Differs: time is the world's own, a post keeps a contact
// alive, small wobbles of the boot time are no reboot, and a host that never came is reported too.
#include "manager/agent_service_impl.hpp"
#include "state/document_of.hpp"

#include <cmath>

namespace csim {

void AgentService::Impl::note_poll(AgentHost& host, SimTime boot_time, SimTime instance) {
    note_contact(host);
    note_boot_time(host, boot_time);
    if (host.polled_instance != instance) {
        host.polled_instance = instance;
        host.reset_required = true;
    }
    end_poll_of_other_instance(host, instance);
    if (host.removed || host.contact == AgentHost::Contact::healthy) return;
    host.contact = AgentHost::Contact::healthy;
    healthy.splice(healthy.end(), silent, host.place);
    for (ContactObserver* observer : observers) observer->contact_made(host.fqdn);
}

void AgentService::Impl::note_contact(AgentHost& host) {
    host.last_contact = timeline.now();
    if (host.contact == AgentHost::Contact::healthy) healthy.splice(healthy.end(), healthy, host.place);
}

void AgentService::Impl::note_post(AgentHost& host) {
    if (options.posts_count_as_contact && host.contact == AgentHost::Contact::healthy) note_contact(host);
}

void AgentService::Impl::note_boot_time(AgentHost& host, SimTime boot_time) {
    const std::optional<SimTime> known = host.memory->boot_time;
    if (known) {
        // Instants are far apart on purpose in hostile input: subtract in a wider type.
        const double apart =
            std::abs(static_cast<double>(boot_time.unix_ns()) - static_cast<double>(known->unix_ns()));
        if (apart <= static_cast<double>(options.boot_time_tolerance.count())) return;
    }
    host.memory.edit([&](HostMemory& memory) { memory.boot_time = boot_time; });
    for (ContactObserver* observer : observers) {
        observer->boot_time_changed(host.fqdn, boot_time, known.has_value());
        if (host.removed) return;
    }
}

void AgentService::Impl::schedule_check(Duration delay) {
    check_timer = timeline.after(delay, [this] {
        schedule_check(options.contact_check_period);
        check_contact();
    });
}

void AgentService::Impl::check_contact() {
    const SimTime now = timeline.now();
    while (!healthy.empty() && now - healthy.front()->last_contact > options.contact_timeout) {
        AgentHost& host = *healthy.front();
        silent.splice(silent.end(), healthy, host.place);
        lose_contact(host);
        close_all_sessions(host, true);
    }
    // A consumer or observer may remove hosts while they are being told.
    const std::vector<AgentHost*> quiet(silent.begin(), silent.end());
    for (AgentHost* host : quiet) {
        if (!host->removed) close_unproven_sessions(*host);
        const bool never_came = !host->removed && host->contact == AgentHost::Contact::unknown;
        if (never_came && now - host->last_contact > options.silence_after_start) lose_contact(*host);
    }
}

void AgentService::Impl::lose_contact(AgentHost& host) {
    host.contact = AgentHost::Contact::lost;
    for (ContactObserver* observer : observers) observer->contact_lost(host.fqdn);
}

/// Sessions of a host whose agent posts without polling are of no use: nothing reaches it. The age keeps the
/// sessions of an agent that is just starting, whose first post overtook its first poll.
void AgentService::Impl::close_unproven_sessions(AgentHost& host) {
    if (host.sessions.empty()) return;
    const Duration age = timeline.now() - host.unproven_since;
    if (age + options.contact_check_period > options.unproven_session_max) close_all_sessions(host, true);
}

}  // namespace csim
