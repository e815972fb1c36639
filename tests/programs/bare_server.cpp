#include "tests/programs/bare_server.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <tuple>
#include <unistd.h>
#include <utility>
#include <vector>

namespace csim {
namespace {

sockaddr_in at_loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// A socket that has a free port of 127.0.0.1, and that port.
std::pair<int, std::uint16_t> bound_socket() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = at_loopback(0);
    socklen_t size = sizeof address;
    REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    return {fd, ntohs(address.sin_port)};
}

}  // namespace

DeafPort::DeafPort() {
    std::tie(fd_, port_) = bound_socket();
}

DeafPort::~DeafPort() {
    close(fd_);
}

BareServer::BareServer(std::string answer) : answer_(std::move(answer)) {
    std::tie(listener_, port_) = bound_socket();
    REQUIRE(listen(listener_, 64) == 0);
    REQUIRE(pipe2(wake_, O_CLOEXEC) == 0);
    thread_ = std::thread([this] { serve(); });
}

BareServer::~BareServer() {
    close(wake_[1]);
    thread_.join();
    close(wake_[0]);
    close(listener_);
}

void BareServer::serve() {
    std::vector<pollfd> waits{{wake_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    while (poll(waits.data(), waits.size(), -1) >= 0 && waits[0].revents == 0) {
        for (std::size_t i = waits.size() - 1; i >= 2; --i) {
            if (waits[i].revents == 0) continue;
            char buffer[4096];
            const bool gone = read(waits[i].fd, buffer, sizeof buffer) <= 0;
            if (!gone && answer_.empty()) continue;
            if (!gone) send(waits[i].fd, answer_.data(), answer_.size(), MSG_NOSIGNAL);
            close(waits[i].fd);
            waits.erase(waits.begin() + static_cast<std::ptrdiff_t>(i));
        }
        if (waits[1].revents == 0) continue;
        const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd >= 0) waits.push_back({fd, POLLIN, 0});
    }
    for (std::size_t i = 2; i < waits.size(); ++i) close(waits[i].fd);
}

int connect_to(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = at_loopback(port);
    if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

}  // namespace csim
