// How a job's script runs, and who hears of it.
#include "core/duration_text.hpp"
#include "vcluster/host_list.hpp"
#include "vcluster/model/ldmsd.hpp"
#include "vcluster/model/slurm.hpp"

#include <sstream>

namespace csim::model {
namespace {

/// Lines `#SIM duration=30s rc=0 [program=NAME]` of a script.
struct Pretence {
    std::string program;
    Duration lasts{};
    int status = 0;
};

std::vector<Pretence> pretences_of(const std::string& script) {
    std::vector<Pretence> all;
    std::istringstream lines(script);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("#SIM ")) continue;
        Pretence one;
        std::istringstream words(line.substr(5));
        for (std::string word; words >> word;) {
            if (word.starts_with("program=")) one.program = word.substr(8);
            if (word.starts_with("rc=")) one.status = std::atoi(word.c_str() + 3);
            if (!word.starts_with("duration=")) continue;
            const auto span = parse_duration(word.substr(9));
            if (span) one.lasts = *span;
        }
        all.push_back(one);
    }
    return all;
}

Environment environment_of(const SlurmCtld& controller, const SlurmJob& job) {
    Environment env = job.env;
    const std::string nodes = std::to_string(job.nodes.size());
    const std::string tasks = std::to_string(job.tasks > 0 ? job.tasks : static_cast<int>(job.nodes.size()));
    env["SLURM_JOB_ID"] = env["SLURM_JOBID"] = std::to_string(job.id);
    env["SLURM_JOB_NAME"] = job.name;
    env["SLURM_JOB_NODELIST"] = env["SLURM_NODELIST"] = compress_hosts(job.nodes);
    env["SLURM_JOB_NUM_NODES"] = env["SLURM_NNODES"] = nodes;
    env["SLURM_NTASKS"] = env["SLURM_NPROCS"] = tasks;
    env["SLURM_PROCID"] = env["SLURM_NODEID"] = env["SLURM_LOCALID"] = "0";
    env["SLURM_SUBMIT_DIR"] = job.folder;
    env["SLURM_JOB_PARTITION"] = job.partition;
    env["SLURM_CLUSTER_NAME"] = controller.conf().cluster;
    for (const Pretence& each : pretences_of(job.script))
        if (!each.program.empty())
            env["CLUSTER_SIM_PROGRAM_" + each.program] =
                std::to_string(each.lasts.count()) + " " + std::to_string(each.status);
    return env;
}

SinkPtr sink_for(Node& node, const SlurmJob& job, const std::string& given, const std::string& otherwise) {
    std::string path = given.empty() ? otherwise : given;
    for (std::size_t at; (at = path.find("%j")) != std::string::npos;)
        path.replace(at, 2, std::to_string(job.id));
    for (std::size_t at; (at = path.find("%x")) != std::string::npos;) path.replace(at, 2, job.name);
    if (!path.starts_with("/")) path = job.folder + "/" + path;
    NodeFile empty;
    node.write(path, empty);
    return std::make_shared<FileSink>(node, path);
}

void make_folders(Node& node, const std::string& path) {
    for (auto slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
        NodeFile folder;
        folder.type = NodeFile::Type::directory;
        folder.mode = 0755;
        const std::string at = path.substr(0, slash);
        if (!node.exists(at)) node.write(at, folder);
        if (slash == std::string::npos) break;
    }
}

}  // namespace

void run_job_script(SlurmCtld& controller, SlurmJob& job, std::function<void(int status)> done) {
    World& world = controller.world();
    Node& first = *world.node(job.nodes[0]);
    const std::string spool = controller.conf().spool + "/job" + std::to_string(100000 + job.id).substr(1);
    make_folders(first, spool);
    NodeFile script;
    script.content = job.script;
    script.mode = 0700;
    first.write(spool + "/slurm_script", script);
    Launch launch;
    launch.arguments = {"bash", spool + "/slurm_script"};
    launch.env = environment_of(controller, job);
    NodeFile folder;
    launch.folder = first.read(job.folder, folder) == 0 ? job.folder : "/tmp";
    launch.user = job.user;
    launch.out = job.sink ? job.sink : sink_for(first, job, job.out, "slurm-%j.out");
    launch.err = job.sink || job.err.empty() ? launch.out : sink_for(first, job, job.err, "");
    launch.on_end = std::move(done);
    for (const Pretence& each : pretences_of(job.script)) {
        if (!each.program.empty()) continue;
        launch.arguments = {
            "bash", "-c",
            "sleep " + std::to_string(each.lasts.count() / 1'000'000'000) + "." +
                std::to_string(1'000'000'000 + each.lasts.count() % 1'000'000'000).substr(1) + "; exit " +
                std::to_string(each.status)};
    }
    Process& batch = world.launch(first, std::move(launch));
    batch.comm = "slurm_script";
    job.batch_pid = batch.pid;
}

void notify_job(SlurmCtld& controller, const SlurmJob& job, const std::string& event) {
    for (const std::string& name : job.nodes) {
        Node* node = controller.world().node(name);
        if (node == nullptr || !node->up) continue;
        std::istringstream lines(node->text_of("/etc/slurm/plugstack.conf"));
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string how, path, word;
            words >> how >> path;
            const std::string base = path.substr(path.rfind('/') + 1);
            if (base.find("slurm_notifier") == std::string::npos || !node->exists(path)) continue;
            int port = 0;
            while (words >> word) {
                if (word.starts_with("port=")) port = std::atoi(word.c_str() + 5);
                if (!word.starts_with("client=")) continue;
                const auto first = word.find(':'), second = word.find(':', first + 1);
                port = std::atoi(word.c_str() + second + 1);
            }
            if (Ldmsd* daemon = ldmsd_at(*node, port))
                daemon->job_event(job.id, event, static_cast<int>(job.nodes.size()), job.tasks);
        }
    }
}

}  // namespace csim::model
