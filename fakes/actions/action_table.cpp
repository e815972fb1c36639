#include "fakes/actions/action_table.hpp"

#include "fakes/actions/action.hpp"
#include "fakes/events.hpp"

#include <algorithm>

namespace csim {
namespace {

std::vector<ActionSpec> all_rows() {
    std::vector<ActionSpec> rows;
    for (const auto part :
         {agent_actions, client_actions, cluster_actions, copytool_actions, corosync_actions, device_actions,
          lnet_actions, node_actions, target_actions}) {
        std::ranges::copy(part(), std::back_inserter(rows));
    }
    std::ranges::sort(rows, {}, &ActionSpec::name);
    return rows;
}

Json wrapped(const char* key, Json value) {
    Json json{{"wrapper_version", 1}};
    json[key] = std::move(value);
    return json;
}

const char* outcome_of(const Result<ActionReply>& reply) {
    if (!reply) return "exception";
    return reply->result.is_object() && reply->result.contains("error") ? "wrapped_error" : "ok";
}

Result<ActionReply> run(ActionScope& on, std::string_view name, const Json& args) {
    const ActionSpec* row = find_action(name);
    if (row == nullptr) {
        const auto text = "Requested command " + std::string(name) + " was unknown to the agent";
        return ActionReply{wrapped("error", text), Aftermath::none};
    }
    const auto failed = [&](const Error& error) {
        return Error{error.code, std::string(name) + ": " + error.detail};
    };
    if (!on.server.up()) return failed({Errc::conflict, on.server.fqdn() + " is not up"});
    auto reply = row->handler(on, args, row->shape);
    if (!reply.error) {
        if (row->shape == ResultShape::wrapped) reply.result = wrapped("result", std::move(reply.result));
        return ActionReply{std::move(reply.result), row->aftermath};
    }
    const bool is_answer = row->shape == ResultShape::wrapped && reply.error->code == Errc::conflict;
    if (is_answer) return ActionReply{wrapped("error", reply.error->detail), Aftermath::none};
    return failed(*reply.error);
}

}  // namespace

std::span<const ActionSpec> action_table() {
    static const std::vector<ActionSpec> rows = all_rows();
    return rows;
}

const ActionSpec* find_action(std::string_view name) {
    const auto rows = action_table();
    const auto row = std::ranges::lower_bound(rows, name, {}, &ActionSpec::name);
    return row != rows.end() && row->name == name ? &*row : nullptr;
}

Result<ActionReply> run_action(ActionScope& on, std::string_view name, const Json& args) {
    auto reply = run(on, name, args);
    on.trace.emit(on.server.fqdn(), ActionRun{std::string(name.substr(0, 100)), outcome_of(reply)});
    return reply;
}

void apply_aftermath(FakeServer& server, Aftermath aftermath) {
    switch (aftermath) {
        case Aftermath::none:
            return;
        case Aftermath::restart_agent:
            return static_cast<void>(server.restart_agent());
        case Aftermath::reboot:
            return static_cast<void>(server.reboot());
        case Aftermath::shut_down:
            return static_cast<void>(server.shut_down());
        case Aftermath::deregister:
            return server.deregister();
    }
}

}  // namespace csim
