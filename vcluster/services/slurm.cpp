// Slurm: the controller on its node, slurmd on the compute nodes, one configuration on all.
#include "vcluster/host_list.hpp"
#include "vcluster/services/service.hpp"

#include <algorithm>
#include <map>
#include <sstream>

namespace csim {
namespace {

constexpr char controller_log[] = "/var/log/slurmctld.log", node_log[] = "/var/log/slurmd.log";
constexpr char controller_pid[] = "/var/run/slurmctld.pid", node_pid[] = "/var/run/slurmd.pid";

const PlannedNode& controller_of(const ClusterSpec& spec) {
    for (const PlannedNode& node : spec.nodes)
        if (node.slurmctld) return node;
    throw Fatal("the specification has no slurmctld", cluster_status::invalid);
}

std::string reduced(const std::string& name) {
    std::string text;
    for (const char c : name)
        text += std::isalnum(static_cast<unsigned char>(c)) != 0
                    ? static_cast<char>(std::tolower(static_cast<unsigned char>(c)))
                    : '_';
    return text;
}

/// Where the library that tells metric daemons of jobs is on the node; empty: nowhere.
std::string notifier_on(Cluster& cluster, const PlannedNode& node) {
    for (const char* folder : {"/opt/ovis/lib/ovis-ldms", "/opt/ovis/lib64/ovis-ldms"}) {
        const std::string path = std::string(folder) + "/libslurm_notifier.so";
        if (cluster.nodes().read(cluster.runtime_name(node), path)) return path;
    }
    return "";
}

std::string plugstack(Cluster& cluster, const PlannedNode& node) {
    std::string text;
    for (const std::string& line : node.plugstack) text += line + "\n";
    if (!text.empty() || !node.ldmsd ||
        node.ldmsd->config.find("load name=slurm_sampler") == std::string::npos)
        return text;
    const std::string library = notifier_on(cluster, node);
    if (library.empty() || node.ldmsd->listeners.empty()) return text;
    return "optional " + library + " auth=" + node.ldmsd->auth +
           " port=" + std::to_string(node.ldmsd->listeners[0].port) + "\n";
}

/// True for releases that can do without the kernel's groups altogether: 23.11 and later.
bool can_disable_cgroups(Cluster& cluster, const PlannedNode& node) {
    RunRequest request;
    request.command = {"slurmd", "-V"};
    request.limit = 30s;
    const ExecResult ran = cluster.run(node, request);
    if (ran.status != 0)
        throw Fatal(
            node.hostname + ": slurmd -V ended with " + std::to_string(ran.status) +
            "; is the package slurmd installed in the image?\n" + ran.err
        );
    int major = 0, minor = 0;
    std::sscanf(ran.out.c_str(), "slurm%*[^0-9]%d.%d", &major, &minor);
    return major > 23 || (major == 23 && minor >= 11);
}

void write_files(Cluster& cluster, const PlannedNode& compute) {
    const bool disabled = can_disable_cgroups(cluster, compute);
    const std::string conf = slurm_conf_text(cluster);
    const std::string cgroups = disabled ? "CgroupPlugin=disabled\n" : "CgroupPlugin=cgroup/v1\n";
    furnish_nodes(cluster, cluster.all_nodes(), [&](const PlannedNode& node) {
        std::vector<Furnishing> files{
            {"/etc/slurm", service_folder(0755)},
            {"/etc/slurm/slurm.conf", service_file(conf)},
            {"/etc/slurm/cgroup.conf", service_file(cgroups)},
            {"/etc/slurm/plugstack.conf", service_file(plugstack(cluster, node))},
            {"/var/spool", service_folder(0755)},
            {"/var/spool/slurmd", service_folder(0755)}};
        if (node.slurmctld) files.push_back({"/var/spool/slurmctld", service_folder(0700)});
        return files;
    });
}

void launch(
    Cluster& cluster, const std::vector<const PlannedNode*>& where, const std::string& program,
    const std::string& log, Duration limit
) {
    RunRequest request;
    request.command = {program};
    request.merged = true;
    request.limit = limit;
    const auto ran = cluster.run_all(where, request);
    for (std::size_t i = 0; i < ran.size(); ++i)
        if (ran[i].status != 0)
            throw Fatal(
                where[i]->hostname + ": " + program + " ended with " + std::to_string(ran[i].status) + "\n" +
                ran[i].out + end_of_log(cluster, *where[i], log)
            );
}

std::map<std::string, std::string> node_states(Cluster& cluster, const PlannedNode& controller) {
    RunRequest ask;
    ask.command = {"sinfo", "-h", "-N", "-o", "%N %T"};
    ask.limit = 30s;
    std::map<std::string, std::string> states;
    const ExecResult told = cluster.run(controller, ask);
    std::istringstream lines(told.out);
    for (std::string name, state; lines >> name >> state;) states[name] = state;
    return states;
}

void await_nodes(Cluster& cluster, const std::vector<const PlannedNode*>& compute, Duration limit) {
    const PlannedNode& controller = controller_of(cluster.spec());
    std::set<std::string> resumed;
    std::map<std::string, std::string> states;
    const bool ready = cluster.nodes().until(limit, [&] {
        states = node_states(cluster, controller);
        return std::all_of(compute.begin(), compute.end(), [&](const PlannedNode* node) {
            const std::string state = states[node->hostname];
            const bool down = state.starts_with("down") || state.starts_with("drained");
            if (down && resumed.insert(node->hostname).second) {
                RunRequest resume;
                resume.command = {"scontrol", "update", "nodename=" + node->hostname, "state=resume"};
                resume.limit = 30s;
                cluster.run(controller, resume);
            }
            return state == "idle" || state == "mixed" || state == "allocated";
        });
    });
    if (ready) return;
    for (const PlannedNode* node : compute) {
        const std::string state = states[node->hostname];
        if (state != "idle" && state != "mixed" && state != "allocated")
            throw Fatal(
                node->hostname + " is " + (state.empty() ? "unknown to the controller" : state) +
                    end_of_log(cluster, *node, node_log),
                cluster_status::timeout
            );
    }
}

ServiceStates start(Cluster& cluster, const std::vector<const PlannedNode*>& where, Duration limit) {
    ServiceStates states;
    const PlannedNode& controller = controller_of(cluster.spec());
    std::vector<const PlannedNode*> compute, all = cluster.all_nodes();
    for (const PlannedNode* node : all)
        if (node->slurmd) compute.push_back(node);
    if (compute.empty())
        throw Fatal("/: no node runs slurmd, so there is nothing to schedule on", cluster_status::invalid);
    std::vector<const PlannedNode*> with_munge;
    for (const PlannedNode* node : all)
        if (!node->munged.empty()) with_munge.push_back(node);
    munged_service().start(cluster, with_munge, limit);
    bool stale = false;
    const auto wanted = [&](const PlannedNode* node) {
        return std::find(where.begin(), where.end(), node) != where.end();
    };
    std::vector<const PlannedNode*> fresh;
    for (const PlannedNode* node : compute)
        if (pid_from_file(cluster, *node, node_pid, "slurmd", stale) == 0) fresh.push_back(node);
    const auto old = pid_from_file(cluster, controller, controller_pid, "slurmctld", stale);
    if (old == 0 || !fresh.empty()) write_files(cluster, *compute[0]);
    if (old == 0) {
        launch(cluster, {&controller}, "slurmctld", controller_log, limit);
        if (!cluster.nodes().until(limit, [&] { return listens(cluster, controller, 6817); }))
            throw Fatal(
                controller.hostname + ": slurmctld does not listen" +
                    end_of_log(cluster, controller, controller_log),
                cluster_status::timeout
            );
    }
    states.push_back(
        {controller.hostname, "slurmctld", old == 0 ? "started" : "already running",
         pid_from_file(cluster, controller, controller_pid, "slurmctld", stale)}
    );
    std::vector<const PlannedNode*> awaited, beginning;
    for (const PlannedNode* node : compute) {
        const bool begins = std::find(fresh.begin(), fresh.end(), node) != fresh.end();
        if (!wanted(node)) continue;
        if (begins) beginning.push_back(node);
        awaited.push_back(node);
        states.push_back({node->hostname, "slurmd", begins ? "started" : "already running", 0});
    }
    launch(cluster, beginning, "slurmd", node_log, limit);
    await_nodes(cluster, awaited, limit);
    for (ServiceState& each : states)
        if (each.service == "slurmd")
            each.pid = pid_from_file(cluster, cluster.node(each.node), node_pid, "slurmd", stale);
    return states;
}

template <class Each>
void for_daemons(const std::vector<const PlannedNode*>& where, Each each) {
    for (const PlannedNode* node : where) {
        if (node->slurmd) each(*node, "slurmd", node_pid);
        if (node->slurmctld) each(*node, "slurmctld", controller_pid);
    }
}

ServiceStates stop(Cluster& cluster, const std::vector<const PlannedNode*>& where, Duration limit) {
    ServiceStates states;
    for_daemons(where, [&](const PlannedNode& node, const char* name, const char* file) {
        bool stale = false;
        if (const auto pid = pid_from_file(cluster, node, file, name, stale); pid != 0)
            end_process(cluster, node, pid, limit);
        states.push_back({node.hostname, name, "stopped", 0});
    });
    return states;
}

ServiceStates status(Cluster& cluster, const std::vector<const PlannedNode*>& where) {
    ServiceStates states;
    for_daemons(where, [&](const PlannedNode& node, const char* name, const char* file) {
        bool stale = false;
        const auto pid = pid_from_file(cluster, node, file, name, stale);
        states.push_back(
            {node.hostname, name,
             pid != 0 ? "running"
             : stale  ? "stale pid file"
                      : "stopped",
             pid}
        );
    });
    return states;
}

const ClusterService row{"slurm", "slurmctld on its node, slurmd on compute nodes; munged first",
                         start,   stop,
                         status,  [](const PlannedNode& node) { return node.slurmctld || node.slurmd; }};

}  // namespace

std::string slurm_conf_text(const Cluster& cluster) {
    const ClusterSpec& spec = cluster.spec();
    const PlannedNode& controller = controller_of(spec);
    std::string nodes, lines;
    std::vector<std::string> names;
    for (const PlannedNode& node : spec.nodes) {
        if (!node.slurmd) continue;
        names.push_back(node.hostname);
        lines += "NodeName=" + node.hostname + " NodeAddr=" + cluster.address_of(node) +
                 " CPUs=" + std::to_string(spec.cpu_per_node) + " State=UNKNOWN\n";
    }
    return "ClusterName=" + reduced(spec.name) + "\nSlurmctldHost=" + controller.hostname + "(" +
           cluster.address_of(controller) + ")\n" +
           "AuthType=auth/munge\nSlurmUser=root\nSlurmdUser=root\nSlurmctldPort=6817\nSlurmdPort=6818\n"
           "SlurmctldPidFile=" +
           controller_pid + "\nSlurmdPidFile=" + node_pid +
           "\n"
           "SlurmdSpoolDir=/var/spool/slurmd\nStateSaveLocation=/var/spool/slurmctld\n"
           "SlurmctldLogFile=" +
           controller_log + "\nSlurmdLogFile=" + node_log +
           "\n"
           "SlurmctldDebug=" +
           spec.slurm_loglevel + "\nSlurmdDebug=" + spec.slurm_loglevel +
           "\n"
           "ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nJobAcctGatherType=jobacct_gather/"
           "none\nMpiDefault=none\n"
           // Otherwise a job that comes soon after another one waits three seconds.
           "SchedulerType=sched/builtin\nSchedulerParameters=batch_sched_delay=0\nSelectType=select/"
           "cons_tres\nSelectTypeParameters=CR_CPU\nReturnToService=2\n"
           "InactiveLimit=0\nKillWait=5\nMinJobAge=300\nSlurmctldTimeout=120\nSlurmdTimeout=300\nWaittime=0\n"
           "SlurmdParameters=config_overrides\nMailProg=/bin/true\n" +
           lines + "PartitionName=debug Nodes=" + compress_hosts(names) +
           " Default=YES MaxTime=INFINITE State=UP OverSubscribe=" + spec.oversubscribe + "\n";
}

const ClusterService& slurm_service() {
    return row;
}

}  // namespace csim
