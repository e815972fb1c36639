// The options of `cluster-sim vcluster`: virtual clusters from a specification.
#pragma once

#include <CLI/App.hpp>

#include <functional>
#include <string>
#include <vector>

namespace csim {

struct VclusterOptions {
    std::string spec, name, where, path, service, node, user, folder, from, host;
    std::string backend, limit = "30s";
    std::string tada, image = "host", out;
    std::vector<std::string> names, command, env, sets, mounts;
    unsigned lines = 20;
    std::string mode = "644";
    int job = 0;
    bool json = false, longer = false, all = false, leftovers = false, keep_failed = false, replace = false;
    bool guard = false, force = false, waits = false, detach = false, input = false, folders = false;
    std::string address = "127.0.0.1", control_token;
    int port = 0;
};

/// Adds `vcluster` and its sub-commands. `body` becomes what to run.
void add_vcluster(CLI::App& app, VclusterOptions& options, std::function<int()>& body);

// Clusters.
int vcluster_check(const VclusterOptions& options);
int vcluster_create(const VclusterOptions& options);
int vcluster_get(const VclusterOptions& options);
int vcluster_get_or_create(const VclusterOptions& options);
int vcluster_list(const VclusterOptions& options);
int vcluster_remove(const VclusterOptions& options);
int vcluster_hosts(const VclusterOptions& options);
int vcluster_conf(const VclusterOptions& options);
int vcluster_commands(const VclusterOptions& options);
int vcluster_doctor(const VclusterOptions& options);
int vcluster_serve(const VclusterOptions& options);
int vcluster_run(const VclusterOptions& options);
int vcluster_build(const VclusterOptions& options);

// Nodes.
int vcluster_exec(const VclusterOptions& options);
int vcluster_read(const VclusterOptions& options);
int vcluster_write(const VclusterOptions& options);
int vcluster_shell(const VclusterOptions& options);

// Services and what they offer.
int vcluster_start(const VclusterOptions& options);
int vcluster_stop(const VclusterOptions& options);
int vcluster_restart(const VclusterOptions& options);
int vcluster_status(const VclusterOptions& options);
int vcluster_logs(const VclusterOptions& options);
int vcluster_sbatch(const VclusterOptions& options);
int vcluster_squeue(const VclusterOptions& options);
int vcluster_scancel(const VclusterOptions& options);
int vcluster_wait_job(const VclusterOptions& options);
int vcluster_ldms_ls(const VclusterOptions& options);
int vcluster_wait_sets(const VclusterOptions& options);

}  // namespace csim
