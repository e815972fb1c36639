// Operations on clusters, nodes and files.
#include "vcluster/operations.hpp"

#include "core/duration_text.hpp"
#include "core/hex.hpp"
#include "vcluster/cluster.hpp"

#include <algorithm>

namespace csim {
namespace {

std::string text_of(const Json& arguments, const char* key, const std::string& otherwise = "") {
    const auto found = arguments.find(key);
    return found == arguments.end() || found->is_null() ? otherwise : found->get<std::string>();
}

bool flag(const Json& arguments, const char* key) {
    const auto found = arguments.find(key);
    return found != arguments.end() && found->is_boolean() && found->get<bool>();
}

std::string spec_of(const Json& arguments) {
    const Json& spec = arguments.at("spec");
    if (spec.is_string()) return spec.get<std::string>();
    if (spec.is_object()) return spec.dump();
    throw Fatal("spec: expected a struct or its text", cluster_status::invalid);
}

Json record_json(const ClusterRecord& record) {
    Json nodes = Json::array();
    for (std::size_t i = 0; i < record.nodes.size(); ++i) {
        const RecordedNode& each = record.nodes[i];
        nodes.push_back(
            {{"name", record.name + "-" + each.hostname},
             {"hostname", each.hostname},
             {"aliases", each.aliases},
             {"ip_addr", each.address},
             {"index", i + 1},
             {"started", each.started}}
        );
    }
    return {{"name", record.name},       {"backend", record.backend}, {"state", record.state},
            {"created", record.created}, {"owner", record.owner},     {"nodes", nodes}};
}

ClusterOptions options_of(const Json& arguments) {
    ClusterOptions options;
    options.backend = text_of(arguments, "backend");
    options.keep_failed = flag(arguments, "keep_failed");
    return options;
}

Json check(const ClusterStore&, const Json& arguments) {
    SpecWorld world;
    world.backend = text_of(arguments, "backend");
    Json errors = Json::array(), warnings = Json::array();
    const ParsedSpec parsed = parse_spec(spec_of(arguments), world);
    for (const SpecIssue& each : parsed.issues)
        (each.warning ? warnings : errors)
            .push_back({{"code", each.code}, {"path", each.path}, {"text", each.text}});
    return {
        {"errors", errors},
        {"warnings", warnings},
        {"expanded", parsed.ok() ? parsed.spec.normalised : Json::object()}};
}

Json create(const ClusterStore& store, const Json& arguments) {
    return record_json(Cluster::create(store, spec_of(arguments), options_of(arguments)).record());
}

Json get(const ClusterStore& store, const Json& arguments) {
    return record_json(Cluster::get(store, text_of(arguments, "name")).record());
}

Json get_or_create(const ClusterStore& store, const Json& arguments) {
    return record_json(Cluster::get(store, spec_of(arguments), options_of(arguments), true).record());
}

Json list(const ClusterStore& store, const Json&) {
    Json all = Json::array();
    for (const ClusterRecord& each : store.all()) all.push_back(record_json(each));
    return all;
}

Json remove(const ClusterStore& store, const Json& arguments) {
    const Removal removal = remove_cluster(store, text_of(arguments, "name"));
    std::string all;
    for (const std::string& each : removal.complaints) all += (all.empty() ? "" : "\n") + each;
    if (!all.empty()) throw Fatal(all);
    return removal.was_there;
}

/// Text that any encoding of answers can carry; `exact` says whether it is all of it.
std::string portable(const std::string& bytes, bool& exact) {
    const std::string valid =
        Json::parse(Json(bytes).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
    std::string text;
    for (const char c : valid)
        text += static_cast<unsigned char>(c) >= 32 || c == '\n' || c == '\t' || c == '\r'
                    ? std::string(1, c)
                    : std::string("\xef\xbf\xbd");
    exact = text == bytes;
    return text;
}

void put(Json& result, const std::string& key, const std::string& bytes) {
    bool exact = true;
    result[key] = portable(bytes, exact);
    if (!exact) result[key + "_base64"] = base64_text(bytes);
}

Json exec(const ClusterStore& store, const Json& arguments) {
    RunRequest request;
    const Json& command = arguments.at("command");
    if (command.is_string())
        request.shell = command.get<std::string>();
    else if (command.is_array())
        request.command = command.get<std::vector<std::string>>();
    else
        throw Fatal("command: expected a string or a list of strings", cluster_status::invalid);
    const Json options = arguments.value("options", Json::object());
    for (const auto& [key, value] : options.items()) {
        if (key == "env")
            request.env = value.get<Environment>();
        else if (key == "user")
            request.user = value.get<std::string>();
        else if (key == "workdir")
            request.folder = value.get<std::string>();
        else if (key == "stdin")
            request.input = value.get<std::string>();
        else if (key == "detach")
            request.detached = value.get<bool>();
        else if (key == "timeout")
            request.limit = Duration(static_cast<std::int64_t>(value.get<double>() * 1e9));
        else if (key == "separate")
            request.merged = !value.get<bool>();
        else
            throw Fatal(
                "options: '" + key +
                    "' is unknown; known: detach, env, separate, stdin, timeout, user, workdir",
                cluster_status::invalid
            );
    }
    if (!options.value("separate", false)) request.merged = true;
    Cluster cluster = Cluster::get(store, text_of(arguments, "name"));
    const ExecResult ran = cluster.run(cluster.node(text_of(arguments, "node")), request);
    cluster.commit();
    Json result{{"rc", ran.status}};
    put(result, "out", ran.out);
    if (!request.merged) put(result, "err", ran.err);
    return result;
}

Json read_file(const ClusterStore& store, const Json& arguments) {
    Cluster cluster = Cluster::get(store, text_of(arguments, "name"));
    const std::string content =
        cluster.read(cluster.node(text_of(arguments, "node")), text_of(arguments, "path")).content;
    if (text_of(arguments, "encoding", "text") == "base64") return base64_text(content);
    bool exact = true;
    const std::string text = portable(content, exact);
    if (!exact) throw Fatal("the file is not plain text; ask for it with the encoding base64");
    return text;
}

Json write_file(const ClusterStore& store, const Json& arguments) {
    NodeFile file;
    file.content = text_of(arguments, "content");
    if (text_of(arguments, "encoding", "text") == "base64") {
        std::string compact = file.content;
        std::erase_if(compact, [](unsigned char c) { return std::isspace(c) != 0; });
        const auto bytes = parse_base64(compact);
        if (!bytes) throw Fatal("content: " + bytes.error().detail, cluster_status::invalid);
        file.content = *bytes;
    }
    const int mode = arguments.value("mode", 0644);
    if (mode < 0 || mode > 07777) throw Fatal("mode: expected 0 to 4095", cluster_status::invalid);
    file.mode = static_cast<unsigned>(mode);
    Cluster cluster = Cluster::get(store, text_of(arguments, "name"));
    cluster.write(
        cluster.node(text_of(arguments, "node")), text_of(arguments, "path"), std::move(file),
        flag(arguments, "mkdirs")
    );
    cluster.commit();
    return true;
}

Json hosts(const ClusterStore& store, const Json& arguments) {
    return Cluster::get(store, text_of(arguments, "name")).hosts_text();
}

Json pass(const ClusterStore& store, const Json& arguments) {
    const double seconds = arguments.at("seconds").get<double>();
    if (!(seconds >= 0 && seconds < 1e8)) throw Fatal("seconds: expected 0 or more", cluster_status::invalid);
    Cluster cluster = Cluster::get(store, text_of(arguments, "name"));
    cluster.nodes().pass(Duration(static_cast<std::int64_t>(seconds * 1e9)));
    cluster.commit();
    return true;
}

const ClusterParameter name{"name", "string"}, node{"node", "string"}, spec{"spec", "any"},
    backend{"backend", "string", true};

const ClusterOperation rows[] = {
    {"vcluster.check",
     "struct",
     "Read a specification: errors, warnings, and what it becomes.",
     {spec, backend},
     check,
     true},
    {"vcluster.create",
     "struct",
     "Make a cluster.",
     {spec, backend, {"keep_failed", "boolean", true}},
     create},
    {"vcluster.exec",
     "struct",
     "Run a text or a list of words on a node: rc and out. An empty node is the service node.",
     {name, node, {"command", "any"}, {"options", "struct", true}},
     exec},
    {"vcluster.get", "struct", "A cluster and its nodes.", {name}, get, true},
    {"vcluster.get_or_create",
     "struct",
     "A cluster, made if need be, from the same specification.",
     {spec, backend},
     get_or_create},
    {"vcluster.hosts", "string", "What /etc/hosts has on every node.", {name}, hosts, true},
    {"vcluster.list", "array", "All clusters.", {}, list, true},
    {"vcluster.pass",
     "boolean",
     "Let the cluster's time pass; simulated seconds take none.",
     {name, {"seconds", "double"}},
     pass},
    {"vcluster.read_file",
     "string",
     "A file of a node; encoding text or base64.",
     {name, node, {"path", "string"}, {"encoding", "string", true}},
     read_file,
     true},
    {"vcluster.remove", "boolean", "Remove a cluster; false if there was none.", {name}, remove},
    {"vcluster.write_file",
     "boolean",
     "Write a file of a node; encoding text or base64.",
     {name,
      node,
      {"path", "string"},
      {"content", "string"},
      {"encoding", "string", true},
      {"mode", "int", true},
      {"mkdirs", "boolean", true}},
     write_file},
};

}  // namespace

std::span<const ClusterOperation> vcluster_operations() {
    return rows;
}

}  // namespace csim
