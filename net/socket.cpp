#include "net/socket.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

namespace csim {
namespace {

std::uint16_t port_of(const SocketAddress& address) {
    const auto* any = reinterpret_cast<const sockaddr*>(&address.storage);
    if (any->sa_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(any)->sin6_port);
    return ntohs(reinterpret_cast<const sockaddr_in*>(any)->sin_port);
}

Result<std::vector<SocketAddress>> look_up(const std::string& host, std::uint16_t port, int flags) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo* found = nullptr;
    const int failed = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (failed != 0)
        return Error{Errc::unreachable, "cannot find the host " + host + ": " + gai_strerror(failed)};
    std::vector<SocketAddress> addresses;
    for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
        SocketAddress& address = addresses.emplace_back();
        std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
        address.length = entry->ai_addrlen;
    }
    freeaddrinfo(found);
    std::stable_partition(addresses.begin(), addresses.end(), [](const SocketAddress& address) {
        return address.storage.ss_family == AF_INET;
    });
    return addresses;
}

Result<std::vector<SocketAddress>> unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return Error{Errc::unreachable, "the path of the socket " + path + " is too long"};
    path.copy(address.sun_path, path.size());
    SocketAddress made;
    std::memcpy(&made.storage, &address, sizeof address);
    made.length = sizeof address;
    return std::vector{made};
}

void set_flag(int fd, int level, int option) {
    const int on = 1;
    setsockopt(fd, level, option, &on, sizeof on);
}

// Not in Debian 12's headers yet. The upper half is the last port, the lower half the first.
constexpr int ip_local_port_range = 51;

void limit_ports(int fd, PortRange ports) {
    if (ports.high == 0) return;
    const std::uint32_t range = std::uint32_t{ports.high} << 16 | ports.low;
    setsockopt(fd, IPPROTO_IP, ip_local_port_range, &range, sizeof range);
}

// 0 or errno. An address of another kind than the destination's is of no use and left out.
int bind_source(int fd, const std::string& source, sa_family_t family) {
    const auto addresses = look_up(source, 0, AI_NUMERICHOST | AI_NUMERICSERV);
    if (!addresses || addresses->empty()) return EADDRNOTAVAIL;
    if (addresses->front().storage.ss_family != family) return 0;
    set_flag(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
    const SocketAddress& address = addresses->front();
    return ::bind(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.length) == 0 ? 0 : errno;
}

}  // namespace

std::string SocketAddress::host() const {
    if (storage.ss_family == AF_UNIX) return reinterpret_cast<const sockaddr_un*>(&storage)->sun_path;
    char text[INET6_ADDRSTRLEN] = "";
    const void* bytes =
        storage.ss_family == AF_INET6
            ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr)
            : &reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr;
    inet_ntop(storage.ss_family, bytes, text, sizeof text);
    return text;
}

std::string SocketAddress::text() const {
    if (storage.ss_family == AF_UNIX) return host();
    const std::string port = std::to_string(port_of(*this));
    return storage.ss_family == AF_INET6 ? "[" + host() + "]:" + port : host() + ":" + port;
}

Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port) {
    if (host.starts_with("/")) return unix_address(host);
    if (host == "localhost") {
        auto four = look_up("127.0.0.1", port, AI_NUMERICHOST | AI_NUMERICSERV);
        const auto six = look_up("::1", port, AI_NUMERICHOST | AI_NUMERICSERV);
        if (four && six) four->insert(four->end(), six->begin(), six->end());
        return four;
    }
    return look_up(host, port, AI_NUMERICSERV);
}

int listen_on(const std::string& address, std::uint16_t port) {
    const auto say = [&](const std::string& why) {
        return Fatal("cannot listen on " + address + " port " + std::to_string(port) + ": " + why);
    };
    const auto addresses = resolve(address, port);
    if (!addresses) throw say(addresses.error().detail);
    const SocketAddress& at = addresses->front();
    const int fd = ::socket(at.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) throw say(std::strerror(errno));
    set_flag(fd, SOL_SOCKET, SO_REUSEADDR);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&at.storage), at.length) != 0 ||
        ::listen(fd, 4096) != 0) {
        const int why = errno;
        ::close(fd);
        throw say(
            why == EADDRINUSE ? "another program is using it, choose another port" : std::strerror(why)
        );
    }
    return fd;
}

std::uint16_t local_port(int fd) {
    SocketAddress address;
    address.length = sizeof address.storage;
    getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.length);
    return port_of(address);
}

int start_connecting(const SocketAddress& to, const std::string& source, PortRange ports) {
    const int fd = ::socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    set_flag(fd, IPPROTO_TCP, TCP_NODELAY);
    limit_ports(fd, ports);
    int failed = source.empty() ? 0 : bind_source(fd, source, to.storage.ss_family);
    if (failed == 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&to.storage), to.length) != 0)
        failed = errno;
    if (failed == 0 || failed == EINPROGRESS) return fd;
    ::close(fd);
    return -failed;
}

int connect_result(int fd) {
    int failed = 0;
    socklen_t length = sizeof failed;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &length) == 0 ? failed : errno;
}

std::size_t descriptor_budget() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 1u << 20;
    const auto all = static_cast<std::size_t>(limit.rlim_cur);
    return std::max<std::size_t>(all - std::min(all, std::max<std::size_t>(64, all / 64)), 8);
}

}  // namespace csim
