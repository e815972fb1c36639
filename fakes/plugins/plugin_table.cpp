#include "fakes/plugins/plugin.hpp"

#include <algorithm>
#include <array>

namespace csim {
namespace {

/// A plugin whose every report is complete.
template <PluginReport (*report)(ReportScope&)>
PluginReport again(ReportScope& of, bool) {
    return report(of);
}

constexpr auto rows = std::to_array<PluginSpec>({
    {"corosync", corosync_report, again<corosync_report>,
     "Daemon states, and the cluster as this node sees it."},
    {"linux", linux_first_report, linux_next_report, "Block devices; later only when they changed."},
    {"linux_network", linux_network_report, again<linux_network_report>, "Interfaces, LNet and its NIDs."},
    {"lustre", lustre_first_report, lustre_next_report, "Resources, mounts and metrics; packages at first."},
    {"simulator_controller", simulator_controller_report, again<simulator_controller_report>,
     "Nothing, regularly."},
    {"systemd_journal", journal_first_report, journal_next_report, "Log lines, at most 64 a message."},
});

}  // namespace

std::span<const PluginSpec> plugin_table() {
    return rows;
}

const PluginSpec* find_plugin(std::string_view name) {
    const auto row = std::ranges::find(rows, name, &PluginSpec::name);
    return row == rows.end() ? nullptr : &*row;
}

}  // namespace csim
