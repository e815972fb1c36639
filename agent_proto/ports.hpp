// What an agent needs from whatever it impersonates. Implemented over the fakes by the simulator, and by
// tests.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/shared_text.hpp"
#include "core/unique_function.hpp"
#include "wire/body.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

enum class Priority { high = 0, normal = 1, low = 2 };

/// What one poll of a device plugin yields: any number of bodies, in order. None: nothing is sent.
struct Report {
    std::vector<Body> bodies;
    Priority priority = Priority::normal;
};

/// The device plugins of one server. An error tears the plugin's session down; nothing reaches the manager.
class ReportPort {
  public:
    virtual ~ReportPort() = default;
    /// Names in a fixed order, `action_runner` among them although it never reports by itself.
    virtual const std::vector<SharedText>& plugins() const = 0;
    /// The full report at the start of a session.
    virtual Result<Report> first_report(std::string_view plugin) = 0;
    /// The report of every later poll. `full` after trigger_plugin_update: nothing may be left out as
    /// unchanged.
    virtual Result<Report> next_report(std::string_view plugin, bool full) = 0;
    /// What first_report() would say of a throw-away instance: complete, and no session's delta memory is
    /// touched.
    virtual Result<Report> snapshot(std::string_view plugin) = 0;
    /// Called when a session of `plugin` ends, so that a delta memory starts anew.
    virtual void session_ended(std::string_view plugin) = 0;
};

struct ActionCall {
    std::string id;  ///< the manager's, opaque
    std::string name;
    Json* args = nullptr;  ///< the JSON object of arguments; valid during start() only
};

/// How an action ended.
struct ActionOutcome {
    std::string result;                    ///< compact JSON text; "null" on failure
    std::optional<std::string> exception;  ///< the failure's text; its last line says what happened
    std::string subprocesses = "[]";       ///< compact JSON text
    UniqueFunction<void()> after_reply;    ///< runs once the POST with the completion was attempted
};

/// Runs actions. Any number at a time.
class ActionPort {
  public:
    virtual ~ActionPort() = default;
    /// Starts the action; `done` runs once, later, on the world's thread, and only when the change that the
    /// action made is durable. Never runs after cancel(id).
    virtual void start(const ActionCall& call, UniqueFunction<void(ActionOutcome)> done) = 0;
    /// Aborts a running action as a killed subprocess would; unknown ids are ignored.
    virtual void cancel(const std::string& id) = 0;
};

}  // namespace csim
