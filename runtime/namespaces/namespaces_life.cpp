// How real nodes begin and end: orders on the loop's thread, work on the makers', reports through a pipe.
#include "runtime/namespaces/namespaces_impl.hpp"
#include "runtime/namespaces/stage.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace csim {

NamespacesRuntime::Impl::Impl(EventLoop& given_loop, Timeline& given_timeline, NamespacesOptions given)
    : loop(given_loop), timeline(given_timeline), options(std::move(given)), pending(given_timeline) {
    const auto init = init_program();
    if (!init) throw Fatal(init.error().detail);
    if (options.adopt) {
        const auto found = find_stage(options.folder, options.ledgers);
        if (!found) throw Fatal(found.error().detail);
        ledger = *found;
        options.base = ledger.base;
        ledger.own();
        options.ledgers.save(ledger);
    } else {
        ledger.run = new_run_id();
        ledger.folder = options.folder;
        ledger.base = options.base;
        ledger.purpose = options.purpose;
        ledger.own();
        set_the_stage(ledger, options.ledgers, options.size, options.inodes);
    }
    init_fd = ::open(init->c_str(), O_PATH | O_CLOEXEC);
    wake = ::eventfd(0, EFD_CLOEXEC);
    if (init_fd < 0 || wake < 0 || ::pipe2(reports, O_CLOEXEC) != 0)
        throw Fatal(std::string("no descriptors are left: ") + std::strerror(errno));
    ::fcntl(reports[1], F_SETPIPE_SZ, 1 << 20);
    makers = std::make_unique<Crew>(options.makers);
    sockets.resize(options.makers);
    makers_of.resize(options.makers);
    if (options.adopt) adopt();
    reporter = std::thread([this] { read_reports(); });
}

NamespacesRuntime::Impl::~Impl() {
    *alive = false;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto n = ::write(wake, &one, sizeof one);
    makers->end();
    helpers.end();
    reporter.join();
    nodes.clear();
    makers_of.clear();
    hub.reset();
    sockets.clear();
    for (const int fd : {init_fd, reports[0], reports[1], wake}) ::close(fd);
    if (!options.kept) take_down(ledger, options.ledgers, 30s);
}

NamespacesRuntime::Impl::Node* NamespacesRuntime::Impl::find(const std::string& name) {
    const auto found = nodes.find(name);
    return found == nodes.end() ? nullptr : &found->second;
}

void NamespacesRuntime::Impl::enter(const std::string& name, Node& node, NodeState state) {
    node.state = state;
    if (watcher) watcher({name, state});
}

void NamespacesRuntime::Impl::notice_end(const std::string& name, Node& node) {
    if (node.state == NodeState::running && node.process->has_ended()) enter(name, node, NodeState::stopped);
}

void NamespacesRuntime::Impl::post(UniqueFunction<void()> work) {
    loop.post([alive = std::weak_ptr(alive), work = std::move(work)]() mutable {
        if (!alive.expired()) work();
    });
}

NodeResult<Done> NamespacesRuntime::Impl::may_start(const std::string& name) {
    Node* node = find(name);
    if (node == nullptr)
        return NodeError{NodeError::Kind::not_found, NodePhase::start, "name", "there is no node " + name};
    notice_end(name, *node);
    if (node->state == NodeState::created || node->state == NodeState::stopped) return Done{};
    return NodeError{
        NodeError::Kind::busy, NodePhase::start, "state", name + " is " + std::string(text_of(node->state))};
}

Ticket NamespacesRuntime::Impl::begin_start(
    const std::string& name, Duration limit, Answer<Done> answer, std::vector<Order>& orders
) {
    if (const auto may = may_start(name); !may)
        return at_once<Done>(NodePhase::start, name, may.error(), std::move(answer));
    Node& node = nodes.at(name);
    node.asked_ns = monotonic_ns();
    node.reported = false;
    node.process = std::make_shared<NodeProcess>();
    enter(name, node, NodeState::starting);
    const std::uint32_t index = node.index;
    node.starting = pending.begin<Done>(NodePhase::start, name, limit, std::move(answer), [this, index] {
        const auto known = by_index.find(index);
        if (known == by_index.end()) return;
        Node& late = nodes.at(known->second);
        if (*late.process) late.process->signal(SIGKILL);
        late.starting = 0;
        enter(known->second, late, NodeState::stopped);
    });
    orders.push_back({index, node.spec, folders(name)});
    return node.starting;
}

// Few at a time, so that a chunk's interfaces go to the kernel in one message and others make the next ones.
void NamespacesRuntime::Impl::make(std::vector<Order> orders) {
    constexpr std::size_t chunk = 16;
    for (std::size_t at = 0; at < orders.size(); at += chunk) {
        const auto end = std::min(at + chunk, orders.size());
        std::vector<Order> part(
            std::make_move_iterator(orders.begin() + static_cast<std::ptrdiff_t>(at)),
            std::make_move_iterator(orders.begin() + static_cast<std::ptrdiff_t>(end))
        );
        makers->run([this, part = std::move(part)](std::size_t thread) { make_nodes(thread, part); });
    }
}

void NamespacesRuntime::Impl::made(std::uint32_t index, NodeProcess process) {
    const auto known = by_index.find(index);
    Node* node = known == by_index.end() ? nullptr : &nodes.at(known->second);
    if (node == nullptr || node->state == NodeState::stopped) {
        process.signal(SIGKILL);
        process.wait(10s);
        return;
    }
    *node->process = std::move(process);
    up(known->second, *node);
}

void NamespacesRuntime::Impl::reported(const InitReport& report) {
    if (report.error != 0) {
        const std::string limit = limit_behind(report.error, report.phase);
        return failed(
            report.index, {limit.empty() ? NodeError::Kind::internal : NodeError::Kind::limit,
                           NodePhase::start, limit.empty() ? report.phase : limit,
                           std::string(report.phase) + ": " + std::strerror(report.error)}
        );
    }
    const auto known = by_index.find(report.index);
    if (known == by_index.end()) return;
    Node& node = nodes.at(known->second);
    if (node.state != NodeState::starting) return;
    node.reported = true;
    up(known->second, node);
}

// Whichever comes last: that it is ready, or the descriptor of its process.
void NamespacesRuntime::Impl::up(const std::string& name, Node& node) {
    if (!node.reported || !*node.process || node.state != NodeState::starting) return;
    node.boot = Duration(monotonic_ns() - node.asked_ns);
    enter(name, node, NodeState::running);
    pending.finish<Done>(std::exchange(node.starting, 0), Done{});
}

void NamespacesRuntime::Impl::failed(std::uint32_t index, NodeError error) {
    const auto known = by_index.find(index);
    if (known == by_index.end()) return;
    Node& node = nodes.at(known->second);
    if (*node.process) node.process->signal(SIGKILL);
    enter(known->second, node, NodeState::stopped);
    pending.finish<Done>(std::exchange(node.starting, 0), std::move(error));
}

void NamespacesRuntime::Impl::read_reports() {
    for (;;) {
        pollfd waits[2] = {{reports[0], POLLIN, 0}, {wake, POLLIN, 0}};
        ::poll(waits, 2, -1);
        if (waits[1].revents != 0) return;
        InitReport room[64];
        const auto n = ::read(reports[0], room, sizeof room);
        if (n <= 0) continue;
        std::vector<InitReport> arrived(room, room + static_cast<std::size_t>(n) / sizeof(InitReport));
        post([this, arrived = std::move(arrived)] {
            for (const InitReport& each : arrived) reported(each);
        });
    }
}

}  // namespace csim
