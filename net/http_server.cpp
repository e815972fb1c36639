#include "net/http_server.hpp"

#include "net/server_engine.hpp"
#include "net/socket.hpp"

namespace csim {

struct HttpServer::Impl {
    Impl(Inbox& inbox, HttpServerOptions given, Handler handler)
        : options(std::move(given)),
          listener(listen_on(options.address, options.port)),
          port(local_port(listener)),
          reactor("net-server"),
          gate(std::make_shared<ServerGate>(
              inbox, reactor, std::move(handler), std::move(options.when_crowded)
          )),
          engine(reactor, *gate, options, listener) {
        reactor.after_batch([this] { engine.after_batch(); });
        reactor.start();
    }
    ~Impl() {
        gate->shut();
        reactor.stop();
    }

    HttpServerOptions options;
    int listener;
    std::uint16_t port;
    Reactor reactor;
    std::shared_ptr<ServerGate> gate;
    ServerEngine engine;
};

HttpServer::HttpServer(Inbox& inbox, HttpServerOptions options, Handler handler)
    : impl_(std::make_unique<Impl>(inbox, std::move(options), std::move(handler))) {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const {
    return impl_->port;
}

HttpServerStats HttpServer::stats() const {
    const auto& figures = impl_->gate->figures;
    HttpServerStats stats;
    stats.requests = figures.requests;
    stats.accepted = figures.accepted;
    stats.refused = figures.refused;
    stats.bytes_sent = figures.bytes_sent;
    stats.bytes_received = figures.bytes_received;
    stats.handshakes = figures.handshakes;
    stats.resumed = figures.resumed;
    stats.open = figures.open;
    stats.waiting = figures.waiting;
    return stats;
}

}  // namespace csim
