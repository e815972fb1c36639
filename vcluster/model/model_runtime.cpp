#include "vcluster/model/model_runtime.hpp"

#include "vcluster/model/kept_calls.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace csim::model {
namespace {

constexpr Duration boot_time = std::chrono::milliseconds(20);
constexpr Duration file_time = std::chrono::microseconds(100);

NodeError no_node(NodePhase phase, const std::string& name) {
    return {NodeError::Kind::not_found, phase, "name", "there is no node " + name};
}

NodeError file_error(int error, const std::string& path) {
    const auto kind = error == ENOENT   ? NodeError::Kind::not_found
                      : error == EISDIR ? NodeError::Kind::exists
                                        : NodeError::Kind::denied;
    return {kind, NodePhase::file, "open", path + ": " + std::strerror(error)};
}

}  // namespace

ModelRuntime::ModelRuntime(Timeline& timeline, ModelOptions options, std::function<void(Json)> keep)
    : world_(timeline, options), pending_(timeline), keep_(std::move(keep)) {}

ModelRuntime::~ModelRuntime() = default;

void ModelRuntime::keep(Json what) {
    if (!keep_ || repeating_) return;
    what["at"] = world_.timeline().now().unix_ns();
    what["group"] = group_;
    keep_(std::move(what));
}

template <class T>
Ticket ModelRuntime::soon(NodePhase phase, const std::string& name, NodeResult<T> result, Answer<T> answer) {
    const Ticket ticket = pending_.begin<T>(phase, name, Duration::zero(), std::move(answer));
    world_.timeline().after(file_time, [this, ticket, result = std::move(result)] {
        pending_.finish<T>(ticket, result);
    });
    return ticket;
}

NodeResult<Node*> ModelRuntime::running(NodePhase phase, const std::string& name) {
    Node* node = world_.node(name);
    if (node == nullptr) return no_node(phase, name);
    if (!node->up) return NodeError{NodeError::Kind::busy, phase, "state", name + " is not running"};
    return node;
}

RuntimeAbilities ModelRuntime::abilities() {
    RuntimeAbilities can;
    can.usable = can.exec = can.files = can.stats = can.network = true;
    return can;
}

Ticket ModelRuntime::create(NodeSpec spec, Duration, Answer<Done> answer) {
    keep({{"op", "create"}, {"name", spec.name}, {"address", spec.address}});
    NodeResult<Done> result = Done{};
    if (world_.node(spec.name) != nullptr) {
        result = NodeError{
            NodeError::Kind::exists, NodePhase::create, "name", "there is a node " + spec.name + " already"};
    } else {
        world_.add_node(spec.name, spec.address);
        states_[spec.name] = NodeState::created;
        if (watcher_) watcher_({spec.name, NodeState::created});
    }
    return soon<Done>(NodePhase::create, spec.name, result, std::move(answer));
}

Ticket ModelRuntime::start(std::string name, Duration limit, Answer<Done> answer) {
    keep({{"op", "start"}, {"name", name}});
    Node* node = world_.node(name);
    if (node == nullptr)
        return soon<Done>(NodePhase::start, name, no_node(NodePhase::start, name), std::move(answer));
    if (node->up) {
        const NodeError busy{NodeError::Kind::busy, NodePhase::start, "state", name + " is running"};
        return soon<Done>(NodePhase::start, name, busy, std::move(answer));
    }
    states_[name] = NodeState::starting;
    const Ticket ticket = pending_.begin<Done>(NodePhase::start, name, limit, std::move(answer));
    world_.timeline().after(boot_time, [this, ticket, name] {
        Node* booted = world_.node(name);
        if (booted == nullptr) return;
        world_.power_on(*booted);
        states_[name] = NodeState::running;
        if (watcher_) watcher_({name, NodeState::running});
        pending_.finish<Done>(ticket, Done{});
    });
    return ticket;
}

