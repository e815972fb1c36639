#include "tests/connections/tls_pair.hpp"

#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>

namespace csim::connections {
namespace {

std::string drained(BIO* bio) {
    std::string bytes;
    char piece[4096];
    for (int n; (n = BIO_read(bio, piece, sizeof piece)) > 0;)
        bytes.append(piece, static_cast<std::size_t>(n));
    return bytes;
}

}  // namespace

void carry(SSL* from, SSL* to, std::size_t leave_out) {
    const std::string bytes = drained(SSL_get_wbio(from));
    BIO_write(SSL_get_rbio(to), bytes.data(), static_cast<int>(bytes.size() - leave_out));
    BIO_write(SSL_get_wbio(from), bytes.data() + bytes.size() - leave_out, static_cast<int>(leave_out));
}

TlsPair::TlsPair(const PairOptions& options) : identity_(self_signed_server()) {
    ServerTlsOptions server;
    server.certificate_pem = identity_.certificate;
    server.key_pem = identity_.key;
    server.tickets = options.tickets;
    server.ciphersuites = options.ciphersuite;
    ClientTlsOptions client;
    client.verify = false;
    client.alpn = "\x08http/1.1";
    client.ciphersuites = options.ciphersuite;
    HandshakeSecrets secrets;
    ContextPtr servers = make_server_context(server), clients = make_client_context(client);
    SSL* const s = make_ssl(servers.get(), -1, true, options.ours_is_server ? &secrets : nullptr);
    SSL* const c = make_ssl(clients.get(), -1, false, options.ours_is_server ? nullptr : &secrets);
    for (SSL* each : {s, c}) SSL_set_bio(each, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL* const ours = options.ours_is_server ? s : c;
    peer = options.ours_is_server ? c : s;
    int rounds = 0;
    while ((SSL_do_handshake(c) != 1) | (SSL_do_handshake(s) != 1)) {
        REQUIRE_MESSAGE(++rounds < 10, ERR_error_string(ERR_peek_last_error(), nullptr));
        carry(c, s);
        carry(s, c);
    }
    const auto tickets = static_cast<unsigned>(options.tickets);
    if (options.before_hand_over) options.before_hand_over(ours, peer, secrets);
    if (options.stays_with_openssl) {
        SSL_free(ours);
        return;
    }
    REQUIRE(take_keys(ours, secrets, options.ours_is_server, options.ours_is_server ? tickets : 0, keys));
    unread = options.ours_is_server ? "" : drained(SSL_get_rbio(ours)) + drained(SSL_get_wbio(s));
    if (options.ours_is_server) carry(s, c);
    SSL_free(ours);
    light = std::make_unique<LightTls>(cipher, keys, counts);
    ours_ = std::move(options.ours_is_server ? servers : clients);
    theirs_ = std::move(options.ours_is_server ? clients : servers);
}

TlsPair::~TlsPair() {
    SSL_free(peer);
    ERR_clear_error();
}

void TlsPair::peer_writes(const std::string& plain, std::size_t padding) {
    SSL_set_block_padding(peer, padding);
    for (std::size_t at = 0; at < plain.size();) {
        const int n = SSL_write(peer, plain.data() + at, static_cast<int>(plain.size() - at));
        REQUIRE(n > 0);
        at += static_cast<std::size_t>(n);
    }
}

void TlsPair::peer_updates_key(bool ask) {
    REQUIRE(SSL_key_update(peer, ask ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
    REQUIRE(SSL_do_handshake(peer) == 1);
}

void TlsPair::peer_shuts_down() {
    SSL_shutdown(peer);
}

std::string TlsPair::take_to_us() {
    return drained(SSL_get_wbio(peer));
}

std::string TlsPair::peer_reads(const std::string& sealed) {
    BIO_write(SSL_get_rbio(peer), sealed.data(), static_cast<int>(sealed.size()));
    std::string plain;
    char piece[20000];
    for (int n; (n = SSL_read(peer, piece, sizeof piece)) > 0;)
        plain.append(piece, static_cast<std::size_t>(n));
    return plain;
}

std::string TlsPair::we_read(std::string bytes, std::size_t piece) {
    std::string plain;
    for (std::size_t at = 0; at < bytes.size() && light->end() == TlsEnd::none; at += piece) {
        unread.append(bytes, at, piece);
        const std::size_t used = light->feed(unread.data(), unread.size(), plain);
        unread.erase(0, used);
    }
    return plain;
}

}  // namespace csim::connections
