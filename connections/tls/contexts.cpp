#include "connections/tls/contexts.hpp"

#include "connections/tls/sessions.hpp"
#include "core/result.hpp"
#include "net/tls_identity.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstring>

namespace csim::connections {
namespace {

constexpr long modes =
    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER;

void common(SSL_CTX* ctx, bool exporting, const std::string& ciphersuites) {
    if (ctx == nullptr) throw Fatal("cannot set up TLS, the OpenSSL library refuses");
    SSL_CTX_set_mode(ctx, modes);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(ctx, 1);
    if (exporting) export_secrets(ctx);
    if (!ciphersuites.empty() && SSL_CTX_set_ciphersuites(ctx, ciphersuites.c_str()) != 1) {
        ERR_clear_error();
        throw Fatal("'" + ciphersuites + "' are no TLS 1.3 cipher suites that OpenSSL knows", 2);
    }
}

int choose_protocol(
    SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered, unsigned int size,
    void* ours
) {
    const auto* list = static_cast<const unsigned char*>(ours);
    unsigned char* chosen = nullptr;
    const auto list_size = static_cast<unsigned int>(std::strlen(static_cast<const char*>(ours)));
    if (SSL_select_next_proto(&chosen, out_size, list, list_size, offered, size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

bool is_address(const std::string& host) {
    ASN1_OCTET_STRING* parsed = a2i_IPADDRESS(host.c_str());
    ASN1_OCTET_STRING_free(parsed);
    return parsed != nullptr;
}

}  // namespace

void FreeContext::operator()(SSL_CTX* context) const {
    SSL_CTX_free(context);
}

ContextPtr make_client_context(const ClientTlsOptions& o) {
    ContextPtr made(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* ctx = made.get();
    common(ctx, o.export_secrets, o.ciphersuites);
    if (o.save_sessions) save_sessions(ctx);
    SSL_CTX_set_min_proto_version(ctx, o.version_min);
    SSL_CTX_set_max_proto_version(ctx, o.version_max);
    SSL_CTX_set_alpn_protos(
        ctx, reinterpret_cast<const unsigned char*>(o.alpn.data()), static_cast<unsigned int>(o.alpn.size())
    );
    SSL_CTX_set_verify(ctx, o.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    const bool trusted = o.ca_file.empty() ? SSL_CTX_set_default_verify_paths(ctx) == 1
                                           : SSL_CTX_load_verify_file(ctx, o.ca_file.c_str()) == 1;
    ERR_clear_error();
    if (o.verify && !trusted)
        throw Fatal("cannot read certificates of authorities from " + o.ca_file + ", give a PEM file", 2);
    if (o.certificate_file.empty()) return made;
    if (SSL_CTX_use_certificate_chain_file(ctx, o.certificate_file.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(ctx, o.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(ctx) != 1) {
        ERR_clear_error();
        throw Fatal(
            "cannot use " + o.certificate_file + " with the key in " + o.key_file +
                ": give a certificate and its own key as PEM files",
            2
        );
    }
    return made;
}

ContextPtr make_server_context(const ServerTlsOptions& o) {
    ContextPtr made(SSL_CTX_new(TLS_server_method()));
    SSL_CTX* ctx = made.get();
    common(ctx, o.export_secrets, o.ciphersuites);
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(ctx, o.version_max);
    SSL_CTX_set_num_tickets(ctx, static_cast<std::size_t>(o.tickets));
    SSL_CTX_set_session_id_context(ctx, reinterpret_cast<const unsigned char*>("sink"), 4);
    static const char both[] = "\x02h2\x08http/1.1", second[] = "\x02h2", first[] = "\x08http/1.1";
    const char* list = o.h2 && o.h1 ? both : o.h2 ? second : first;
    SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, const_cast<char*>(list));
    const auto key = parse_key_pem(o.key_pem);
    const auto certificate = parse_certificate_pem(o.certificate_pem);
    if (!key) throw Fatal("cannot serve TLS: " + key.error().detail, 2);
    if (!certificate) throw Fatal("cannot serve TLS: " + certificate.error().detail, 2);
    if (SSL_CTX_use_certificate(ctx, certificate->get()) != 1 ||
        SSL_CTX_use_PrivateKey(ctx, key->get()) != 1) {
        ERR_clear_error();
        throw Fatal("cannot serve TLS: the private key and the certificate do not belong together", 2);
    }
    if (o.client_ca_file.empty()) return made;
    if (SSL_CTX_load_verify_file(ctx, o.client_ca_file.c_str()) != 1) {
        ERR_clear_error();
        throw Fatal(
            "cannot read certificates of authorities from " + o.client_ca_file + ", give a PEM file", 2
        );
    }
    SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(o.client_ca_file.c_str()));
    SSL_CTX_set_verify(
        ctx, SSL_VERIFY_PEER | (o.require_client ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr
    );
    return made;
}

SSL* make_ssl(SSL_CTX* context, int fd, bool is_server, HandshakeSecrets* secrets) {
    SSL* ssl = SSL_new(context);
    if (ssl == nullptr) return nullptr;
    SSL_set_fd(ssl, fd);
    watch_secrets(ssl, secrets);
    is_server ? SSL_set_accept_state(ssl) : SSL_set_connect_state(ssl);
    return ssl;
}

void expect_host(SSL* ssl, const std::string& host, const std::string& sni) {
    if (!sni.empty() && !is_address(sni)) SSL_set_tlsext_host_name(ssl, sni.c_str());
    if (host.empty()) return;
    if (is_address(host)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
    } else {
        SSL_set1_host(ssl, host.c_str());
    }
    ERR_clear_error();
}

}  // namespace csim::connections
