// A node's network from the inside: loopback up, the address, and the bridge as a neighbour that never ages.
#include "runtime/init/settings.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

namespace csim::init {
namespace {

/// One request after the other in a fixed room; the kernel answers each.
struct Requests {
    alignas(8) char room[1024];
    std::size_t used = 0;
    int count = 0;
    unsigned may_fail = 0;  ///< number of the one whose refusal does not matter

    nlmsghdr* begin(int type, int flags, const void* body, std::size_t size) {
        auto* message = reinterpret_cast<nlmsghdr*>(room + used);
        std::memset(message, 0, NLMSG_SPACE(size));
        message->nlmsg_len = NLMSG_LENGTH(size);
        message->nlmsg_type = static_cast<unsigned short>(type);
        message->nlmsg_flags = static_cast<unsigned short>(NLM_F_REQUEST | NLM_F_ACK | flags);
        message->nlmsg_seq = static_cast<unsigned>(++count);
        std::memcpy(NLMSG_DATA(message), body, size);
        return message;
    }
    void attribute(nlmsghdr* message, int type, const void* data, std::size_t size) {
        auto* at =
            reinterpret_cast<rtattr*>(reinterpret_cast<char*>(message) + NLMSG_ALIGN(message->nlmsg_len));
        at->rta_type = static_cast<unsigned short>(type);
        at->rta_len = static_cast<unsigned short>(RTA_LENGTH(size));
        if (size > 0) std::memcpy(RTA_DATA(at), data, size);
        message->nlmsg_len = static_cast<unsigned>(NLMSG_ALIGN(message->nlmsg_len) + RTA_ALIGN(at->rta_len));
    }
    void end(nlmsghdr* message) { used += NLMSG_ALIGN(message->nlmsg_len); }
};

/// A nest without what is in it; ends where close_nest() says.
rtattr* open_nest(Requests& requests, nlmsghdr* message, int type) {
    auto* nest =
        reinterpret_cast<rtattr*>(reinterpret_cast<char*>(message) + NLMSG_ALIGN(message->nlmsg_len));
    requests.attribute(message, type | NLA_F_NESTED, nullptr, 0);
    return nest;
}

void close_nest(nlmsghdr* message, rtattr* nest) {
    nest->rta_len = static_cast<unsigned short>(
        reinterpret_cast<char*>(message) + message->nlmsg_len - reinterpret_cast<char*>(nest)
    );
}

/// No address of its own making, so that thousands of nodes do not announce themselves to each other by
/// IPv6, each announcement to everybody: that took more time than all the rest together. IPv6 itself stays,
/// for whoever gives an address.
void without_own_ipv6_address(Requests& requests, int index) {
    ifinfomsg link{};
    link.ifi_index = index;
    nlmsghdr* message = requests.begin(RTM_NEWLINK, 0, &link, sizeof link);
    rtattr* families = open_nest(requests, message, IFLA_AF_SPEC);
    rtattr* ipv6 = open_nest(requests, message, AF_INET6);
    const unsigned char none = IN6_ADDR_GEN_MODE_NONE;
    requests.attribute(message, IFLA_INET6_ADDR_GEN_MODE, &none, sizeof none);
    close_nest(message, ipv6);
    close_nest(message, families);
    requests.end(message);
    // A kernel without IPv6 refuses, and needs nothing.
    requests.may_fail = message->nlmsg_seq;
}

void bring_up(Requests& requests, int index) {
    ifinfomsg link{};
    link.ifi_index = index;
    link.ifi_flags = IFF_UP;
    link.ifi_change = IFF_UP;
    requests.end(requests.begin(RTM_NEWLINK, 0, &link, sizeof link));
}

void add_address(Requests& requests, const Settings& s, int index) {
    ifaddrmsg address{};
    address.ifa_family = AF_INET;
    address.ifa_prefixlen = static_cast<unsigned char>(s.prefix);
    address.ifa_index = static_cast<unsigned>(index);
    in_addr own{};
    inet_pton(AF_INET, s.address, &own);
    nlmsghdr* message = requests.begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &address, sizeof address);
    requests.attribute(message, IFA_LOCAL, &own, sizeof own);
    requests.attribute(message, IFA_ADDRESS, &own, sizeof own);
    requests.end(message);
}

void add_hub(Requests& requests, const Settings& s, int index) {
    ndmsg neighbour{};
    neighbour.ndm_family = AF_INET;
    neighbour.ndm_ifindex = index;
    neighbour.ndm_state = NUD_PERMANENT;
    in_addr hub{};
    inet_pton(AF_INET, s.hub, &hub);
    unsigned char mac[6] = {};
    for (int i = 0; i < 6; ++i) {
        const char digits[3] = {s.hub_mac[2 * i], s.hub_mac[2 * i + 1], 0};
        mac[i] = static_cast<unsigned char>(std::strtoul(digits, nullptr, 16));
    }
    nlmsghdr* message =
        requests.begin(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &neighbour, sizeof neighbour);
    requests.attribute(message, NDA_DST, &hub, sizeof hub);
    requests.attribute(message, NDA_LLADDR, mac, sizeof mac);
    requests.end(message);
}

void exchange(const Settings& s, int fd, const Requests& requests) {
    if (::send(fd, requests.room, requests.used, 0) < 0) refuse(s, "netlink(send)");
    alignas(8) char room[4096];
    for (int answers = 0; answers < requests.count;) {
        const auto n = ::recv(fd, room, sizeof room, 0);
        if (n < 0) refuse(s, "netlink(receive)");
        auto left = static_cast<unsigned>(n);
        for (auto* at = reinterpret_cast<nlmsghdr*>(room); NLMSG_OK(at, left); at = NLMSG_NEXT(at, left)) {
            if (at->nlmsg_type != NLMSG_ERROR) continue;
            ++answers;
            errno = -static_cast<const nlmsgerr*>(NLMSG_DATA(at))->error;
            if (errno != 0 && at->nlmsg_seq != requests.may_fail) refuse(s, "netlink(address)");
        }
    }
}

// Thousands of nodes that announce themselves to each other by IPv6 are a storm; nobody asked for it.
void without_ipv6() {
    const int fd = ::open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    [[maybe_unused]] const auto n = ::write(fd, "1", 1);
    ::close(fd);
}

}  // namespace

void set_up_network(const Settings& s) {
    const int fd = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0) refuse(s, "socket(netlink)");
    if (s.only_network) without_ipv6();
    Requests requests;
    bring_up(requests, 1);
    if (*s.address != '\0') {
        const auto index = static_cast<int>(if_nametoindex("eth0"));
        if (index == 0) refuse(s, "if_nametoindex(eth0)");
        without_own_ipv6_address(requests, index);
        add_address(requests, s, index);
        bring_up(requests, index);
        if (*s.hub != '\0') add_hub(requests, s, index);
    }
    exchange(s, fd, requests);
    ::close(fd);
}

}  // namespace csim::init
