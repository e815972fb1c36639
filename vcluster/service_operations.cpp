// Operations on services, jobs and metric sets.
#include "vcluster/operations.hpp"
#include "vcluster/services/service.hpp"
#include "vcluster/utilities/metric_listing.hpp"
#include "vcluster/utilities/slurm_jobs.hpp"

namespace csim {
namespace {

std::string text_of(const Json& arguments, const char* key, const std::string& otherwise = "") {
    const auto found = arguments.find(key);
    return found == arguments.end() || found->is_null() ? otherwise : found->get<std::string>();
}

Duration span_of(const Json& arguments, const char* key, double otherwise) {
    const double seconds = arguments.value(key, otherwise);
    if (!(seconds > 0 && seconds < 1e8))
        throw Fatal(std::string(key) + ": expected seconds, more than 0", cluster_status::invalid);
    return Duration(static_cast<std::int64_t>(seconds * 1e9));
}

Json states_json(const ServiceStates& states) {
    Json all = Json::array();
    for (const ServiceState& each : states)
        all.push_back(
            {{"node", each.node}, {"service", each.service}, {"state", each.state}, {"pid", each.pid}}
        );
    return all;
}

Cluster cluster_of(const ClusterStore& store, const Json& arguments) {
    return Cluster::get(store, text_of(arguments, "name"));
}

Json start(const ClusterStore& store, const Json& arguments) {
    Cluster cluster = cluster_of(store, arguments);
    const Json told = states_json(start_services(
        cluster, text_of(arguments, "service"), text_of(arguments, "node"), span_of(arguments, "timeout", 30)
    ));
    cluster.commit();
    return told;
}

Json stop(const ClusterStore& store, const Json& arguments) {
    Cluster cluster = cluster_of(store, arguments);
    const Json told = states_json(stop_services(
        cluster, text_of(arguments, "service"), text_of(arguments, "node"), span_of(arguments, "timeout", 10)
    ));
    cluster.commit();
    return told;
}

Json status(const ClusterStore& store, const Json& arguments) {
    Cluster cluster = cluster_of(store, arguments);
    Json nodes = Json::object();
    for (const auto& [hostname, info] : cluster.states()) nodes[hostname] = text_of(info.state);
    return {{"nodes", nodes}, {"services", states_json(service_status(cluster))}};
}

Json sbatch(const ClusterStore& store, const Json& arguments) {
    Cluster cluster = cluster_of(store, arguments);
    const int id = submit_job(
        cluster, text_of(arguments, "script"), arguments.value("arguments", std::vector<std::string>{})
    );
    cluster.commit();
    return id;
}

Json squeue(const ClusterStore& store, const Json& arguments) {
    Cluster cluster = cluster_of(store, arguments);
    const int id = arguments.value("job", 0);
    return list_jobs(cluster, id == 0 ? std::nullopt : std::optional(id));
}

Json scancel(const ClusterStore& store, const Json& arguments) {
    Cluster cluster = cluster_of(store, arguments);
    cancel_job(cluster, arguments.at("job").get<int>());
    cluster.commit();
    return true;
}

Json await_job(const ClusterStore& store, const Json& arguments) {
    Cluster cluster = cluster_of(store, arguments);
    const std::string state = wait_job(
        cluster, arguments.at("job").get<int>(), arguments.value("states", ended_states()),
        span_of(arguments, "timeout", 60)
    );
    cluster.commit();
    return state;
}

Json ldms_ls(const ClusterStore& store, const Json& arguments) {
    Cluster cluster = cluster_of(store, arguments);
    RunRequest request;
    const Json& options = arguments.at("options");
    if (options.is_string())
        request.shell = "ldms_ls " + options.get<std::string>();
    else {
        request.command = {"ldms_ls"};
        for (const Json& each : options) request.command.push_back(each.get<std::string>());
    }
    request.merged = true;
    const ExecResult ran = cluster.run(cluster.node(text_of(arguments, "node")), request);
    cluster.commit();
    return {{"rc", ran.status}, {"out", ran.out}};
}

Json await_sets(const ClusterStore& store, const Json& arguments) {
    Cluster cluster = cluster_of(store, arguments);
    const auto sets = arguments.at("sets").get<std::set<std::string>>();
    wait_sets(cluster, text_of(arguments, "host"), sets, span_of(arguments, "timeout", 60));
    cluster.commit();
    return true;
}

const ClusterParameter name{"name", "string"}, service{"service", "string"}, node{"node", "string", true},
    timeout{"timeout", "double", true}, job{"job", "int"};

const ClusterOperation rows[] = {
    {"vcluster.ldms_ls",
     "struct",
     "Run ldms_ls with these options, a text or a list, on the service node or another: rc and out.",
     {name, {"options", "any"}, node},
     ldms_ls},
    {"vcluster.sbatch",
     "int",
     "Submit a script of the service node; the job's number.",
     {name, {"script", "string"}, {"arguments", "array", true}},
     sbatch},
    {"vcluster.scancel", "boolean", "Cancel a job.", {name, job}, scancel},
    {"vcluster.squeue",
     "array",
     "Jobs, or one job, as structs of squeue's columns.",
     {name, {"job", "int", true}},
     squeue,
     true},
    {"vcluster.start",
     "array",
     "Start sshd, munged, slurm, ldmsd or all, and wait until they are ready.",
     {name, service, node, timeout},
     start},
    {"vcluster.status", "struct", "States of nodes and services.", {name}, status, true},
    {"vcluster.stop", "array", "Stop a service, or all.", {name, service, node, timeout}, stop},
    {"vcluster.wait_job",
     "string",
     "Wait until a job is in one of these states (default: ended); which.",
     {name, job, {"states", "array", true}, timeout},
     await_job},
    {"vcluster.wait_sets",
     "boolean",
     "Wait until a metric daemon lists exactly these sets.",
     {name, {"host", "string"}, {"sets", "array"}, timeout},
     await_sets},
};

}  // namespace

std::span<const ClusterOperation> cluster_service_operations() {
    return rows;
}

}  // namespace csim
