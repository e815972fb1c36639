#include "vcluster/spec/spec.hpp"

#include <algorithm>

namespace csim {

Environment base_environment(const ClusterSpec&) {
    return {
        {"PATH", "/opt/ovis/bin:/opt/ovis/sbin:/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin"},
        {"LD_LIBRARY_PATH", "/opt/ovis/lib:/opt/ovis/lib64"},
        {"ZAP_LIBPATH",
         "/opt/ovis/lib/ovis-ldms:/opt/ovis/lib64/ovis-ldms:/opt/ovis/lib/ovis-lib:/opt/ovis/lib64/ovis-lib"},
        {"LDMSD_PLUGIN_LIBPATH", "/opt/ovis/lib/ovis-ldms:/opt/ovis/lib64/ovis-ldms"},
        {"SLURM_CONF", "/etc/slurm/slurm.conf"}};
}

Environment node_environment(const ClusterSpec& spec, const PlannedNode& node) {
    Environment env = base_environment(spec);
    for (const auto& [name, value] : spec.env) env[name] = value;
    for (const auto& [name, value] : node.env) env[name] = value;
    return env;
}

Environment ldmsd_environment(const ClusterSpec& spec, const PlannedNode& node) {
    Environment env = node_environment(spec, node);
    if (!node.ldmsd) return env;
    for (const auto& [name, value] : node.ldmsd->env) env[name] = value;
    return env;
}

std::vector<std::string> differences(const Json& one, const Json& other) {
    std::vector<std::string> paths;
    for (const Json& change : Json::diff(one, other)) {
        const std::string path = change["path"].get<std::string>();
        if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
        if (paths.size() == 20) break;
    }
    return paths;
}

const PlannedNode* find_planned(const ClusterSpec& spec, std::string_view name) {
    const std::string prefix = spec.name + "-";
    for (const PlannedNode& node : spec.nodes) {
        if (node.hostname == name) return &node;
        if (std::find(node.aliases.begin(), node.aliases.end(), name) != node.aliases.end()) return &node;
    }
    for (const PlannedNode& node : spec.nodes)
        if (prefix + node.hostname == name) return &node;
    return nullptr;
}

}  // namespace csim
