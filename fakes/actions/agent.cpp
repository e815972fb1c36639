// Actions that concern the agent itself: its plugins, its restart, its registration.
#include "fakes/actions/action.hpp"
#include "fakes/plugins/server_reports.hpp"

namespace csim {
namespace {

struct DevicePlugin {
    Json plugin;  ///< a name, "" for none, or null for all
};
BOOST_DESCRIBE_STRUCT(DevicePlugin, (), (plugin))

struct TriggerPluginUpdate {
    std::vector<std::string> plugin_names;
};
BOOST_DESCRIBE_STRUCT(TriggerPluginUpdate, (), (plugin_names))

Result<JsonReply> device_plugin(ActionScope& on, const DevicePlugin& args) {
    const auto reports = need(on.reports, "device plugins");
    if (!reports) return reports.error();
    if (!args.plugin.is_null() && !args.plugin.is_string()) {
        return Error{Errc::bad_argument, "/plugin: expected a text or null"};
    }
    JsonReply reply{Json::object()};
    for (const PluginSpec& plugin : plugin_table()) {
        if (!args.plugin.is_null() && args.plugin != plugin.name) continue;
        const auto report = (*reports)->snapshot(plugin.name);
        if (!report) return report.error();
        if (!report->bodies.empty()) reply.value[std::string(plugin.name)] = report->bodies.front().to_json();
    }
    if (args.plugin.is_string() && args.plugin != "" && reply.value.empty()) {
        return Error{Errc::not_found, "there is no device plugin '" + args.plugin.get<std::string>() + "'"};
    }
    return reply;
}

}  // namespace

std::vector<ActionSpec> agent_actions() {
    using enum ActionKind;
    return {
        action<device_plugin>(
            "device_plugin", query, raw, "Returns one full report per plugin, by plugin name; null means all."
        ),
        action<accept<TriggerPluginUpdate>>(
            "trigger_plugin_update", query, raw,
            "Makes the next report of the named plugins (all for an empty list) complete."
        ),
        action<accept<NoArguments>>(
            "restart_agent", change, {.shape = ResultShape::raw, .aftermath = Aftermath::restart_agent},
            "Replaces the agent process after the reply; the server stays up."
        ),
        action<accept<NoArguments>>(
            "deregister_server", change, {.shape = ResultShape::raw, .aftermath = Aftermath::deregister},
            "Forgets key and certificate after the reply; the server leaves its cluster and is off."
        ),
    };
}

}  // namespace csim
