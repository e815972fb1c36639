#include "agent_proto/agent.hpp"

#include "core/utc.hpp"
#include "wire/action_bodies.hpp"

#include <cassert>
#include <utility>

namespace csim {
namespace {

AgentWatch& nobody() {
    static AgentWatch watch;
    return watch;
}

}  // namespace

Agent::Agent(AgentSetup setup, Peers peers)
    : setup_(std::move(setup)),
      peers_(peers),
      actions_(
          {peers.actions, peers.reports, peers.timeline},
          [this](Body completion, UniqueFunction<void()> after_reply) {
              complete(std::move(completion), std::move(after_reply));
          }
      ) {
    assert(peers.reports.plugins().size() <= 64);
    if (setup_.watch == nullptr) setup_.watch = &nobody();
}

Agent::~Agent() {
    stop();
}

void Agent::start(SimTime boot_time, std::optional<SimTime> phase) {
    const SimTime now = peers_.timeline.now();
    assert(!running_ && phase.value_or(now) <= now);
    running_ = true;
    ++process_;
    refusals_ = 0;
    started_ = next_start_time();
    times_ = {utc_text_z(boot_time), utc_text_z(started_)};
    outbox_ = Outbox(encoded_size(AgentPost{times_.server_boot_time, times_.client_start_time, {}}));
    outbox_.weigh(peers_.transport.carries_text());
    const AgentSessions::Peers peers{setup_.fqdn, peers_.reports, outbox_, *setup_.watch};
    sessions_.emplace(peers, setup_.habits, phase.value_or(now), setup_.rng);
    setup_.rng.next();
    action_plugin_ = sessions_->find(action_runner_plugin);
    get();
    sessions_due();
}

void Agent::stop() {
    if (!running_) return;
    running_ = false;
    ++process_;
    peers_.transport.abandon();
    peers_.timeline.cancel(session_timer_);
    peers_.timeline.cancel(reader_timer_);
    armed_for_ = SimTime::max();
    end_all_sessions(SessionEnd::stopped);
    actions_.reset();
    outbox_.clear();
    posting_ = false;
    posted_callbacks_.clear();
}

void Agent::report_all(const std::vector<std::string>& plugins) {
    if (running_) sessions_->report_all_at_next_poll(plugins);
}

bool Agent::session_open(std::string_view plugin) const {
    if (!sessions_) return false;
    const auto index = sessions_->find(plugin);
    return index && sessions_->is_open(*index);
}

/// Two processes that start at one simulated instant still differ on the wire, whose resolution is 1 µs.
SimTime Agent::next_start_time() const {
    const SimTime now = peers_.timeline.now();
    if (times_.client_start_time.empty() || now - started_ >= Duration(1us)) return now;
    return started_ + Duration(1us);
}

void Agent::complete(Body completion, UniqueFunction<void()> after_reply) {
    sessions_->send(*action_plugin_, std::move(completion), Priority::normal, std::move(after_reply));
    pump();
}

/// Instance data of a plugin ends with its session; for actions that means that they are killed.
void Agent::end_session(std::size_t plugin, SessionEnd reason) {
    if (plugin == action_plugin_) actions_.abort_all();
    sessions_->end(plugin, reason, peers_.timeline.now());
}

void Agent::end_all_sessions(SessionEnd reason) {
    for (std::size_t plugin = 0; plugin < sessions_->count(); ++plugin) end_session(plugin, reason);
}

void Agent::arm() {
    if (!running_) return;
    const SimTime due = sessions_->next_due();
    if (due == armed_for_) return;
    peers_.timeline.cancel(session_timer_);
    armed_for_ = due;
    if (due == SimTime::max()) return;
    const auto fire = [](void* agent, std::uint64_t) { static_cast<Agent*>(agent)->sessions_due(); };
    session_timer_ = peers_.timeline.at(due, fire, this);
}

void Agent::sessions_due() {
    const SimTime now = peers_.timeline.now();
    const SimTime due = std::exchange(armed_for_, SimTime::max());
    if (due != SimTime::max()) setup_.watch->woke(now - due);
    sessions_->run_due(now);
    pump();
    arm();
}

}  // namespace csim
