#include "fakes/plugins/server_reports.hpp"

namespace csim {
namespace {

constexpr std::string_view action_runner = "action_runner";

std::vector<SharedText> all_names() {
    std::vector<SharedText> names{action_runner};
    for (const PluginSpec& plugin : plugin_table()) names.emplace_back(plugin.name);
    return names;
}

/// As text can tell it, so that a report says the same as a value and as text.
SimTime wire_instant(SimTime at) {
    return SimTime::from_unix_ns(at.unix_ns() / 1'000 * 1'000);
}

template <class Run>
Result<PluginReport> with_plugin(std::string_view name, Run run) {
    if (name == action_runner) return PluginReport{};
    const PluginSpec* plugin = find_plugin(name);
    if (plugin == nullptr) {
        return Error{Errc::not_found, "there is no device plugin '" + std::string(name) + "'"};
    }
    return run(*plugin);
}

}  // namespace

const std::vector<SharedText>& ServerReports::plugins() {
    static const std::vector<SharedText> names = all_names();
    return names;
}

ReportScope ServerReports::scope(ReportMemory& memory) const {
    return {server_, sources_.devices, sources_.targets, sources_.statistics, wire_instant(timeline_.now()),
            memory};
}

Result<PluginReport> ServerReports::first(std::string_view name) {
    session_ended(name);
    return with_plugin(name, [&](const PluginSpec& plugin) {
        auto of = scope(memory_);
        return plugin.first_report(of);
    });
}

Result<PluginReport> ServerReports::next(std::string_view name, bool full) {
    return with_plugin(name, [&](const PluginSpec& plugin) {
        auto of = scope(memory_);
        return plugin.next_report(of, full);
    });
}

Result<PluginReport> ServerReports::snapshot(std::string_view name) const {
    return with_plugin(name, [&](const PluginSpec& plugin) {
        ReportMemory none;
        auto of = scope(none);
        return plugin.first_report(of);
    });
}

void ServerReports::session_ended(std::string_view name) {
    if (name == "linux") memory_.sent_devices.reset();
}

TargetMetricsByLabel ServerReports::target_metrics() const {
    ReportMemory none;
    return started_target_metrics(scope(none));
}

}  // namespace csim
