// Inside NamespacesRuntime: what the loop's thread knows, and the threads that make and visit nodes.
#pragma once

#include "runtime/namespaces/crew.hpp"
#include "runtime/namespaces/hub.hpp"
#include "runtime/namespaces/maker.hpp"
#include "runtime/namespaces/namespaces_runtime.hpp"
#include "runtime/namespaces/node_room.hpp"
#include "runtime/pending.hpp"

#include <map>

namespace csim {

struct NamespacesRuntime::Impl {
    struct Node {
        NodeSpec spec;
        std::uint32_t index = 0;  ///< from 1; names its port and its Ethernet address
        NodeState state = NodeState::created;
        std::shared_ptr<NodeProcess> process = std::make_shared<NodeProcess>();
        Ticket starting = 0;
        bool reported = false;
        std::int64_t asked_ns = 0;
        Duration boot{};
    };
    /// What a thread needs to make one node.
    struct Order {
        std::uint32_t index;
        NodeSpec spec;
        NodeFolders folders;
    };

    Impl(EventLoop& loop, Timeline& timeline, NamespacesOptions options);
    ~Impl();

    // On the loop's thread.
    void adopt();
    Node* find(const std::string& name);
    void enter(const std::string& name, Node& node, NodeState state);
    void notice_end(const std::string& name, Node& node);
    NodeResult<Done> may_start(const std::string& name);
    Ticket begin_start(
        const std::string& name, Duration limit, Answer<Done> answer, std::vector<Order>& orders
    );
    void make(std::vector<Order> orders);
    void made(std::uint32_t index, NodeProcess process);
    void reported(const InitReport& report);
    void up(const std::string& name, Node& node);
    void failed(std::uint32_t index, NodeError error);
    void stop_group(std::vector<std::string> names, Duration grace, Duration limit, EachAnswer answer);
    void stopped(const std::string& name, bool ended);
    NodeFolders folders(const std::string& name) const {
        return folders_of(options.folder, options.base, name);
    }
    /// Runs `work` on a helper, its result in `then` on the loop's thread.
    template <class T>
    Ticket ask(
        NodePhase phase, const std::string& name, Duration limit, Answer<T> answer,
        std::function<NodeResult<T>(const std::atomic<bool>& cancelled)> work
    );
    template <class T>
    Ticket at_once(NodePhase phase, const std::string& name, NodeResult<T> result, Answer<T> answer);
    void post(UniqueFunction<void()> work);

    // On other threads.
    void make_nodes(std::size_t thread, const std::vector<Order>& orders);
    std::vector<std::string> arguments_of(const Order& order) const;
    /// A process for each order, or why not.
    std::vector<NodeResult<NodeProcess>> make_processes(std::size_t thread, const std::vector<Order>& orders);
    NodeResult<NetlinkSocket*> hub_socket(std::size_t thread, std::uint32_t last);
    void read_reports();

    EventLoop& loop;
    Timeline& timeline;
    NamespacesOptions options;
    Ledger ledger;
    PendingOperations pending;
    UniqueFunction<void(const Change&)> watcher;
    std::map<std::string, Node> nodes;
    std::map<std::uint32_t, std::string> by_index;
    std::uint32_t last_index = 0;
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);

    int init_fd = -1;
    int reports[2] = {-1, -1};
    int wake = -1;
    std::mutex hub_mutex;
    std::unique_ptr<Hub> hub;
    std::vector<std::unique_ptr<NetlinkSocket>> sockets;  ///< one a maker, each touched by its thread only
    std::vector<std::unique_ptr<Maker>> makers_of;        ///< the same
    std::thread reporter;
    Crew helpers{16};
    std::unique_ptr<Crew> makers;
};

template <class T>
Ticket NamespacesRuntime::Impl::ask(
    NodePhase phase, const std::string& name, Duration limit, Answer<T> answer,
    std::function<NodeResult<T>(const std::atomic<bool>& cancelled)> work
) {
    auto cancelled = std::make_shared<std::atomic<bool>>(false);
    const Ticket ticket =
        pending.begin<T>(phase, name, limit, std::move(answer), [cancelled] { *cancelled = true; });
    helpers.run([this, ticket, cancelled, work = std::move(work)](std::size_t) {
        auto result = std::make_shared<NodeResult<T>>(work(*cancelled));
        post([this, ticket, result] { pending.finish<T>(ticket, std::move(*result)); });
    });
    return ticket;
}

template <class T>
Ticket NamespacesRuntime::Impl::at_once(
    NodePhase phase, const std::string& name, NodeResult<T> result, Answer<T> answer
) {
    const Ticket ticket = pending.begin<T>(phase, name, Duration::zero(), std::move(answer));
    post([this, ticket, result = std::move(result)] { pending.finish<T>(ticket, result); });
    return ticket;
}

}  // namespace csim