Ticket ModelRuntime::exec(std::string name, ExecSpec spec, Duration limit, Answer<ExecResult> answer) {
    keep({{"op", "exec"}, {"name", name}, {"limit", limit.count()}, {"spec", exec_json(spec)}});
    const auto node = running(NodePhase::exec, name);
    if (!node) return soon<ExecResult>(NodePhase::exec, name, node.error(), std::move(answer));
    const auto user = (*node)->find_user(spec.user.empty() ? "root" : spec.user);
    if (!user) {
        const NodeError unknown{
            NodeError::Kind::not_found, NodePhase::exec, "user",
            "there is no user " + spec.user + " on the node"};
        return soon<ExecResult>(NodePhase::exec, name, unknown, std::move(answer));
    }
    if (spec.command.empty())
        return soon<ExecResult>(
            NodePhase::exec, name, ExecResult{127, "", "no command\n"}, std::move(answer)
        );
    Launch launch;
    launch.arguments = spec.command;
    launch.env = spec.environment;
    launch.folder = spec.folder.empty() ? "/" : spec.folder;
    launch.user = user->name;
    launch.in = std::make_shared<Input>();
    launch.in->text = spec.input;
    auto out = std::make_shared<Buffer>(), err = std::make_shared<Buffer>();
    if (!spec.detached) launch.out = out, launch.err = spec.merged ? out : err;
    if (spec.detached) {
        world_.launch(**node, std::move(launch));
        return soon<ExecResult>(NodePhase::exec, name, ExecResult{}, std::move(answer));
    }
    const auto pid = std::make_shared<int>(0);
    const Ticket ticket =
        pending_.begin<ExecResult>(NodePhase::exec, name, limit, std::move(answer), [this, name, pid] {
            if (Node* there = world_.node(name)) world_.signal_group(*there, *pid, SIGKILL);
        });
    launch.on_end = [this, ticket, out, err](int status) {
        world_.timeline().after(Duration::zero(), [this, ticket, out, err, status] {
            pending_.finish<ExecResult>(ticket, ExecResult{status, out->held, err->held});
        });
    };
    *pid = world_.launch(**node, std::move(launch)).pid;
    return ticket;
}

Ticket ModelRuntime::read_file(std::string name, std::string path, Duration, Answer<NodeFile> answer) {
    Node* node = world_.node(name);
    if (node == nullptr)
        return soon<NodeFile>(NodePhase::file, name, no_node(NodePhase::file, name), std::move(answer));
    NodeFile file;
    const int wrong = node->read(path, file);
    NodeResult<NodeFile> result = std::move(file);
    if (wrong != 0) result = file_error(wrong, path);
    return soon<NodeFile>(NodePhase::file, name, std::move(result), std::move(answer));
}

Ticket ModelRuntime::write_file(
    std::string name, std::string path, NodeFile file, Duration, Answer<Done> answer
) {
    keep({{"op", "write"}, {"name", name}, {"path", path}, {"file", file_json(file)}});
    Node* node = world_.node(name);
    if (node == nullptr)
        return soon<Done>(NodePhase::file, name, no_node(NodePhase::file, name), std::move(answer));
    NodeFile there;
    NodeResult<Done> result = Done{};
    const bool again =
        file.type == NodeFile::Type::directory && node->read(path, there) == 0 && there.type == file.type;
    if (again) file.entries.clear();
    if (const int wrong = node->write(path, std::move(file)); wrong != 0) result = file_error(wrong, path);
    return soon<Done>(NodePhase::file, name, std::move(result), std::move(answer));
}

Ticket ModelRuntime::stats(std::string name, Duration, Answer<NodeStats> answer) {
    Node* node = world_.node(name);
    if (node == nullptr)
        return soon<NodeStats>(NodePhase::stats, name, no_node(NodePhase::stats, name), std::move(answer));
    NodeStats stats;
    stats.state = states_[name];
    stats.pid = node->up ? 1 : 0;
    stats.processes = node->up ? node->processes.size() + 1 : 0;
    stats.disk_bytes = node->files.delta_bytes();
    stats.boot = node->up ? boot_time : Duration{};
    return soon<NodeStats>(NodePhase::stats, name, stats, std::move(answer));
}

