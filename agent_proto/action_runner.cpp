#include "agent_proto/action_runner.hpp"

#include "agent_proto/transport_actions.hpp"
#include "wire/action_bodies.hpp"
#include "wire/body_of.hpp"

#include <nlohmann/json.hpp>

#include <memory>

namespace csim {
namespace {

Error malformed(const std::string& what) {
    return Error{Errc::bad_argument, what};
}

/// Results are spliced into a post as text, so a bad one would spoil its neighbours.
ActionOutcome checked(ActionOutcome outcome) {
    if (Json::accept(outcome.result) && Json::accept(outcome.subprocesses)) return outcome;
    ActionOutcome failed = failed_action("ValueError: the result of the action is no JSON text");
    failed.after_reply = std::move(outcome.after_reply);
    return failed;
}

Body completion_of(const std::string& id, ActionOutcome& outcome) {
    auto completion = std::make_shared<ActionCompletion>();
    completion->id = id;
    completion->exception = std::move(outcome.exception);
    completion->result.text = completion->exception ? "null" : std::move(outcome.result);
    completion->subprocesses.text = std::move(outcome.subprocesses);
    return Body::of(std::shared_ptr<const ActionCompletion>(std::move(completion)));
}

}  // namespace

Result<Nothing> ActionRunner::accept(const Body& body, AgentSessions& sessions) {
    auto decoded = from_json_value<ActionRequest>(body.to_json(), Strictness::lenient);
    if (!decoded) return decoded.error();
    ActionRequest& request = *decoded;
    if (request.type != action_start && request.type != action_cancel) {
        return malformed("/type: '" + request.type + "' is neither ACTION_START nor ACTION_CANCEL");
    }
    if (request.id.empty()) return malformed("/id: missing");
    if (request.type == action_cancel) {
        cancel(request.id);
        return Nothing{};
    }
    if (!request.action) return malformed("/action: expected a name");
    if (request.args.is_null()) request.args = Json::object();
    if (!request.args.is_object()) return malformed("/args: expected an object");
    return start(request.id, *request.action, request.args, sessions);
}

Result<Nothing> ActionRunner::start(
    const std::string& id, const std::string& action, Json& args, AgentSessions& sessions
) {
    if (running_.count(id) != 0) return Nothing{};
    if (const Kept* earlier = kept(id)) {
        reply_(earlier->completion, {});
    } else if (action == "device_plugin") {
        finish(id, device_plugin(args, peers_.reports));
    } else if (action == "trigger_plugin_update") {
        const auto chosen = plugins_to_update(args);
        if (!chosen) {
            finish(id, failed_action(chosen.error().detail));
            return Nothing{};
        }
        sessions.report_all_at_next_poll(*chosen);
        finish(id, ActionOutcome{.result = "null"});
    } else {
        run(id, action, args);
    }
    return Nothing{};
}

void ActionRunner::run(const std::string& id, const std::string& action, Json& args) {
    const std::uint64_t number = ++last_run_;
    running_.emplace(id, number);
    const ActionCall call{id, action, &args};
    peers_.actions.start(call, [this, id, number](ActionOutcome outcome) {
        const auto found = running_.find(id);
        if (found == running_.end() || found->second != number) return;
        running_.erase(found);
        finish(id, std::move(outcome));
    });
}

void ActionRunner::cancel(const std::string& id) {
    if (running_.erase(id) != 0) peers_.actions.cancel(id);
}

void ActionRunner::finish(const std::string& id, ActionOutcome outcome) {
    outcome = checked(std::move(outcome));
    const Body completion = completion_of(id, outcome);
    forget_old();
    completed_.insert_or_assign(id, Kept{peers_.timeline.now(), completion});
    reply_(completion, std::move(outcome.after_reply));
}

void ActionRunner::abort_all() {
    const auto aborted = std::exchange(running_, {});
    for (const auto& [id, number] : aborted) peers_.actions.cancel(id);
}

void ActionRunner::reset() {
    abort_all();
    completed_.clear();
}

const ActionRunner::Kept* ActionRunner::kept(const std::string& id) {
    const auto found = completed_.find(id);
    if (found == completed_.end()) return nullptr;
    if (peers_.timeline.now() - found->second.at > completions_kept_for) return nullptr;
    return &found->second;
}

/// Once a minute at most, so that a busy agent does not walk through all of them each time.
void ActionRunner::forget_old() {
    const SimTime now = peers_.timeline.now();
    if (now - oldest_looked_for_ < Duration(1min)) return;
    oldest_looked_for_ = now;
    std::erase_if(completed_, [now](const auto& entry) {
        return now - entry.second.at > completions_kept_for;
    });
}

}  // namespace csim
