// Taking a TLS 1.3 connection over from OpenSSL: the traffic secrets that its key log tells, and how many
// records went under them since. Source: SSL_CTX_set_keylog_callback(3), SSL_CTX_set_msg_callback(3), RFC
// 8446, 5.
#pragma once

#include "tls13/traffic_keys.hpp"

#include <openssl/types.h>

namespace csim::tls13 {

/// Filled in by OpenSSL while one SSL lives, which it must outlive. Wiped when it ends.
struct HandshakeSecrets {
    HandshakeSecrets() = default;
    HandshakeSecrets(const HandshakeSecrets&) = delete;
    ~HandshakeSecrets();

    Secret client{}, server{};
    bool have_client = false, have_server = false;

    // Since count_records().
    std::uint64_t records_read = 0, records_written = 0;
    std::size_t record_content = 0;  ///< of the last record read, its padding included
    std::size_t unfinished = 0;      ///< bytes of handshake messages that may be incomplete
    unsigned tickets = 0;
    bool keys_changed = false;  ///< by a KeyUpdate in either direction
};

/// Connections of `context` can be taken over: no record is read before OpenSSL needs it.
void export_secrets(SSL_CTX* context);
/// Before the handshake. `secrets` null: no longer.
void watch_secrets(SSL* ssl, HandshakeSecrets* secrets);
/// Lets OpenSSL read and write before the take-over. Requires: the handshake is done and nothing was read or
/// written after it, but a server's tickets.
void count_records(SSL* ssl);

enum class TakeOver {
    never,    ///< another version or suite, or the keys have changed
    not_now,  ///< something is half read or half written
    now
};
/// Whether the connection can do without OpenSSL from now on. Requires: the handshake is done.
TakeOver may_take_over(SSL* ssl, const HandshakeSecrets& secrets);
/// Its keys, if it can; `into` is as it was if not. A server's tickets, all sent by then and before
/// count_records(), are `tickets_sent`.
bool take_keys(
    SSL* ssl, const HandshakeSecrets& secrets, bool is_server, unsigned tickets_sent, LightKeys& into
);

}  // namespace csim::tls13
