#include "agent_proto/transport_actions.hpp"

#include "core/json_codec.hpp"
#include "wire/action_bodies.hpp"
#include "wire/json_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace csim {
namespace {

/// The value of the only argument there may be, or an exception's last line.
Result<const Json*> only_argument(const Json& args, const std::string& action, const char* name) {
    for (const auto& [key, value] : args.items()) {
        if (key != name) {
            return Error{
                Errc::bad_argument, "TypeError: " + action + "() takes no argument named '" + key + "'"};
        }
    }
    const auto found = args.find(name);
    if (found == args.end()) return Error{Errc::bad_argument, std::string("KeyError: '") + name + "'"};
    return &*found;
}

/// Appends `"name":payload`. A plugin with nothing to say at this moment says null.
Result<Nothing> append_snapshot(std::string& text, const std::string& plugin, ReportPort& reports) {
    const auto report = reports.snapshot(plugin);
    if (!report) return report.error();
    if (text.size() > 1) text += ',';
    write_json_text(text, std::string_view(plugin));
    text += ':';
    (report->bodies.empty() ? Body() : report->bodies.front()).append_to(text);
    return Nothing{};
}

Result<std::vector<std::string>> plugins_asked_for(const Json& plugin, const std::vector<SharedText>& all) {
    std::vector<std::string> asked;
    if (plugin.is_null()) {
        std::copy_if(all.begin(), all.end(), std::back_inserter(asked), [](const SharedText& name) {
            return name != action_runner_plugin;
        });
        return asked;
    }
    if (!plugin.is_string()) return Error{Errc::bad_argument, "TypeError: plugin must be a name or null"};
    const auto& name = plugin.get_ref<const std::string&>();
    if (name.empty()) return asked;
    if (std::find(all.begin(), all.end(), name) == all.end()) {
        return Error{Errc::not_found, "KeyError: '" + name + "'"};
    }
    if (name == action_runner_plugin) return Error{Errc::conflict, "NotImplementedError"};
    asked.push_back(name);
    return asked;
}

}  // namespace

ActionOutcome failed_action(std::string_view sentence) {
    ActionOutcome outcome;
    outcome.result = "null";
    outcome.exception = "Traceback (most recent call last):\n" + std::string(sentence) + "\n";
    return outcome;
}

ActionOutcome device_plugin(const Json& args, ReportPort& reports) {
    const auto plugin = only_argument(args, "device_plugin", "plugin");
    if (!plugin) return failed_action(plugin.error().detail);
    const auto asked = plugins_asked_for(**plugin, reports.plugins());
    if (!asked) return failed_action(asked.error().detail);
    ActionOutcome outcome;
    outcome.result = "{";
    for (const std::string& name : *asked) {
        const auto appended = append_snapshot(outcome.result, name, reports);
        if (!appended) return failed_action("RuntimeError: " + appended.error().detail);
    }
    outcome.result += '}';
    return outcome;
}

Result<std::optional<std::vector<std::string>>> plugins_to_update(const Json& args) {
    const auto names = only_argument(args, "trigger_plugin_update", "plugin_names");
    if (!names) return names.error();
    auto decoded = from_json_value<std::vector<std::string>>(**names, Strictness::exact);
    if (!decoded) return Error{Errc::bad_argument, "TypeError: plugin_names must be a list of names"};
    std::optional<std::vector<std::string>> chosen;
    if (!decoded->empty()) chosen = *std::move(decoded);
    return chosen;
}

}  // namespace csim
