#include "sim/node_status.hpp"

#include "sim/text_table.hpp"

#include <algorithm>

namespace csim {
namespace {

std::string power_word(const NodeStatus& node) {
    return node.worker ? "-" : node.has_power ? "on" : "off";
}

std::string agent_word(const NodeStatus& node, bool simulator_runs) {
    if (!node.registered) return "unregistered";
    if (node.agent_running) return "running";
    return node.running && simulator_runs ? "booting" : "stopped";
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text.empty() ? "-" : text;
}

std::string ha_word(const NodeStatus& node) {
    if (node.worker) return "-";
    return node.corosync == node.pacemaker ? node.corosync : node.corosync + "/" + node.pacemaker;
}

}  // namespace

void write_table(std::ostream& out, const ClusterStatus& status) {
    TextTable table({"SERVER", "POWER", "AGENT", "SESSIONS", "LNET", "HA", "TARGETS"});
    for (const NodeStatus& node : status.servers) {
        table.add(
            {node.fqdn, power_word(node), agent_word(node, status.running),
             std::to_string(node.sessions_open),
             node.lnet_state.starts_with("lnet_") ? node.lnet_state.substr(5) : node.lnet_state,
             ha_word(node), joined(node.resources)}
        );
    }
    table.write(out);
    const auto count = [&](auto&& which) {
        return std::count_if(status.servers.begin(), status.servers.end(), which);
    };
    out << "\n"
        << status.servers.size() << " nodes, "
        << count([](const NodeStatus& node) { return node.registered; }) << " registered, "
        << count([](const NodeStatus& node) { return node.agent_running; }) << " agents running. "
        << (status.running ? "The simulator is running" : "The simulator is stopped")
        << (status.manager_url.empty() ? "" : ", manager " + status.manager_url) << ".\n";
}

}  // namespace csim
