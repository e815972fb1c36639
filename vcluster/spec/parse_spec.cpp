#include "vcluster/spec/dialects.hpp"
#include "vcluster/spec/extension.hpp"

#include <algorithm>
#include <regex>

namespace csim {
namespace {

const std::vector<std::string> top_fields{"name",        "description",  "type",          "image",
                                          "ovis_prefix", "env",          "mounts",        "cap_add",
                                          "cap_drop",    "cpu_per_node", "oversubscribe", "slurm_loglevel",
                                          "subnet",      "ipv6",         "backend",       "sim"};

/// Line and column of a byte of the text, as editors count.
std::string position(std::string_view text, std::size_t byte) {
    const auto before = text.substr(0, std::min(byte > 0 ? byte - 1 : 0, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto last = before.rfind('\n');
    const auto column = last == std::string_view::npos ? before.size() + 1 : before.size() - last;
    return "line " + std::to_string(line) + " column " + std::to_string(column);
}

std::optional<Json> read_json(std::string_view text, Checker& check) {
    constexpr std::size_t bytes_max = 16u << 20;
    if (text.size() > bytes_max) {
        check.error("S01", "spec", "is larger than 16 MiB");
        return std::nullopt;
    }
    try {
        int depth = 0;
        const auto limit = [&depth](int level, Json::parse_event_t, Json&) {
            depth = std::max(depth, level);
            return level < 128;
        };
        Json whole = Json::parse(text, limit, true, true);
        if (depth >= 128) {
            check.error("S01", "spec", "is nested more than 128 deep");
            return std::nullopt;
        }
        if (whole.is_object()) return whole;
        check.error("S01", "spec", "expected object, got " + named_kind(whole));
    } catch (const Json::parse_error& wrong) {
        std::string why = wrong.what();
        const auto syntax = why.find("syntax error");
        if (syntax != std::string::npos) why = why.substr(syntax);
        check.error("S01", "spec", position(text, wrong.byte) + ": " + why);
    } catch (const Json::exception& wrong) {
        check.error("S01", "spec", wrong.what());
    }
    return std::nullopt;
}

void read_slurm(const Json& whole, Checker& check, ClusterSpec& spec) {
    spec.cpu_per_node = check.integer(whole, "", "cpu_per_node", 1);
    if (spec.cpu_per_node < 1 || spec.cpu_per_node > 65533)
        check.error("S03", "/cpu_per_node", "expected 1 to 65533, got " + std::to_string(spec.cpu_per_node));
    spec.oversubscribe = check.text(whole, "", "oversubscribe", "NO");
    static const std::regex sharing("NO|EXCLUSIVE|(YES|FORCE)(:[1-9][0-9]{0,4})?");
    if (!std::regex_match(spec.oversubscribe, sharing))
        check.error("S12", "/oversubscribe", "expected NO, YES[:n], FORCE[:n] or EXCLUSIVE");
    spec.slurm_loglevel = check.text(whole, "", "slurm_loglevel", "info");
    check.one_of(
        "S12", "/slurm_loglevel", spec.slurm_loglevel,
        {"quiet", "fatal", "error", "info", "verbose", "debug", "debug2", "debug3", "debug4", "debug5"}
    );
}

void read_network(const Json& whole, Checker& check, ClusterSpec& spec) {
    spec.subnet = check.text(whole, "", "subnet");
    spec.ipv6 = check.boolean(whole, "", "ipv6", false);
    if (spec.ipv6) check.warn("S18", "/ipv6", "nodes have IPv4 addresses only");
    if (spec.subnet.empty()) return;
    static const std::regex cidr(R"(((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)/(\d\d?))");
    std::smatch found;
    if (!std::regex_match(spec.subnet, found, cidr) || std::stoi(found[4]) < 8 || std::stoi(found[4]) > 29)
        check.error(
            "S03", "/subnet", "\"" + spec.subnet + "\" is no network such as 10.9.0.0/24 (/8 to /29)"
        );
}

void read_top(const Json& whole, const SpecWorld& world, Checker& check, ClusterSpec& spec) {
    spec.name = check.text(whole, "", "name", "", true);
    static const std::regex allowed("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");
    if (whole.contains("name") && whole["name"].is_string() && !std::regex_match(spec.name, allowed))
        check.error(
            "S04", "/name",
            "\"" + spec.name +
                "\": only letters, digits, '.', '_' and '-', at most 63, beginning with a letter or digit"
        );
    spec.description = check.text(whole, "", "description");
    spec.type = check.text(whole, "", "type", "NA");
    spec.image = check.text(whole, "", "image", spec.image);
    spec.ovis_prefix = check.text(whole, "", "ovis_prefix", spec.dialect == 1 ? "/opt/ovis" : "");
    spec.env = check.environment(whole, "");
    spec.mounts = check.mounts(whole, "", world);
    spec.cap_add = check.capabilities(whole, "cap_add");
    spec.cap_drop = check.capabilities(whole, "cap_drop");
    read_slurm(whole, check, spec);
    read_network(whole, check, spec);
    if (const Json* sim = check.member(whole, "", "sim"); sim != nullptr && check.is_object(*sim, "/sim"))
        spec.sim = *sim;
}

Json strings_of(const std::vector<MountSpec>& mounts) {
    Json all = Json::array();
    for (const MountSpec& each : mounts)
        all.push_back(each.source + ":" + each.target + (each.read_only ? ":ro" : ":rw"));
    return all;
}

Json normal_ldmsd(const LdmsdSpec& ldmsd) {
    Json listeners = Json::array();
    for (const Listener& each : ldmsd.listeners)
        listeners.push_back({{"port", each.port}, {"xprt", each.xprt}, {"auth", each.auth}});
    return {
        {"listen", listeners},
        {"auth", ldmsd.auth},
        {"env", ldmsd.env},
        {"config", ldmsd.config},
        {"config_file", ldmsd.config_file},
        {"log_file", ldmsd.log_file},
        {"log_level", ldmsd.log_level}};
}

Json normal_node(const PlannedNode& node) {
    Json munged = Json::array();
    for (const MungeSpec& each : node.munged) munged.push_back({{"dom", each.domain}, {"key", each.key}});
    Json normal{
        {"hostname", node.hostname},
        {"aliases", node.aliases},
        {"env", node.env},
        {"image", node.image},
        {"mounts", strings_of(node.mounts)},
        {"sshd", node.sshd},
        {"munged", munged},
        {"slurmctld", node.slurmctld},
        {"slurmd", node.slurmd},
        {"plugstack", node.plugstack},
        {"atstart", node.at_start}};
    if (node.ldmsd) normal["ldmsd"] = normal_ldmsd(*node.ldmsd);
    return normal;
}

Json normal_spec(const ClusterSpec& spec) {
    Json nodes = Json::array();
    for (const PlannedNode& node : spec.nodes) nodes.push_back(normal_node(node));
    return {
        {"name", spec.name},
        {"description", spec.description},
        {"type", spec.type},
        {"ovis_prefix", spec.ovis_prefix},
        {"env", spec.env},
        {"cap_add", spec.cap_add},
        {"cap_drop", spec.cap_drop},
        {"cpu_per_node", spec.cpu_per_node},
        {"oversubscribe", spec.oversubscribe},
        {"slurm_loglevel", spec.slurm_loglevel},
        {"subnet", spec.subnet},
        {"ipv6", spec.ipv6},
        {"backend", spec.backend},
        {"sim", spec.sim},
        {"nodes", nodes}};
}

}  // namespace

bool ParsedSpec::ok() const {
    return std::all_of(issues.begin(), issues.end(), [](const SpecIssue& each) { return each.warning; });
}

ParsedSpec parse_spec(std::string_view text, const SpecWorld& given) {
    ParsedSpec parsed;
    Checker check(parsed.issues);
    auto whole = read_json(text, check);
    if (!whole) return parsed;
    const bool first = whole->contains("daemons"), second = whole->contains("nodes");
    if (first == second) {
        check.error(
            "S02", "",
            first ? "has both daemons and nodes; it is one dialect or the other"
                  : "needs daemons (first dialect) or nodes (second dialect)"
        );
        return parsed;
    }
    ClusterSpec& spec = parsed.spec;
    spec.dialect = first ? 1 : 2;
    if (second) whole = expand_extensions(*whole, check);
    SpecWorld world = given;
    spec.backend = check.text(*whole, "", "backend", "simulated");
    if (!world.backend.empty()) spec.backend = world.backend;
    world.backend = spec.backend;
    check.one_of("S12", "/backend", spec.backend, {"simulated", "namespaces", "docker", "lxd"});
    read_top(*whole, world, check, spec);
    if (first) {
        auto known = top_fields;
        known.insert(known.end(), {"define", "daemons"});
        check.unknown(*whole, "", known);
        expand_first_dialect(*whole, world, check, spec);
    } else {
        expand_second_dialect(*whole, world, check, spec);
    }
    spec.normalised = normal_spec(spec);
    return parsed;
}

}  // namespace csim
