// Programs and files on the nodes of a cluster, and what every node is furnished with.
#include "vcluster/cluster.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace csim {
namespace {

NodeFile text_file(std::string content, unsigned mode = 0644) {
    NodeFile file;
    file.content = std::move(content);
    file.mode = mode;
    return file;
}

NodeFile folder(unsigned mode = 0755) {
    NodeFile file;
    file.type = NodeFile::Type::directory;
    file.mode = mode;
    return file;
}

/// The machine's time zone, by its name.
std::string time_zone() {
    if (const char* given = std::getenv("TZ"); given != nullptr && *given != '\0') return given;
    std::ifstream in("/etc/timezone");
    std::string name;
    if (std::getline(in, name) && !name.empty()) return name;
    std::error_code error;
    const std::string link = std::filesystem::read_symlink("/etc/localtime", error).string();
    const auto at = link.find("zoneinfo/");
    return at == std::string::npos ? "Etc/UTC" : link.substr(at + 9);
}

const char* const library_folders =
    "/opt/ovis/lib\n/opt/ovis/lib64\n/opt/ovis/lib/ovis-ldms\n/opt/ovis/lib64/ovis-ldms\n";

const char* const profile =
    "csim_add() { case \":$(eval echo \\$$1):\" in *\":$2:\"*) ;; *) eval \"export $1=\\$$1:$2\" ;; esac; }\n"
    "for d in bin sbin; do csim_add PATH /opt/ovis/$d; done\n"
    "for l in lib lib64; do\n"
    "  csim_add LD_LIBRARY_PATH /opt/ovis/$l; csim_add LD_LIBRARY_PATH /opt/ovis/$l/ovis-ldms\n"
    "  csim_add ZAP_LIBPATH /opt/ovis/$l/ovis-ldms; csim_add ZAP_LIBPATH /opt/ovis/$l/ovis-lib\n"
    "  csim_add LDMSD_PLUGIN_LIBPATH /opt/ovis/$l/ovis-ldms\n"
    "done\n"
    "csim_add MANPATH /opt/ovis/share/man\n"
    "for p in /opt/ovis/lib/python*/site-packages /opt/ovis/lib/python*/dist-packages; do\n"
    "  [ -d \"$p\" ] && csim_add PYTHONPATH $p\n"
    "done\n"
    "unset -f csim_add\n";

std::string python_path(const ClusterSpec& spec) {
    std::string all;
    std::error_code error;
    if (spec.ovis_prefix.empty()) return all;
    for (const char* library : {"lib", "lib64"})
        for (const auto& python :
             std::filesystem::directory_iterator(spec.ovis_prefix + "/" + library, error)) {
            if (!python.path().filename().string().starts_with("python")) continue;
            for (const char* kind : {"site-packages", "dist-packages"})
                if (std::filesystem::is_directory(python.path() / kind, error))
                    all += (all.empty() ? "" : ":") + std::string("/opt/ovis/") + library + "/" +
                           python.path().filename().string() + "/" + kind;
        }
    return all;
}

}  // namespace

void Cluster::furnish(const std::vector<const PlannedNode*>& fresh) {
    std::vector<Nodes::Writing> folders, files;
    std::string all, others;
    for (const PlannedNode& node : spec_->nodes) all += (all.empty() ? "" : " ") + node.hostname;
    for (const PlannedNode* node : fresh) {
        backend_->furnish(*spec_, *node);
        const std::string name = runtime_name(*node);
        others.clear();
        for (const PlannedNode& each : spec_->nodes)
            if (&each != node) others += (others.empty() ? "" : " ") + each.hostname;
        files.push_back({name, "/etc/hosts", text_file(hosts_text())});
        files.push_back({name, "/etc/hostname", text_file(node->hostname + "\n")});
        // No name server can be reached from there, and waiting for one takes seconds with every unknown
        // name.
        if (record_.backend == "namespaces")
            files.push_back(
                {name, "/etc/resolv.conf", text_file("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")}
            );
        folders.push_back({name, "/etc/ld.so.conf.d", folder()});
        files.push_back({name, "/etc/ld.so.conf.d/ovis.conf", text_file(library_folders)});
        folders.push_back({name, "/etc/profile.d", folder()});
        files.push_back({name, "/etc/profile.d/ovis.sh", text_file(profile)});
        files.push_back(
            {name, "/etc/profile.d/pssh.sh",
             text_file("export ALLHOSTS=\"" + all + "\"\nexport OTHERHOSTS=\"" + others + "\"\n")}
        );
    }
    // Writings go on side by side, so folders come first.
    for (auto* writings : {&folders, &files}) {
        std::vector<std::string> paths;
        for (const auto& each : *writings) paths.push_back(each.node + ":" + each.path);
        const auto written = nodes().write_all(std::move(*writings));
        for (std::size_t i = 0; i < written.size(); ++i)
            if (!written[i]) throw Fatal("cannot write " + paths[i] + ": " + written[i].error().detail);
    }
    for (const PlannedNode* node : fresh)
        if (!node->at_start.empty()) run_start_script(*node);
}

