// HTTPS for thousands of identities from one process: one SSL_CTX, OpenSSL on the socket, a budget of
// descriptors.
#pragma once

#include "core/event_loop.hpp"
#include "core/result.hpp"
#include "net/http.hpp"
#include "net/port_range.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace csim {

/// A client key and certificate, parsed once. Immutable; shared by lanes.
class TlsIdentity;
/// Fails with corrupt if either text is not PEM or they do not belong together.
Result<std::shared_ptr<const TlsIdentity>> parse_identity(
    const std::string& key_pem, const std::string& certificate_pem
);

struct HttpsClientOptions {
    std::string host = "localhost";
    std::uint16_t port = 8000;
    bool tls = true;
    std::string
        ca_file;  ///< empty: the server's certificate is not verified. Else its chain is, not its name
    bool keep_alive = true;  ///< false: a new connection for each request (`--wire reference`)
    /// TLS 1.3 connections hibernate to their traffic keys once their session ticket has come, a tenth of the
    /// memory. Our record layer, for tests only (docs/connections.md).
    bool hibernate = false;
    std::size_t connections_max = 0;   ///< 0: from the descriptor limit, less a reserve
    std::size_t connecting_max = 256;  ///< handshakes in flight at once
    std::size_t reply_bytes_max = 64u << 20;
    /// Numeric addresses of this machine to connect from, used in turn; empty: the system's choice. When
    /// their ports run out, connections to this machine itself come from further ones, 127.0.1.1 and on.
    std::vector<std::string> source_addresses;
    PortRange source_ports = {};  ///< local ports to connect from; default: the system's
};

/// Figures since the start; a snapshot.
struct HttpsClientStats {
    std::uint64_t requests = 0, failures = 0, connects = 0, resumed = 0, bytes_sent = 0, bytes_received = 0;
    std::size_t open = 0, connecting = 0, parked = 0;  ///< parked: long polls waiting for their answer
    std::size_t hibernating = 0;                       ///< of the open ones
};

/// Thread-safe. Works on its own I/O thread; every `done` runs on `inbox`'s thread.
class HttpsClient {
  public:
    HttpsClient(Inbox& inbox, HttpsClientOptions options);
    ~HttpsClient();  ///< closes everything; no `done` runs afterwards

    /// A lane is one client identity's sequence of requests over at most one connection. Cheap while idle.
    using LaneId = std::uint64_t;
    LaneId open_lane(std::shared_ptr<const TlsIdentity> identity);  ///< nullptr: no client certificate
    void close_lane(LaneId lane);  ///< drops its connection at once; no `done` of that lane runs afterwards
    /// Drops the lane's connection and requests at once, keeps the lane. No `done` of those requests runs.
    void abandon(LaneId lane);

    /// Sends `request` after earlier ones of the lane. A reply of any status is a value. Errors: unreachable
    /// (no connection, reset, time-out), refused (TLS or certificate), corrupt (not HTTP), exhausted (too
    /// large). A request on a kept connection that died before any byte of the reply is tried once more on a
    /// new one. `long_poll` says that the answer may take long: its connection is the last to give way to the
    /// budget, and it is tried again only if the connection died within a second.
    void send(
        LaneId lane, HttpRequest request, Duration timeout, UniqueFunction<void(Result<HttpReply>)> done,
        bool long_poll = false
    );

    HttpsClientStats stats() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim
