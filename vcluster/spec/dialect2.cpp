// The second dialect: `nodes` with lists of daemons; the last node is the service node.
#include "vcluster/spec/dialects.hpp"

namespace csim {
namespace {

const std::vector<std::string> daemon_types{"etcd", "sshd", "munged", "slurmctld", "slurmd", "ldmsd"};

/// One line for each object of a list: the verb, then its attributes.
void lines_of(
    LdmsdSpec& ldmsd, const Json& daemon, const std::string& path, const char* key, const std::string& verb,
    Checker& check
) {
    const Json& list = check.list(daemon, path, key);
    for (std::size_t i = 0; i < list.size(); ++i)
        if (check.is_object(list[i], path + "/" + key + "/" + std::to_string(i))) {
            std::string line = verb;
            if (list[i].contains("name")) line += " name=" + scalar_text(list[i]["name"]).value_or("");
            ldmsd.config += line + attributes_text(list[i], {"name"}) + "\n";
        }
}

void read_listeners(LdmsdSpec& ldmsd, const Json& daemon, const std::string& path, Checker& check) {
    if (!daemon.contains("listen")) {
        Listener one;
        one.port = check.integer(daemon, path, "listen_port", 0, true);
        if (daemon.contains("listen_port")) check_port(check, path + "/listen_port", one.port);
        one.xprt = check.text(daemon, path, "listen_xprt", "sock");
        check.one_of("S12", path + "/listen_xprt", one.xprt, transports);
        ldmsd.listeners.push_back(one);
        return;
    }
    ldmsd.listens_by_config = true;
    const Json& list = check.list(daemon, path, "listen");
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string at = path + "/listen/" + std::to_string(i);
        if (!check.is_object(list[i], at)) continue;
        Listener one;
        one.port = check.integer(list[i], at, "port", 0, true);
        if (list[i].contains("port")) check_port(check, at + "/port", one.port);
        one.xprt = check.text(list[i], at, "xprt", "sock");
        check.one_of("S12", at + "/xprt", one.xprt, transports);
        one.auth = check.text(list[i], at, "auth");
        ldmsd.listeners.push_back(one);
    }
}

LdmsdSpec read_ldmsd(const Json& daemon, const std::string& path, Checker& check) {
    LdmsdSpec ldmsd;
    ldmsd.auth = check.text(daemon, path, "listen_auth", "none");
    check.one_of("S12", path + "/listen_auth", ldmsd.auth, authentications);
    ldmsd.config_file = check.text(daemon, path, "config_file", ldmsd.config_file);
    ldmsd.log_file = check.text(daemon, path, "log_file", ldmsd.log_file);
    ldmsd.log_level = check.text(daemon, path, "log_level", ldmsd.log_level);
    check.one_of("S12", path + "/log_level", ldmsd.log_level, log_levels);
    ldmsd.env = check.environment(daemon, path);
    read_listeners(ldmsd, daemon, path, check);
    if (daemon.contains("quota"))
        ldmsd.config += "default_quota quota=" + scalar_text(daemon["quota"]).value_or("") + "\n";
    lines_of(ldmsd, daemon, path, "auth", "auth_add", check);
    if (ldmsd.listens_by_config) lines_of(ldmsd, daemon, path, "listen", "listen", check);
    const Json& samplers = check.list(daemon, path, "samplers");
    for (std::size_t i = 0; i < samplers.size(); ++i) {
        const std::string at = path + "/samplers/" + std::to_string(i);
        if (!check.is_object(samplers[i], at)) continue;
        const SamplerText text = second_dialect_sampler(samplers[i], at, check);
        ldmsd.config += text.lines;
        if (!text.instance.empty()) ldmsd.instances.push_back(text.instance);
    }
    lines_of(ldmsd, daemon, path, "advertisers", "advertiser_add", check);
    lines_of(ldmsd, daemon, path, "prdcr_listen", "prdcr_listen_add", check);
    lines_of(ldmsd, daemon, path, "prdcrs", "prdcr_add", check);
    for (const std::string& line : check.texts(daemon, path, "config")) ldmsd.config += line + "\n";
    return ldmsd;
}

void read_plugstack(PlannedNode& node, const Json& daemon, const std::string& path, Checker& check) {
    const Json& list = check.list(daemon, path, "plugstack");
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string at = path + "/plugstack/" + std::to_string(i);
        if (!check.is_object(list[i], at)) continue;
        std::string line = check.boolean(list[i], at, "required", false) ? "required" : "optional";
        line += " " + check.text(list[i], at, "path", "", true);
        for (const std::string& argument : check.texts(list[i], at, "args")) line += " " + argument;
        node.plugstack.push_back(line);
    }
}

