#include "tls13/light_tls.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace csim::tls13 {
namespace {

constexpr std::size_t message_bytes_max = 64 * 1024;
constexpr unsigned empty_records_max = 32;
constexpr unsigned updates_max = 1000;  // in one spell of being awake

constexpr std::uint8_t message_new_session_ticket = 4;
constexpr std::uint8_t message_key_update = 24;
constexpr std::size_t message_header_bytes = 4;

std::size_t body_size(const char* record) {
    return std::size_t(static_cast<std::uint8_t>(record[3])) << 8 | static_cast<std::uint8_t>(record[4]);
}

std::size_t number(std::string_view bytes) {
    std::size_t value = 0;
    for (const char each : bytes) value = value << 8 | static_cast<std::uint8_t>(each);
    return value;
}

/// Whether it is lifetime, age_add, nonce<0..255>, ticket<1..2^16-1>, extensions<0..2^16-2> and nothing else.
bool is_ticket(std::string_view body) {
    if (body.size() < 9) return false;
    body.remove_prefix(8);
    const std::size_t nonce = number(body.substr(0, 1));
    if (body.size() < 1 + nonce + 2) return false;
    body.remove_prefix(1 + nonce);
    const std::size_t ticket = number(body.substr(0, 2));
    if (ticket == 0 || body.size() < 2 + ticket + 2) return false;
    body.remove_prefix(2 + ticket);
    return body.size() == 2 + number(body.substr(0, 2));
}

}  // namespace

LightTls::LightTls(RecordCipher& cipher, LightKeys& keys, LightCounts& counts)
    : cipher_(cipher), keys_(keys), counts_(counts) {}

LightTls::~LightTls() {
    wipe(read_key_);
    wipe(write_key_);
}

bool LightTls::fail(Alert alert) {
    end_ = TlsEnd::broken;
    code_ = static_cast<std::uint8_t>(alert);
    return false;
}

std::size_t LightTls::feed(char* bytes, std::size_t size, std::string& plain) {
    std::size_t used = 0;
    while (end_ == TlsEnd::none && size - used >= record_header_bytes) {
        char* record = bytes + used;
        const std::size_t whole = record_header_bytes + body_size(record);
        // A length or type that cannot be is not worth waiting for.
        if (record[0] != 23) return fail(Alert::unexpected_message), used;
        if (whole > record_header_bytes + record_body_max) return fail(Alert::record_overflow), used;
        if (size - used < whole) break;
        used += whole;
        open_record(record, whole, plain);
    }
    return used;
}

bool LightTls::open_record(char* record, std::size_t size, std::string& plain) {
    if (!have_read_key_) read_key_ = derive_key(keys_.suite, keys_.read);
    have_read_key_ = true;
    const Opened opened = cipher_.open(keys_.suite, read_key_, keys_.read_count++, record, size);
    if (!opened.well) return fail(opened.alert);
    if (!message_.empty() && opened.type != ContentType::handshake) return fail(Alert::unexpected_message);
    switch (opened.type) {
        case ContentType::application_data:
            empty_records_ = opened.content.empty() ? empty_records_ + 1 : 0;
            if (empty_records_ > empty_records_max) return fail(Alert::unexpected_message);
            plain.append(opened.content);
            return true;
        case ContentType::alert:
            return take_alert(opened.content);
        default:
            return take_handshake(opened.content);
    }
}

bool LightTls::take_alert(std::string_view content) {
    if (content.size() != 2) return fail(Alert::decode_error);
    const auto code = static_cast<std::uint8_t>(content[1]);
    if (code == static_cast<std::uint8_t>(Alert::user_canceled)) return true;
    end_ = code == 0 ? TlsEnd::close_notify : TlsEnd::alert;
    code_ = code;
    return false;
}

bool LightTls::take_handshake(std::string_view content) {
    message_.append(content);
    std::string_view rest = message_;
    while (rest.size() >= message_header_bytes) {
        const std::size_t size = number(rest.substr(1, 3));
        if (size > message_bytes_max) return fail(Alert::decode_error);
        if (rest.size() < message_header_bytes + size) break;
        const auto type = static_cast<std::uint8_t>(rest[0]);
        const std::string_view body = rest.substr(message_header_bytes, size);
        rest.remove_prefix(message_header_bytes + size);
        if (!take_message(type, body, rest.empty())) return false;
    }
    message_ = std::string(rest);
    return true;
}

bool LightTls::take_message(std::uint8_t type, std::string_view body, bool ends_record) {
    if (type == message_key_update) return take_update(body, ends_record);
    // We offered no authentication after the handshake, and nothing else may come to a client then.
    if (type != message_new_session_ticket || keys_.is_server) return fail(Alert::unexpected_message);
    if (!is_ticket(body)) return fail(Alert::decode_error);
    // It cannot be used: what it would be continued with is not among the exported secrets.
    ++counts_.tickets;
    return true;
}

bool LightTls::take_update(std::string_view body, bool ends_record) {
    if (body.size() != 1) return fail(Alert::decode_error);
    if (static_cast<std::uint8_t>(body[0]) > 1) return fail(Alert::illegal_parameter);
    if (!ends_record || ++updates_ > updates_max) return fail(Alert::unexpected_message);
    const Secret next = next_secret(keys_.suite, keys_.read);
    wipe(keys_.read);
    keys_.read = next;
    keys_.read_count = 0;
    have_read_key_ = false;
    keys_.answer_update |= body[0] == 1;
    ++counts_.updates_received;
    return true;
}

void LightTls::append_record(ContentType type, std::string_view content, std::string& out) {
    if (!have_write_key_) write_key_ = derive_key(keys_.suite, keys_.write);
    have_write_key_ = true;
    cipher_.seal(keys_.suite, write_key_, keys_.write_count++, type, content, out);
}

void LightTls::send_update(bool ask, std::string& out) {
    const char message[] = {char(message_key_update), 0, 0, 1, char(ask ? 1 : 0)};
    append_record(ContentType::handshake, {message, sizeof message}, out);
    const Secret next = next_secret(keys_.suite, keys_.write);
    wipe(keys_.write);
    keys_.write = next;
    keys_.write_count = 0;
    have_write_key_ = false;
    keys_.answer_update = false;
    ++counts_.updates_sent;
}

void LightTls::seal(std::string_view content, std::string& out) {
    do {
        if (keys_.answer_update) send_update(false, out);
        if (keys_.write_count >= records_per_key_) send_update(true, out);
        const std::size_t piece = std::min(content.size(), record_content_max);
        append_record(ContentType::application_data, content.substr(0, piece), out);
        content.remove_prefix(piece);
    } while (!content.empty());
}

void LightTls::seal_alert(Alert alert, std::string& out) {
    const bool warning = alert == Alert::close_notify || alert == Alert::user_canceled;
    const char content[] = {char(warning ? 1 : 2), static_cast<char>(alert)};
    append_record(ContentType::alert, {content, sizeof content}, out);
}

}  // namespace csim::tls13
