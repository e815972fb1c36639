// A server that echoes what it understood, and clients for it. RSA keys are made once per test program.
#pragma once

#include "benchmark/connections/throwaway_authority.hpp"
#include "core/work_queue.hpp"
#include "net/http_server.hpp"
#include "net/https_client.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace csim {

const ThrowawayAuthority& test_authority();
const ThrowawayPair& test_server_pair();
TlsServerOptions test_tls();

std::shared_ptr<const TlsIdentity> identity_of(const ThrowawayPair& pair);

struct NetFixture {
    WorkQueue inbox;
    std::vector<Responder> parked;  ///< of requests to /park
    std::vector<HttpRequest> requests;
    std::vector<Peer> peers;
    std::unique_ptr<HttpServer> server;
    std::unique_ptr<HttpsClient> client;

    /// Answers `<method> <target> <body>`; `/park` is kept; `/drop` is dropped; `/big` is 3 MB; `/redirect`
    /// is a 302.
    void serve(HttpServerOptions options = {});
    void serve_tls(HttpServerOptions options = {});
    HttpsClientOptions client_options() const;
    void connect(HttpsClientOptions options);
    void connect() { connect(client_options()); }

    void answer(HttpRequest request, const Peer& peer, Responder responder);
    Result<HttpReply> exchange(HttpsClient::LaneId lane, HttpRequest request, Duration timeout = 30s);
    Result<HttpReply> get(HttpsClient::LaneId lane, const std::string& target, Duration timeout = 30s);
};

/// A plain TCP client for what no well-behaved client sends.
class RawClient {
  public:
    explicit RawClient(std::uint16_t port);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    void send(std::string_view bytes);
    void half_close();
    /// Reads until the server closes or resets.
    std::string read_all();
    /// Reads until `text` has come. False if the connection ended before.
    bool read_until(std::string_view text);
    std::string got;

  private:
    bool read_some();
    int fd_;
};

/// A port of 127.0.0.1 where nobody listens, and where nobody else can as long as this lives.
class DeafPort {
  public:
    DeafPort();
    ~DeafPort();
    DeafPort(const DeafPort&) = delete;
    std::uint16_t port() const;

  private:
    int fd_;
};

/// A TCP server that reads one request and answers with fixed bytes, then closes; again and again.
class ScriptedServer {
  public:
    explicit ScriptedServer(std::vector<std::string> answers, bool close_between = true);
    ~ScriptedServer();
    std::uint16_t port() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim
