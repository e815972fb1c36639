// Which job runs where, and when.
#include "core/utc.hpp"
#include "vcluster/host_list.hpp"
#include "vcluster/model/services.hpp"
#include "vcluster/model/slurm.hpp"

#include <algorithm>
#include <array>
#include <csignal>

namespace csim::model {
namespace {

using State = SlurmJob::State;

constexpr std::array<std::string_view, 8> long_names{"PENDING", "RUNNING", "COMPLETING", "COMPLETED",
                                                     "FAILED",  "TIMEOUT", "CANCELLED",  "NODE_FAIL"};
constexpr std::array<std::string_view, 8> short_names{"PD", "R", "CG", "CD", "F", "TO", "CA", "NF"};

bool among(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string_view long_name(State state) {
    return long_names[static_cast<std::size_t>(state)];
}

std::string_view short_name(State state) {
    return short_names[static_cast<std::size_t>(state)];
}

SlurmCtld::SlurmCtld(World& world, Node& node, SlurmConf conf)
    : world_(world), node_(node), conf_(std::move(conf)) {
    for (const auto& line : conf_.nodes) nodes_[line.name].line = line;
    last_id_ = std::atoi(node_.text_of(conf_.state + "/last_job_id").c_str());
    log("slurmctld version 22.05.8 started on cluster " + conf_.cluster);
}

SlurmCtld::~SlurmCtld() {
    *alive_ = false;
    for (auto& [name, node] : nodes_) world_.timeline().cancel(node.silent);
    for (auto& [id, job] : jobs_) world_.timeline().cancel(job->due);
}

void SlurmCtld::ending() {
    node_.remove(conf_.controller_pid);
    log("Terminate signal received");
}

void SlurmCtld::log(const std::string& text) {
    node_.append(
        conf_.controller_log,
        "[" + utc_text_bare(world_.timeline().now()).substr(0, 19) + ".000] " + text + "\n"
    );
}

SlurmJob* SlurmCtld::find(int id) {
    const auto found = jobs_.find(id);
    return found == jobs_.end() ? nullptr : found->second.get();
}

Result<int> SlurmCtld::submit(std::shared_ptr<SlurmJob> job) {
    const auto fits = std::count_if(nodes_.begin(), nodes_.end(), [&](const auto& each) {
        return (job->only.empty() || among(job->only, each.first)) && !among(job->without, each.first) &&
               each.second.line.cpus >= job->cpus_per_task;
    });
    if (fits < job->nodes_wanted)
        return Error{Errc::bad_argument, "Requested node configuration is not available"};
    job->id = ++last_id_;
    job->partition = conf_.partition;
    job->submitted = world_.timeline().now();
    NodeFile saved;
    saved.content = std::to_string(last_id_) + "\n";
    node_.write(conf_.state + "/last_job_id", saved);
    jobs_[job->id] = job;
    log("_slurm_rpc_submit_batch_job: JobId=" + std::to_string(job->id));
    schedule();
    return job->id;
}

int SlurmCtld::jobs_on(const std::string& name, bool& whole) const {
    int cpus = 0;
    for (const auto& [id, job] : jobs_) {
        if ((job->state != State::running && job->state != State::completing) || !among(job->nodes, name))
            continue;
        cpus += job->cpus_per_task;
        whole = whole || job->exclusive || conf_.exclusive;
    }
    return cpus;
}

std::string SlurmCtld::state_of(const NodeState& node) const {
    if (node.state != "idle") return node.state;
    bool whole = false;
    const int used = jobs_on(node.line.name, whole);
    return used == 0 ? "idle" : whole || used >= node.line.cpus ? "allocated" : "mixed";
}

std::vector<std::string> SlurmCtld::place_for(const SlurmJob& job) {
    std::vector<std::string> chosen;
    for (const auto& line : conf_.nodes) {
        const NodeState& node = nodes_.at(line.name);
        if (node.state != "idle" || among(job.without, line.name)) continue;
        if (!job.only.empty() && !among(job.only, line.name)) continue;
        bool whole = false;
        const int used = jobs_on(line.name, whole);
        if (whole || ((job.exclusive || conf_.exclusive) && used > 0)) continue;
        if (used + job.cpus_per_task > line.cpus * conf_.sharing) continue;
        chosen.push_back(line.name);
        if (static_cast<int>(chosen.size()) == job.nodes_wanted) return chosen;
    }
    return {};
}

// First come, first served: whoever cannot run holds up all behind.
void SlurmCtld::schedule() {
    bool blocked = false;
    for (auto& [id, job] : jobs_) {
        if (job->state != State::pending) continue;
        const SlurmJob* before = job->after == 0 ? nullptr : find(std::abs(job->after));
        if (job->held) {
            job->reason = "JobHeldUser";
        } else if (before != nullptr && !before->over()) {
            job->reason = "Dependency";
        } else if (before != nullptr && job->after < 0 && before->state != State::completed) {
            job->reason = "DependencyNeverSatisfied";
        } else if (blocked) {
            job->reason = "Priority";
        } else {
            job->nodes = place_for(*job);
            blocked = job->nodes.empty();
            job->reason = blocked ? "Resources" : "None";
            if (!blocked) begin(*job);
        }
    }
}

void SlurmCtld::begin(SlurmJob& job) {
    job.state = State::running;
    job.started = world_.timeline().now();
    log("sched: Allocate JobId=" + std::to_string(job.id) + " NodeList=" + compress_hosts(job.nodes));
    const auto id = job.id;
    if (job.limit > Duration::zero())
        job.due = world_.timeline().after(job.limit, [this, id, alive = std::weak_ptr(alive_)] {
            SlurmJob* late = alive.expired() ? nullptr : find(id);
            if (late == nullptr || late->state != State::running) return;
            late->then = State::timeout;
            stop_steps(*late);
        });
    notify_job(*this, job, "init");
    run_job_script(*this, job, [this, id, alive = std::weak_ptr(alive_)](int status) {
        SlurmJob* ended = alive.expired() ? nullptr : find(id);
        if (ended == nullptr || ended->state != State::running) return;
        ended->status = status;
        if (status > 128 && ended->then != State::completed) ended->signal = status - 128, ended->status = 0;
        if (ended->then == State::completed && status != 0) ended->then = State::failed;
        finish(*ended, ended->then);
    });
    notify_job(*this, job, "task_init");
}

void SlurmCtld::finish(SlurmJob& job, State then) {
    world_.timeline().cancel(job.due);
    job.state = State::completing;
    job.ended = world_.timeline().now();
    notify_job(*this, job, "task_exit");
    const auto id = job.id;
    job.due =
        world_.timeline().after(world_.options().latency, [this, id, then, alive = std::weak_ptr(alive_)] {
            SlurmJob* gone = alive.expired() ? nullptr : find(id);
            if (gone == nullptr) return;
            gone->state = then;
            log("_job_complete: JobId=" + std::to_string(id) + " done");
            notify_job(*this, *gone, "exit");
            gone->end.happen();
            gone->due = world_.timeline().after(conf_.min_job_age, [this, id, still = std::weak_ptr(alive_)] {
                if (!still.expired()) jobs_.erase(id);
            });
            schedule();
        });
}

void SlurmCtld::cancel(SlurmJob& job) {
    if (job.over() || job.state == State::completing) return;
    if (job.state == State::pending) {
        job.state = State::cancelled;
        job.ended = world_.timeline().now();
        job.end.happen();
        const auto id = job.id;
        job.due = world_.timeline().after(conf_.min_job_age, [this, id, alive = std::weak_ptr(alive_)] {
            if (!alive.expired()) jobs_.erase(id);
        });
        return schedule();
    }
    job.then = State::cancelled;
    Node* first = world_.node(job.nodes[0]);
    if (first == nullptr || first->find(job.batch_pid) == nullptr) return finish(job, State::cancelled);
    stop_steps(job);
}

// Every process that was begun for the job, on all of its nodes, the script last.
void SlurmCtld::stop_steps(const SlurmJob& job) {
    for (const std::string& name : job.nodes) {
        Node* node = world_.node(name);
        if (node == nullptr) continue;
        std::vector<int> pids;
        for (auto& [pid, process] : node->processes) {
            const auto id = process->env.find("SLURM_JOB_ID");
            const bool ours = id != process->env.end() && id->second == std::to_string(job.id);
            if (ours && pid != job.batch_pid) pids.push_back(pid);
        }
        for (const int pid : pids)
            if (Process* process = node->find(pid)) world_.signal(*process, SIGTERM);
    }
    Node* first = world_.node(job.nodes[0]);
    if (Process* batch = first == nullptr ? nullptr : first->find(job.batch_pid))
        world_.signal(*batch, SIGTERM);
}

void SlurmCtld::registered(const std::string& name) {
    const auto found = nodes_.find(name);
    if (found == nodes_.end()) return log("error: registration of unknown node " + name);
    NodeState& node = found->second;
    world_.timeline().cancel(node.silent);
    if (node.state == "unknown" || (node.state == "down" && conf_.return_to_service > 0))
        node.state = "idle", node.reason.clear();
    log("Node " + name + " now responding");
    schedule();
}

void SlurmCtld::lost(const std::string& name) {
    const auto found = nodes_.find(name);
    if (found == nodes_.end()) return;
    world_.timeline().cancel(found->second.silent);
    found->second.silent =
        world_.timeline().after(conf_.slurmd_timeout, [this, name, alive = std::weak_ptr(alive_)] {
            if (alive.expired()) return;
            nodes_.at(name).state = "down";
            nodes_.at(name).reason = "Not responding";
            log("error: Nodes " + name + " not responding, setting DOWN");
            for (auto& [id, job] : jobs_)
                if (job->state == State::running && among(job->nodes, name)) finish(*job, State::node_fail);
        });
}

}  // namespace csim::model
