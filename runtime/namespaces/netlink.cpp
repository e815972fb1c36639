#include "runtime/namespaces/netlink.hpp"

#include <arpa/inet.h>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

namespace csim {
namespace {

constexpr std::size_t alignment = 4;

}  // namespace

void NetlinkBatch::put(const void* data, std::size_t size) {
    bytes_.append(static_cast<const char*>(data), size);
    bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment);
    const auto length = static_cast<std::uint32_t>(bytes_.size() - message_);
    std::memcpy(bytes_.data() + message_, &length, sizeof length);
}

void NetlinkBatch::begin(int type, int flags, const void* body, std::size_t size, std::uint32_t tag) {
    assert(nests_.empty());
    message_ = bytes_.size();
    tags_.push_back(tag);
    nlmsghdr header{};
    header.nlmsg_type = static_cast<std::uint16_t>(type);
    header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    header.nlmsg_seq = static_cast<std::uint32_t>(tags_.size());
    put(&header, sizeof header);
    put(body, size);
}

void NetlinkBatch::attribute(int type, const void* data, std::size_t size) {
    rtattr header{};
    header.rta_type = static_cast<std::uint16_t>(type);
    header.rta_len = static_cast<std::uint16_t>(RTA_LENGTH(size));
    put(&header, sizeof header);
    put(data, size);
}

void NetlinkBatch::text(int type, std::string_view value) {
    attribute(type, std::string(value).c_str(), value.size() + 1);
}

void NetlinkBatch::number(int type, std::uint32_t value) {
    attribute(type, &value, sizeof value);
}

void NetlinkBatch::open(int type, const void* body, std::size_t size) {
    nests_.push_back(bytes_.size());
    rtattr header{};
    header.rta_type = static_cast<std::uint16_t>(type);
    put(&header, sizeof header);
    if (size > 0) put(body, size);
}

void NetlinkBatch::close() {
    const auto length = static_cast<std::uint16_t>(bytes_.size() - nests_.back());
    std::memcpy(bytes_.data() + nests_.back(), &length, sizeof length);
    nests_.pop_back();
}

NetlinkSocket::NetlinkSocket() : fd_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) {
    if (fd_ < 0) throw Fatal(std::string("cannot speak to the kernel's network: ") + std::strerror(errno));
    const int room = 1 << 20;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    // Answers to failures need not repeat the whole message.
    const int on = 1;
    ::setsockopt(fd_, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
}

NetlinkSocket::~NetlinkSocket() {
    ::close(fd_);
}

Result<std::vector<NetlinkFailure>> NetlinkSocket::exchange(const NetlinkBatch& batch) {
    std::vector<NetlinkFailure> failures;
    if (batch.messages() == 0) return failures;
    const auto refused = [](const char* call) {
        return Error{Errc::io, std::string("netlink ") + call + ": " + std::strerror(errno)};
    };
    if (::send(fd_, batch.bytes_.data(), batch.bytes_.size(), 0) < 0) return refused("send");
    alignas(8) char room[32768];
    for (std::size_t answers = 0; answers < batch.messages();) {
        const auto n = ::recv(fd_, room, sizeof room, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return refused("receive");
        auto left = static_cast<unsigned>(n);
        for (auto* at = reinterpret_cast<nlmsghdr*>(room); NLMSG_OK(at, left); at = NLMSG_NEXT(at, left)) {
            if (at->nlmsg_type != NLMSG_ERROR) continue;
            ++answers;
            const int error = -static_cast<const nlmsgerr*>(NLMSG_DATA(at))->error;
            if (error != 0 && at->nlmsg_seq >= 1 && at->nlmsg_seq <= batch.messages())
                failures.push_back({batch.tags_[at->nlmsg_seq - 1], error});
        }
    }
    return failures;
}

std::uint32_t parse_ipv4(const std::string& text) {
    in_addr address{};
    return ::inet_pton(AF_INET, text.c_str(), &address) == 1 ? address.s_addr : 0;
}

}  // namespace csim
