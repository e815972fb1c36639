// How real nodes end, and how those of another process are found again.
#include "runtime/namespaces/namespaces_impl.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>

namespace csim {

void NamespacesRuntime::Impl::adopt() {
    std::map<std::string, MarkedProcess> marked;
    for (MarkedProcess& each : marked_processes(ledger.run)) marked.emplace(each.name, std::move(each));
    std::error_code error;
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(options.folder, error))
        if (entry.is_directory() && !entry.is_symlink() &&
            std::filesystem::is_directory(entry.path() / "delta0"))
            names.push_back(entry.path().filename().string());
    // By number, so that a node keeps its port's name whoever adopts it.
    std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    });
    for (const std::string& name : names) {
        Node& node = nodes[name];
        node.spec.name = name;
        node.index = ++last_index;
        by_index[node.index] = name;
        const auto found = marked.find(name);
        if (found == marked.end()) continue;
        *node.process = open_marked(found->second);
        if (*node.process) node.state = NodeState::running;
    }
}

void NamespacesRuntime::Impl::stop_group(
    std::vector<std::string> names, Duration grace, Duration limit, EachAnswer answer
) {
    struct Going {
        std::string name;
        Ticket ticket;
        std::shared_ptr<NodeProcess> process;
    };
    auto going = std::make_shared<std::vector<Going>>();
    for (const std::string& name : names) {
        Node* node = find(name);
        const Ticket ticket = pending.begin<Done>(
            NodePhase::stop, name, limit,
            [name, answer](NodeResult<Done> result) { answer(name, std::move(result)); },
            [this, name] {
                if (Node* late = find(name)) enter(name, *late, NodeState::wedged);
            }
        );
        if (node != nullptr) notice_end(name, *node);
        if (node != nullptr && *node->process && node->state != NodeState::stopped) {
            enter(name, *node, NodeState::stopping);
            node->process->signal(grace > Duration::zero() ? SIGTERM : SIGKILL);
            going->push_back({name, ticket, node->process});
        } else {
            post([this, ticket] { pending.finish<Done>(ticket, Done{}); });
        }
    }
    const std::int64_t patience = monotonic_ns() + grace.count();
    helpers.run([this, going, patience, limit](std::size_t) {
        const std::int64_t end = patience + limit.count();
        for (const Going& each : *going) {
            bool ended = each.process->wait(Duration(std::max<std::int64_t>(patience - monotonic_ns(), 0)));
            if (!ended) {
                each.process->signal(SIGKILL);
                ended = each.process->wait(Duration(std::max<std::int64_t>(end - monotonic_ns(), 0)));
            }
            post([this, name = each.name, ticket = each.ticket, ended] {
                if (!pending.is_open(ticket)) return;
                stopped(name, ended);
                if (ended) pending.finish<Done>(ticket, Done{});
            });
        }
    });
}

void NamespacesRuntime::Impl::stopped(const std::string& name, bool ended) {
    if (Node* node = find(name)) enter(name, *node, ended ? NodeState::stopped : NodeState::wedged);
}

Duration NamespacesRuntime::boot_time(const std::string& name) const {
    const Impl::Node* node = impl_->find(name);
    return node == nullptr ? Duration{} : node->boot;
}

}  // namespace csim
