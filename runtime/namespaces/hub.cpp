#include "runtime/namespaces/hub.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

namespace csim {
namespace {

// Indices of our own choice, far from those that the kernel hands out.
constexpr int first_bridge = 1'000'000, first_trunk = 2'000'000;

int bridge_of(std::uint32_t node) {
    return first_bridge + 1 + static_cast<int>(node / ports_per_bridge);
}

NodeError refused(const char* call, int error) {
    const std::string limit = limit_behind(error, "veth");
    return {
        limit.empty() ? NodeError::Kind::internal : NodeError::Kind::limit, NodePhase::network,
        limit.empty() ? call : limit, std::string(call) + ": " + std::strerror(error)};
}

/// Waits for the one report of a process that was just made.
NodeResult<Done> await_report(int fd) {
    pollfd wait{fd, POLLIN, 0};
    InitReport report;
    if (::poll(&wait, 1, 10'000) <= 0 || ::read(fd, &report, sizeof report) != sizeof report)
        return NodeError{
            NodeError::Kind::timeout, NodePhase::network, "hub", "the hub did not come up in 10 s"};
    if (report.error != 0) return refused(report.phase, report.error);
    return Done{};
}

/// The calling thread visits another network namespace.
class Visit {
  public:
    explicit Visit(const NodeProcess& there)
        : home_(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
        ok_ = home_ >= 0 && ::setns(there.fd(), CLONE_NEWNET) == 0;
    }
    ~Visit() {
        if (ok_) ::setns(home_, CLONE_NEWNET);
        if (home_ >= 0) ::close(home_);
    }
    Visit(const Visit&) = delete;
    explicit operator bool() const { return ok_; }

  private:
    int home_;
    bool ok_ = false;
};

}  // namespace

MacAddress Hub::hub_mac() {
    return mac_of(0xfffffffe);
}

NodeResult<std::unique_ptr<Hub>> Hub::open(const std::string& run, int init_fd, bool dies_with_parent) {
    for (const MarkedProcess& marked : marked_processes(run)) {
        if (marked.name != hub_name) continue;
        if (NodeProcess process = open_marked(marked)) {
            std::unique_ptr<Hub> hub(new Hub(std::move(process)));
            return hub;
        }
    }
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) return refused("pipe", errno);
    Spawn what{init_fd, CLONE_NEWNET, {init_mark + run + ":" + hub_name, "hold"}, pipe[1]};
    what.arguments.push_back("report=" + std::to_string(pipe[1]));
    if (dies_with_parent) what.arguments.push_back("die");
    auto process = spawn(what);
    ::close(pipe[1]);
    const auto up = process ? await_report(pipe[0]) : NodeResult<Done>(process.error());
    ::close(pipe[0]);
    if (!up) return up.error();
    std::unique_ptr<Hub> hub(new Hub(std::move(*process)));
    return hub;
}

NodeResult<std::unique_ptr<NetlinkSocket>> Hub::socket() const {
    const Visit visit(process_);
    if (!visit) return refused("setns(net)", errno);
    return std::make_unique<NetlinkSocket>();
}

NodeResult<Done> Hub::make_room(NetlinkSocket& socket, std::uint32_t last) {
    const std::uint32_t wanted = last / ports_per_bridge + 1;
    NetlinkBatch batch;
    if (bridges_ == 0) {
        add_bridge(batch, "csbr0", hub_mac(), 0, first_bridge);
        add_address(batch, first_bridge, parse_ipv4(hub_address), 8, 0);
    }
    for (std::uint32_t i = bridges_; i < wanted; ++i) {
        const std::string number = std::to_string(i + 1);
        const int bridge = first_bridge + 1 + static_cast<int>(i);
        add_bridge(batch, "csbr" + number, mac_of(0xff000000 + i), 0, bridge);
        const int trunk = first_trunk + 2 * static_cast<int>(i);
        VethPair pair{"up" + number, first_bridge, "down" + number, "", 0};
        pair.index = trunk, pair.peer_index = trunk + 1;
        add_veth(batch, pair, 0);
        set_master(batch, trunk + 1, bridge, 0);
    }
    const auto failures = socket.exchange(batch);
    if (!failures)
        return NodeError{NodeError::Kind::internal, NodePhase::network, "netlink", failures.error().detail};
    for (const NetlinkFailure& each : *failures)
        if (each.error != EEXIST) return refused("bridge", each.error);
    bridges_ = std::max(bridges_, wanted);
    return Done{};
}

void Hub::join(NetlinkBatch& batch, std::uint32_t node, std::uint32_t address, int pid) {
    VethPair pair{"cs" + std::to_string(node), bridge_of(node), "eth0", mac_of(node), pid};
    add_veth(batch, pair, node);
    add_neighbour(batch, first_bridge, address, mac_of(node), node);
}

}  // namespace csim
