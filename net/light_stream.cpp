#include "net/light_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace csim {
namespace {

using tls13::Alert;
using tls13::TlsEnd;
using Status = TlsStream::Status;

constexpr std::size_t read_budget = 64 * 1024;

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

int reason_behind(Alert alert) {
    switch (alert) {
        case Alert::bad_record_mac:
            return SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC;
        case Alert::record_overflow:
            return SSL_R_PACKET_LENGTH_TOO_LONG;
        case Alert::decode_error:
            return SSL_R_LENGTH_MISMATCH;
        default:
            return SSL_R_UNEXPECTED_MESSAGE;
    }
}

}  // namespace

LightTools::LightTools() : buffer(read_budget + tls13::record_body_max + tls13::record_header_bytes) {}

LightStream::LightStream(LightTools& tools, int fd, const tls13::LightKeys& keys)
    : tools_(tools), fd_(fd), keys_(keys) {}

LightStream::~LightStream() {
    awake_.reset();
    wipe(keys_);
}

LightStream::Awake& LightStream::wake() {
    if (!awake_) awake_ = std::make_unique<Awake>(tools_, keys_);
    return *awake_;
}

void LightStream::sleep_if_possible() {
    const Awake& now = *awake_;
    if (now.in.empty() && now.plain.empty() && now.out.empty() && now.light.at_rest()) awake_.reset();
}

TlsStream::Transfer LightStream::read(char* into, std::size_t size) {
    if (wake().plain.empty()) {
        const Status status = awake_->light.end() == TlsEnd::none ? receive() : judge_end();
        if (status != Status::done) return {status, 0};
    }
    return hand_out(into, size);
}

TlsStream::Transfer LightStream::hand_out(char* into, std::size_t size) {
    std::string& plain = awake_->plain;
    const std::size_t piece = std::min(size, plain.size());
    std::memcpy(into, plain.data(), piece);
    plain.erase(0, piece);
    if (plain.empty()) sleep_if_possible();
    return {Status::done, piece};
}

/// done: there is something to hand out.
TlsStream::Status LightStream::receive() {
    Awake& now = *awake_;
    char* const buffer = tools_.buffer.data();
    const std::size_t kept = now.in.size();
    std::memcpy(buffer, now.in.data(), kept);
    const auto n = ::recv(fd_, buffer + kept, read_budget, 0);
    if (n == 0) return Status::closed;
    if (n < 0 && !would_block(errno)) {
        errno_ = errno;
        return Status::failed;
    }
    if (n < 0) {
        sleep_if_possible();
        return Status::want_read;
    }
    const std::size_t size = kept + static_cast<std::size_t>(n);
    const std::size_t used = now.light.feed(buffer, size, now.plain);
    now.in.assign(buffer + used, size - used);
    if (!now.plain.empty()) return Status::done;
    if (now.light.end() != TlsEnd::none) return judge_end();
    // A ticket or a new key: the descriptor becomes readable again when there is more.
    sleep_if_possible();
    return Status::want_read;
}

TlsStream::Status LightStream::judge_end() {
    tls13::LightTls& light = awake_->light;
    if (light.end() == TlsEnd::close_notify) return Status::closed;
    if (reason_ != 0) return Status::failed;
    const int code = light.code();
    if (light.end() == TlsEnd::alert) {
        reason_ = ERR_PACK(ERR_LIB_SSL, 0, SSL_AD_REASON_OFFSET + code);
        return Status::failed;
    }
    reason_ = ERR_PACK(ERR_LIB_SSL, 0, reason_behind(static_cast<Alert>(code)));
    light.seal_alert(static_cast<Alert>(code), awake_->out);
    send_out();
    return Status::failed;
}

/// False: it failed; else what the kernel did not take is left.
bool LightStream::send_out() {
    std::string& out = awake_->out;
    const auto n = ::send(fd_, out.data(), out.size(), MSG_NOSIGNAL);
    if (n < 0 && !would_block(errno)) {
        errno_ = errno;
        return false;
    }
    if (n > 0) out.erase(0, static_cast<std::size_t>(n));
    return true;
}

TlsStream::Transfer LightStream::write(std::string_view bytes) {
    Awake& now = wake();
    if (now.out.empty()) {
        const auto piece = bytes.substr(0, tls13::record_content_max);
        now.promised = piece.size();
        now.light.seal(piece, now.out);
    }
    if (!send_out()) return {Status::failed, 0};
    if (!now.out.empty()) return {Status::want_write, 0};
    const std::size_t sent = now.promised;
    sleep_if_possible();
    return {Status::done, sent};
}

void LightStream::say_goodbye() {
    Awake& now = wake();
    const bool may_speak = now.light.end() == TlsEnd::none || now.light.end() == TlsEnd::close_notify;
    if (!may_speak || !now.out.empty()) return;
    now.light.seal_alert(Alert::close_notify, now.out);
    send_out();
}

}  // namespace csim
