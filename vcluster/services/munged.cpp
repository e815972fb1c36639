// munged on all nodes, with one key.
#include "vcluster/services/service.hpp"

namespace csim {
namespace {

constexpr char usual_pid[] = "/run/munge/munged.pid", usual_socket[] = "/run/munge/munge.socket.2";
constexpr char usual_log[] = "/var/log/munge/munged.log";

struct Domain {
    std::string pid_file, socket, key_file;
    std::vector<std::string> command;
};

Domain domain_of(const MungeSpec& spec) {
    if (spec.domain.empty()) return {usual_pid, usual_socket, "/etc/munge/munge.key", {"munged"}};
    const std::string folder = "/munge/" + spec.domain;
    Domain domain{folder + "/pid", folder + "/sock", folder + "/key", {}};
    domain.command = {"munged",        "-S",         domain.socket,  "--key-file",
                      domain.key_file, "--pid-file", domain.pid_file};
    return domain;
}

std::string key_of(Cluster& cluster, const MungeSpec& spec) {
    return spec.key.empty() ? cluster.secret("munge/" + spec.domain, 128) : spec.key;
}

std::vector<Furnishing> files_for(Cluster& cluster, const PlannedNode& node) {
    const auto [uid, gid] = user_on(cluster, node, "munge");
    std::vector<Furnishing> files;
    for (const char* path : {"/etc/munge", "/var/lib/munge", "/var/log/munge"})
        files.push_back({path, service_folder(0700, uid, gid)});
    files.push_back({"/run/munge", service_folder(0755, uid, gid)});
    for (const MungeSpec& each : node.munged) {
        if (!each.domain.empty()) {
            files.push_back({"/munge", service_folder(0755)});
            files.push_back({"/munge/" + each.domain, service_folder(0755, uid, gid)});
        }
        files.push_back({domain_of(each).key_file, service_file(key_of(cluster, each), 0600, uid, gid)});
    }
    return files;
}

std::int64_t running(Cluster& cluster, const PlannedNode& node, const MungeSpec& spec, bool& stale) {
    return pid_from_file(cluster, node, domain_of(spec).pid_file, "munged", stale);
}

std::string label(const MungeSpec& spec) {
    return spec.domain.empty() ? "munged" : "munged(" + spec.domain + ")";
}

ServiceStates start(Cluster& cluster, const std::vector<const PlannedNode*>& where, Duration limit) {
    ServiceStates states;
    std::vector<const PlannedNode*> fresh;
    for (const PlannedNode* node : where) {
        bool stale = false, all = true;
        for (const MungeSpec& each : node->munged) all = all && running(cluster, *node, each, stale) != 0;
        if (!all) fresh.push_back(node);
    }
    furnish_nodes(cluster, fresh, [&](const PlannedNode& node) { return files_for(cluster, node); });
    for (const PlannedNode* node : where) {
        for (const MungeSpec& each : node->munged) {
            bool stale = false;
            if (const auto pid = running(cluster, *node, each, stale); pid != 0) {
                states.push_back({node->hostname, label(each), "already running", pid});
                continue;
            }
            RunRequest request;
            request.command = domain_of(each).command;
            request.user = "munge";
            request.limit = limit;
            request.merged = true;
            // It returns when its socket is there.
            const ExecResult ran = cluster.run(*node, request);
            if (ran.status != 0)
                throw Fatal(
                    node->hostname + ": munged ended with " + std::to_string(ran.status) +
                    (ran.status == 127 ? "; is the package munge installed in the image?" : "") + "\n" +
                    ran.out + end_of_log(cluster, *node, usual_log)
                );
            std::int64_t pid = 0;
            if (!cluster.nodes().until(limit, [&] {
                    return (pid = running(cluster, *node, each, stale)) != 0;
                }))
                throw Fatal(
                    node->hostname + ": munged has no process" + end_of_log(cluster, *node, usual_log),
                    cluster_status::timeout
                );
            states.push_back({node->hostname, label(each), "started", pid});
        }
    }
    return states;
}

/// What the first node encodes, all others decode: catches keys and clocks that differ.
void check_credentials(Cluster& cluster, const std::vector<const PlannedNode*>& where) {
    if (where.empty()) return;
    RunRequest encode;
    encode.shell = "munge -n";
    encode.limit = 30s;
    const ExecResult credential = cluster.run(*where.back(), encode);
    if (credential.status != 0)
        throw Fatal(where.back()->hostname + ": munge does not encode: " + credential.err);
    RunRequest decode;
    decode.shell = "unmunge >/dev/null";
    decode.input = credential.out;
    decode.limit = 30s;
    const auto results = cluster.run_all(where, decode);
    for (std::size_t i = 0; i < results.size(); ++i)
        if (results[i].status != 0)
            throw Fatal(
                where[i]->hostname + ": munge does not decode what " + where.back()->hostname +
                " encodes: " + results[i].err
            );
}

ServiceStates start_checked(Cluster& cluster, const std::vector<const PlannedNode*>& where, Duration limit) {
    const ServiceStates states = start(cluster, where, limit);
    std::vector<const PlannedNode*> usual;
    bool any = false;
    for (const ServiceState& each : states) any = any || each.state == "started";
    for (const PlannedNode* node : where)
        for (const MungeSpec& each : node->munged)
            if (each.domain.empty() && each.key.empty()) usual.push_back(node);
    if (any) check_credentials(cluster, usual);
    return states;
}

ServiceStates stop(Cluster& cluster, const std::vector<const PlannedNode*>& where, Duration limit) {
    ServiceStates states;
    for (const PlannedNode* node : where)
        for (const MungeSpec& each : node->munged) {
            bool stale = false;
            if (const auto pid = running(cluster, *node, each, stale); pid != 0)
                end_process(cluster, *node, pid, limit);
            states.push_back({node->hostname, label(each), "stopped", 0});
        }
    return states;
}

ServiceStates status(Cluster& cluster, const std::vector<const PlannedNode*>& where) {
    ServiceStates states;
    for (const PlannedNode* node : where)
        for (const MungeSpec& each : node->munged) {
            bool stale = false;
            const auto pid = running(cluster, *node, each, stale);
            states.push_back(
                {node->hostname, label(each),
                 pid != 0 ? "running"
                 : stale  ? "stale pid file"
                          : "stopped",
                 pid}
            );
        }
    return states;
}

const ClusterService row{"munged",      "munge's daemon, with one key on all nodes",
                         start_checked, stop,
                         status,        [](const PlannedNode& node) { return !node.munged.empty(); }};

}  // namespace

const ClusterService& munged_service() {
    return row;
}

}  // namespace csim
