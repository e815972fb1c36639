// What a virtual cluster is to be: the specification, expanded and checked. Pure: no cluster, no clock.
#pragma once

#include "core/json.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

using Environment = std::map<std::string, std::string>;

/// Something wrong with a specification, or odd about it.
struct SpecIssue {
    std::string code;  ///< S01 to S20
    std::string path;  ///< a JSON pointer; "spec" for the text as a whole
    std::string text;
    bool warning = false;
};
/// `/daemons/2/host: required`
std::string line_of(const SpecIssue& issue);

struct MountSpec {
    std::string source, target;
    bool read_only = false;
};

struct Listener {
    int port = 0;
    std::string xprt = "sock";
    std::string auth = {};  ///< empty: the daemon's
};

/// One metric daemon, ready to be started.
struct LdmsdSpec {
    std::vector<Listener> listeners;
    std::string auth = "none";
    bool listens_by_config = false;  ///< the second dialect: no -x on the command line
    Environment env;                 ///< of template and daemon, with %NAME% replaced
    std::string config;              ///< generated, lines ending in newline
    std::string config_file = "/etc/ldmsd.conf";
    std::string log_file = "/var/log/ldmsd.log";
    std::string log_level = "INFO";
    std::vector<std::string> instances;  ///< of its samplers, with the environment's values in place
};

struct MungeSpec {
    std::string domain;  ///< empty: the usual one
    std::string key;     ///< empty: the cluster's own
};

/// A node: what runs there once it is started, in the order in which it is started.
struct PlannedNode {
    std::string hostname;
    std::vector<std::string> aliases;
    Environment env;  ///< of the node alone; only the second dialect has it
    std::string image;
    std::vector<MountSpec> mounts;
    bool sshd = false, slurmctld = false, slurmd = false, sampler = false;
    std::vector<MungeSpec> munged;
    std::optional<LdmsdSpec> ldmsd;
    std::vector<std::string> plugstack;  ///< lines
    std::string at_start;                ///< a script, run once when the node has come up
};

struct ClusterSpec {
    std::string name, description, type = "NA";
    int dialect = 1;
    std::string image = "ovis-centos-build";
    std::string ovis_prefix;  ///< empty: nothing is mounted
    Environment env;
    std::vector<MountSpec> mounts;
    std::vector<std::string> cap_add, cap_drop;  ///< without CAP_
    int cpu_per_node = 1;
    std::string oversubscribe = "NO";
    std::string slurm_loglevel = "info";
    std::string subnet;
    bool ipv6 = false;
    std::string backend = "simulated";
    Json sim = Json::object();
    std::vector<PlannedNode> nodes;  ///< the last one is the service node

    Json normalised;  ///< defaults filled in, environments as objects, templates expanded: for comparing
};

/// What the checks ask the world about.
struct SpecWorld {
    std::string backend;                                       ///< beats the specification's; empty: none
    std::function<bool(const std::string& path)> path_exists;  ///< empty: nobody knows, nothing is checked
};

struct ParsedSpec {
    ClusterSpec spec;               ///< only of use when there is no error
    std::vector<SpecIssue> issues;  ///< in the order of the text, roughly
    bool ok() const;
};

/// Reads either dialect, JSON with or without comments. All mistakes are reported together.
ParsedSpec parse_spec(std::string_view text, const SpecWorld& world);

/// What every process of a node sees, below the cluster's own environment.
Environment base_environment(const ClusterSpec& spec);
/// Of the node's processes, and of its metric daemon.
Environment node_environment(const ClusterSpec& spec, const PlannedNode& node);
Environment ldmsd_environment(const ClusterSpec& spec, const PlannedNode& node);

/// JSON pointers at which two normalised specifications differ, at most 20.
std::vector<std::string> differences(const Json& one, const Json& other);

/// The node called so: by hostname, alias or `<cluster>-<hostname>`. nullptr: none.
const PlannedNode* find_planned(const ClusterSpec& spec, std::string_view name);

}  // namespace csim
