// The SSL_CTX that handshakes are made with, on either end.
#pragma once

#include "tls13/hand_over.hpp"

#include <openssl/types.h>

#include <memory>
#include <string>

namespace csim::connections {

using namespace tls13;  // its words are ours

struct FreeContext {
    void operator()(SSL_CTX* context) const;
};
using ContextPtr = std::unique_ptr<SSL_CTX, FreeContext>;

struct ClientTlsOptions {
    std::string ca_file;  ///< empty: the system's authorities
    bool verify = true;
    std::string certificate_file;  ///< PEM; empty: none
    std::string key_file;
    std::string alpn;  ///< as on the wire: \x02h2\x08http/1.1
    int version_min = 0x0303, version_max = 0x0304;
    std::string ciphersuites;    ///< of TLS 1.3; empty: OpenSSL's
    bool export_secrets = true;  ///< false: connections stay with OpenSSL
    bool save_sessions = false;  ///< as sessions.hpp says
};
/// Throws Fatal, with one sentence, for files that cannot be used.
ContextPtr make_client_context(const ClientTlsOptions& options);

struct ServerTlsOptions {
    std::string certificate_pem, key_pem;
    std::string client_ca_file;  ///< empty: no client certificates are asked for
    bool require_client = false;
    bool h2 = true, h1 = true;  ///< what ALPN may choose
    int tickets = 0;
    int version_max = 0x0304;
    std::string ciphersuites;
    bool export_secrets = true;
};
ContextPtr make_server_context(const ServerTlsOptions& options);

/// A new SSL on a descriptor that stays the caller's. Null when there is no memory. `secrets` may be null.
/// `host` is what the certificate must be for (a name or an address); empty for servers and when it is not
/// checked. `sni` may be empty.
SSL* make_ssl(SSL_CTX* context, int fd, bool is_server, HandshakeSecrets* secrets);
void expect_host(SSL* ssl, const std::string& host, const std::string& sni);

/// A certificate and its key for a server of ours, made on the spot: P-256, for `localhost`, 127.0.0.1 and
/// ::1.
struct PemTexts {
    std::string certificate, key;
};
/// `days` below zero: it has expired.
PemTexts self_signed_server(int days = 30);

}  // namespace csim::connections
