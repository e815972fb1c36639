#include "net/tls_stream.hpp"

#include "net/light_stream.hpp"
#include "tls13/hand_over.hpp"

#include <climits>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace csim {
namespace {

bool is_not_tls(int reason) {
    return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
           reason == SSL_R_PACKET_LENGTH_TOO_LONG;
}

int clamp_size(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

}  // namespace

TlsStream::TlsStream(TlsStream&& other) noexcept {
    *this = std::move(other);
}

TlsStream& TlsStream::operator=(TlsStream&& other) noexcept {
    if (this == &other) return *this;
    close(false);
    fd_ = std::exchange(other.fd_, -1);
    ssl_ = std::exchange(other.ssl_, nullptr);
    watch_ = std::exchange(other.watch_, nullptr);
    light_ = std::exchange(other.light_, nullptr);
    half_written_ = other.half_written_;
    errno_ = other.errno_;
    tls_reason_ = other.tls_reason_;
    return *this;
}

TlsStream::~TlsStream() {
    close(false);
}

TlsStream::Status TlsStream::judge(int returned) {
    switch (SSL_get_error(ssl_, returned)) {
        case SSL_ERROR_WANT_READ:
            return Status::want_read;
        case SSL_ERROR_WANT_WRITE:
            return Status::want_write;
        case SSL_ERROR_ZERO_RETURN:
            return Status::closed;
        case SSL_ERROR_SYSCALL:
            if (errno == 0) return Status::closed;
            errno_ = errno;
            return Status::failed;
        default:
            break;
    }
    const unsigned long reason = ERR_peek_error();
    ERR_clear_error();
    if (ERR_GET_REASON(reason) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return Status::closed;
    tls_reason_ = reason == 0 ? 1 : reason;
    return Status::failed;
}

TlsStream::Status TlsStream::judge_plain(long returned) {
    if (returned == 0) return Status::closed;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return Status::want_read;
    errno_ = errno;
    return Status::failed;
}

TlsStream::Status TlsStream::handshake() {
    if (ssl_ == nullptr) return Status::done;
    ERR_clear_error();
    errno = 0;
    const int returned = SSL_do_handshake(ssl_);
    return returned == 1 ? Status::done : judge(returned);
}

TlsStream::Transfer TlsStream::judge_light(Transfer transfer) {
    if (transfer.status == Status::failed) {
        errno_ = light_->error();
        tls_reason_ = light_->tls_reason();
    }
    return transfer;
}

TlsStream::Transfer TlsStream::read(char* into, std::size_t size) {
    if (light_ != nullptr) return judge_light(light_->read(into, size));
    errno = 0;
    if (ssl_ == nullptr) {
        const auto n = ::recv(fd_, into, size, 0);
        if (n > 0) return {Status::done, static_cast<std::size_t>(n)};
        return {judge_plain(n), 0};
    }
    ERR_clear_error();
    const int n = SSL_read(ssl_, into, clamp_size(size));
    const Status status = n > 0 ? Status::done : judge(n);
    // A session ticket that came along has made OpenSSL take 16 kB for writing, which it keeps until the next
    // write. Does nothing while a record is halfway in or out.
    if (status == Status::done || status == Status::want_read) SSL_free_buffers(ssl_);
    return {status, n > 0 ? static_cast<std::size_t>(n) : 0};
}

TlsStream::Transfer TlsStream::write(std::string_view bytes) {
    if (light_ != nullptr) return judge_light(light_->write(bytes));
    errno = 0;
    if (ssl_ == nullptr) {
        const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n > 0) return {Status::done, static_cast<std::size_t>(n)};
        const Status status = judge_plain(n);
        return {status == Status::want_read ? Status::want_write : status, 0};
    }
    ERR_clear_error();
    const int n = SSL_write(ssl_, bytes.data(), clamp_size(bytes.size()));
    half_written_ = n <= 0;
    if (n > 0) return {Status::done, static_cast<std::size_t>(n)};
    return {judge(n), 0};
}

bool TlsStream::has_pending() const {
    return light_ != nullptr ? light_->has_pending() : ssl_ != nullptr && SSL_has_pending(ssl_) == 1;
}

bool TlsStream::resumed() const {
    return ssl_ != nullptr && SSL_session_reused(ssl_) == 1;
}

void TlsStream::become_tls(SSL* ssl) {
    ssl_ = ssl;
    SSL_set_fd(ssl_, fd_);
}

void TlsStream::watch_secrets() {
    watch_ = new tls13::HandshakeSecrets();
    tls13::watch_secrets(ssl_, watch_);
}

void TlsStream::count_records() {
    if (watch_ != nullptr) tls13::count_records(ssl_);
}

bool TlsStream::has_ticket() const {
    return watch_->tickets > 0;
}

bool TlsStream::hibernate(LightTools& tools) {
    if (watch_ == nullptr || half_written_) return false;
    const tls13::TakeOver may = tls13::may_take_over(ssl_, *watch_);
    if (may == tls13::TakeOver::not_now) return false;
    tls13::LightKeys keys;
    const bool taken = tls13::take_keys(ssl_, *watch_, false, 0, keys);
    if (taken) {
        free_tls();
        light_ = new LightStream(tools, fd_, keys);
        wipe(keys);
    } else {
        tls13::watch_secrets(ssl_, nullptr);
    }
    delete std::exchange(watch_, nullptr);
    return taken;
}

void TlsStream::free_tls() {
    // Otherwise the session would be marked as not resumable when its connection ends without a goodbye.
    if (ssl_ != nullptr) SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(std::exchange(ssl_, nullptr));
}

void TlsStream::shut_down() {
    if (light_ != nullptr) light_->say_goodbye();
    if (ssl_ != nullptr && SSL_is_init_finished(ssl_) && tls_reason_ == 0 && errno_ == 0) SSL_shutdown(ssl_);
    ERR_clear_error();
    ::shutdown(fd_, SHUT_WR);
}

void TlsStream::close(bool politely) {
    if (fd_ < 0) return;
    if (politely) shut_down();
    free_tls();
    delete std::exchange(watch_, nullptr);
    delete std::exchange(light_, nullptr);
    ::close(std::exchange(fd_, -1));
}

std::string TlsStream::failure() const {
    if (tls_reason_ == 0) return errno_ == 0 ? "the connection was closed" : std::strerror(errno_);
    const int reason = ERR_GET_REASON(tls_reason_);
    if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && ssl_ != nullptr)
        return std::string("the certificate was not accepted (") +
               X509_verify_cert_error_string(SSL_get_verify_result(ssl_)) + ")";
    if (is_not_tls(reason)) return "the answer was not TLS";
    const char* text = ERR_reason_error_string(tls_reason_);
    return std::string("TLS failed (") + (text == nullptr ? "unknown reason" : text) + ")";
}

}  // namespace csim
