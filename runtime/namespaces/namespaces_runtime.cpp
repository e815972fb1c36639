#include "runtime/namespaces/namespaces_impl.hpp"
#include "runtime/namespaces/stage.hpp"
#include "runtime/ping_log.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace csim {
namespace {

NodeError no_node(NodePhase phase, const std::string& name) {
    return {NodeError::Kind::not_found, phase, "name", "there is no node " + name};
}

NodeResult<Done> make_folders(const std::string& folder, const std::string& name) {
    const std::string own = folder + "/" + name;
    for (const char* part : {"", "/delta0", "/work", "/root"}) {
        if (::mkdir((own + part).c_str(), 0755) == 0) continue;
        const std::string limit = limit_behind(errno, "mkdir");
        const auto kind = errno == EEXIST ? NodeError::Kind::exists
                          : limit.empty() ? NodeError::Kind::internal
                                          : NodeError::Kind::limit;
        return NodeError{
            kind, NodePhase::create, limit.empty() ? "mkdir" : limit,
            own + part + ": " + std::strerror(errno)};
    }
    return Done{};
}

std::optional<JobReport> job_report(const std::string& upper) {
    std::ifstream in(upper + std::string(ping_log_path), std::ios::binary);
    if (!in) return std::nullopt;
    return read_ping_log(std::string{std::istreambuf_iterator<char>(in), {}});
}

NodeStats look(NodeStats stats, const NodeFolders& folders) {
    if (stats.pid > 0) {
        std::ifstream in("/proc/" + std::to_string(stats.pid) + "/statm");
        std::uint64_t total = 0, resident = 0;
        in >> total >> resident;
        stats.memory_bytes = resident * 4096;
        stats.processes = 1;
    }
    stats.disk_bytes = disk_bytes_below(folders.upper);
    stats.job = job_report(folders.upper);
    return stats;
}

}  // namespace

NamespacesRuntime::NamespacesRuntime(EventLoop& loop, Timeline& timeline, NamespacesOptions options)
    : impl_(std::make_unique<Impl>(loop, timeline, std::move(options))) {}

NamespacesRuntime::~NamespacesRuntime() = default;

RuntimeAbilities NamespacesRuntime::abilities() {
    RuntimeAbilities can;
    can.why_not = why_no_namespaces();
    can.usable = can.exec = can.files = can.stats = can.network = can.why_not.empty();
    can.needs_root = true;
    return can;
}

Ticket NamespacesRuntime::create(NodeSpec spec, Duration, Answer<Done> answer) {
    const std::string name = spec.name;
    NodeResult<Done> result = check_node_name(name);
    if (result && impl_->find(name) != nullptr)
        result = NodeError{
            NodeError::Kind::exists, NodePhase::create, "name", "there is a node " + name + " already"};
    if (result && !spec.address.empty() && parse_ipv4(spec.address) == 0)
        result = NodeError{
            NodeError::Kind::denied, NodePhase::create, "address", spec.address + " is no IPv4 address"};
    if (result) result = make_folders(impl_->options.folder, name);
    if (result) {
        Impl::Node& node = impl_->nodes[name];
        node.index = ++impl_->last_index;
        impl_->by_index[node.index] = name;
        node.spec = std::move(spec);
        impl_->enter(name, node, NodeState::created);
    }
    return impl_->at_once<Done>(NodePhase::create, name, result, std::move(answer));
}

Ticket NamespacesRuntime::start(std::string name, Duration limit, Answer<Done> answer) {
    std::vector<Impl::Order> orders;
    const Ticket ticket = impl_->begin_start(name, limit, std::move(answer), orders);
    impl_->make(std::move(orders));
    return ticket;
}

void NamespacesRuntime::start_all(std::vector<std::string> names, Duration limit, EachAnswer answer) {
    std::vector<Impl::Order> orders;
    for (const std::string& name : names)
        impl_->begin_start(
            name, limit, [name, answer](NodeResult<Done> result) { answer(name, std::move(result)); }, orders
        );
    impl_->make(std::move(orders));
}

Ticket NamespacesRuntime::exec(std::string name, ExecSpec spec, Duration limit, Answer<ExecResult> answer) {
    Impl::Node* node = impl_->find(name);
    if (node == nullptr)
        return impl_->at_once<ExecResult>(
            NodePhase::exec, name, no_node(NodePhase::exec, name), std::move(answer)
        );
    impl_->notice_end(name, *node);
    if (node->state != NodeState::running) {
        const NodeError busy{NodeError::Kind::busy, NodePhase::exec, "state", name + " is not running"};
        return impl_->at_once<ExecResult>(NodePhase::exec, name, busy, std::move(answer));
    }
    const auto process = node->process;
    return impl_->ask<ExecResult>(
        NodePhase::exec, name, limit, std::move(answer),
        [process, spec = std::move(spec)](const std::atomic<bool>& cancelled) {
            return run_in(*process, spec, Duration::zero(), cancelled);
        }
    );
}

Ticket NamespacesRuntime::read_file(
    std::string name, std::string path, Duration limit, Answer<NodeFile> answer
) {
    Impl::Node* node = impl_->find(name);
    if (node == nullptr)
        return impl_->at_once<NodeFile>(
            NodePhase::file, name, no_node(NodePhase::file, name), std::move(answer)
        );
    return impl_->ask<NodeFile>(
        NodePhase::file, name, limit, std::move(answer),
        [process = node->process, folders = impl_->folders(name), path](const auto&) -> NodeResult<NodeFile> {
            const auto root = open_root(*process, folders);
            if (!root) return root.error();
            auto file = read_in(*root, path);
            ::close(*root);
            return file;
        }
    );
}

Ticket NamespacesRuntime::write_file(
    std::string name, std::string path, NodeFile file, Duration limit, Answer<Done> answer
) {
    Impl::Node* node = impl_->find(name);
    if (node == nullptr)
        return impl_->at_once<Done>(NodePhase::file, name, no_node(NodePhase::file, name), std::move(answer));
    return impl_->ask<Done>(
        NodePhase::file, name, limit, std::move(answer),
        [process = node->process, folders = impl_->folders(name), path,
         file = std::move(file)](const auto&) -> NodeResult<Done> {
            const auto root = open_root(*process, folders);
            if (!root) return root.error();
            auto written = write_in(*root, path, file);
            ::close(*root);
            return written;
        }
    );
}

Ticket NamespacesRuntime::stats(std::string name, Duration limit, Answer<NodeStats> answer) {
    Impl::Node* node = impl_->find(name);
    if (node == nullptr)
        return impl_->at_once<NodeStats>(
            NodePhase::stats, name, no_node(NodePhase::stats, name), std::move(answer)
        );
    impl_->notice_end(name, *node);
    NodeStats stats;
    stats.state = node->state;
    stats.pid = node->state == NodeState::running ? node->process->pid() : 0;
    stats.boot = node->boot;
    return impl_->ask<NodeStats>(
        NodePhase::stats, name, limit, std::move(answer),
        [stats, folders = impl_->folders(name)](const auto&) -> NodeResult<NodeStats> {
            return look(stats, folders);
        }
    );
}

Ticket NamespacesRuntime::stop(std::string name, Duration grace, Duration limit, Answer<Done> answer) {
    if (impl_->find(name) == nullptr)
        return impl_->at_once<Done>(NodePhase::stop, name, no_node(NodePhase::stop, name), std::move(answer));
    auto shared = std::make_shared<Answer<Done>>(std::move(answer));
    impl_->stop_group({name}, grace, limit, [shared](const std::string&, NodeResult<Done> result) {
        (*shared)(std::move(result));
    });
    return 0;
}

void NamespacesRuntime::stop_all(
    std::vector<std::string> names, Duration grace, Duration limit, EachAnswer answer
) {
    impl_->stop_group(std::move(names), grace, limit, std::move(answer));
}

Ticket NamespacesRuntime::destroy(std::string name, Duration limit, Answer<Done> answer) {
    Impl::Node* node = impl_->find(name);
    if (node == nullptr) return impl_->at_once<Done>(NodePhase::destroy, name, Done{}, std::move(answer));
    impl_->notice_end(name, *node);
    if (node->state != NodeState::created && node->state != NodeState::stopped) {
        const NodeError busy{
            NodeError::Kind::busy, NodePhase::destroy, "state",
            name + " is " + std::string(text_of(node->state))};
        return impl_->at_once<Done>(NodePhase::destroy, name, busy, std::move(answer));
    }
    impl_->by_index.erase(node->index);
    impl_->nodes.erase(name);
    if (impl_->watcher) impl_->watcher({name, NodeState::absent});
    return impl_->ask<Done>(
        NodePhase::destroy, name, limit, std::move(answer),
        [own = impl_->options.folder + "/" + name](const auto&) -> NodeResult<Done> {
            std::error_code error;
            std::filesystem::remove_all(own, error);
            if (!error) return Done{};
            return NodeError{
                NodeError::Kind::internal, NodePhase::destroy, "unlink", own + ": " + error.message()};
        }
    );
}

Ticket NamespacesRuntime::list(Duration, Answer<std::vector<NodeInfo>> answer) {
    std::vector<NodeInfo> all;
    for (auto& [name, node] : impl_->nodes) {
        impl_->notice_end(name, node);
        NodeInfo info{name, node.state, node.state == NodeState::running ? node.process->pid() : 0};
        if (!node.spec.address.empty()) info.addresses.push_back(node.spec.address);
        all.push_back(std::move(info));
    }
    return impl_->at_once<std::vector<NodeInfo>>(NodePhase::list, "", std::move(all), std::move(answer));
}

Ticket NamespacesRuntime::add_network(std::string name, Duration, Answer<Done> answer) {
    return impl_->at_once<Done>(NodePhase::network, name, Done{}, std::move(answer));
}

Ticket NamespacesRuntime::remove_network(std::string name, Duration, Answer<Done> answer) {
    return impl_->at_once<Done>(NodePhase::network, name, Done{}, std::move(answer));
}

void NamespacesRuntime::cancel(Ticket ticket) {
    impl_->pending.cancel(ticket);
}

void NamespacesRuntime::watch(UniqueFunction<void(const Change&)> watcher) {
    impl_->watcher = std::move(watcher);
}

void NamespacesRuntime::respecify(NodeSpec spec) {
    if (Impl::Node* node = impl_->find(spec.name)) node->spec = std::move(spec);
}

Ledger& NamespacesRuntime::ledger() {
    return impl_->ledger;
}

void NamespacesRuntime::save_ledger() {
    impl_->options.ledgers.save(impl_->ledger);
}

}  // namespace csim
