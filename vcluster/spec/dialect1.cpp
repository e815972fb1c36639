// The first dialect: `define` has templates of daemons, `daemons` has one daemon a node, a service node
// follows.
#include "vcluster/spec/dialects.hpp"

#include <algorithm>

namespace csim {
namespace {

const std::vector<std::string> daemon_fields{
    "host",     "asset",  "type",        "listen_port", "listen_xprt", "listen_auth",        "env",
    "samplers", "config", "config_file", "log_file",    "log_level",   "samplers_and_config"};

/// A daemon with its template folded in, and where each of its parts was written.
struct Merged {
    Json object;
    std::map<std::string, std::string> origins;  ///< field, or field/i of a list: its JSON pointer
    Environment env;                             ///< of template, then daemon

    std::string path(const std::string& field, const std::string& otherwise) const {
        const auto found = origins.find(field);
        return found == origins.end() ? otherwise + "/" + field : found->second;
    }
};

struct Template {
    const Json* object;
    std::string path;
};

std::map<std::string, Template> read_templates(const Json& whole, Checker& check) {
    std::map<std::string, Template> all;
    const Json& list = check.list(whole, "", "define");
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string path = "/define/" + std::to_string(i);
        if (!check.is_object(list[i], path)) continue;
        const std::string name = check.text(list[i], path, "name", "", true);
        if (name.empty()) continue;
        if (all.contains(name))
            check.error("S07", path + "/name", "template \"" + name + "\" is defined already");
        all[name] = {&list[i], path};
    }
    return all;
}

void note_items(Merged& merged, const std::string& field, const Json& list, const std::string& path) {
    const std::size_t before = merged.object.contains(field) ? merged.object[field].size() : 0;
    for (std::size_t i = 0; i < list.size(); ++i)
        merged.origins[field + "/" + std::to_string(before + i)] =
            path + "/" + field + "/" + std::to_string(i);
}

// Lists of both follow each other, the template's first; objects merge; of scalars the daemon's counts.
void merge_field(
    Merged& merged, const std::string& key, const Json& value, const std::string& path, Checker& check
) {
    const auto there = merged.object.find(key);
    if (value.is_array()) {
        if (there == merged.object.end() || there->is_array()) note_items(merged, key, value, path);
        if (there != merged.object.end() && there->is_array()) {
            there->insert(there->end(), value.begin(), value.end());
            return;
        }
    }
    if (there == merged.object.end()) {
        merged.object[key] = value;
        merged.origins[key] = path + "/" + key;
        return;
    }
    if (there->is_object() && value.is_object()) return there->update(value);
    if (there->type() != value.type() && !(there->is_number() && value.is_number()))
        return check.error(
            "S03", path + "/" + key,
            "is of another type than the template's: " + named_kind(value) + ", not " + named_kind(*there)
        );
    *there = value;
    merged.origins[key] = path + "/" + key;
}

Merged merge(
    const Json& daemon, const std::string& path, const std::map<std::string, Template>& templates,
    Checker& check
) {
    Merged merged;
    merged.object = Json::object();
    const std::string asset = check.text(daemon, path, "asset");
    const auto found = templates.find(asset);
    if (!asset.empty() && found == templates.end()) {
        std::vector<std::string> names;
        for (const auto& [name, each] : templates) names.push_back(name);
        const std::string near = closest(asset, names);
        check.error(
            "S06", path + "/asset",
            "no template \"" + asset + "\"" + (near.empty() ? "" : "; did you mean \"" + near + "\"?")
        );
    }
    if (found != templates.end()) {
        for (const auto& [key, value] : found->second.object->items())
            if (key != "name" && key != "env") merge_field(merged, key, value, found->second.path, check);
        merged.env = check.environment(*found->second.object, found->second.path);
    }
    for (const auto& [key, value] : daemon.items())
        if (key != "env" && key != "asset") merge_field(merged, key, value, path, check);
    for (const auto& [name, value] : check.environment(daemon, path)) merged.env[name] = value;
    return merged;
}

void substitute_env(LdmsdSpec& ldmsd, const Merged& merged, const std::string& path, Checker& check) {
    for (const auto& [name, value] : merged.env) {
        const auto find = [&](const std::string& attribute) -> std::optional<std::string> {
            const auto found = merged.object.find(attribute);
            return found == merged.object.end() ? std::nullopt : scalar_text(*found);
        };
        const auto unknown = [&](const std::string& attribute) {
            std::string known;
            for (const auto& [key, each] : merged.object.items())
                if (scalar_text(each)) known += (known.empty() ? "" : ", ") + key;
            check.error("S09", path + "/env", name + ": %" + attribute + "% unknown (known: " + known + ")");
        };
        ldmsd.env[name] = substitute(value, find, unknown);
    }
}

void generate(LdmsdSpec& ldmsd, Merged& merged, const std::string& path, Checker& check) {
    const Json& config = check.list(merged.object, path, "config");
    const Json& samplers = check.list(merged.object, path, "samplers");
    const bool both = merged.object.contains("config") && !samplers.empty();
    const bool concat = check.text(merged.object, path, "samplers_and_config") == "concat";
    if (both && !concat) check.warn("S14", path, "has config lines, so its samplers are left out");
    std::vector<std::string> plugins;
    for (std::size_t i = 0; i < samplers.size() && (!both || concat); ++i) {
        const std::string at = merged.path("samplers/" + std::to_string(i), path);
        if (!check.is_object(samplers[i], at)) continue;
        const SamplerText text = first_dialect_sampler(samplers[i], at, check);
        ldmsd.config += text.lines;
        if (!text.instance.empty()) ldmsd.instances.push_back(text.instance);
        const std::string plugin = check.text(samplers[i], at, "plugin");
        if (std::find(plugins.begin(), plugins.end(), plugin) != plugins.end())
            check.warn("S14", at + "/plugin", "\"" + plugin + "\" is loaded twice on this daemon");
        plugins.push_back(plugin);
    }
    for (std::size_t i = 0; i < config.size(); ++i) {
        if (config[i].is_string()) {
            ldmsd.config += config[i].get<std::string>() + "\n";
        } else {
            check.error(
                "S03", merged.path("config/" + std::to_string(i), path),
                "expected string, got " + named_kind(config[i])
            );
        }
    }
}

PlannedNode read_daemon(Merged merged, const std::string& path, Checker& check) {
    PlannedNode node;
    const Json& object = merged.object;
    node.aliases = {check.text(object, path, "host", "", true)};
    const std::string type = check.text(object, path, "type");
    if (!type.empty()) check.one_of("S12", merged.path("type", path), type, {"sampler"});
    node.sampler = node.slurmd = type == "sampler";
    node.sshd = true;
    node.munged.push_back({});
    LdmsdSpec ldmsd;
    Listener listener;
    listener.port = check.integer(object, path, "listen_port", 0, true);
    if (object.contains("listen_port")) check_port(check, merged.path("listen_port", path), listener.port);
    listener.xprt = check.text(object, path, "listen_xprt", "sock");
    check.one_of("S12", merged.path("listen_xprt", path), listener.xprt, transports);
    ldmsd.listeners.push_back(listener);
    ldmsd.auth = check.text(object, path, "listen_auth", "none");
    check.one_of("S12", merged.path("listen_auth", path), ldmsd.auth, authentications);
    ldmsd.config_file = check.text(object, path, "config_file", ldmsd.config_file);
    ldmsd.log_file = check.text(object, path, "log_file", ldmsd.log_file);
    ldmsd.log_level = check.text(object, path, "log_level", ldmsd.log_level);
    check.one_of("S12", merged.path("log_level", path), ldmsd.log_level, log_levels);
    substitute_env(ldmsd, merged, path, check);
    generate(ldmsd, merged, path, check);
    node.ldmsd = std::move(ldmsd);
    return node;
}

}  // namespace

