#include "core/result.hpp"
#include "net/tls_context.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstring>

namespace csim {
namespace {

constexpr long modes =
    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER;
constexpr unsigned char session_context[] = "cluster-sim";

// A wrong certificate is reported to the handler, which answers as it likes, instead of failing the
// handshake.
int accept_and_remember(int, X509_STORE_CTX*) {
    return 1;
}

using Bytes = const unsigned char;

int choose_http_1(SSL*, Bytes** out, unsigned char* out_size, Bytes* offered, unsigned int size, void*) {
    static constexpr unsigned char ours[] = "\x08http/1.1";
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_size, ours, sizeof ours - 1, offered, size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

std::vector<X509Ptr> parse_certificates(const std::string& pem) {
    std::vector<X509Ptr> certificates;
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    while (X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr))
        certificates.emplace_back(certificate);
    BIO_free(bio);
    ERR_clear_error();
    return certificates;
}

void use_own(SSL_CTX* ctx, const TlsServerOptions& options) {
    const auto key = parse_key_pem(options.key_pem);
    if (!key) throw Fatal("cannot serve TLS: " + key.error().detail);
    const auto chain = parse_certificates(options.certificate_pem);
    if (chain.empty()) throw Fatal("cannot serve TLS: the certificate is not PEM");
    if (SSL_CTX_use_certificate(ctx, chain[0].get()) != 1 || SSL_CTX_use_PrivateKey(ctx, key->get()) != 1) {
        ERR_clear_error();
        throw Fatal("cannot serve TLS: the private key and the certificate do not belong together");
    }
    for (std::size_t i = 1; i < chain.size(); ++i) SSL_CTX_add1_chain_cert(ctx, chain[i].get());
}

void ask_for_client_certificates(SSL_CTX* ctx, const TlsServerOptions& options) {
    const auto authorities = parse_certificates(options.client_ca_pem);
    if (authorities.empty()) throw Fatal("cannot serve TLS: the authority's certificate is not PEM");
    for (const auto& authority : authorities) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), authority.get());
        SSL_CTX_add_client_CA(ctx, authority.get());
    }
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, accept_and_remember);
}

std::string serial_text(const X509* certificate) {
    BIGNUM* number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr);
    char* hex = number == nullptr ? nullptr : BN_bn2hex(number);
    std::string text = hex == nullptr ? "" : hex;
    OPENSSL_free(hex);
    BN_free(number);
    return text;
}

std::string common_name(const X509* certificate) {
    const X509_NAME* subject = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0) return "";
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    std::string text;
    if (size > 0) text.assign(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    return text;
}

}  // namespace

TlsServerContext::TlsServerContext(const TlsServerOptions& options) : ctx_(SSL_CTX_new(TLS_server_method())) {
    if (ctx_ == nullptr) throw Fatal("cannot set up TLS, the OpenSSL library refuses");
    SSL_CTX_set_min_proto_version(ctx_, TLS1_2_VERSION);
    SSL_CTX_set_mode(ctx_, modes);
    SSL_CTX_set_options(
        ctx_, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CIPHER_SERVER_PREFERENCE |
                  SSL_OP_NO_COMPRESSION
    );
    SSL_CTX_set_read_ahead(ctx_, 1);
    SSL_CTX_set_cipher_list(ctx_, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_ciphersuites(
        ctx_, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    );
    SSL_CTX_set_alpn_select_cb(ctx_, choose_http_1, nullptr);
    // Sessions live in tickets on the clients' side; nothing is kept here.
    SSL_CTX_set_session_cache_mode(ctx_, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_session_id_context(ctx_, session_context, sizeof session_context - 1);
    SSL_CTX_set_timeout(ctx_, 180 * 60);
    SSL_CTX_set_num_tickets(ctx_, 1);
    try {
        use_own(ctx_, options);
        if (!options.client_ca_pem.empty()) ask_for_client_certificates(ctx_, options);
    } catch (...) {
        SSL_CTX_free(ctx_);
        throw;
    }
}

TlsServerContext::~TlsServerContext() {
    SSL_CTX_free(ctx_);
}

bool TlsServerContext::start(TlsStream& stream) {
    SSL* ssl = SSL_new(ctx_);
    if (ssl == nullptr) return false;
    stream.become_tls(ssl);
    SSL_set_accept_state(ssl);
    return true;
}

void TlsServerContext::ask_for_any_certificate() {
    SSL_CTX_set_verify(ctx_, SSL_VERIFY_PEER, accept_and_remember);
}

std::string TlsServerContext::certificate_of(const TlsStream& stream) {
    X509* certificate = stream.is_tls() ? SSL_get0_peer_certificate(stream.ssl()) : nullptr;
    unsigned char* bytes = nullptr;
    const int size = certificate == nullptr ? 0 : i2d_X509(certificate, &bytes);
    if (size <= 0) return {};
    std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    return der;
}

void TlsServerContext::identify(const TlsStream& stream, Peer& peer) {
    // A continued session carries the certificate and the verdict of its first handshake in the ticket.
    X509* certificate = stream.is_tls() ? SSL_get0_peer_certificate(stream.ssl()) : nullptr;
    if (certificate == nullptr) return;
    if (SSL_get_verify_result(stream.ssl()) != X509_V_OK) {
        peer.certificate = Peer::Certificate::invalid;
        return;
    }
    peer.certificate = Peer::Certificate::valid;
    peer.serial = serial_text(certificate);
    peer.common_name = common_name(certificate);
}

}  // namespace csim
