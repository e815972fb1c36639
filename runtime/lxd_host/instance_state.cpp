// Starting, stopping, freezing instances.
#include "runtime/lxd_host/lxd_instances.hpp"

#include <nlohmann/json.hpp>

namespace csim {
namespace {

using Answer = UniqueFunction<void(std::string)>;

constexpr int seconds_to_ignore = 30;  ///< of a stop without a limit that is not obeyed

const char* description_of(const std::string& verb) {
    return verb == "start"     ? "Starting instance"
           : verb == "stop"    ? "Stopping instance"
           : verb == "restart" ? "Restarting instance"
           : verb == "freeze"  ? "Freezing instance"
                               : "Unfreezing instance";
}

}  // namespace

struct LxdInstances::Action {
    std::string verb;
    std::int64_t timeout = -1;  ///< seconds; not above zero: no limit
    bool force = false;
    ApiPeer by = {};
};

LxdInstances::Action LxdInstances::read_action(const Json& body) const {
    Action action{text_in(body, "action"), number_in(body, "timeout", -1), flag_in(body, "force"), {}};
    for (const char* known : {"start", "stop", "restart", "freeze", "unfreeze"})
        if (action.verb == known) return action;
    throw LxdRefusal{400, "Unknown action: '" + action.verb + "'"};
}

LxdReply LxdInstances::act(LxdCall& call) {
    const std::string name = found(call.path[2]).name;
    Action action = read_action(call.json());
    action.by = call.peer;
    const std::string id = begin_operation(description_of(action.verb), {name}, false);
    context_.timeline.after(Duration::zero(), [this, action, id, name] {
        begin(action, name, [this, id](std::string error) { context_.operations.finish(id, error); });
    });
    return context_.operations.accepted(id);
}

LxdReply LxdInstances::act_on_all(LxdCall& call) {
    const Json body = call.json();
    const auto state = body.find("state");
    Action action = read_action(state != body.end() && state->is_object() ? *state : body);
    action.by = call.peer;
    std::vector<std::string> names;
    for (const auto& [name, instance] : instances_)
        if (instance.busy.empty() && instance.up() != (action.verb == "start")) names.push_back(name);
    const std::string id = begin_operation(description_of(action.verb), names, false);
    auto left = std::make_shared<std::size_t>(names.size());
    auto errors = std::make_shared<std::string>();
    if (names.empty())
        context_.timeline.after(Duration::zero(), [this, id] { context_.operations.finish(id); });
    for (const std::string& name : names) {
        context_.timeline.after(Duration::zero(), [this, action, id, name, left, errors] {
            begin(action, name, [this, id, name, left, errors](std::string error) {
                if (!error.empty()) *errors += (errors->empty() ? "" : "; ") + name + ": " + error;
                if (--*left == 0) context_.operations.finish(id, *errors);
            });
        });
    }
    return context_.operations.accepted(id);
}

void LxdInstances::begin(const Action& action, const std::string& name, Answer done) {
    LxdInstance* const instance = find(name);
    if (instance == nullptr) return done("Instance not found");
    if (action.verb == "stop" && action.force && instance->recovers > 0 && is_stuck(*instance))
        return stop_stuck(action, *instance, std::move(done));
    if (!instance->busy.empty())
        return done("Instance is busy running a \"" + instance->busy + "\" operation");
    const std::string path = "/1.0/instances/" + name;
    if (action.verb == "start") return start(action, *instance, std::move(done));
    if (action.verb == "stop") return stop(action, *instance, std::move(done));
    if (!instance->up()) return done("The instance is not running");
    if (action.verb == "restart") {
        auto answer = std::make_shared<Answer>(std::move(done));
        return stop(action, *instance, [this, action, name, path, answer](std::string error) {
            LxdInstance* const stopped = find(name);
            if (!error.empty() || stopped == nullptr)
                return (*answer)(error.empty() ? "Instance not found" : error);
            start(action, *stopped, [this, action, path, answer](std::string failed) {
                if (failed.empty())
                    context_.events.lifecycle("instance-restarted", path, nullptr, &action.by);
                (*answer)(failed);
            });
        });
    }
    const bool freeze = action.verb == "freeze";
    if (freeze && instance->state == LxdInstance::State::frozen)
        return done("The instance is already frozen");
    if (!freeze && instance->state == LxdInstance::State::running)
        return done("The instance is already running");
    instance->state = freeze ? LxdInstance::State::frozen : LxdInstance::State::running;
    context_.events.lifecycle(freeze ? "instance-paused" : "instance-resumed", path, nullptr, &action.by);
    done("");
}

void LxdInstances::work(
    NodePhase phase, LxdInstance& instance, const char* busy, UniqueFunction<void()> done
) {
    instance.busy = busy;
    instance.recovers = context_.host.model().wedge.force_recovers;
    if (const LxdFault* wedge = context_.faults.strikes("wedge", text_of(phase), instance.name)) {
        instance.stuck = true;
        instance.recovers = wedge->recovers;
        return;
    }
    instance.work = context_.host.submit(
        phase, has_network(instance), Duration::zero(),
        [this, era = era_, name = instance.name, done = std::move(done)]() mutable {
            if (era == era_ && instances_.contains(name)) done();
        }
    );
}

void LxdInstances::start(const Action& action, LxdInstance& instance, Answer done) {
    if (instance.up()) return done("The instance is already running");
    const auto taken = context_.host.take(NodePhase::start, has_network(instance));
    if (!taken.refused.empty())
        return done("Failed to start: there is not enough " + taken.refused + " left for " + instance.name);
    auto answer = going_[instance.name] = std::make_shared<Answer>(std::move(done));
    if (!taken.wedged_by.empty()) {
        instance.busy = "start";
        instance.stuck = true;
        instance.recovers = context_.host.model().wedge.force_recovers;
        return;
    }
    work(
        NodePhase::start, instance, "start",
        [this, name = instance.name, by = action.by, silenced = taken.silenced, answer] {
            started(name, silenced);
            context_.events.lifecycle("instance-started", "/1.0/instances/" + name, nullptr, &by);
            (*answer)("");
        }
    );
}

void LxdInstances::started(const std::string& name, const std::string& silenced) {
    LxdInstance& instance = instances_.at(name);
    going_.erase(name);
    instance.busy.clear();
    instance.state = LxdInstance::State::running;
    instance.silenced = silenced;
    instance.used = context_.now();
    instance.started = context_.timeline.now();
    instance.pid = ++last_pid_;
}

void LxdInstances::stop(const Action& action, LxdInstance& instance, Answer done) {
    if (!instance.up()) return done("The instance is already stopped");
    if (!action.force && context_.faults.strikes("ignores-shutdown", "stop", instance.name)) {
        const auto seconds = action.timeout > 0 ? action.timeout : seconds_to_ignore;
        instance.busy = "stop";
        auto answer = std::make_shared<Answer>(std::move(done));
        context_.timeline.after(seconds * context_.second, [this, name = instance.name, answer, era = era_] {
            LxdInstance* const still = find(name);
            if (era != era_ || still == nullptr) return;
            still->busy.clear();
            (*answer
            )("Failed shutting down instance, status is \"Running\": shutting down the container failed");
        });
        return;
    }
    auto answer = going_[instance.name] = std::make_shared<Answer>(std::move(done));
    work(NodePhase::stop, instance, "stop", [this, name = instance.name, action, answer] {
        const std::string path = "/1.0/instances/" + name;
        if (!action.force) context_.events.lifecycle("instance-shutdown", path, nullptr, &action.by);
        context_.events.lifecycle("instance-stopped", path, nullptr, action.force ? &action.by : nullptr);
        stopped(name);
        (*answer)("");
    });
}

bool LxdInstances::is_stuck(const LxdInstance& instance) const {
    if (instance.busy != "start" && instance.busy != "stop") return false;
    return instance.stuck || context_.host.is_wedged(instance.work);
}

// Either what hangs ends, and whoever waits for it hears so; or the forced stop hangs as well.
void LxdInstances::stop_stuck(const Action& action, LxdInstance& instance, Answer done) {
    const auto waiting = going_.find(instance.name);
    if (context_.chance.unit() >= instance.recovers) {
        auto both = std::make_shared<Answer>(std::move(done));
        if (waiting == going_.end()) return;
        waiting->second = std::make_shared<Answer>([first = waiting->second, both](std::string error) {
            (*first)(error);
            (*both)(std::move(error));
        });
        return;
    }
    context_.host.recover(instance.work);
    instance.stuck = false;
    auto answer = waiting == going_.end() ? nullptr : waiting->second;
    const std::string error = "Failed to " + instance.busy + ": the instance was stopped by force";
    auto forced = going_[instance.name] = std::make_shared<Answer>(std::move(done));
    work(NodePhase::stop, instance, "stop", [this, name = instance.name, by = action.by, forced] {
        context_.events.lifecycle("instance-stopped", "/1.0/instances/" + name, nullptr, &by);
        stopped(name);
        (*forced)("");
    });
    if (answer) (*answer)(error);
}

void LxdInstances::stopped(const std::string& name) {
    LxdInstance& instance = instances_.at(name);
    give_back(instance, NodePhase::start);
    going_.erase(name);
    instance.busy.clear();
    instance.stuck = false;
    instance.work = 0;
    instance.silenced.clear();
    instance.state = LxdInstance::State::stopped;
    instance.pid = 0;
    if (!instance.ephemeral) return;
    give_back(instance, NodePhase::create);
    instances_.erase(name);
    context_.events.lifecycle("instance-deleted", "/1.0/instances/" + name, nullptr, nullptr);
}

}  // namespace csim
