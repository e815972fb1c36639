// `cluster-sim vcluster`: services, jobs and metric sets.
#include "apps/cluster_sim/vcluster_options.hpp"
#include "core/duration_text.hpp"
#include "core/result.hpp"
#include "vcluster/services/service.hpp"
#include "vcluster/utilities/metric_listing.hpp"
#include "vcluster/utilities/slurm_jobs.hpp"

#include <nlohmann/json.hpp>

#include <iomanip>
#include <iostream>

namespace csim {
namespace {

Duration limit_of(const VclusterOptions& o) {
    const auto limit = parse_duration(o.limit);
    if (!limit || *limit <= Duration::zero())
        throw Fatal("--timeout is a span of time such as 30s, not '" + o.limit + "'", 2);
    return *limit;
}

std::string service_of(const VclusterOptions& o) {
    return o.service.empty() ? "all" : o.service;
}

void tell(const ServiceStates& states, bool json) {
    Json all = Json::array();
    for (const ServiceState& each : states) {
        all.push_back(
            {{"node", each.node}, {"service", each.service}, {"state", each.state}, {"pid", each.pid}}
        );
        if (json) continue;
        std::cout << std::left << std::setw(12) << each.node << " " << std::setw(10) << each.service << " "
                  << each.state;
        if (each.pid != 0) std::cout << " (" << each.pid << ")";
        std::cout << "\n";
    }
    if (json) std::cout << all.dump(2) << "\n";
}

void tell_waits(const Nodes::Waits& waits) {
    std::cerr << "cluster-sim: waited " << waits.count << " times, noticed at most " << std::fixed
              << std::setprecision(1) << std::chrono::duration<double, std::milli>(waits.late_max).count()
              << " ms late\n";
}

}  // namespace

int vcluster_start(const VclusterOptions& o) {
    if (o.service.empty()) throw Fatal("say which service: sshd, munged, slurm, ldmsd or all", 2);
    const Duration limit = limit_of(o);
    Cluster cluster = Cluster::get(ClusterStore(), o.name);
    tell(start_services(cluster, o.service, o.node, limit), o.json);
    if (o.waits) tell_waits(cluster.nodes().waits());
    cluster.commit();
    return 0;
}

int vcluster_stop(const VclusterOptions& o) {
    const Duration limit = limit_of(o);
    Cluster cluster = Cluster::get(ClusterStore(), o.name);
    tell(stop_services(cluster, service_of(o), o.node, limit), o.json);
    cluster.commit();
    return 0;
}

int vcluster_restart(const VclusterOptions& o) {
    const Duration limit = limit_of(o);
    Cluster cluster = Cluster::get(ClusterStore(), o.name);
    stop_services(cluster, service_of(o), o.node, limit);
    tell(start_services(cluster, service_of(o), o.node, limit), o.json);
    cluster.commit();
    return 0;
}

int vcluster_status(const VclusterOptions& o) {
    Cluster cluster = Cluster::get(ClusterStore(), o.name);
    if (!o.json)
        for (const auto& [hostname, info] : cluster.states())
            std::cout << std::left << std::setw(12) << hostname << " " << std::setw(10) << "node"
                      << " " << text_of(info.state) << "\n";
    tell(service_status(cluster), o.json);
    return 0;
}

int vcluster_logs(const VclusterOptions& o) {
    const auto colon = o.where.find(':');
    Cluster cluster = Cluster::get(ClusterStore(), o.where.substr(0, colon));
    const PlannedNode& node = cluster.node(colon == std::string::npos ? "" : o.where.substr(colon + 1));
    std::map<std::string, std::string> logs{
        {"munged", "/var/log/munge/munged.log"},
        {"slurmctld", "/var/log/slurmctld.log"},
        {"slurmd", "/var/log/slurmd.log"},
        {"ldmsd", node.ldmsd ? node.ldmsd->log_file : "/var/log/ldmsd.log"}};
    if (!o.service.empty() && !logs.contains(o.service))
        throw Fatal(
            "there is no log of '" + o.service + "'; there are munged, slurmctld, slurmd and ldmsd", 2
        );
    bool any = false;
    for (const auto& [service, path] : logs) {
        if (!o.service.empty() && service != o.service) continue;
        const std::string end = end_of_log(cluster, node, path, o.lines);
        any = any || !end.empty();
        if (!end.empty()) std::cout << end.substr(1) << (end.ends_with("\n") ? "" : "\n");
    }
    if (!any) throw Fatal(node.hostname + " has no such log");
    return 0;
}

int vcluster_sbatch(const VclusterOptions& o) {
    Cluster cluster = Cluster::get(ClusterStore(), o.name);
    const int id = submit_job(cluster, o.path, o.command);
    cluster.commit();
    if (o.json)
        std::cout << Json{{"job", id}}.dump() << "\n";
    else
        std::cout << "Submitted batch job " << id << "\n";
    return 0;
}

int vcluster_squeue(const VclusterOptions& o) {
    Cluster cluster = Cluster::get(ClusterStore(), o.name);
    const auto jobs = list_jobs(cluster, o.job == 0 ? std::nullopt : std::optional(o.job));
    if (o.json) {
        std::cout << Json(jobs).dump(2) << "\n";
        return 0;
    }
    const char* columns[] = {"JOBID", "PARTITION", "NAME",     "USER",  "ST",
                             "TIME",  "NODES",     "NODELIST", "REASON"};
    for (const char* column : columns) std::cout << std::left << std::setw(12) << column;
    std::cout << "\n";
    for (const JobFields& job : jobs) {
        for (const char* column : columns) std::cout << std::left << std::setw(12) << job.at(column);
        std::cout << "\n";
    }
    return 0;
}

int vcluster_scancel(const VclusterOptions& o) {
    Cluster cluster = Cluster::get(ClusterStore(), o.name);
    cancel_job(cluster, o.job);
    cluster.commit();
    return 0;
}

int vcluster_wait_job(const VclusterOptions& o) {
    const Duration limit = limit_of(o);
    Cluster cluster = Cluster::get(ClusterStore(), o.name);
    const std::string state = wait_job(cluster, o.job, ended_states(), limit);
    cluster.commit();
    std::cout << state << "\n";
    return state == "COMPLETED" ? 0 : 1;
}

int vcluster_ldms_ls(const VclusterOptions& o) {
    Cluster cluster = Cluster::get(ClusterStore(), o.name);
    RunRequest request;
    request.command = {"ldms_ls"};
    request.command.insert(request.command.end(), o.command.begin(), o.command.end());
    const ExecResult ran = cluster.run(cluster.node(o.node), request);
    cluster.commit();
    std::cerr << ran.err;
    if (!o.json) {
        std::cout << ran.out;
        return ran.status;
    }
    const auto listing = parse_metric_listing(ran.out);
    if (!listing) throw Fatal(listing.error().detail);
    std::cout << listing->sets.dump(2) << "\n";
    return ran.status;
}

int vcluster_wait_sets(const VclusterOptions& o) {
    const Duration limit = limit_of(o);
    Cluster cluster = Cluster::get(ClusterStore(), o.name);
    wait_sets(cluster, o.host, {o.sets.begin(), o.sets.end()}, limit);
    cluster.commit();
    return 0;
}

}  // namespace csim