Ticket ModelRuntime::stop(std::string name, Duration, Duration, Answer<Done> answer) {
    keep({{"op", "stop"}, {"name", name}});
    Node* node = world_.node(name);
    if (node == nullptr)
        return soon<Done>(NodePhase::stop, name, no_node(NodePhase::stop, name), std::move(answer));
    if (node->up) {
        world_.power_off(*node);
        states_[name] = NodeState::stopped;
        if (watcher_) watcher_({name, NodeState::stopped});
    }
    return soon<Done>(NodePhase::stop, name, Done{}, std::move(answer));
}

Ticket ModelRuntime::destroy(std::string name, Duration, Answer<Done> answer) {
    keep({{"op", "destroy"}, {"name", name}});
    Node* node = world_.node(name);
    NodeResult<Done> result = Done{};
    if (node != nullptr && node->up)
        result = NodeError{NodeError::Kind::busy, NodePhase::destroy, "state", name + " is running"};
    else if (node != nullptr)
        world_.remove_node(name), states_.erase(name);
    return soon<Done>(NodePhase::destroy, name, result, std::move(answer));
}

Ticket ModelRuntime::list(Duration, Answer<std::vector<NodeInfo>> answer) {
    std::vector<NodeInfo> all;
    for (const auto& [name, state] : states_) {
        NodeInfo info{name, state, state == NodeState::running ? 1 : 0, {}};
        if (const Node* node = world_.node(name); node != nullptr && !node->address.empty())
            info.addresses.push_back(node->address);
        all.push_back(std::move(info));
    }
    return soon<std::vector<NodeInfo>>(NodePhase::list, "", std::move(all), std::move(answer));
}

Ticket ModelRuntime::add_network(std::string name, Duration, Answer<Done> answer) {
    return soon<Done>(NodePhase::network, name, Done{}, std::move(answer));
}

Ticket ModelRuntime::remove_network(std::string name, Duration, Answer<Done> answer) {
    return soon<Done>(NodePhase::network, name, Done{}, std::move(answer));
}

void ModelRuntime::mount(
    const std::string& name, const std::string& source, const std::string& target, bool read_only
) {
    keep({{"op", "mount"}, {"name", name}, {"source", source}, {"target", target}, {"read_only", read_only}});
    Node* node = world_.node(name);
    node->mounts.push_back({target, world_.shared(source), read_only});
}

Result<Nothing> ModelRuntime::repeat(const Json& kept) {
    repeating_ = true;
    try {
        const std::string op = kept.at("op").get<std::string>();
        const std::string name = kept.at("name").get<std::string>();
        const auto nobody = [](const auto&) {};
        if (op == "create") {
            NodeSpec spec;
            spec.name = name;
            spec.address = kept.at("address").get<std::string>();
            create(std::move(spec), {}, nobody);
        } else if (op == "start") {
            start(name, {}, nobody);
        } else if (op == "exec") {
            exec(name, exec_of(kept.at("spec")), Duration(kept.at("limit").get<std::int64_t>()), nobody);
        } else if (op == "write") {
            write_file(name, kept.at("path").get<std::string>(), file_of(kept.at("file")), {}, nobody);
        } else if (op == "stop") {
            stop(name, {}, {}, nobody);
        } else if (op == "destroy") {
            destroy(name, {}, nobody);
        } else if (op == "mount") {
            mount(
                name, kept.at("source").get<std::string>(), kept.at("target").get<std::string>(),
                kept.at("read_only").get<bool>()
            );
        }
        repeating_ = false;
        return Nothing{};
    } catch (const std::exception& wrong) {
        repeating_ = false;
        return Error{Errc::corrupt, std::string("the cluster's journal cannot be read: ") + wrong.what()};
    }
}

}  // namespace csim::model
