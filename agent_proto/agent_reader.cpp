// The reader of an agent: the long poll and what its replies mean.
#include "agent_proto/agent.hpp"

namespace csim {
namespace {

constexpr unsigned status_refused = 403;

}  // namespace

void Agent::get() {
    ++counters_.gets;
    peers_.transport.get(times_, [this, process = process_](Outcome<std::vector<Message>> outcome) {
        if (process == process_) get_done(std::move(outcome));
    });
}

void Agent::get_done(Outcome<std::vector<Message>> outcome) {
    if (!outcome) return get_failed(outcome.error());
    refusals_ = 0;
    const std::uint32_t process = process_;
    for (Message& message : *outcome) {
        ++counters_.messages_received;
        handle(message);
        if (process != process_) return;
    }
    get();
    pump();
    arm();
}

/// Whatever a lost reply said is unknown, so no session can be trusted any more.
void Agent::get_failed(const Failure& failure) {
    ++counters_.get_failures;
    setup_.watch->get_failed(failure);
    end_all_sessions(SessionEnd::poll_failed);
    refusals_ = failure.status == status_refused ? refusals_ + 1 : 0;
    if (setup_.refusals_max != 0 && refusals_ >= setup_.refusals_max) {
        stop();
        setup_.watch->gave_up();
        return;
    }
    const Duration pause = setup_.habits.pause_after_failure(setup_.rng);
    if (!setup_.habits.reference) sessions_->rest_until(peers_.timeline.now() + pause);
    const auto fire = [](void* agent, std::uint64_t) { static_cast<Agent*>(agent)->get(); };
    reader_timer_ = peers_.timeline.at(peers_.timeline.now() + pause, fire, this);
    arm();
}

void Agent::handle(Message& message) {
    switch (message.type) {
        case MessageType::session_create_response:
            return handle_response(message);
        case MessageType::session_terminate:
            return handle_terminate(message);
        case MessageType::session_terminate_all:
            return end_all_sessions(SessionEnd::manager_said_so);
        case MessageType::data:
            return handle_data(message);
        case MessageType::session_create_request:
        case MessageType::unknown:
            return skip(message, "no message for an agent");
    }
}

void Agent::handle_response(Message& message) {
    const auto plugin = sessions_->find(message.plugin.value_or(""));
    if (!plugin) return skip(message, "a session for a plugin that this agent lacks");
    if (!message.session_id) return skip(message, "a session without an id");
    end_session(*plugin, SessionEnd::replaced);
    sessions_->open(*plugin, *std::move(message.session_id), peers_.timeline.now());
}

/// Managers send no id here; one that does means that session only.
void Agent::handle_terminate(const Message& message) {
    const auto plugin = sessions_->find(message.plugin.value_or(""));
    if (!plugin) return skip(message, "the end of a session of a plugin that this agent lacks");
    if (message.session_id && !sessions_->is_open(*plugin, *message.session_id)) {
        return skip(message, "the end of some other session");
    }
    end_session(*plugin, SessionEnd::manager_said_so);
}

void Agent::handle_data(const Message& message) {
    const auto plugin = sessions_->find(message.plugin.value_or(""));
    if (!plugin || !message.session_id || !sessions_->is_open(*plugin, *message.session_id)) {
        return skip(message, "data for no session of this agent");
    }
    if (plugin != action_plugin_) return skip(message, "data for a plugin that takes none");
    const auto accepted = actions_.accept(message.body, *sessions_);
    if (accepted) return;
    ++counters_.messages_skipped;
    setup_.watch->plugin_failed(*message.plugin, accepted.error());
    end_session(*plugin, SessionEnd::plugin_failed);
}

void Agent::skip(const Message& message, std::string_view what) {
    ++counters_.messages_skipped;
    setup_.watch->skipped(message, what);
}

}  // namespace csim
