// The network that real nodes share: bridges in a network namespace of their own, held by one process. The
// machine's own interfaces, addresses and neighbours are never touched, and all of it ends with that process.
#pragma once

#include "runtime/namespaces/netlink.hpp"
#include "runtime/namespaces/process.hpp"

#include <memory>

namespace csim {

/// Where nodes find the hub, and it them.
inline constexpr char hub_address[] = "10.255.255.254";
inline constexpr char hub_name[] = "hub";
/// Ports of one bridge beyond which making a further one is slow; the kernel's own limit is 1,023.
constexpr std::uint32_t ports_per_bridge = 64;

class Hub {
  public:
    /// Finds the hub of `run`, or makes it. Fails with what the kernel refused.
    static NodeResult<std::unique_ptr<Hub>> open(const std::string& run, int init_fd, bool dies_with_parent);

    /// Makes bridges for nodes numbered up to `last`, in a tree around the first. Idempotent.
    NodeResult<Done> make_room(NetlinkSocket& socket, std::uint32_t last);
    /// A socket in the hub's namespace, for the calling thread.
    NodeResult<std::unique_ptr<NetlinkSocket>> socket() const;

    /// Messages that join a node: its pair of interfaces, and it as a permanent neighbour.
    static void join(NetlinkBatch& batch, std::uint32_t node, std::uint32_t address, int pid);
    static MacAddress hub_mac();

    const NodeProcess& process() const { return process_; }

  private:
    explicit Hub(NodeProcess process) : process_(std::move(process)) {}

    NodeProcess process_;
    std::uint32_t bridges_ = 0;
};

}  // namespace csim
