#include "sim/action_desk.hpp"

#include "agent_proto/transport_actions.hpp"
#include "core/json_codec.hpp"
#include "fakes/actions/action_table.hpp"

#include <utility>
#include <vector>

namespace csim {

struct ActionDesk::Job {
    std::string fqdn;
    std::string action;
    Json args;
    NodePorts ports;
    Done done;
};

namespace {

constexpr const char* wrapper_mark = "wrapper_version";

Result<ActionValue> unwrapped(ActionOutcome& outcome) {
    if (outcome.exception) return Error{Errc::conflict, *outcome.exception};
    Json value = Json::parse(outcome.result);
    if (!value.is_object() || !value.contains(wrapper_mark)) return ActionValue{std::move(value)};
    if (!value.contains("error")) return ActionValue{value.value("result", Json())};
    const Json& error = value["error"];
    return Error{Errc::conflict, error.is_string() ? error.get<std::string>() : error.dump()};
}

}  // namespace

ActionDesk::ActionDesk(Timeline& timeline, MakePorts ports, ReportAll report_all)
    : timeline_(timeline), ports_(std::move(ports)), report_all_(std::move(report_all)) {}

ActionDesk::~ActionDesk() = default;

void ActionDesk::run(FakeServer& node, const std::string& action, const Json& args, Done done) {
    if (find_action(action) == nullptr) {
        return done(Error{Errc::not_found, "there is no action '" + action + "'"});
    }
    if (!node.up()) return done(Error{Errc::conflict, node.fqdn() + " is not up"});
    const std::uint64_t id = ++last_id_;
    auto job = std::make_shared<Job>(Job{node.fqdn(), action, args, ports_(node), std::move(done)});
    jobs_[id] = job;
    const ActionCall call{std::to_string(id), job->action, &job->args};
    job->ports.actions->start(call, [this, id](ActionOutcome outcome) { ended(id, std::move(outcome)); });
}

void ActionDesk::ended(std::uint64_t id, ActionOutcome outcome) {
    auto afterwards = std::move(outcome.after_reply);
    const auto ending = jobs_.find(id);
    if (ending == jobs_.end()) return;
    const std::shared_ptr<const Job> job = ending->second;
    auto value = unwrapped(outcome);
    const bool worked = value.has_value();
    finish(id, std::move(value));
    if (afterwards) afterwards();
    // The one action whose effect is in the agent and not in the world.
    if (!worked || job->action != "trigger_plugin_update") return;
    const auto plugins = plugins_to_update(job->args);
    if (plugins) report_all_(job->fqdn, plugins->value_or(std::vector<std::string>{}));
}

void ActionDesk::server_down(const std::string& fqdn) {
    std::vector<std::uint64_t> gone;
    for (const auto& [id, job] : jobs_) {
        if (job->fqdn == fqdn) gone.push_back(id);
    }
    for (const std::uint64_t id : gone) {
        jobs_[id]->ports.actions->cancel(std::to_string(id));
        finish(id, Error{Errc::conflict, fqdn + " went down while the action was running"});
    }
}

void ActionDesk::finish(std::uint64_t id, Result<ActionValue> value) {
    auto ended = jobs_.extract(id);
    if (ended.empty()) return;
    const std::shared_ptr<Job> job = std::move(ended.mapped());
    // The ports may be what called: they must not die before that returns.
    timeline_.after(Duration(0), [job] {});
    job->done(std::move(value));
}

}  // namespace csim