void read_daemon(
    PlannedNode& node, const Json& daemon, const std::string& path, std::set<std::string>& seen,
    Checker& check
) {
    if (!check.is_object(daemon, path)) return;
    const std::string type = check.text(daemon, path, "type", "", true);
    if (type.empty()) return;
    check.one_of("S12", path + "/type", type, daemon_types);
    const std::string domain = type == "munged" ? check.text(daemon, path, "dom") : "";
    if (!seen.insert(type + "/" + domain).second)
        check.error("S05", path + "/type", "the node has a " + type + " already");
    if (type == "sshd") node.sshd = true;
    if (type == "munged") node.munged.push_back({domain, check.text(daemon, path, "key")});
    if (type == "slurmctld") node.slurmctld = true;
    if (type == "slurmd") node.slurmd = true, read_plugstack(node, daemon, path, check);
    if (type == "ldmsd") node.ldmsd = read_ldmsd(daemon, path, check);
    if (type == "etcd") check.error("S18", path + "/type", "etcd is not among the services that are started");
}

/// `tmpfs`: a list of paths, or an object of paths and options such as "size=64m". File systems in memory are
/// mounts whose source is `tmpfs`, with the options behind a colon.
void read_tmpfs(PlannedNode& node, const Json& object, const std::string& path, Checker& check) {
    const auto found = object.find("tmpfs");
    if (found == object.end()) return;
    const auto add = [&](const std::string& target, const std::string& options, const std::string& at) {
        if (!target.starts_with("/") || target == "/")
            return check.error("S11", at, "\"" + target + "\" is no absolute path below /");
        node.mounts.push_back({options.empty() ? "tmpfs" : "tmpfs:" + options, target, false});
    };
    if (found->is_object()) {
        for (const auto& [target, options] : found->items())
            add(target, check.text(*found, path + "/tmpfs", target.c_str()), path + "/tmpfs");
        return;
    }
    const auto targets = check.texts(object, path, "tmpfs", true);
    for (std::size_t i = 0; i < targets.size(); ++i)
        add(targets[i], "", path + "/tmpfs/" + std::to_string(i));
}

PlannedNode read_node(
    const Json& object, const std::string& path, const SpecWorld& world, const ClusterSpec& spec,
    Checker& check
) {
    PlannedNode node;
    node.hostname = check.text(object, path, "hostname", "", true);
    node.aliases = check.texts(object, path, "aliases", true);
    node.env = check.environment(object, path);
    node.image = check.text(object, path, "image", spec.image);
    node.mounts = object.contains("mounts") ? check.mounts(object, path, world) : spec.mounts;
    read_tmpfs(node, object, path, check);
    if (object.contains("binds"))
        check.warn("S18", path + "/binds", "ports are not published; nodes are reached by their addresses");
    node.at_start = check.text(object, path, "atstart");
    std::set<std::string> seen;
    const Json& daemons = check.list(object, path, "daemons");
    for (std::size_t i = 0; i < daemons.size(); ++i)
        read_daemon(node, daemons[i], path + "/daemons/" + std::to_string(i), seen, check);
    node.sampler = node.slurmd;
    return node;
}

}  // namespace

void expand_second_dialect(const Json& whole, const SpecWorld& world, Checker& check, ClusterSpec& spec) {
    const Json& nodes = check.list(whole, "", "nodes");
    if (whole["nodes"].is_array() && nodes.empty()) check.error("S02", "/nodes", "needs at least one node");
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const std::string path = "/nodes/" + std::to_string(i);
        if (!check.is_object(nodes[i], path)) continue;
        paths.push_back(path);
        spec.nodes.push_back(read_node(nodes[i], path, world, spec, check));
    }
    if (const Json* aliases = check.member(whole, "", "node_aliases");
        aliases != nullptr && check.is_object(*aliases, "/node_aliases"))
        for (const auto& [hostname, each] : aliases->items())
            for (PlannedNode& node : spec.nodes)
                if (node.hostname == hostname)
                    for (const std::string& alias :
                         check.texts(*aliases, "/node_aliases", hostname.c_str(), true))
                        node.aliases.push_back(alias);
    check_whole(spec, paths, check);
}

}  // namespace csim
