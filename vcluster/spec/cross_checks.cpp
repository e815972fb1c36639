// Mistakes that only the whole cluster shows.
#include "vcluster/spec/dialects.hpp"

#include <algorithm>
#include <regex>
#include <sstream>

namespace csim {
namespace {

const std::vector<std::string> verbs{
    "load",
    "config",
    "start",
    "stop",
    "term",
    "smplr_add",
    "smplr_start",
    "smplr_stop",
    "smplr_del",
    "listen",
    "auth_add",
    "option",
    "loglevel",
    "env",
    "default_quota",
    "include",
    "prdcr_add",
    "prdcr_start",
    "prdcr_start_regex",
    "prdcr_stop",
    "prdcr_stop_regex",
    "prdcr_del",
    "prdcr_listen_add",
    "prdcr_listen_start",
    "prdcr_subscribe",
    "updtr_add",
    "updtr_prdcr_add",
    "updtr_prdcr_del",
    "updtr_match_add",
    "updtr_match_del",
    "updtr_start",
    "updtr_stop",
    "updtr_del",
    "strgp_add",
    "strgp_prdcr_add",
    "strgp_prdcr_del",
    "strgp_metric_add",
    "strgp_metric_del",
    "strgp_start",
    "strgp_stop",
    "strgp_del",
    "failover_config",
    "failover_start",
    "advertiser_add",
    "advertiser_start",
    "setgroup_add",
    "setgroup_ins",
    "usage",
    "version",
    "set_route",
    "subscribe",
    "udata",
    "udata_regex"};

struct Named {
    std::string name, path;
};

void check_name(const Named& each, std::map<std::string, std::string>& seen, Checker& check) {
    static const std::regex allowed("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");
    const std::string quoted = "\"" + each.name + "\"";
    if (!std::regex_match(each.name, allowed))
        return check.error(
            "S04", each.path,
            quoted + ": only letters, digits, '.', '_' and '-', at most 63, beginning with a letter or digit"
        );
    const auto [there, fresh] = seen.emplace(each.name, each.path);
    if (!fresh && !there->second.empty())
        check.error("S05", each.path, quoted + " already used by " + there->second);
    if (!fresh && there->second.empty()) check.error("S05", each.path, quoted + " is the name of a node");
}

void check_names(const ClusterSpec& spec, const std::vector<std::string>& paths, Checker& check) {
    std::map<std::string, std::string> seen{{"localhost", ""}};
    for (std::size_t i = 0; i < spec.nodes.size(); ++i) {
        if (spec.dialect == 1) {
            seen[spec.nodes[i].hostname] = "";
        } else {
            check_name({spec.nodes[i].hostname, paths[i] + "/hostname"}, seen, check);
        }
    }
    for (std::size_t i = 0; i < spec.nodes.size(); ++i) {
        if (paths[i].empty()) continue;
        for (const std::string& alias : spec.nodes[i].aliases) {
            const bool first = spec.dialect == 1;
            if (first && alias.empty()) continue;
            if (first && seen.contains(alias) && !seen[alias].empty()) {
                const std::string other = seen[alias];
                check.error(
                    "S05", paths[i] + "/host",
                    "\"" + alias + "\" already used by " + other.substr(0, other.rfind('/'))
                );
                continue;
            }
            check_name({alias, paths[i] + (first ? "/host" : "/aliases")}, seen, check);
        }
    }
}

void check_listeners(
    const PlannedNode& node, const std::string& path, const std::string& backend, Checker& check
) {
    std::set<int> ports;
    for (const Listener& listener : node.ldmsd->listeners) {
        if (!ports.insert(listener.port).second)
            check.error("S13", path, "two listeners on port " + std::to_string(listener.port));
        if (backend == "simulated" && listener.xprt != "sock")
            check.error(
                "S18", path, "simulated nodes have no transport \"" + listener.xprt + "\", only sock"
            );
    }
}

std::string attribute(const std::string& line, const std::string& name) {
    std::smatch found;
    const std::regex pattern("(?:^|\\s)" + name + "=(\\S+)");
    return std::regex_search(line, found, pattern) ? found[1].str() : "";
}

void check_producer(
    const ClusterSpec& spec, const std::string& line, const Environment& env, const std::string& path,
    Checker& check
) {
    const std::string host = resolve_variables(attribute(line, "host"), env);
    const PlannedNode* node = find_planned(spec, host);
    const bool address = host.find_first_not_of("0123456789.") == std::string::npos || host == "localhost";
    if (host.empty() || (node == nullptr && address)) return;
    if (node == nullptr) return check.warn("S15", path, "host=" + host + " names no node of this cluster");
    const std::string port = resolve_variables(attribute(line, "port"), env);
    if (!node->ldmsd) return check.warn("S15", path, host + " has no metric daemon");
    for (const Listener& listener : node->ldmsd->listeners)
        if (std::to_string(listener.port) == port) return;
    check.warn("S15", path, host + " does not listen on port " + port);
}

void check_config(const ClusterSpec& spec, const PlannedNode& node, const std::string& path, Checker& check) {
    const Environment env = ldmsd_environment(spec, node);
    std::istringstream lines(node.ldmsd->config);
    std::set<std::string> told;
    std::string plugin;
    for (std::string line; std::getline(lines, line);) {
        const std::string verb = line.substr(0, line.find_first_of(" \t"));
        if (verb.empty() || verb[0] == '#') continue;
        if (verb == "load" || verb == "config" || verb == "start") plugin = attribute(line, "name");
        if (std::find(verbs.begin(), verbs.end(), verb) == verbs.end())
            check.warn("S15", path, "\"" + verb + "\" is no command of the daemon");
        for (const std::string& name : variables_in(line))
            if (!env.contains(name) && told.insert(name).second)
                check.error(
                    "S10", path,
                    "${" + name + "} used by " + (plugin.empty() ? "a config line" : "sampler " + plugin) +
                        " is not in its environment"
                );
        if (verb == "prdcr_add") check_producer(spec, line, env, path, check);
    }
}

}  // namespace

void check_port(Checker& check, const std::string& path, int port) {
    if (port < 1 || port > 65535)
        check.error("S13", path, std::to_string(port) + " is not a port, 1 to 65535");
    if (port >= 32768 && port <= 60999) check.warn("S13", path, "is in the range of ports that clients get");
}

void check_whole(const ClusterSpec& spec, const std::vector<std::string>& paths, Checker& check) {
    check_names(spec, paths, check);
    std::map<std::string, std::string> instances;
    for (std::size_t i = 0; i < spec.nodes.size(); ++i) {
        const PlannedNode& node = spec.nodes[i];
        if (!node.ldmsd) continue;
        check_listeners(node, paths[i], spec.backend, check);
        check_config(spec, node, paths[i], check);
        const Environment env = ldmsd_environment(spec, node);
        for (const std::string& written : node.ldmsd->instances) {
            const std::string instance = resolve_variables(written, env);
            const auto [there, fresh] = instances.emplace(instance, paths[i]);
            if (!fresh)
                check.warn("S19", paths[i], "set " + instance + " exists already, at " + there->second);
        }
    }
}

}  // namespace csim
