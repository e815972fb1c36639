// The two SSL_CTX of this program's kind: one for all clients of a process, one for a server.
#pragma once

#include "net/http_server.hpp"
#include "net/tls_identity.hpp"
#include "net/tls_stream.hpp"

#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

using SSL_SESSION = struct ssl_session_st;  // as openssl/ssl.h says, which is slow to include

namespace csim {

/// What one identity brings to its handshakes and keeps from them. Outlives the streams that use it.
struct TlsCredentials {
    TlsCredentials() = default;
    TlsCredentials(const TlsCredentials&) = delete;
    ~TlsCredentials();

    std::shared_ptr<const TlsIdentity> identity;  ///< may be null
    SSL_SESSION* session = nullptr;               ///< the newest one to continue
    std::string frozen_session;                   ///< the same as DER, where connections hibernate
    std::size_t lanes = 0;                        ///< for whoever shares it
};

class TlsClientContext {
  public:
    /// `ca_file` empty: any server is accepted. `resume`: sessions are kept and continued.
    /// `hibernate`: connections can go on without OpenSSL, and sessions are kept small.
    /// Throws Fatal if the file is not one of certificates.
    TlsClientContext(const std::string& ca_file, bool resume, bool hibernate = false);
    ~TlsClientContext();
    TlsClientContext(const TlsClientContext&) = delete;

    /// Makes a connected plain stream one that is about to shake hands as `credentials`. False: no memory.
    bool start(TlsStream& stream, TlsCredentials& credentials);
    /// To be called once the handshake is done: drops what only the handshake needed.
    void settle(TlsStream& stream, TlsCredentials& credentials);
    /// Frees what OpenSSL keeps of a connection with nothing to read or write now, if that is safe and
    /// nothing is lost by it: not before the session ticket has come, unless the peer has been `heard`
    /// without sending one.
    bool hibernate(TlsStream& stream, bool heard);

  private:
    static int verify(X509_STORE_CTX* store, void* self);
    static int present(SSL* ssl, X509** certificate, EVP_PKEY** key);
    static int keep(SSL* ssl, SSL_SESSION* session);
    void share_certificates(X509_STORE_CTX* store);

    void continue_session(SSL* ssl, const TlsCredentials& credentials);

    SSL_CTX* ctx_;
    bool verifying_;
    bool resume_;
    std::unique_ptr<LightTools> light_tools_;  ///< null: connections stay with OpenSSL
    std::vector<X509Ptr> seen_;                ///< servers' certificates, one parsed copy for all connections
};

class TlsServerContext {
  public:
    /// Throws Fatal if the texts are not PEM or do not belong together.
    explicit TlsServerContext(const TlsServerOptions& options);
    ~TlsServerContext();
    TlsServerContext(const TlsServerContext&) = delete;

    bool start(TlsStream& stream);
    /// Client certificates are asked for, not required, whoever signed them.
    void ask_for_any_certificate();
    /// What the client showed, as DER; empty: nothing. Requires: the handshake is done.
    static std::string certificate_of(const TlsStream& stream);
    /// Fills in what the certificate says. Requires: the handshake is done.
    static void identify(const TlsStream& stream, Peer& peer);

  private:
    SSL_CTX* ctx_;
};

}  // namespace csim
