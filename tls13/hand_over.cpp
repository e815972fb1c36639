#include "tls13/hand_over.hpp"

#include <openssl/ssl.h>

#include <string_view>

namespace csim::tls13 {
namespace {

constexpr int message_new_session_ticket = 4, message_key_update = 24;
constexpr std::size_t tag_and_type_bytes = 17;  // of every suite of ours

/// Where an SSL keeps its HandshakeSecrets.
int place() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

HandshakeSecrets* secrets_of(const SSL* ssl) {
    return static_cast<HandshakeSecrets*>(SSL_get_ex_data(ssl, place()));
}

int digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool decode(std::string_view hex, Secret& into) {
    if (hex.size() != 64 && hex.size() != 96) return false;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        const int high = digit(hex[i]), low = digit(hex[i + 1]);
        if (high < 0 || low < 0) return false;
        into[i / 2] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return true;
}

// `LABEL <client random> <secret>`, both in hex.
void on_key_line(const SSL* ssl, const char* text) {
    HandshakeSecrets* const secrets = secrets_of(ssl);
    if (secrets == nullptr) return;
    const std::string_view line = text;
    const std::string_view secret = line.substr(line.rfind(' ') + 1);
    if (line.starts_with("CLIENT_TRAFFIC_SECRET_0 ")) secrets->have_client = decode(secret, secrets->client);
    if (line.starts_with("SERVER_TRAFFIC_SECRET_0 ")) secrets->have_server = decode(secret, secrets->server);
}

void on_message(HandshakeSecrets& secrets, bool written, const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return;
    if (bytes[0] == message_key_update) secrets.keys_changed = true;
    if (written) return;
    if (bytes[0] == message_new_session_ticket) ++secrets.tickets;
    secrets.unfinished -= size < secrets.unfinished ? size : secrets.unfinished;
}

// OpenSSL tells of each record's header, of what is inside, and of each message that has come as a whole.
void on_traffic(int written, int, int type, const void* data, std::size_t size, SSL*, void* to) {
    auto& secrets = *static_cast<HandshakeSecrets*>(to);
    const auto* const bytes = static_cast<const std::uint8_t*>(data);
    if (type == SSL3_RT_HEADER) {
        ++(written != 0 ? secrets.records_written : secrets.records_read);
        if (written != 0 || size < 5) return;
        const std::size_t body = std::size_t(bytes[3]) << 8 | bytes[4];
        secrets.record_content = body > tag_and_type_bytes ? body - tag_and_type_bytes : 0;
    } else if (type == SSL3_RT_INNER_CONTENT_TYPE && written == 0 && size > 0) {
        // Other records may not stand between the parts of a message, so that one ends all doubt.
        secrets.unfinished = bytes[0] == SSL3_RT_HANDSHAKE ? secrets.unfinished + secrets.record_content : 0;
    } else if (type == SSL3_RT_HANDSHAKE) {
        on_message(secrets, written != 0, bytes, size);
    }
}

bool nothing_is_half_done(SSL* ssl, const HandshakeSecrets& secrets) {
    // Between two records, that is before the header of one; OpenSSL has read ahead nothing of it.
    const bool between = std::string_view(SSL_rstate_string(ssl)) == "RH";
    return between && SSL_is_init_finished(ssl) == 1 && SSL_pending(ssl) == 0 && SSL_has_pending(ssl) == 0 &&
           secrets.unfinished == 0;
}

}  // namespace

HandshakeSecrets::~HandshakeSecrets() {
    wipe(client);
    wipe(server);
}

void export_secrets(SSL_CTX* context) {
    SSL_CTX_set_read_ahead(context, 0);
    SSL_CTX_set_keylog_callback(context, on_key_line);
}

void watch_secrets(SSL* ssl, HandshakeSecrets* secrets) {
    SSL_set_ex_data(ssl, place(), secrets);
    if (secrets == nullptr) SSL_set_msg_callback(ssl, nullptr);
}

void count_records(SSL* ssl) {
    SSL_set_msg_callback_arg(ssl, secrets_of(ssl));
    SSL_set_msg_callback(ssl, on_traffic);
}

TakeOver may_take_over(SSL* ssl, const HandshakeSecrets& secrets) {
    const Suite suite = suite_of(SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(ssl)));
    const bool known = SSL_version(ssl) == TLS1_3_VERSION && suite != Suite::none;
    if (!known || !secrets.have_client || !secrets.have_server || secrets.keys_changed)
        return TakeOver::never;
    return nothing_is_half_done(ssl, secrets) ? TakeOver::now : TakeOver::not_now;
}

bool take_keys(SSL* ssl, const HandshakeSecrets& secrets, bool is_server, unsigned tickets, LightKeys& into) {
    if (may_take_over(ssl, secrets) != TakeOver::now) return false;
    into.suite = suite_of(SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(ssl)));
    into.is_server = is_server;
    into.read = is_server ? secrets.client : secrets.server;
    into.write = is_server ? secrets.server : secrets.client;
    into.read_count = secrets.records_read;
    into.write_count = secrets.records_written + (is_server ? tickets : 0);
    into.answer_update = false;
    return true;
}

}  // namespace csim::tls13
