// A TCP server for conversations in bytes, such as a power strip's telnet menu.
#pragma once

#include "core/event_loop.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace csim {

/// The way back to one client. Calls after the client has gone do nothing.
class ByteSink {
  public:
    virtual ~ByteSink() = default;
    virtual void write(std::string bytes) = 0;
    virtual void close() = 0;  ///< after what was written has been sent
};

/// One client's conversation. All calls on the inbox's thread.
class ByteSession {
  public:
    virtual ~ByteSession() = default;
    virtual void opened(std::shared_ptr<ByteSink> sink) = 0;
    virtual void received(std::string_view bytes) = 0;
    virtual void closed() = 0;
};

struct ByteServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    Duration idle_timeout = std::chrono::seconds(60);
    std::size_t connections_max = 64;
};

class ByteServer {
  public:
    using Factory = UniqueFunction<std::unique_ptr<ByteSession>()>;
    /// Binds at once. Throws Fatal, with one sentence naming address and port, when it cannot listen.
    ByteServer(Inbox& inbox, ByteServerOptions options, Factory factory);
    ~ByteServer();

    std::uint16_t port() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim
