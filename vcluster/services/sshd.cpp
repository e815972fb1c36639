// sshd on all nodes, with host keys and a user key of the cluster, so that nobody is asked anything.
#include "vcluster/services/service.hpp"

#include <sstream>

namespace csim {
namespace {

constexpr const char* host_key_types[] = {"ecdsa", "ed25519"};

std::string secret_name(const std::string& what) {
    return "ssh/" + what;
}

/// Made on a node with its own ssh-keygen, then kept with the cluster.
void make_key(Cluster& cluster, const PlannedNode& on, const std::string& what, const std::string& type) {
    if (!cluster.find_secret(secret_name(what)).empty()) return;
    const std::string path = "/tmp/cluster-sim-" + what;
    RunRequest make;
    make.shell =
        "rm -f " + path + " " + path + ".pub; ssh-keygen -q -t " + type + " -N '' -C " + what + " -f " + path;
    make.limit = 30s;
    make.merged = true;
    const ExecResult made = cluster.run(on, make);
    if (made.status != 0)
        throw Fatal(on.hostname + ": ssh-keygen ended with " + std::to_string(made.status) + ": " + made.out);
    cluster.keep_secret(secret_name(what), cluster.read(on, path).content);
    cluster.keep_secret(secret_name(what + ".pub"), cluster.read(on, path + ".pub").content);
    RunRequest remove;
    remove.command = {"rm", path, path + ".pub"};
    remove.limit = 30s;
    cluster.run(on, remove);
}

/// `ssh-ed25519 AAAA…` of a public key's line.
std::string without_comment(const std::string& line) {
    std::istringstream words(line);
    std::string type, body;
    words >> type >> body;
    return type + " " + body;
}

std::string known_hosts(const Cluster& cluster) {
    std::string text;
    for (const RecordedNode& node : cluster.record().nodes) {
        std::string names = node.hostname + "," + node.address;
        for (const std::string& alias : node.aliases) names += "," + alias;
        for (const char* type : host_key_types)
            text += names + " " +
                    without_comment(cluster.find_secret(secret_name(std::string("host-") + type + ".pub"))) +
                    "\n";
    }
    return text;
}

std::vector<Furnishing> files_for(Cluster& cluster) {
    std::vector<Furnishing> files{
        {"/etc/ssh", service_folder(0755)},
        {"/run/sshd", service_folder(0755)},
        {"/root/.ssh", service_folder(0700)}};
    for (const char* type : host_key_types) {
        const std::string what = std::string("host-") + type,
                          path = "/etc/ssh/ssh_host_" + std::string(type) + "_key";
        files.push_back({path, service_file(cluster.find_secret(secret_name(what)), 0600)});
        files.push_back({path + ".pub", service_file(cluster.find_secret(secret_name(what + ".pub")))});
    }
    const std::string open = cluster.find_secret(secret_name("user.pub"));
    files.push_back({"/root/.ssh/id_ed25519", service_file(cluster.find_secret(secret_name("user")), 0600)});
    files.push_back({"/root/.ssh/id_ed25519.pub", service_file(open)});
    files.push_back({"/root/.ssh/authorized_keys", service_file(open, 0600)});
    files.push_back({"/root/.ssh/known_hosts", service_file(known_hosts(cluster))});
    return files;
}

std::int64_t running(Cluster& cluster, const PlannedNode& node, bool& stale) {
    return pid_from_file(cluster, node, "/run/sshd.pid", "sshd", stale);
}

ServiceStates start(Cluster& cluster, const std::vector<const PlannedNode*>& where, Duration limit) {
    ServiceStates states;
    std::vector<const PlannedNode*> fresh;
    for (const PlannedNode* node : where) {
        bool stale = false;
        if (const auto pid = running(cluster, *node, stale); pid != 0)
            states.push_back({node->hostname, "sshd", "already running", pid});
        else
            fresh.push_back(node);
    }
    if (fresh.empty()) return states;
    for (const char* type : host_key_types) make_key(cluster, *fresh[0], std::string("host-") + type, type);
    make_key(cluster, *fresh[0], "user", "ed25519");
    furnish_nodes(cluster, fresh, [&](const PlannedNode&) { return files_for(cluster); });
    RunRequest request;
    request.command = {"/usr/sbin/sshd"};
    request.merged = true;
    request.limit = limit;
    const auto ran = cluster.run_all(fresh, request);
    for (std::size_t i = 0; i < ran.size(); ++i)
        if (ran[i].status != 0)
            throw Fatal(
                fresh[i]->hostname + ": sshd ended with " + std::to_string(ran[i].status) + ": " + ran[i].out
            );
    for (const PlannedNode* node : fresh) {
        bool stale = false;
        std::int64_t pid = 0;
        const bool up = cluster.nodes().until(limit, [&] {
            return listens(cluster, *node, 22) && (pid = running(cluster, *node, stale)) != 0;
        });
        if (!up) throw Fatal(node->hostname + ": sshd does not listen on port 22", cluster_status::timeout);
        states.push_back({node->hostname, "sshd", "started", pid});
    }
    return states;
}

ServiceStates stop(Cluster& cluster, const std::vector<const PlannedNode*>& where, Duration limit) {
    ServiceStates states;
    for (const PlannedNode* node : where) {
        bool stale = false;
        if (const auto pid = running(cluster, *node, stale); pid != 0)
            end_process(cluster, *node, pid, limit);
        states.push_back({node->hostname, "sshd", "stopped", 0});
    }
    return states;
}

ServiceStates status(Cluster& cluster, const std::vector<const PlannedNode*>& where) {
    ServiceStates states;
    for (const PlannedNode* node : where) {
        bool stale = false;
        const auto pid = running(cluster, *node, stale);
        states.push_back(
            {node->hostname, "sshd",
             pid != 0 ? "running"
             : stale  ? "stale pid file"
                      : "stopped",
             pid}
        );
    }
    return states;
}

const ClusterService row{"sshd", "ssh between all nodes without a password",       start, stop,
                         status, [](const PlannedNode& node) { return node.sshd; }};

}  // namespace

const ClusterService& sshd_service() {
    return row;
}

}  // namespace csim
