// The two actions that concern an agent's own reports rather than the server it impersonates.
#pragma once

#include "agent_proto/ports.hpp"
#include "core/json.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace csim {

/// What `device_plugin` answers: `{name: payload}` of the named plugin, of all plugins that report for null,
/// of none for
/// `""`. A failing plugin fails the action.
/// Source: `device_plugin` in §4.7. Differs: null leaves out `action_runner`, which the original failed on.
ActionOutcome device_plugin(const Json& args, ReportPort& reports);

/// The plugins whose next poll is to report everything: those named, or all (nullopt) for an empty list.
/// The error is the exception's text.
Result<std::optional<std::vector<std::string>>> plugins_to_update(const Json& args);

/// A completion for people who read tracebacks: null result, and `sentence` as its last line.
ActionOutcome failed_action(std::string_view sentence);

}  // namespace csim
