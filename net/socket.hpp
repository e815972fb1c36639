// Non-blocking TCP sockets: addresses, listening, connecting. Descriptors are plain ints owned by the
// callers.
#pragma once

#include "core/result.hpp"
#include "net/port_range.hpp"

#include <cstdint>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace csim {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;

    /// Numeric, without the port.
    std::string host() const;
    /// As people write it: `127.0.0.1:8000`, `[::1]:8000`.
    std::string text() const;
};

/// Numeric addresses, or what the resolver says, IPv4 first; `localhost` is 127.0.0.1 first. Blocks for
/// names. Fails with unreachable, naming the host.
Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port);

/// A listening socket. Throws Fatal, with one sentence naming address and port.
int listen_on(const std::string& address, std::uint16_t port);
std::uint16_t local_port(int fd);

/// Starts connecting; the socket is writable once that has succeeded or failed. Returns the descriptor, or
/// -errno. `source` (numeric, may be empty) is bound without a port, so that ports are shared between
/// destinations.
int start_connecting(const SocketAddress& to, const std::string& source, PortRange ports = {});
/// How connecting ended: 0 or errno.
int connect_result(int fd);

/// The soft limit of descriptors less a reserve for files and other sockets.
std::size_t descriptor_budget();

}  // namespace csim
