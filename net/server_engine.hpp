// The I/O thread's half of HttpServer: accepting, and which connections give way when there are too many.
#pragma once

#include "net/http_reader.hpp"
#include "net/reactor.hpp"
#include "net/server_connection.hpp"
#include "net/server_gate.hpp"
#include "net/tls_context.hpp"

#include <memory>
#include <vector>

namespace csim {

/// All members on the reactor's thread.
class ServerEngine final : public Watcher, private Deadline {
  public:
    /// Takes `listener` over.
    ServerEngine(Reactor& reactor, ServerGate& gate, HttpServerOptions& options, int listener);
    ~ServerEngine() override;

    void ready(std::uint32_t events) override;
    /// Hands the batch's requests over.
    void after_batch();

    // What connections need.
    void is_young(ServerConnection& connection);
    void is_idle(ServerConnection& connection);
    void is_busy(ServerConnection& connection);
    void closed(ServerConnection& connection);
    /// A newcomer waits in vain for a place: whoever is answered closes then. True once a pause.
    bool wants_place();
    void arrived(ServerGate::Arrival arrival) { arrivals_.push_back(std::move(arrival)); }

    Reactor& reactor() { return reactor_; }
    ServerGate& gate() { return gate_; }
    HttpServerOptions& options() { return options_; }
    RequestReader::BodyLimit& body_limit() { return options_.body_bytes_max_of; }
    TlsServerContext* tls() { return tls_.get(); }

  private:
    void expired() override;
    bool accept_one();
    bool make_room();
    void pause();

    Reactor& reactor_;
    ServerGate& gate_;
    HttpServerOptions& options_;
    std::unique_ptr<TlsServerContext> tls_;
    int listener_;
    std::size_t connections_max_;
    std::size_t open_ = 0;
    bool place_wanted_ = false;   ///< a newcomer waits, and nobody could be sent away for it
    ServerConnectionList young_;  ///< no whole request yet, oldest first
    ServerConnectionList idle_;   ///< between requests, least recently used first
    ServerConnectionList busy_;
    std::vector<ServerGate::Arrival> arrivals_;
};

}  // namespace csim
