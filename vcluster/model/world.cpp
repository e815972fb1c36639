#include "vcluster/model/world.hpp"

#include "core/duration_text.hpp"
#include "vcluster/model/programs.hpp"

#include <algorithm>
#include <csignal>

namespace csim::model {
namespace {

NodeFile plain_file(std::string content) {
    NodeFile made;
    made.content = std::move(content);
    return made;
}

/// What a program in a shell's place is called in lists of processes.
std::string comm_of(const std::string& program) {
    return program.substr(program.rfind('/') + 1).substr(0, 15);
}

}  // namespace

World::World(Timeline& timeline, ModelOptions options)
    : timeline_(timeline), options_(options), rng_(options.seed) {}

World::~World() {
    *alive_ = false;
    for (auto& [name, node] : nodes_) power_off(*node);
}

Node& World::add_node(const std::string& name, const std::string& address) {
    auto& slot = nodes_[name];
    slot = std::make_unique<Node>(*this, name);
    slot->address = address;
    slot->files = NodeFiles(cluster_base());
    slot->write("/etc/hostname", plain_file(name + "\n"));
    slot->write("/etc/hosts", plain_file("127.0.0.1 localhost\n"));
    return *slot;
}

void World::remove_node(const std::string& name) {
    const auto found = nodes_.find(name);
    if (found == nodes_.end()) return;
    power_off(*found->second);
    nodes_.erase(found);
}

Node* World::node(const std::string& name) {
    const auto found = nodes_.find(name);
    return found == nodes_.end() ? nullptr : found->second.get();
}

Node* World::at_address(const std::string& address) {
    for (auto& [name, node] : nodes_)
        if (node->address == address) return node.get();
    return nullptr;
}

void World::power_on(Node& node) {
    node.up = true;
    node.last_pid = 1;
}

void World::power_off(Node& node) {
    node.up = false;
    std::vector<int> pids;
    for (auto& [pid, process] : node.processes) pids.push_back(pid);
    for (const int pid : pids)
        if (Process* process = node.find(pid)) end(*process, 128 + SIGKILL);
    node.ports.clear();
}

std::shared_ptr<SharedTree> World::shared(const std::string& source) {
    auto& tree = shared_[source];
    if (!tree) tree = std::make_shared<SharedTree>(source);
    return tree;
}

Duration World::latency(const Node& from, const Node& to) const {
    return &from == &to ? std::chrono::microseconds(20) : options_.latency;
}

namespace {

Task<int> run_program(Process& process, Launch launch) {
    Call call{process.world,
              process.node,
              process,
              std::move(launch.arguments),
              std::move(launch.env),
              launch.folder,
              launch.in,
              launch.out,
              launch.err};
    const Program* program = find_program(call.name());
    if (program == nullptr && call.name().find('/') != std::string::npos) {
        // A script of the user's own; its first line is not looked at beyond being a shell's.
        const std::string text = process.node.text_of(call.path(call.name()));
        if (text.starts_with("#!") && text.substr(0, text.find('\n')).find("sh") != std::string::npos) {
            call.arguments.insert(call.arguments.begin(), "bash");
            program = find_program("bash");
        }
    }
    co_await Pause(process.world.timeline(), usual_time);
    // In jobs, what the model lacks lasts a while and ends well; a script's comment may say how long.
    const auto pretended = call.env.find("CLUSTER_SIM_PROGRAM_" + comm_of(call.name()));
    const bool in_job = call.env.contains("SLURM_JOB_ID");
    if (pretended != call.env.end() || (in_job && program == nullptr)) {
        Duration lasts = process.world.options().job_default;
        int status = 0;
        if (pretended != call.env.end()) {
            char* rest = nullptr;
            lasts = Duration(std::strtoll(pretended->second.c_str(), &rest, 10));
            status = std::atoi(rest);
        } else {
            process.world.notes().push_back(
                "job " + call.env["SLURM_JOB_ID"] + ": " + call.name() + " is not modelled; it lasted " +
                duration_text(lasts)
            );
        }
        co_await Pause(process.world.timeline(), lasts);
        co_return status;
    }
    if (program == nullptr) {
        const bool path = call.name().find('/') != std::string::npos;
        if (path && !process.node.exists(call.path(call.name()))) {
            call.err->put("bash: " + call.name() + ": No such file or directory\n");
            co_return 127;
        }
        call.err->put(not_modelled(call.name()) + "\n");
        co_return 127;
    }
    if (program->at_once != nullptr) co_return program->at_once(call);
    const int status = co_await program->in_time(call);
    co_return status;
}

Task<int> supervise(World& world, Process& process, Launch launch) {
    const int status = co_await run_program(process, std::move(launch));
    world.end(process, status);
    co_return status;
}

}  // namespace

Process& World::launch(Node& node, Launch launch) {
    const int pid = ++node.last_pid;
    auto& slot = node.processes[pid];
    slot = std::make_unique<Process>(*this, node);
    Process& process = *slot;
    process.pid = pid;
    process.parent = launch.parent;
    process.group = launch.group == 0 ? pid : launch.group;
    process.arguments = launch.arguments;
    process.comm = comm_of(launch.arguments.empty() ? "" : launch.arguments[0]);
    process.env = launch.env;
    process.user = launch.user;
    process.started = timeline_.now();
    process.on_end = std::move(launch.on_end);
    if (!launch.in) launch.in = std::make_shared<Input>();
    if (!launch.out) launch.out = std::make_shared<Nowhere>();
    if (!launch.err) launch.err = launch.out;
    process.task = supervise(*this, process, std::move(launch));
    process.task.start();
    return process;
}

Process& World::add_daemon(const Call& call, std::unique_ptr<Daemon> daemon) {
    Node& node = call.node;
    const int pid = ++node.last_pid;
    auto& slot = node.processes[pid];
    slot = std::make_unique<Process>(*this, node);
    slot->pid = slot->group = pid;
    slot->arguments = call.arguments;
    slot->comm = comm_of(call.name());
    slot->env = call.env;
    slot->user = call.process.user;
    slot->started = timeline_.now();
    slot->daemon = std::move(daemon);
    if (slot->daemon) slot->daemon->self = slot.get();
    return *slot;
}

void World::signal(Process& process, int number) {
    if (process.ended || number == 0) return;
    if (number != SIGKILL && process.on_signal && process.on_signal(number)) return;
    if (number == SIGCHLD || number == SIGCONT || number == SIGWINCH) return;
    if (process.daemon && number != SIGKILL) process.daemon->ending();
    end(process, 128 + number);
}

void World::signal_group(Node& node, int group, int number) {
    std::vector<int> pids;
    for (auto& [pid, process] : node.processes)
        if (process->group == group) pids.push_back(pid);
    for (const int pid : pids)
        if (Process* process = node.find(pid)) signal(*process, number);
}

// What others see of it changes now; its own text is taken away in an event, since it may be what runs.
void World::end(Process& process, int status) {
    if (process.ended) return;
    process.ended = true;
    process.status = status;
    std::erase_if(process.node.ports, [&](const auto& each) { return each.second.pid == process.pid; });
    if (process.on_end) std::exchange(process.on_end, {})(status);
    process.end.happen();
    process.daemon.reset();
    timeline_.after(
        Duration::zero(),
        [this, alive = std::weak_ptr(alive_), name = process.node.name, pid = process.pid] {
            if (alive.expired()) return;
            if (Node* there = node(name)) there->processes.erase(pid);
        }
    );
}

}  // namespace csim::model
