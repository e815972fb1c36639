#include "connections/tls/sessions.hpp"

#include <openssl/crypto.h>
#include <openssl/ssl.h>

namespace csim::connections {
namespace {

int save(SSL* ssl, SSL_SESSION* session) {
    auto* const place = static_cast<SavedSession*>(SSL_get_app_data(ssl));
    const int size = place == nullptr ? 0 : i2d_SSL_SESSION(session, nullptr);
    if (size <= 0) return 0;
    place->reset(new std::string(static_cast<std::size_t>(size), '\0'));
    auto* to = reinterpret_cast<unsigned char*>((*place)->data());
    i2d_SSL_SESSION(session, &to);
    return 0;  // OpenSSL keeps its own reference, and drops it
}

}  // namespace

void WipeSession::operator()(std::string* der) const {
    OPENSSL_cleanse(der->data(), der->size());
    delete der;
}

void save_sessions(SSL_CTX* context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, save);
}

void use_session(SSL* ssl, SavedSession& place) {
    SSL_set_app_data(ssl, &place);
    if (!place) return;
    const auto* der = reinterpret_cast<const unsigned char*>(place->data());
    SSL_SESSION* session = d2i_SSL_SESSION(nullptr, &der, static_cast<long>(place->size()));
    if (session != nullptr) SSL_set_session(ssl, session);
    SSL_SESSION_free(session);
}

}  // namespace csim::connections
