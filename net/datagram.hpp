// UDP over IPv4, for messages that nobody answers.
#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace csim {

struct Datagram {
    std::string bytes;
    std::string address;  ///< numeric
    std::uint16_t port = 0;
};

/// A socket, closed with the object.
class DatagramSocket {
  public:
    /// Bound to an address of this machine; port 0 is any free one. Errors: bad_argument (no such address),
    /// io.
    static Result<DatagramSocket> bind(const std::string& address, std::uint16_t port);
    /// For sending to one peer, by name or number. Errors: not_found (an unknown name), io.
    static Result<DatagramSocket> connect(const std::string& host, std::uint16_t port);

    DatagramSocket(DatagramSocket&& other) noexcept;
    DatagramSocket& operator=(DatagramSocket&&) = delete;
    ~DatagramSocket();

    std::uint16_t port() const;
    int descriptor() const { return fd_; }
    /// To the connected peer. Errors: exhausted (too long), io.
    Result<Nothing> send(const std::string& bytes);
    /// What has arrived; empty when nothing has. Never waits.
    std::optional<Datagram> receive();

  private:
    explicit DatagramSocket(int fd) : fd_(fd) {}
    int fd_;
};

}  // namespace csim
