#include "core/result.hpp"
#include "net/light_stream.hpp"
#include "net/tls_context.hpp"
#include "tls13/hand_over.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

namespace csim {
namespace {

// Servers change their certificates rarely; a peer that changes it all the time gets no sharing.
constexpr std::size_t seen_max = 64;

constexpr long modes =
    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER;

}  // namespace

TlsCredentials::~TlsCredentials() {
    SSL_SESSION_free(session);
}

TlsClientContext::TlsClientContext(const std::string& ca_file, bool resume, bool hibernate)
    : ctx_(SSL_CTX_new(TLS_client_method())), verifying_(!ca_file.empty()), resume_(resume) {
    if (ctx_ == nullptr) throw Fatal("cannot set up TLS, the OpenSSL library refuses");
    SSL_CTX_set_min_proto_version(ctx_, TLS1_2_VERSION);
    SSL_CTX_set_mode(ctx_, modes);
    SSL_CTX_set_options(ctx_, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_read_ahead(ctx_, 1);
    SSL_CTX_set_app_data(ctx_, this);
    if (hibernate) {
        light_tools_ = std::make_unique<LightTools>();
        tls13::export_secrets(ctx_);
    }
    SSL_CTX_set_ciphersuites(
        ctx_, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    );
    SSL_CTX_set_client_cert_cb(ctx_, present);
    SSL_CTX_set_cert_verify_callback(ctx_, verify, this);
    SSL_CTX_set_verify(ctx_, verifying_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_session_cache_mode(ctx_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    if (resume_) SSL_CTX_sess_set_new_cb(ctx_, keep);
    if (verifying_ && SSL_CTX_load_verify_file(ctx_, ca_file.c_str()) != 1) {
        ERR_clear_error();
        SSL_CTX_free(ctx_);
        throw Fatal("cannot read certificates of authorities from " + ca_file + ", give a PEM file");
    }
}

TlsClientContext::~TlsClientContext() {
    SSL_CTX_free(ctx_);
}

// A parsed certificate costs 10 kB. All connections see the same few, so each new copy is replaced by the
// first.
void TlsClientContext::share_certificates(X509_STORE_CTX* store) {
    STACK_OF(X509)* chain = X509_STORE_CTX_get0_untrusted(store);
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        X509* fresh = sk_X509_value(chain, i);
        X509* shared = nullptr;
        for (const X509Ptr& known : seen_)
            if (X509_cmp(known.get(), fresh) == 0) shared = known.get();
        if (shared == nullptr && seen_.size() < seen_max) {
            X509_up_ref(fresh);
            seen_.emplace_back(fresh);
        }
        if (shared == nullptr || shared == fresh) continue;
        X509_up_ref(shared);
        sk_X509_set(chain, i, shared);
        if (X509_STORE_CTX_get0_cert(store) == fresh) X509_STORE_CTX_set_cert(store, shared);
        X509_free(fresh);
    }
}

int TlsClientContext::verify(X509_STORE_CTX* store, void* self) {
    auto& context = *static_cast<TlsClientContext*>(self);
    context.share_certificates(store);
    return context.verifying_ ? X509_verify_cert(store) : 1;
}

int TlsClientContext::present(SSL* ssl, X509** certificate, EVP_PKEY** key) {
    const auto* credentials = static_cast<const TlsCredentials*>(SSL_get_app_data(ssl));
    if (credentials == nullptr || !credentials->identity) return 0;
    return credentials->identity->parsed(certificate, key) ? 1 : 0;
}

int TlsClientContext::keep(SSL* ssl, SSL_SESSION* session) {
    auto* credentials = static_cast<TlsCredentials*>(SSL_get_app_data(ssl));
    if (credentials == nullptr) return 0;
    const auto* self = static_cast<const TlsClientContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    if (self->light_tools_) {
        // A live session is 11 kB, most of it the server's certificate.
        unsigned char* der = nullptr;
        const int size = i2d_SSL_SESSION(session, &der);
        if (size > 0)
            credentials->frozen_session.assign(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
        OPENSSL_clear_free(der, size > 0 ? static_cast<std::size_t>(size) : 0);
        return 0;
    }
    SSL_SESSION_free(credentials->session);
    credentials->session = session;
    return 1;
}

void TlsClientContext::continue_session(SSL* ssl, const TlsCredentials& credentials) {
    if (!credentials.frozen_session.empty()) {
        const auto* der = reinterpret_cast<const unsigned char*>(credentials.frozen_session.data());
        const auto size = static_cast<long>(credentials.frozen_session.size());
        SSL_SESSION* session = d2i_SSL_SESSION(nullptr, &der, size);
        if (session != nullptr) SSL_set_session(ssl, session);
        SSL_SESSION_free(session);
        return;
    }
    if (credentials.session == nullptr) return;
    if (SSL_SESSION_get_protocol_version(credentials.session) < TLS1_3_VERSION) {
        SSL_set_session(ssl, credentials.session);
    } else if (SSL_SESSION* copy = SSL_SESSION_dup(credentials.session)) {
        // Using a 1.3 session marks it as used up; the copy takes the mark, in case this attempt fails.
        SSL_set_session(ssl, copy);
        SSL_SESSION_free(copy);
    }
}

bool TlsClientContext::start(TlsStream& stream, TlsCredentials& credentials) {
    SSL* ssl = SSL_new(ctx_);
    if (ssl == nullptr) return false;
    stream.become_tls(ssl);
    SSL_set_app_data(ssl, &credentials);
    SSL_set_connect_state(ssl);
    if (light_tools_) stream.watch_secrets();
    if (resume_) continue_session(ssl, credentials);
    return true;
}

void TlsClientContext::settle(TlsStream& stream, TlsCredentials& credentials) {
    if (!stream.is_tls()) return;
    stream.count_records();
    SSL_certs_clear(stream.ssl());
    if (resume_ && credentials.identity) credentials.identity->shrink();
}

bool TlsClientContext::hibernate(TlsStream& stream, bool heard) {
    if (!light_tools_ || !stream.may_hibernate()) return false;
    if (resume_ && !heard && !stream.has_ticket()) return false;
    return stream.hibernate(*light_tools_);
}

}  // namespace csim
