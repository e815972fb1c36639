// An HTTP/1.1 server for daemons' APIs: on Unix sockets and on TLS with clients' own certificates, and any
// request may become a WebSocket. Trusts nothing that it reads.
#pragma once

#include "core/event_loop.hpp"
#include "net/http.hpp"
#include "net/self_signed.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace csim {

/// Who is at the other end of a connection.
struct ApiPeer {
    bool local = false;       ///< came through a Unix socket
    std::string address;      ///< numeric; of a local one "@"
    std::string certificate;  ///< DER; empty: none was shown. Only that its owner has the key is known
};

/// What a client of a WebSocket says. All calls on the inbox's thread.
class SocketReader {
  public:
    virtual ~SocketReader() = default;
    virtual void text(std::string payload) = 0;
    virtual void binary(std::string payload) = 0;
    virtual void closed() = 0;
};

/// The way to that client. Any thread; calls after it has gone do nothing.
class WebSocket {
  public:
    virtual ~WebSocket() = default;
    virtual void text(std::string payload) = 0;
    virtual void binary(std::string payload) = 0;
    /// After what was said before has been sent.
    virtual void close(unsigned code = 1000, std::string reason = {}) = 0;
    /// Cuts the connection without a goodbye.
    virtual void cut() = 0;
};

/// Answers one request, once, from any thread. Dropped unanswered: the connection is cut.
class ApiResponder {
  public:
    struct State;
    explicit ApiResponder(std::shared_ptr<State> state);
    ApiResponder(ApiResponder&&) noexcept;
    ApiResponder& operator=(ApiResponder&&) noexcept;
    ~ApiResponder();

    void reply(HttpReply reply);
    /// Sends the head and so many bytes of the body, then cuts the connection.
    void reply_in_part(HttpReply reply, std::size_t body_bytes);
    /// Requires: asks_for_websocket(request). Whoever leaves more than `unsent_max` bytes unread is cut off
    /// with 1008.
    std::shared_ptr<WebSocket> upgrade(
        const HttpRequest& request, std::unique_ptr<SocketReader> reader, std::size_t unsent_max
    );
    bool gone() const;  ///< true once the client is known to have gone away

  private:
    std::shared_ptr<State> state_;
};

struct ApiServerOptions {
    SelfSigned identity;  ///< of TLS listeners
    std::size_t body_bytes_max = 1u << 30;
    std::size_t stranger_body_bytes_max = 64u << 10;
    /// Who may send large bodies; called on the I/O thread. Empty: local peers.
    std::function<bool(const ApiPeer&)> trusts;
    Duration slow_client_timeout = std::chrono::seconds(30);  ///< without any progress
    Duration idle_timeout = std::chrono::seconds(600);
    Duration ping_interval = std::chrono::seconds(10);  ///< of WebSockets; three unanswered ones end it
    std::size_t connections_max = 0;                    ///< 0: from the descriptor limit, less a reserve
};

class ApiServer {
  public:
    using Handler = UniqueFunction<void(HttpRequest, const ApiPeer&, ApiResponder)>;

    /// `handler` runs on `inbox`'s thread.
    ApiServer(Inbox& inbox, ApiServerOptions options, Handler handler);
    /// Closes everything at once and removes its Unix sockets; the handler never runs afterwards.
    ~ApiServer();

    /// A socket that nobody listens on any more is replaced. Throws Fatal, naming the path.
    void listen_unix(const std::string& path);
    /// Returns the port. Throws Fatal, naming address and port.
    std::uint16_t listen_tls(const std::string& address, std::uint16_t port);
    /// What TLS connections that come from now on are shown. Throws Fatal if the texts do not belong
    /// together.
    void present(const SelfSigned& identity);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim
