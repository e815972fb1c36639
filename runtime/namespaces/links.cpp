// The few kinds of network messages that nodes need.
#include "runtime/namespaces/netlink.hpp"

#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>

namespace csim {
namespace {

constexpr int make_new = NLM_F_CREATE | NLM_F_EXCL;

ifinfomsg link_up(int index = 0) {
    ifinfomsg link{};
    link.ifi_index = index;
    link.ifi_flags = IFF_UP;
    link.ifi_change = IFF_UP;
    return link;
}

/// One queue each way: every further one is some more kernel objects for each of thousands of links.
void one_queue(NetlinkBatch& batch) {
    batch.number(IFLA_NUM_TX_QUEUES, 1);
    batch.number(IFLA_NUM_RX_QUEUES, 1);
}

}  // namespace

MacAddress mac_of(std::uint32_t number) {
    MacAddress mac("\x02\xc5", 2);
    for (int shift = 24; shift >= 0; shift -= 8) mac += static_cast<char>(number >> shift & 0xff);
    return mac;
}

std::string hex_of(const MacAddress& mac) {
    std::string text;
    for (const char c : mac) {
        text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
        text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

void add_bridge(
    NetlinkBatch& batch, const std::string& name, const MacAddress& mac, std::uint32_t tag, int index
) {
    const ifinfomsg link = link_up(index);
    batch.begin(RTM_NEWLINK, make_new, &link, sizeof link, tag);
    batch.text(IFLA_IFNAME, name);
    batch.attribute(IFLA_ADDRESS, mac.data(), mac.size());
    batch.open(IFLA_LINKINFO);
    batch.text(IFLA_INFO_KIND, "bridge");
    batch.open(IFLA_INFO_DATA);
    batch.number(IFLA_BR_FORWARD_DELAY, 0);
    batch.number(IFLA_BR_STP_STATE, 0);
    const std::uint8_t off = 0;
    batch.attribute(IFLA_BR_MCAST_SNOOPING, &off, sizeof off);
    batch.close();
    batch.close();
}

void add_veth(NetlinkBatch& batch, const VethPair& pair, std::uint32_t tag) {
    const ifinfomsg link = link_up(pair.index);
    // A peer cannot come up before it has one itself.
    ifinfomsg peer{};
    peer.ifi_index = pair.peer_index;
    batch.begin(RTM_NEWLINK, make_new, &link, sizeof link, tag);
    batch.text(IFLA_IFNAME, pair.name);
    batch.number(IFLA_MASTER, static_cast<std::uint32_t>(pair.master));
    one_queue(batch);
    batch.open(IFLA_LINKINFO);
    batch.text(IFLA_INFO_KIND, "veth");
    batch.open(IFLA_INFO_DATA);
    batch.open(VETH_INFO_PEER, &peer, sizeof peer);
    batch.text(IFLA_IFNAME, pair.peer);
    if (!pair.peer_mac.empty()) batch.attribute(IFLA_ADDRESS, pair.peer_mac.data(), pair.peer_mac.size());
    if (pair.pid != 0) batch.number(IFLA_NET_NS_PID, static_cast<std::uint32_t>(pair.pid));
    one_queue(batch);
    batch.close();
    batch.close();
    batch.close();
}

void set_master(NetlinkBatch& batch, int index, int master, std::uint32_t tag) {
    const ifinfomsg link = link_up(index);
    batch.begin(RTM_NEWLINK, 0, &link, sizeof link, tag);
    batch.number(IFLA_MASTER, static_cast<std::uint32_t>(master));
}

void add_address(NetlinkBatch& batch, int index, std::uint32_t address, int prefix, std::uint32_t tag) {
    ifaddrmsg body{};
    body.ifa_family = AF_INET;
    body.ifa_prefixlen = static_cast<std::uint8_t>(prefix);
    body.ifa_index = static_cast<std::uint32_t>(index);
    batch.begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &body, sizeof body, tag);
    batch.number(IFA_LOCAL, address);
    batch.number(IFA_ADDRESS, address);
}

void add_neighbour(
    NetlinkBatch& batch, int index, std::uint32_t address, const MacAddress& mac, std::uint32_t tag
) {
    ndmsg body{};
    body.ndm_family = AF_INET;
    body.ndm_ifindex = index;
    body.ndm_state = NUD_PERMANENT;
    batch.begin(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &body, sizeof body, tag);
    batch.number(NDA_DST, address);
    batch.attribute(NDA_LLADDR, mac.data(), mac.size());
}

}  // namespace csim
