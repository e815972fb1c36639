// The bodies of the plugin `action_runner`: what a manager asks an agent to do, and how it ended.
// Source: the agent protocol, §4.1.
#pragma once

#include "core/json_codec.hpp"
#include "wire/json_text.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace csim {

inline constexpr std::string_view action_runner_plugin = "action_runner";
inline constexpr std::string_view action_start = "ACTION_START";
inline constexpr std::string_view action_cancel = "ACTION_CANCEL";
inline constexpr std::string_view action_complete = "ACTION_COMPLETE";

/// From manager to agent. `action` and `args` (an object) are null in a cancellation.
struct ActionRequest {
    std::string type;
    std::string id;
    std::optional<std::string> action;
    Json args;
};
BOOST_DESCRIBE_STRUCT(ActionRequest, (), (type, id, action, args))

/// From agent to manager. All five keys are always on the wire.
struct ActionCompletion {
    std::string type{action_complete};
    std::string id;
    JsonText result;                       ///< null on failure
    std::optional<std::string> exception;  ///< null on success
    JsonText subprocesses{"[]"};
};
BOOST_DESCRIBE_STRUCT(ActionCompletion, (), (type, id, result, exception, subprocesses))

}  // namespace csim
