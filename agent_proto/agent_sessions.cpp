#include "agent_proto/agent_sessions.hpp"

#include "wire/action_bodies.hpp"

#include <algorithm>
#include <cassert>

namespace csim {

AgentSessions::AgentSessions(Peers peers, WireHabits habits, SimTime start, Rng rng)
    : peers_(peers), habits_(habits), start_(start), rng_(rng), slots_(peers.reports.plugins().size()) {
    for (std::size_t plugin = 0; plugin < slots_.size(); ++plugin) {
        slots_[plugin].due = start;
        slots_[plugin].polls = name(plugin) != action_runner_plugin;
    }
}

void AgentSessions::run_due(SimTime now) {
    stretch_.reset();
    for (std::size_t plugin = 0; plugin < slots_.size(); ++plugin) {
        const Slot& slot = slots_[plugin];
        if (slot.due > now) continue;
        switch (slot.state) {
            case State::idle:
                request(plugin, session_request_pause_first, now);
                break;
            case State::requested:
                request(plugin, habits_.longer_pause(slot.pause), now);
                break;
            case State::active:
                poll(plugin, now);
                break;
        }
    }
}

SimTime AgentSessions::next_due() const {
    SimTime earliest = SimTime::max();
    for (const Slot& slot : slots_) earliest = std::min(earliest, slot.due);
    return earliest;
}

std::optional<std::size_t> AgentSessions::find(std::string_view plugin) const {
    const auto& names = peers_.reports.plugins();
    const auto found = std::find(names.begin(), names.end(), plugin);
    if (found == names.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names.begin());
}

bool AgentSessions::is_open(std::size_t plugin, std::string_view session_id) const {
    return is_open(plugin) && slots_[plugin].session_id.str() == session_id;
}

std::size_t AgentSessions::open_count() const {
    return static_cast<std::size_t>(std::count_if(slots_.begin(), slots_.end(), [](const Slot& slot) {
        return slot.state == State::active;
    }));
}

void AgentSessions::open(std::size_t plugin, SharedText session_id, SimTime now) {
    Slot& slot = slots_[plugin];
    assert(slot.state != State::active);
    slot.state = State::active;
    slot.session_id = std::move(session_id);
    slot.seq = 0;
    slot.polled = false;
    slot.full_next = false;
    slot.due = slot.polls ? tick_after(now) : SimTime::max();
    peers_.watch.session_opened(name(plugin), slot.session_id);
}

void AgentSessions::end(std::size_t plugin, SessionEnd reason, SimTime now) {
    Slot& slot = slots_[plugin];
    if (slot.state != State::active) return;
    slot.state = State::idle;
    slot.session_id = {};
    slot.due = tick_after(now);
    peers_.reports.session_ended(name(plugin));
    peers_.watch.session_ended(name(plugin), reason);
}

void AgentSessions::end_and_wait(std::size_t plugin, SessionEnd reason, SimTime now) {
    Slot& slot = slots_[plugin];
    if (slot.state != State::active) return;
    end(plugin, reason, now);
    const bool first = slot.waits_longer == Duration{};
    slot.waits_longer = first ? session_request_pause_first : habits_.longer_pause(slot.waits_longer);
    slot.due = after_pause(slot.waits_longer, now);
}

Message AgentSessions::message(std::size_t plugin, MessageType type) const {
    Message made;
    made.fqdn = peers_.fqdn;
    made.type = type;
    made.plugin = peers_.reports.plugins()[plugin];
    return made;
}

void AgentSessions::send(
    std::size_t plugin, Body body, Priority priority, UniqueFunction<void()> after_attempt
) {
    Slot& slot = slots_[plugin];
    assert(slot.state == State::active);
    Message data = message(plugin, MessageType::data);
    data.session_id = slot.session_id;
    data.session_seq = slot.seq++;
    data.body = std::move(body);
    peers_.outbox.push(priority, std::move(data), std::move(after_attempt));
}

void AgentSessions::report_all_at_next_poll(const std::optional<std::vector<std::string>>& names) {
    for (std::size_t plugin = 0; plugin < slots_.size(); ++plugin) {
        const bool chosen = !names || std::find(names->begin(), names->end(), name(plugin)) != names->end();
        if (chosen && slots_[plugin].state == State::active) slots_[plugin].full_next = true;
    }
}

void AgentSessions::rest_until(SimTime until) {
    for (Slot& slot : slots_) {
        if (slot.state != State::active) slot.due = std::max(slot.due, until);
    }
}

SimTime AgentSessions::tick_after(SimTime now) const {
    const auto tick = habits_.tick();
    return start_ + tick * ((now - start_) / tick + 1);
}

/// The original polls a period later, so that sessions that open together poll together for ever. Otherwise
/// polls go to the times that a session opened at once would have had: the agent's own phase, and where the
/// first poll was elsewhere, one interval that is half as long again at most. A pass that is so late that
/// polls were missed altogether does not make up for them.
SimTime AgentSessions::poll_after(SimTime due, SimTime now) const {
    const Duration period = habits_.poll_period();
    if (habits_.reference) return due + period > now ? due + period : tick_after(now);
    const SimTime phase = start_ + habits_.tick();
    const SimTime earliest = due + period > now ? due + period / 2 : now + Duration(1);
    const Duration past = earliest - phase;
    const auto whole = past.count() <= 0 ? 0 : (past.count() + period.count() - 1) / period.count();
    return phase + period * whole;
}

/// The original looks at its clock once per tick, so its pauses end on one.
SimTime AgentSessions::after_pause(Duration pause, SimTime now) {
    if (habits_.reference) return tick_after(now + pause - Duration(1));
    if (!stretch_) stretch_ = 0.9 + 0.2 * rng_.unit();
    return now + Duration(static_cast<std::int64_t>(static_cast<double>(pause.count()) * *stretch_));
}

void AgentSessions::request(std::size_t plugin, Duration pause, SimTime now) {
    Slot& slot = slots_[plugin];
    slot.state = State::requested;
    slot.pause = pause;
    slot.due = after_pause(pause, now);
    peers_.outbox.push(Priority::high, message(plugin, MessageType::session_create_request));
}

Result<Report> AgentSessions::report_of(std::size_t plugin) {
    Slot& slot = slots_[plugin];
    const bool full = std::exchange(slot.full_next, false);
    if (std::exchange(slot.polled, true)) return peers_.reports.next_report(name(plugin), full);
    return peers_.reports.first_report(name(plugin));
}

void AgentSessions::poll(std::size_t plugin, SimTime now) {
    Slot& slot = slots_[plugin];
    slot.due = poll_after(slot.due, now);
    auto report = report_of(plugin);
    if (!report) {
        peers_.watch.plugin_failed(name(plugin), report.error());
        end(plugin, SessionEnd::plugin_failed, now);
        request(plugin, session_request_pause_first, now);
        return;
    }
    for (Body& body : report->bodies) {
        if (!body.is_null()) send(plugin, std::move(body), report->priority);
    }
}

}  // namespace csim
