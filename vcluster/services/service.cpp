#include "vcluster/services/service.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

namespace csim {
namespace {

/// A number, if the text is one line of digits; 0 otherwise.
std::int64_t number_in(const std::string& text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::vector<const PlannedNode*> places(
    Cluster& cluster, const ClusterService& service, const std::string& node
) {
    std::vector<const PlannedNode*> all;
    if (!node.empty()) {
        const PlannedNode& one = cluster.node(node);
        if (!service.belongs(one))
            throw Fatal(
                "the specification has no " + std::string(service.name) + " on " + one.hostname,
                cluster_status::invalid
            );
        return {&one};
    }
    for (const PlannedNode* each : cluster.all_nodes())
        if (service.belongs(*each)) all.push_back(each);
    return all;
}

}  // namespace

std::span<const ClusterService> services() {
    static const std::array<ClusterService, 4> all{
        sshd_service(), munged_service(), slurm_service(), ldmsd_service()};
    return all;
}

const ClusterService& find_service(const std::string& name) {
    std::string known;
    for (const ClusterService& each : services()) {
        if (each.name == name) return each;
        known += std::string(each.name) + ", ";
    }
    throw Fatal(
        "there is no service '" + name + "'; there are " + known + "and all", cluster_status::invalid
    );
}

ServiceStates start_services(
    Cluster& cluster, const std::string& service, const std::string& node, Duration limit
) {
    ServiceStates states;
    const auto start = [&](const ClusterService& each) {
        const auto where = places(cluster, each, node);
        if (where.empty() && each.name == "slurm")
            throw Fatal(
                "/: no node runs slurmd, so there is nothing to schedule on", cluster_status::invalid
            );
        const auto part = each.start(cluster, where, limit);
        states.insert(states.end(), part.begin(), part.end());
    };
    if (service != "all") {
        start(find_service(service));
        return states;
    }
    for (const ClusterService& each : services()) {
        const auto all = cluster.all_nodes();
        const bool some =
            std::any_of(all.begin(), all.end(), [&](const PlannedNode* one) { return each.belongs(*one); });
        if (some && (node.empty() || each.belongs(cluster.node(node)))) start(each);
    }
    return states;
}

ServiceStates stop_services(
    Cluster& cluster, const std::string& service, const std::string& node, Duration limit
) {
    ServiceStates states;
    const auto rows = services();
    for (auto each = rows.rbegin(); each != rows.rend(); ++each) {
        if (service != "all" && each->name != find_service(service).name) continue;
        if (service == "all" && !node.empty() && !each->belongs(cluster.node(node))) continue;
        const auto part = each->stop(cluster, places(cluster, *each, node), limit);
        states.insert(states.end(), part.begin(), part.end());
    }
    return states;
}

ServiceStates service_status(Cluster& cluster) {
    ServiceStates states;
    for (const ClusterService& each : services()) {
        const auto part = each.status(cluster, places(cluster, each, ""));
        states.insert(states.end(), part.begin(), part.end());
    }
    return states;
}

NodeFile service_folder(unsigned mode, std::uint32_t uid, std::uint32_t gid) {
    NodeFile file;
    file.type = NodeFile::Type::directory;
    file.mode = mode;
    file.uid = uid, file.gid = gid;
    return file;
}

NodeFile service_file(std::string content, unsigned mode, std::uint32_t uid, std::uint32_t gid) {
    NodeFile file;
    file.content = std::move(content);
    file.mode = mode;
    file.uid = uid, file.gid = gid;
    return file;
}

void furnish_nodes(
    Cluster& cluster, const std::vector<const PlannedNode*>& where,
    const std::function<std::vector<Furnishing>(const PlannedNode&)>& of
) {
    std::vector<std::vector<Furnishing>> all;
    std::size_t most = 0;
    for (const PlannedNode* node : where) {
        all.push_back(of(*node));
        most = std::max(most, all.back().size());
    }
    // One step of all nodes after the other, since folders come before what is in them.
    for (std::size_t step = 0; step < most; ++step) {
        std::vector<Nodes::Writing> writings;
        std::vector<std::string> names;
        for (std::size_t i = 0; i < where.size(); ++i) {
            if (step >= all[i].size()) continue;
            names.push_back(where[i]->hostname + ":" + all[i][step].path);
            writings.push_back(
                {cluster.runtime_name(*where[i]), all[i][step].path, std::move(all[i][step].file)}
            );
        }
        const auto results = cluster.nodes().write_all(std::move(writings));
        for (std::size_t i = 0; i < results.size(); ++i)
            if (!results[i]) throw Fatal("cannot write " + names[i] + ": " + results[i].error().detail);
    }
}

std::int64_t pid_from_file(
    Cluster& cluster, const PlannedNode& node, const std::string& file, const std::string& name, bool& stale
) {
    const std::string runtime_name = cluster.runtime_name(node);
    const auto written = cluster.nodes().read(runtime_name, file);
    stale = false;
    if (!written) return 0;
    const std::int64_t pid = number_in(written->content);
    const auto comm = pid > 0 ? cluster.nodes().read(runtime_name, "/proc/" + std::to_string(pid) + "/comm")
                              : NodeResult<NodeFile>(NodeError{});
    if (comm && comm->content == name.substr(0, 15) + "\n") return pid;
    stale = true;
    return 0;
}

std::int64_t pid_by_name(Cluster& cluster, const PlannedNode& node, const std::string& name) {
    const std::string runtime_name = cluster.runtime_name(node);
    const auto proc = cluster.nodes().read(runtime_name, "/proc");
    if (!proc) return 0;
    std::vector<std::pair<std::string, std::string>> files;
    for (const std::string& each : proc->entries)
        if (number_in(each) > 0) files.emplace_back(runtime_name, "/proc/" + each + "/comm");
    const auto comms = cluster.nodes().read_all(files);
    std::int64_t least = 0;
    for (std::size_t i = 0; i < comms.size(); ++i) {
        if (!comms[i] || comms[i]->content != name.substr(0, 15) + "\n") continue;
        const std::int64_t pid = number_in(files[i].second.substr(6));
        if (least == 0 || pid < least) least = pid;
    }
    return least;
}

bool listens(Cluster& cluster, const PlannedNode& node, int port) {
    char hex[8];
    std::snprintf(hex, sizeof hex, ":%04X", static_cast<unsigned>(port));
    for (const char* table : {"/proc/1/net/tcp", "/proc/1/net/tcp6"}) {
        const auto text = cluster.nodes().read(cluster.runtime_name(node), table);
        std::istringstream lines(text ? text->content : "");
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string slot, local, remote, state;
            words >> slot >> local >> remote >> state;
            if (state == "0A" && local.ends_with(hex)) return true;
        }
    }
    return false;
}

std::string end_of_log(
    Cluster& cluster, const PlannedNode& node, const std::string& path, std::size_t lines
) {
    const auto log = cluster.nodes().read(cluster.runtime_name(node), path);
    if (!log || log->content.empty()) return "";
    const std::string& text = log->content;
    std::size_t at = text.size() - (text.ends_with("\n") ? 1 : 0);
    for (std::size_t i = 0; i < lines && at != 0 && at != std::string::npos; ++i)
        at = at == 0 ? 0 : text.rfind('\n', at - 1);
    return "\nthe end of " + node.hostname + ":" + path + ":\n" +
           text.substr(at == std::string::npos || at == 0 ? 0 : at + 1);
}

std::pair<std::uint32_t, std::uint32_t> user_on(
    Cluster& cluster, const PlannedNode& node, const std::string& user
) {
    const auto passwd = cluster.nodes().read(cluster.runtime_name(node), "/etc/passwd");
    std::istringstream lines(passwd ? passwd->content : "");
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(user + ":")) continue;
        const auto second = line.find(':', user.size() + 1), third = line.find(':', second + 1);
        return {
            static_cast<std::uint32_t>(number_in(line.substr(second + 1))),
            static_cast<std::uint32_t>(number_in(line.substr(third + 1)))};
    }
    throw Fatal(
        "there is no user " + user + " on " + node.hostname +
        "; install the package that brings it into the image"
    );
}

void end_process(Cluster& cluster, const PlannedNode& node, std::int64_t pid, Duration limit) {
    const std::string comm = "/proc/" + std::to_string(pid) + "/comm", name = cluster.runtime_name(node);
    const auto before = cluster.nodes().read(name, comm);
    for (const char* signal : {"-TERM", "-KILL"}) {
        RunRequest kill;
        kill.shell = std::string("kill ") + signal + " " + std::to_string(pid);
        kill.limit = 30s;
        cluster.run(node, kill);
        const bool gone = cluster.nodes().until(limit, [&] {
            const auto now = cluster.nodes().read(name, comm);
            return !now || !before || now->content != before->content;
        });
        if (gone) return;
    }
    throw Fatal(
        "process " + std::to_string(pid) + " of " + node.hostname + " does not end", cluster_status::timeout
    );
}

}  // namespace csim
