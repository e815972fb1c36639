#include "runtime/simulated/simulated_runtime.hpp"

#include "runtime/ping_log.hpp"
#include "runtime/simulated/node_commands.hpp"

namespace csim {
namespace {

NodeError refusal(NodeError::Kind kind, NodePhase phase, std::string refused, std::string detail) {
    return {kind, phase, std::move(refused), std::move(detail)};
}

NodeError limit_error(NodePhase phase, const std::string& name, const std::string& resource) {
    return refusal(
        NodeError::Kind::limit, phase, resource, "there is not enough " + resource + " left for " + name
    );
}

}  // namespace

SimulatedRuntime::SimulatedRuntime(Timeline& timeline, HostModel model, std::uint64_t seed)
    : timeline_(timeline),
      host_(timeline, std::move(model), seed),
      pending_(timeline),
      began_(timeline.now()) {}

SimulatedRuntime::~SimulatedRuntime() = default;

RuntimeAbilities SimulatedRuntime::abilities() {
    RuntimeAbilities can;
    can.usable = can.exec = can.files = can.stats = can.network = can.limits = true;
    can.nodes_max = 1'000'000;
    can.keeps_names_legacy = host_.model().legacy_names;
    return can;
}

template <class T>
Ticket SimulatedRuntime::not_found(NodePhase phase, const std::string& name, Answer<T> answer) {
    return pending_.refuse<T>(
        phase, name, refusal(NodeError::Kind::not_found, phase, "name", "there is no node " + name),
        std::move(answer)
    );
}

void SimulatedRuntime::enter(const std::string& name, Node& node, NodeState state) {
    node.state = state;
    if (watcher_) watcher_({name, state});
}

std::shared_ptr<const NodeSpec> SimulatedRuntime::shared(const NodeSpec& spec) {
    const auto alike = [](const NodeSpec& a, const NodeSpec& b) {
        return a.base == b.base && a.environment == b.environment && a.job.count == b.job.count &&
               a.job.target == b.job.target && a.job.interval == b.job.interval;
    };
    if (!last_spec_ || !alike(*last_spec_, spec)) {
        auto copy = std::make_shared<NodeSpec>(spec);
        copy->name.clear();
        copy->address.clear();
        last_spec_ = std::move(copy);
    }
    return last_spec_;
}

Ticket SimulatedRuntime::create(NodeSpec spec, Duration limit, Answer<Done> answer) {
    const std::string name = spec.name;
    if (const auto good = check_node_name(name, host_.model().legacy_names); !good)
        return pending_.refuse<Done>(NodePhase::create, name, good.error(), std::move(answer));
    if (nodes_.contains(name))
        return pending_.refuse<Done>(
            NodePhase::create, name,
            refusal(
                NodeError::Kind::exists, NodePhase::create, "name", "there is a node " + name + " already"
            ),
            std::move(answer)
        );
    const auto taken = host_.take(NodePhase::create, !spec.address.empty());
    if (!taken.refused.empty())
        return pending_.refuse<Done>(
            NodePhase::create, name, limit_error(NodePhase::create, name, taken.refused), std::move(answer)
        );
    Node& node = nodes_[name];
    node.network = !spec.address.empty();
    node.address = spec.address;
    node.spec = shared(spec);
    ++delta_nodes_;
    const Ticket ticket =
        pending_.begin<Done>(NodePhase::create, name, limit, std::move(answer), [this, name] {
            nodes_.at(name).state = NodeState::wedged;
        });
    host_.submit(NodePhase::create, node.network, Duration::zero(), [this, ticket, name] {
        if (!pending_.is_open(ticket)) return;
        enter(name, nodes_.at(name), NodeState::created);
        pending_.finish<Done>(ticket, Done{});
    });
    return ticket;
}

Ticket SimulatedRuntime::start(std::string name, Duration limit, Answer<Done> answer) {
    const auto found = nodes_.find(name);
    if (found == nodes_.end()) return not_found<Done>(NodePhase::start, name, std::move(answer));
    Node& node = found->second;
    if (node.state != NodeState::created && node.state != NodeState::stopped)
        return pending_.refuse<Done>(
            NodePhase::start, name,
            refusal(
                NodeError::Kind::busy, NodePhase::start, "state",
                name + " is " + std::string(text_of(node.state))
            ),
            std::move(answer)
        );
    const auto taken = host_.take(NodePhase::start, node.network);
    if (!taken.refused.empty())
        return pending_.refuse<Done>(
            NodePhase::start, name, limit_error(NodePhase::start, name, taken.refused), std::move(answer)
        );
    enter(name, node, NodeState::starting);
    node.silenced_by = taken.silenced;
    const SimTime asked = timeline_.now();
    const Ticket ticket =
        pending_.begin<Done>(NodePhase::start, name, limit, std::move(answer), [this, name] {
            enter(name, nodes_.at(name), NodeState::wedged);
        });
    host_.submit(NodePhase::start, node.network, Duration::zero(), [this, ticket, name, asked, taken] {
        ready(name, ticket, asked, taken);
    });
    return ticket;
}

void SimulatedRuntime::ready(
    const std::string& name, Ticket ticket, SimTime asked, const SimulatedHost::Taken& taken
) {
    const auto found = nodes_.find(name);
    if (found == nodes_.end() || found->second.state != NodeState::starting) return;
    Node& node = found->second;
    node.pid = ++last_pid_;
    node.ready = timeline_.now();
    node.boot = node.ready - asked;
    node.ended = {};
    node.silenced = !taken.silenced.empty();
    enter(name, node, NodeState::running);
    pending_.finish<Done>(ticket, Done{});
}

Ticket SimulatedRuntime::exec(std::string name, ExecSpec spec, Duration limit, Answer<ExecResult> answer) {
    const auto found = nodes_.find(name);
    if (found == nodes_.end()) return not_found<ExecResult>(NodePhase::exec, name, std::move(answer));
    if (found->second.state != NodeState::running)
        return pending_.refuse<ExecResult>(
            NodePhase::exec, name,
            refusal(NodeError::Kind::busy, NodePhase::exec, "state", name + " is not running"),
            std::move(answer)
        );
    if (!spec.user.empty() && spec.user != "root")
        return pending_.refuse<ExecResult>(
            NodePhase::exec, name,
            refusal(NodeError::Kind::not_found, NodePhase::exec, "user", "there is no user " + spec.user),
            std::move(answer)
        );
    constexpr Duration host_was_up = 63min;
    CommandScene scene{
        files_of(found->second), name, timeline_.now(), timeline_.now() - began_ + host_was_up};
    CommandRun run = run_command(scene, spec);
    if (spec.merged) run.result.out += std::exchange(run.result.err, "");
    const Ticket ticket = pending_.begin<ExecResult>(NodePhase::exec, name, limit, std::move(answer));
    host_.submit(NodePhase::exec, false, run.takes, [this, ticket, result = std::move(run.result)] {
        pending_.finish<ExecResult>(ticket, result);
    });
    return ticket;
}

NodeFiles& SimulatedRuntime::files_of(Node& node) {
    if (!node.files) node.files = std::make_unique<NodeFiles>();
    return *node.files;
}

Ticket SimulatedRuntime::read_file(
    std::string name, std::string path, Duration limit, Answer<NodeFile> answer
) {
    const auto found = nodes_.find(name);
    if (found == nodes_.end()) return not_found<NodeFile>(NodePhase::file, name, std::move(answer));
    NodeResult<NodeFile> result = files_of(found->second).read(path);
    if (normal_path(path) == ping_log_path && job_of(found->second)) {
        NodeFile log;
        log.content = log_text(found->second);
        result = std::move(log);
    }
    const Ticket ticket = pending_.begin<NodeFile>(NodePhase::file, name, limit, std::move(answer));
    timeline_.after(Duration::zero(), [this, ticket, result = std::move(result)] {
        pending_.finish<NodeFile>(ticket, result);
    });
    return ticket;
}

Ticket SimulatedRuntime::write_file(
    std::string name, std::string path, NodeFile file, Duration limit, Answer<Done> answer
) {
    const auto found = nodes_.find(name);
    if (found == nodes_.end()) return not_found<Done>(NodePhase::file, name, std::move(answer));
    NodeResult<Done> result = files_of(found->second).write(path, std::move(file));
    const Ticket ticket = pending_.begin<Done>(NodePhase::file, name, limit, std::move(answer));
    timeline_.after(Duration::zero(), [this, ticket, result] { pending_.finish<Done>(ticket, result); });
    return ticket;
}

Ticket SimulatedRuntime::stats(std::string name, Duration limit, Answer<NodeStats> answer) {
    const Ticket ticket = pending_.begin<NodeStats>(NodePhase::stats, name, limit, std::move(answer));
    timeline_.after(Duration::zero(), [this, ticket, name] {
        pending_.finish<NodeStats>(ticket, look(name));
    });
    return ticket;
}

Ticket SimulatedRuntime::stop(std::string name, Duration, Duration limit, Answer<Done> answer) {
    const auto found = nodes_.find(name);
    if (found == nodes_.end()) return not_found<Done>(NodePhase::stop, name, std::move(answer));
    Node& node = found->second;
    const Ticket ticket = pending_.begin<Done>(NodePhase::stop, name, limit, std::move(answer), [this, name] {
        enter(name, nodes_.at(name), NodeState::wedged);
    });
    if (node.state != NodeState::running) {
        timeline_.after(Duration::zero(), [this, ticket] { pending_.finish<Done>(ticket, Done{}); });
        return ticket;
    }
    enter(name, node, NodeState::stopping);
    host_.submit(NodePhase::stop, node.network, Duration::zero(), [this, ticket, name] {
        stopped(name, ticket);
    });
    return ticket;
}

void SimulatedRuntime::stopped(const std::string& name, Ticket ticket) {
    const auto found = nodes_.find(name);
    if (found == nodes_.end() || found->second.state != NodeState::stopping) return;
    release(found->second);
    enter(name, found->second, NodeState::stopped);
    pending_.finish<Done>(ticket, Done{});
}

void SimulatedRuntime::release(Node& node) {
    host_.give_back(NodePhase::start, node.network, node.silenced_by);
    node.pid = 0;
    node.ended = timeline_.now();
}

Ticket SimulatedRuntime::destroy(std::string name, Duration limit, Answer<Done> answer) {
    const auto found = nodes_.find(name);
    const Ticket ticket = pending_.begin<Done>(NodePhase::destroy, name, limit, std::move(answer));
    if (found == nodes_.end()) {
        timeline_.after(Duration::zero(), [this, ticket] { pending_.finish<Done>(ticket, Done{}); });
        return ticket;
    }
    if (found->second.state == NodeState::running || found->second.state == NodeState::starting) {
        timeline_.after(Duration::zero(), [this, ticket, name] {
            pending_.finish<Done>(
                ticket, refusal(NodeError::Kind::busy, NodePhase::destroy, "state", name + " is running")
            );
        });
        return ticket;
    }
    host_.submit(NodePhase::destroy, false, Duration::zero(), [this, ticket, name] {
        destroyed(name, ticket);
    });
    return ticket;
}

void SimulatedRuntime::destroyed(const std::string& name, Ticket ticket) {
    const auto found = nodes_.find(name);
    if (found != nodes_.end()) {
        host_.give_back(NodePhase::create, found->second.network);
        nodes_.erase(found);
        --delta_nodes_;
        if (watcher_) watcher_({name, NodeState::absent});
    }
    pending_.finish<Done>(ticket, Done{});
}

}  // namespace csim
