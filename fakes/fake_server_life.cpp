// The life cycle of a FakeServer: commands, timers, and what arriving in a phase means.
#include "core/json_codec.hpp"
#include "fakes/events.hpp"
#include "fakes/fake_server.hpp"

#include <cassert>

namespace csim {

Phase FakeServer::phase() const {
    const ServerState& state = **state_;
    if (state.starting_up) return Phase::booting;
    if (state.shutting_down) return Phase::shutting_down;
    return state.up ? Phase::up : Phase::off;
}

bool FakeServer::has_power() const {
    return worker() || !surroundings_.has_power || surroundings_.has_power(*this);
}

bool FakeServer::registered() const {
    return !surroundings_.is_registered || surroundings_.is_registered(*this);
}

Result<Nothing> FakeServer::may_boot() const {
    if (!has_power()) return Error{Errc::conflict, fqdn() + " cannot start: none of its outlets has power"};
    if (!registered()) return Error{Errc::conflict, fqdn() + " cannot start: it is not registered"};
    return Nothing{};
}

Result<Nothing> FakeServer::boot(Pacing pacing) {
    const auto allowed = may_boot();
    if (!allowed) return allowed.error();
    return command(LifeEvent::boot, pacing);
}

Result<Nothing> FakeServer::shut_down(Pacing pacing) {
    return command(LifeEvent::shut_down, pacing);
}

Result<Nothing> FakeServer::reboot(Pacing pacing) {
    const auto allowed = may_boot();
    if (!allowed) return allowed.error();
    return command(LifeEvent::reboot, pacing);
}

void FakeServer::power_lost() {
    (void)command(LifeEvent::power_cut, Pacing::simulated);
}

void FakeServer::power_restored() {
    (void)boot();
}

Result<Nothing> FakeServer::command(LifeEvent event, Pacing pacing) {
    const LifeTransition* row = find_transition(phase(), event);
    if (row == nullptr) {
        return Error{
            Errc::conflict, fqdn() + " is " + std::string(phase_name(phase())) + " and cannot " +
                                boost::describe::enum_to_string(event, "?")};
    }
    apply(*row);
    while (pacing == Pacing::at_once && (phase() == Phase::booting || phase() == Phase::shutting_down)) {
        phase_elapsed();
    }
    return Nothing{};
}

void FakeServer::phase_elapsed() {
    context_.timeline.cancel(timer_);
    timer_ = {};
    const bool queued = (*state_)->boot_queued && may_boot().has_value();
    const LifeTransition* row =
        find_transition(phase(), queued ? LifeEvent::elapsed_queued : LifeEvent::elapsed);
    assert(row != nullptr);
    apply(*row);
}

void FakeServer::apply(const LifeTransition& row) {
    const bool queue = row.boot == BootQueue::set;
    if ((*state_)->boot_queued != queue) {
        state_->edit([&](ServerState& state) { state.boot_queued = queue; });
    }
    if (row.to != row.from) arrive(row.from, row.to, row.on);
}

void FakeServer::arrive(Phase from, Phase to, LifeEvent on) {
    context_.timeline.cancel(timer_);
    timer_ = {};
    if (from == Phase::up) depart(on == LifeEvent::power_cut ? Departure::abrupt : Departure::graceful);
    context_.trace.emit(fqdn(), PhaseChanged{std::string(phase_name(from)), std::string(phase_name(to))});
    state_->edit([&](ServerState& state) {
        state.starting_up = to == Phase::booting;
        state.shutting_down = to == Phase::shutting_down;
        state.up = to == Phase::up;
        if (to == Phase::booting) state.boot_time = context_.timeline.now();
    });
    if (to == Phase::up) arrive_up();
    if (to == Phase::booting || to == Phase::shutting_down) start_timer(to);
}

void FakeServer::arrive_up() {
    state_->edit([](ServerState& state) {
        if (state.corosync.enabled) state.corosync.state = "started";
        if (state.corosync.enabled && state.pacemaker.enabled) state.pacemaker.state = "started";
    });
    context_.trace.emit(fqdn(), ServerBooted{});
    update_membership();
    if (surroundings_.on_up) surroundings_.on_up(*this);
}

void FakeServer::depart(Departure how) {
    if (surroundings_.on_down) surroundings_.on_down(*this, how);
    const bool abrupt = how == Departure::abrupt;
    context_.trace.emit(fqdn(), ServerDown{abrupt ? "abrupt" : "graceful"});
    lose_volatile_state();
    if (abrupt) {
        cluster_.lose(nodename());
    } else {
        cluster_.leave(nodename());
    }
}

void FakeServer::lose_volatile_state() {
    state_->edit([](ServerState& state) {
        state.lnet_loaded = false;
        state.lnet_up = false;
        state.client_mounts.clear();
        state.corosync.state = "stopped";
        state.pacemaker.state = "stopped";
    });
    log_lines_.clear();
    lnet_report_.reset();
    client_mounts_.reset();
}

void FakeServer::start_timer(Phase timed) {
    const LifeTimes& times = surroundings_.times;
    Duration takes = timed == Phase::booting ? times.boot : times.shutdown;
    if (times.jitter > Duration{0}) takes += life_.between(Duration{0}, times.jitter);
    timer_ = context_.timeline.after(takes, [this] { phase_elapsed(); });
}

Result<Nothing> FakeServer::restart_agent() {
    if (!up()) return Error{Errc::conflict, fqdn() + " is not up and has no agent to restart"};
    context_.trace.emit(fqdn(), AgentRestarted{});
    if (surroundings_.on_agent_restart) surroundings_.on_agent_restart(*this);
    return Nothing{};
}

void FakeServer::deregister() {
    if (running()) (void)command(LifeEvent::shut_down, Pacing::at_once);
    context_.trace.emit(fqdn(), ServerDeregistered{});
    if (surroundings_.on_deregister) surroundings_.on_deregister(*this);
}

void FakeServer::resume() {
    const Phase was = phase();
    // Outlets and certificates may have changed while nobody ran this world.
    if (was != Phase::off && !may_boot()) return power_lost();
    if (was == Phase::booting || was == Phase::shutting_down) start_timer(was);
    update_membership();
    if (was == Phase::up && surroundings_.on_up) surroundings_.on_up(*this);
}

}  // namespace csim
