// A server that speaks no protocol: it says the same to everybody, or nothing at all.
#pragma once

#include <cstdint>
#include <string>
#include <thread>

namespace csim {

class BareServer {
  public:
    /// Listens at a free port of 127.0.0.1. Whoever sends something gets `answer` and is hung up on; with an
    /// empty answer, the connection stays open and silent.
    explicit BareServer(std::string answer);
    ~BareServer();

    std::uint16_t port() const { return port_; }
    std::string url(const std::string& scheme) const {
        return scheme + "://127.0.0.1:" + std::to_string(port_) + "/";
    }

  private:
    void serve();

    std::string answer_;
    int listener_ = -1;
    int wake_[2] = {-1, -1};
    std::uint16_t port_ = 0;
    std::thread thread_;
};

/// A port of 127.0.0.1 where nobody listens, and where nobody else can as long as this lives.
class DeafPort {
  public:
    DeafPort();
    ~DeafPort();
    DeafPort(const DeafPort&) = delete;
    std::uint16_t port() const { return port_; }

  private:
    int fd_ = -1;
    std::uint16_t port_ = 0;
};

/// A TCP connection to 127.0.0.1; -1 if it cannot be had.
int connect_to(std::uint16_t port);

}  // namespace csim