void expand_first_dialect(const Json& whole, const SpecWorld&, Checker& check, ClusterSpec& spec) {
    const auto templates = read_templates(whole, check);
    for (const auto& [name, each] : templates) {
        auto known = daemon_fields;
        known.insert(known.end(), {"name"});
        check.unknown(*each.object, each.path, known);
    }
    const Json& daemons = check.list(whole, "", "daemons");
    if (whole.contains("daemons") && whole["daemons"].is_array() && daemons.empty())
        check.error("S02", "/daemons", "needs at least one daemon");
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < daemons.size(); ++i) {
        const std::string path = "/daemons/" + std::to_string(i);
        paths.push_back(path);
        if (!check.is_object(daemons[i], path)) continue;
        PlannedNode node = read_daemon(merge(daemons[i], path, templates, check), path, check);
        node.hostname = "node-" + std::to_string(i + 1);
        spec.nodes.push_back(std::move(node));
    }
    PlannedNode service;
    service.hostname = "node-" + std::to_string(daemons.size() + 1);
    service.sshd = service.slurmctld = true;
    service.munged.push_back({});
    const bool taken = std::any_of(spec.nodes.begin(), spec.nodes.end(), [](const PlannedNode& node) {
        return node.aliases[0] == "service";
    });
    if (!taken) service.aliases.push_back("service");
    spec.nodes.push_back(std::move(service));
    paths.push_back("");
    for (PlannedNode& node : spec.nodes) node.image = spec.image, node.mounts = spec.mounts;
    check_whole(spec, paths, check);
}

}  // namespace csim
