// Metric daemons, those that are collected from before those that collect.
#include "core/hex.hpp"
#include "vcluster/services/service.hpp"

#include <algorithm>
#include <regex>
#include <set>

namespace csim {
namespace {

constexpr char exit_file[] = "/run/cluster-sim.ldmsd.exit", output_file[] = "/var/log/ldmsd.out";

using Where = std::vector<const PlannedNode*>;

/// Hosts that the node's configuration collects from.
std::set<const PlannedNode*> producers_of(const Cluster& cluster, const PlannedNode& node) {
    std::set<const PlannedNode*> all;
    static const std::regex host(R"((?:^|\n)prdcr_add [^\n]*\bhost=(\S+))");
    const std::string& config = node.ldmsd->config;
    for (auto each = std::sregex_iterator(config.begin(), config.end(), host); each != std::sregex_iterator();
         ++each)
        if (const PlannedNode* found = find_planned(cluster.spec(), (*each)[1].str());
            found != nullptr && found != &node)
            all.insert(found);
    return all;
}

/// In layers: what a layer collects from is in those before it. Circles come last, together.
std::vector<Where> layers(const Cluster& cluster, Where rest) {
    std::vector<Where> all;
    while (!rest.empty()) {
        Where free;
        for (const PlannedNode* node : rest) {
            const auto needs = producers_of(cluster, *node);
            const bool waits = std::any_of(rest.begin(), rest.end(), [&](const PlannedNode* other) {
                return needs.contains(other);
            });
            if (!waits) free.push_back(node);
        }
        if (free.empty()) free = rest;
        std::erase_if(rest, [&](const PlannedNode* node) {
            return std::find(free.begin(), free.end(), node) != free.end();
        });
        all.push_back(std::move(free));
    }
    return all;
}

std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string command_line(const LdmsdSpec& ldmsd) {
    std::string line = "ldmsd -F";
    if (!ldmsd.listens_by_config)
        for (const Listener& each : ldmsd.listeners)
            line += " -x " + each.xprt + ":" + std::to_string(each.port);
    return line + " -a " + ldmsd.auth + " -c " + quoted(ldmsd.config_file) + " -l " + quoted(ldmsd.log_file) +
           " -v " + ldmsd.log_level;
}

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

void write_files(Cluster& cluster, const Where& where) {
    const bool ovis = std::any_of(where.begin(), where.end(), [](const PlannedNode* node) {
        return node->ldmsd->auth == "ovis";
    });
    if (ovis) {
        const std::string word = hex_text(cluster.secret("ovis", 16));
        furnish_nodes(cluster, cluster.all_nodes(), [&](const PlannedNode&) {
            return std::vector<Furnishing>{
                {"/root/.ldmsauth.conf", service_file("secretword=" + word + "\n", 0600)}};
        });
    }
    for (const PlannedNode* node : where) {
        NodeFile config = service_file(node->ldmsd->config);
        cluster.write(*node, node->ldmsd->config_file, std::move(config), true);
        const auto gone = cluster.nodes().read(cluster.runtime_name(*node), folder_of(node->ldmsd->log_file));
        if (!gone)
            throw Fatal(
                node->hostname + ": there is no folder " + folder_of(node->ldmsd->log_file) + " for the log"
            );
    }
}

std::string complaint(Cluster& cluster, const PlannedNode& node) {
    return end_of_log(cluster, node, output_file) + end_of_log(cluster, node, node.ldmsd->log_file);
}

void launch(Cluster& cluster, const PlannedNode& node) {
    RunRequest request;
    // Its exit is an event: the file appears.
    cluster.write(node, exit_file, {});
    request.shell = command_line(*node.ldmsd) + " >" + output_file + " 2>&1; echo $? >" + exit_file;
    for (const auto& [name, value] : node.ldmsd->env) request.env[name] = value;
    request.detached = true;
    request.limit = 30s;
    cluster.run(node, request);
}

std::int64_t await(Cluster& cluster, const PlannedNode& node, Duration limit) {
    const LdmsdSpec& ldmsd = *node.ldmsd;
    std::int64_t pid = 0;
    const bool up = cluster.nodes().until(limit, [&] {
        pid = pid_by_name(cluster, node, "ldmsd");
        const bool all =
            pid != 0 &&
            std::all_of(ldmsd.listeners.begin(), ldmsd.listeners.end(), [&](const Listener& each) {
                return listens(cluster, node, each.port);
            });
        if (all) return true;
        const auto ended = cluster.nodes().read(cluster.runtime_name(node), exit_file);
        if (ended && !ended->content.empty() && pid == 0)
            throw Fatal(
                node.hostname + ": ldmsd ended with " + ended->content.substr(0, ended->content.find('\n')) +
                (ended->content == "127\n" ? "; is it below the specification's ovis_prefix?" : "") +
                complaint(cluster, node)
            );
        return false;
    });
    if (!up)
        throw Fatal(
            node.hostname + ": ldmsd does not listen" + complaint(cluster, node), cluster_status::timeout
        );
    return pid;
}

ServiceStates start(Cluster& cluster, const Where& where, Duration limit) {
    ServiceStates states;
    Where fresh;
    for (const PlannedNode* node : where) {
        if (const auto pid = pid_by_name(cluster, *node, "ldmsd"); pid != 0)
            states.push_back({node->hostname, "ldmsd", "already running", pid});
        else
            fresh.push_back(node);
    }
    const bool munge = std::any_of(fresh.begin(), fresh.end(), [](const PlannedNode* node) {
        return node->ldmsd->auth == "munge";
    });
    if (munge) {
        Where with;
        for (const PlannedNode* node : cluster.all_nodes())
            if (!node->munged.empty()) with.push_back(node);
        munged_service().start(cluster, with, limit);
    }
    write_files(cluster, fresh);
    for (const Where& layer : layers(cluster, fresh)) {
        for (const PlannedNode* node : layer) launch(cluster, *node);
        for (const PlannedNode* node : layer)
            states.push_back({node->hostname, "ldmsd", "started", await(cluster, *node, limit)});
    }
    return states;
}

ServiceStates stop(Cluster& cluster, const Where& where, Duration limit) {
    ServiceStates states;
    for (const PlannedNode* node : where) {
        if (const auto pid = pid_by_name(cluster, *node, "ldmsd"); pid != 0)
            end_process(cluster, *node, pid, limit);
        states.push_back({node->hostname, "ldmsd", "stopped", 0});
    }
    return states;
}

ServiceStates status(Cluster& cluster, const Where& where) {
    ServiceStates states;
    for (const PlannedNode* node : where) {
        const auto pid = pid_by_name(cluster, *node, "ldmsd");
        states.push_back({node->hostname, "ldmsd", pid != 0 ? "running" : "stopped", pid});
    }
    return states;
}

const ClusterService row{"ldmsd", "metric daemons, the collected before the collecting",         start, stop,
                         status,  [](const PlannedNode& node) { return node.ldmsd.has_value(); }};

}  // namespace

const ClusterService& ldmsd_service() {
    return row;
}

}  // namespace csim
