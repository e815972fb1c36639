// Messages to the kernel's network configuration, many to a send; each answer finds its message.
#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// Messages in one buffer. Attributes go to the message begun last; nests are closed in reverse order.
class NetlinkBatch {
  public:
    /// `flags` beside NLM_F_REQUEST and NLM_F_ACK, which every message has. `tag` comes back with a failure.
    void begin(int type, int flags, const void* body, std::size_t size, std::uint32_t tag = 0);
    void attribute(int type, const void* data, std::size_t size);
    void text(int type, std::string_view value);
    void number(int type, std::uint32_t value);
    /// A nest whose first bytes are `body`, such as a struct that attributes follow.
    void open(int type, const void* body = nullptr, std::size_t size = 0);
    void close();

    std::size_t messages() const { return tags_.size(); }

  private:
    friend class NetlinkSocket;
    void put(const void* data, std::size_t size);

    std::string bytes_;
    std::size_t message_ = 0;
    std::vector<std::size_t> nests_;
    std::vector<std::uint32_t> tags_;
};

struct NetlinkFailure {
    std::uint32_t tag = 0;
    int error = 0;  ///< errno
};

/// A socket of the network namespace that the constructing thread was in.
class NetlinkSocket {
  public:
    NetlinkSocket();  ///< Throws Fatal when the system has none.
    ~NetlinkSocket();
    NetlinkSocket(const NetlinkSocket&) = delete;

    /// Sends, and waits for every answer. Blocks for as long as the kernel works on it.
    Result<std::vector<NetlinkFailure>> exchange(const NetlinkBatch& batch);

  private:
    int fd_ = -1;
};

/// An Ethernet address as six bytes.
using MacAddress = std::string;
/// Locally administered, unicast, different for each number.
MacAddress mac_of(std::uint32_t number);
std::string hex_of(const MacAddress& mac);

/// A bridge that forwards at once, without spanning tree and multicast snooping.
void add_bridge(
    NetlinkBatch& batch, const std::string& name, const MacAddress& mac, std::uint32_t tag, int index = 0
);
/// A pair of interfaces: `name` here as a port of `master`, its peer in the namespace of process `pid` as
/// `peer`, to be brought up there. `pid` 0: the peer stays here.
struct VethPair {
    std::string name;
    int master = 0;  ///< index
    std::string peer = "eth0";
    MacAddress peer_mac;
    int pid = 0;
    int index = 0, peer_index = 0;  ///< 0: the kernel's choice
};
void add_veth(NetlinkBatch& batch, const VethPair& pair, std::uint32_t tag);
void set_master(NetlinkBatch& batch, int index, int master, std::uint32_t tag);
void add_address(NetlinkBatch& batch, int index, std::uint32_t address, int prefix, std::uint32_t tag);
void add_neighbour(
    NetlinkBatch& batch, int index, std::uint32_t address, const MacAddress& mac, std::uint32_t tag
);

/// In network byte order; 0 if it is not one.
std::uint32_t parse_ipv4(const std::string& text);

}  // namespace csim
