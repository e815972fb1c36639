// What the threads around an HttpServer share: requests on their way to the handler, replies on their way
// back.
#pragma once

#include "core/event_loop.hpp"
#include "net/http_server.hpp"
#include "net/reactor.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace csim {

class ServerConnection;

/// One request's way back to its connection.
struct Responder::State {
    std::shared_ptr<class ServerGate> gate;
    std::atomic<bool> gone{false};
    ServerConnection* connection = nullptr;  ///< the reactor's thread only; nullptr once closed
    UniqueFunction<void()> when_gone;        ///< the inbox's thread only
};

class ServerGate : public std::enable_shared_from_this<ServerGate> {
  public:
    ServerGate(
        Inbox& inbox, Reactor& reactor, HttpServer::Handler handler, UniqueFunction<void()> when_crowded
    )
        : inbox_(inbox),
          reactor_(reactor),
          handler_(std::move(handler)),
          when_crowded_(std::move(when_crowded)) {}

    struct Arrival {
        HttpRequest request;
        std::shared_ptr<const Peer> peer;
        Responder responder;
    };
    /// The handler runs on the inbox's thread for each of them.
    void deliver(std::vector<Arrival> batch);
    /// Takes a reply to the reactor's thread. Thread-safe.
    void reply(std::shared_ptr<Responder::State> to, HttpReply reply);
    /// Tells whoever waits to hear that the client went away unanswered. The reactor's thread.
    void client_gone(std::shared_ptr<Responder::State> state);
    /// Runs the server's `when_crowded` on the inbox's thread. The reactor's thread.
    void crowded();
    /// No handler runs and no reply leaves any more.
    void shut();

    /// Written by the I/O thread, read by anyone.
    struct Figures {
        std::atomic<std::uint64_t> requests{0}, accepted{0}, refused{0}, bytes_sent{0}, bytes_received{0};
        std::atomic<std::uint64_t> handshakes{0}, resumed{0};
        std::atomic<std::size_t> open{0}, waiting{0};
    };
    Figures figures;

  private:
    Inbox& inbox_;
    Reactor& reactor_;
    HttpServer::Handler handler_;
    UniqueFunction<void()> when_crowded_;
    std::mutex mutex_;
    std::atomic<bool> shut_{false};
};

}  // namespace csim
