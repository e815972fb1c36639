#include "net/api_server.hpp"

#include "net/api_connection.hpp"
#include "net/socket.hpp"
#include "net/unix_socket.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace csim {
namespace {

/// Runs `act` on the connection, on the reactor's thread, if it is still there.
template <class Act>
void reach(const std::shared_ptr<ApiGate>& gate, std::uint64_t id, Act act) {
    const std::lock_guard lock(gate->mutex);
    if (gate->shut) return;
    gate->reactor->post([engine = gate->engine, id, act = std::move(act)]() mutable {
        const auto found = engine->connections.find(id);
        if (found != engine->connections.end()) act(*found->second);
    });
}

class Socket final : public WebSocket {
  public:
    Socket(std::shared_ptr<ApiGate> gate, std::uint64_t id) : gate_(std::move(gate)), id_(id) {}
    void text(std::string payload) override { send(WsKind::text, std::move(payload)); }
    void binary(std::string payload) override { send(WsKind::binary, std::move(payload)); }
    void close(unsigned code, std::string reason) override {
        reach(gate_, id_, [code, reason = std::move(reason)](ApiConnection& connection) {
            connection.say_goodbye(code, reason);
        });
    }
    void cut() override {
        reach(gate_, id_, [](ApiConnection& connection) { connection.close(); });
    }

  private:
    void send(WsKind kind, std::string payload) {
        reach(gate_, id_, [kind, payload = std::move(payload)](ApiConnection& connection) {
            connection.send(kind, payload);
        });
    }
    std::shared_ptr<ApiGate> gate_;
    const std::uint64_t id_;
};

std::unique_ptr<TlsServerContext> tls_of(const SelfSigned& identity) {
    auto tls =
        std::make_unique<TlsServerContext>(TlsServerOptions{identity.key_pem, identity.certificate_pem, ""});
    tls->ask_for_any_certificate();
    return tls;
}

}  // namespace

class ApiEngine::Listener final : public Watcher {
  public:
    Listener(ApiEngine& engine, int fd, bool tls) : engine_(engine), fd_(fd), tls_(tls) {
        engine_.reactor.add(fd_, EPOLLIN, *this);
    }
    ~Listener() override { ::close(fd_); }

    void ready(std::uint32_t) override {
        SocketAddress from;
        from.length = sizeof from.storage;
        const int fd = ::accept4(
            fd_, reinterpret_cast<sockaddr*>(&from.storage), &from.length, SOCK_NONBLOCK | SOCK_CLOEXEC
        );
        if (fd < 0) return;
        if (engine_.full()) {
            ::close(fd);
            return;
        }
        const int on = 1;
        if (tls_) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        engine_.accepted(fd, {!tls_, tls_ ? from.host() : "@", ""}, tls_);
    }

  private:
    ApiEngine& engine_;
    const int fd_;
    const bool tls_;
};

ApiEngine::ApiEngine(Reactor& reactor, std::shared_ptr<ApiGate> gate, ApiServerOptions& options)
    : reactor(reactor),
      gate(std::move(gate)),
      options(options),
      tls(tls_of(options.identity)),
      connections_max_(options.connections_max != 0 ? options.connections_max : descriptor_budget()) {}

ApiEngine::~ApiEngine() = default;

void ApiEngine::listen(int fd, bool tls_there) {
    listeners_.push_back(std::make_unique<Listener>(*this, fd, tls_there));
}

void ApiEngine::accepted(int fd, ApiPeer peer, bool tls_there) {
    const std::uint64_t id = next_id_++;
    connections.emplace(id, std::make_unique<ApiConnection>(*this, id, fd, std::move(peer), tls_there));
}

void ApiEngine::closed(std::uint64_t id) {
    const auto found = connections.find(id);
    reactor.retire(std::move(found->second));
    connections.erase(found);
    gate->inbox.post([gate = gate, id] {
        const auto reader = gate->readers.find(id);
        if (gate->shut || reader == gate->readers.end()) return;
        const auto ending = std::move(reader->second);
        gate->readers.erase(reader);
        ending->closed();
    });
}

ApiResponder::ApiResponder(std::shared_ptr<State> state) : state_(std::move(state)) {}
ApiResponder::ApiResponder(ApiResponder&&) noexcept = default;

ApiResponder& ApiResponder::operator=(ApiResponder&& other) noexcept {
    ApiResponder old(std::move(*this));
    state_ = std::move(other.state_);
    return *this;
}

ApiResponder::~ApiResponder() {
    if (state_)
        reach(state_->gate, state_->connection, [](ApiConnection& connection) { connection.close(); });
}

bool ApiResponder::gone() const {
    return state_ == nullptr || state_->gone;
}

void ApiResponder::reply(HttpReply reply) {
    const auto state = std::exchange(state_, nullptr);
    if (!state) return;
    reach(state->gate, state->connection, [reply = std::move(reply)](ApiConnection& connection) mutable {
        connection.answer(std::move(reply), std::nullopt);
    });
}

void ApiResponder::reply_in_part(HttpReply reply, std::size_t body_bytes) {
    const auto state = std::exchange(state_, nullptr);
    if (!state) return;
    reach(state->gate, state->connection, [reply = std::move(reply), body_bytes](ApiConnection& to) mutable {
        to.answer(std::move(reply), body_bytes);
    });
}

std::shared_ptr<WebSocket> ApiResponder::upgrade(
    const HttpRequest& request, std::unique_ptr<SocketReader> reader, std::size_t unsent_max
) {
    const auto state = std::exchange(state_, nullptr);
    state->gate->readers[state->connection] = std::move(reader);
    const std::string accept = websocket_accept(*find_field(request.headers, "Sec-WebSocket-Key"));
    reach(state->gate, state->connection, [accept, unsent_max](ApiConnection& connection) {
        connection.upgrade(accept, unsent_max);
    });
    return std::make_shared<Socket>(state->gate, state->connection);
}

struct ApiServer::Impl {
    Impl(Inbox& inbox, ApiServerOptions given, Handler handler)
        : options(std::move(given)),
          reactor("net-api"),
          gate(std::make_shared<ApiGate>(inbox, std::move(handler))),
          engine(reactor, gate, options) {
        gate->reactor = &reactor;
        gate->engine = &engine;
        reactor.start();
    }
    ~Impl() {
        {
            const std::lock_guard lock(gate->mutex);
            gate->shut = true;
        }
        reactor.stop();
        gate->readers.clear();
        for (const std::string& path : paths) ::unlink(path.c_str());
    }
    void listen(int fd, bool tls) {
        reactor.post([this, fd, tls] { engine.listen(fd, tls); });
    }

    ApiServerOptions options;
    Reactor reactor;
    std::shared_ptr<ApiGate> gate;
    ApiEngine engine;
    std::vector<std::string> paths;
};

ApiServer::ApiServer(Inbox& inbox, ApiServerOptions options, Handler handler)
    : impl_(std::make_unique<Impl>(inbox, std::move(options), std::move(handler))) {}

ApiServer::~ApiServer() = default;

void ApiServer::listen_unix(const std::string& path) {
    impl_->listen(listen_on_path(path), false);
    impl_->paths.push_back(path);
}

void ApiServer::present(const SelfSigned& identity) {
    impl_->reactor.post([this, tls = tls_of(identity)]() mutable { impl_->engine.tls = std::move(tls); });
}

std::uint16_t ApiServer::listen_tls(const std::string& address, std::uint16_t port) {
    const int fd = listen_on(address, port);
    const std::uint16_t got = local_port(fd);
    impl_->listen(fd, true);
    return got;
}

}  // namespace csim