void Cluster::run_start_script(const PlannedNode& node) {
    RunRequest script;
    script.shell = node.at_start;
    script.merged = true;
    const ExecResult ran = run(node, script);
    if (ran.status != 0)
        throw Fatal(
            node.hostname + ": its script for the start ended with " + std::to_string(ran.status) + ": " +
            ran.out
        );
}

void Cluster::switch_node(const PlannedNode& node, bool up) {
    const std::string name = runtime_name(node);
    const auto state = states()[node.hostname].state;
    if ((state == NodeState::running) == up) return;
    NodeResult<Done> result = up ? std::move(nodes().start_all({name}, 60s).front().second)
                                 : nodes().stop(name, Duration::zero(), 60s);
    if (!result) throw Fatal(node.hostname + ": " + sentence(result.error()));
    if (up) furnish({&node});
}

ExecSpec Cluster::exec_spec(const PlannedNode& node, const RunRequest& request) {
    ExecSpec spec;
    const std::string name = runtime_name(node);
    if (request.shell.empty()) {
        spec.command = request.command;
    } else {
        const std::string key = "shell of " + node.hostname;
        if (!homes_.contains(key)) homes_[key] = nodes().read(name, "/bin/bash") ? "/bin/bash" : "/bin/sh";
        spec.command = {homes_[key], "-c", request.shell};
    }
    spec.environment = node_environment(*spec_, node);
    if (const std::string path = python_path(*spec_); !path.empty())
        spec.environment.try_emplace("PYTHONPATH", path);
    spec.environment.try_emplace("TZ", time_zone());
    const std::string user = request.user.empty() ? "root" : request.user.substr(0, request.user.find(':'));
    std::string home = "/root";
    if (user != "root" && user != "0") {
        const std::string key = node.hostname + ":" + user;
        if (!homes_.contains(key)) {
            const auto passwd = nodes().read(name, "/etc/passwd");
            std::istringstream lines(passwd ? passwd->content : "");
            homes_[key] = "/";
            for (std::string line; std::getline(lines, line);) {
                std::istringstream fields(line);
                std::vector<std::string> parts;
                for (std::string part; std::getline(fields, part, ':');) parts.push_back(part);
                if (parts.size() > 5 && (parts[0] == user || parts[2] == user)) homes_[key] = parts[5];
            }
        }
        home = homes_[key];
    }
    spec.environment.try_emplace("HOME", home);
    spec.environment.try_emplace("USER", user);
    spec.environment.try_emplace("LOGNAME", user);
    for (const auto& [variable, value] : request.env) spec.environment[variable] = value;
    spec.user = request.user;
    spec.folder = request.folder;
    spec.input = request.input;
    spec.merged = request.merged;
    spec.detached = request.detached;
    spec.without_capabilities = backend_->without_capabilities(*spec_);
    return spec;
}

ExecResult Cluster::run(const PlannedNode& node, const RunRequest& request) {
    return std::move(run_all({&node}, request).front());
}

std::vector<ExecResult> Cluster::run_all(
    const std::vector<const PlannedNode*>& where, const RunRequest& request
) {
    std::vector<Nodes::Order> orders;
    for (const PlannedNode* node : where) orders.push_back({runtime_name(*node), exec_spec(*node, request)});
    auto results = nodes().exec_all(std::move(orders), request.limit);
    std::vector<ExecResult> all;
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (results[i]) {
            all.push_back(std::move(*results[i]));
            continue;
        }
        const NodeError& error = results[i].error();
        const int status = error.kind == NodeError::Kind::timeout     ? cluster_status::timeout
                           : error.kind == NodeError::Kind::not_found ? cluster_status::not_found
                                                                      : cluster_status::failed;
        throw Fatal(where[i]->hostname + ": " + error.detail, status);
    }
    return all;
}

NodeFile Cluster::read(const PlannedNode& node, const std::string& path) {
    auto file = nodes().read(runtime_name(node), path);
    if (!file)
        throw Fatal(
            "cannot read " + node.hostname + ":" + path + ": " +
            (file.error().kind == NodeError::Kind::not_found ? "No such file or directory"
                                                             : file.error().detail)
        );
    if (file->type != NodeFile::Type::file)
        throw Fatal("cannot read " + node.hostname + ":" + path + ": it is not a file");
    return std::move(*file);
}

void Cluster::write(const PlannedNode& node, const std::string& path, NodeFile file, bool make_folders) {
    if (!path.starts_with("/"))
        throw Fatal("'" + path + "' is not an absolute path", cluster_status::invalid);
    const std::string name = runtime_name(node);
    for (auto slash = path.find('/', 1); make_folders && slash != std::string::npos;
         slash = path.find('/', slash + 1))
        if (!nodes().read(name, path.substr(0, slash))) nodes().write(name, path.substr(0, slash), folder());
    const auto written = nodes().write(name, path, std::move(file));
    if (!written)
        throw Fatal(
            "cannot write " + node.hostname + ":" + path + ": " +
            (written.error().kind == NodeError::Kind::not_found ? "No such file or directory"
                                                                : written.error().detail)
        );
}

}  // namespace csim
