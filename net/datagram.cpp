#include "net/datagram.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace csim {
namespace {

constexpr int receive_bytes = 128 << 10;

Error io_error(const std::string& what) {
    return {Errc::io, what + ": " + std::strerror(errno)};
}

}  // namespace

DatagramSocket::DatagramSocket(DatagramSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

DatagramSocket::~DatagramSocket() {
    if (fd_ >= 0) ::close(fd_);
}

Result<DatagramSocket> DatagramSocket::bind(const std::string& address, std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    if (::inet_pton(AF_INET, address.c_str(), &at.sin_addr) != 1)
        return Error{Errc::bad_argument, "'" + address + "' is no IPv4 address"};
    DatagramSocket made(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (made.fd_ < 0) return io_error("socket");
    ::setsockopt(made.fd_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    if (::bind(made.fd_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0)
        return io_error("cannot listen on udp " + address + ":" + std::to_string(port));
    return made;
}

Result<DatagramSocket> DatagramSocket::connect(const std::string& host, std::uint16_t port) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_DGRAM;
    if (const int wrong = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
        wrong != 0)
        return Error{Errc::not_found, "cannot find " + host + ": " + ::gai_strerror(wrong)};
    DatagramSocket made(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const bool well = made.fd_ >= 0 && ::connect(made.fd_, found->ai_addr, found->ai_addrlen) == 0;
    ::freeaddrinfo(found);
    if (!well) return io_error("cannot reach " + host);
    return made;
}

std::uint16_t DatagramSocket::port() const {
    sockaddr_in at{};
    socklen_t length = sizeof at;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &length);
    return ntohs(at.sin_port);
}

Result<Nothing> DatagramSocket::send(const std::string& bytes) {
    constexpr std::size_t bytes_max = 65507;
    if (bytes.size() > bytes_max)
        return Error{
            Errc::exhausted, "a datagram carries at most 65507 bytes, not " + std::to_string(bytes.size())};
    // A refusal that belongs to an earlier datagram is told here once; this one goes out all the same.
    for (int i = 0; i < 2; ++i) {
        if (::send(fd_, bytes.data(), bytes.size(), 0) >= 0) return Nothing{};
        if (errno != ECONNREFUSED) break;
    }
    return io_error("send");
}

std::optional<Datagram> DatagramSocket::receive() {
    Datagram got;
    got.bytes.resize(1 << 16);
    sockaddr_in from{};
    socklen_t length = sizeof from;
    const auto n =
        ::recvfrom(fd_, got.bytes.data(), got.bytes.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
    if (n < 0) return std::nullopt;
    got.bytes.resize(static_cast<std::size_t>(n));
    char text[INET_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET, &from.sin_addr, text, sizeof text);
    got.address = text;
    got.port = ntohs(from.sin_port);
    return got;
}

}  // namespace csim
