// An HTTP/1.1 server, with or without TLS, that never trusts its peers.
#pragma once

#include "core/event_loop.hpp"
#include "net/http.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace csim {

/// Answers one request, once, from any thread, at any later time. Dropped unanswered: the client gets 500.
class Responder {
  public:
    struct State;
    explicit Responder(std::shared_ptr<State> state);
    Responder(Responder&&) noexcept;
    Responder& operator=(Responder&&) noexcept;
    ~Responder();

    void reply(HttpReply reply);
    /// True once the client is known to have gone away.
    bool gone() const;
    /// Runs `then` on the inbox's thread when the client goes away before it was answered, at most once and
    /// perhaps inside this call. Only on that thread, and only if the reply is given there too.
    void on_gone(UniqueFunction<void()> then);

  private:
    std::shared_ptr<State> state_;
};

struct TlsServerOptions {
    std::string key_pem;
    std::string certificate_pem;
    std::string client_ca_pem;  ///< non-empty: client certificates are asked for, not required, and checked
                                ///< against it
};

/// Move-only, because of the function in it.
struct HttpServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  ///< 0: any free one
    std::optional<TlsServerOptions> tls;
    std::size_t header_bytes_max = 16u << 10;
    std::size_t body_bytes_max = 8u << 20;  ///< more is answered 413 and closed
    /// Where limits differ by target; overrides body_bytes_max. Called on the I/O thread.
    UniqueFunction<std::size_t(std::string_view target)> body_bytes_max_of;
    Duration slow_client_timeout = std::chrono::seconds(20);  ///< for a handshake, and for one whole request
    Duration idle_timeout = std::chrono::seconds(65);
    std::size_t connections_max =
        0;  ///< 0: from the descriptor limit, less a reserve; idle ones give way first
    /// A newcomer waits, and every connection waits for an answer of the handler. Whatever is answered next
    /// gives its place up. Called on the inbox's thread, at most every 50 ms.
    UniqueFunction<void()> when_crowded;
};

struct HttpServerStats {
    std::uint64_t requests = 0, accepted = 0, refused = 0, bytes_sent = 0, bytes_received = 0;
    std::uint64_t handshakes = 0, resumed = 0;  ///< resumed: those of the handshakes that continued a session
    std::size_t open = 0, waiting = 0;          ///< waiting: requests not answered yet
};

class HttpServer {
  public:
    using Handler = UniqueFunction<void(HttpRequest, const Peer&, Responder)>;

    /// Binds at once and serves from its own I/O thread; `handler` runs on `inbox`'s thread.
    /// Throws Fatal, with one sentence naming address and port, when it cannot listen.
    /// Plain HTTP sent to a TLS port is redirected to the https URL; the handler never sees it.
    HttpServer(Inbox& inbox, HttpServerOptions options, Handler handler);
    /// Closes everything at once; the handler never runs afterwards. Only on the inbox's thread, or when it
    /// rests.
    ~HttpServer();

    std::uint16_t port() const;
    HttpServerStats stats() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim
