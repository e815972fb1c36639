// Every action an agent accepts, as a table: name, arguments, duration, what follows, documentation.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

struct ActionScope;
class FakeServer;

/// A query changes nothing.
enum class ActionKind { query, change };

/// How results look on the wire: bare, or `{"wrapper_version": 1, "result": …}`.
enum class ResultShape { raw, wrapped };

/// What happens once the reply was handed over, or could not be.
enum class Aftermath { none, restart_agent, reboot, shut_down, deregister };

struct ActionArgument {
    std::string name;
    std::string type;
    bool required = true;
};

/// What a handler left: a result, or an error.
struct HandlerReply {
    Json result;
    std::optional<Error> error;
};

struct ActionSpec {
    std::string_view name;
    ActionKind kind;
    ResultShape shape;
    Duration takes;  ///< from the request to the instant at which the handler runs
    Aftermath aftermath;
    std::string_view doc;  ///< one sentence
    std::vector<ActionArgument> (*arguments)();
    HandlerReply (*handler)(ActionScope& on, const Json& args, ResultShape shape);
};

/// All rows, ascending by name.
std::span<const ActionSpec> action_table();
/// Null for an unknown name.
const ActionSpec* find_action(std::string_view name);

struct ActionReply {
    Json result;
    Aftermath aftermath = Aftermath::none;
};

/// Runs an action at this instant. `args` is the JSON object of arguments.
/// An unknown name, and a world that forbids a wrapped action, yield `{"wrapper_version": 1, "error": text}`.
/// Everything else that fails is an error, to be sent as exception text: wrong arguments name their path.
/// A failed action changed nothing.
Result<ActionReply> run_action(ActionScope& on, std::string_view name, const Json& args);

/// Does what follows a reply. Requires: the server is up.
void apply_aftermath(FakeServer& server, Aftermath aftermath);

}  // namespace csim
