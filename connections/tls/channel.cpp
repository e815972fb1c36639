#include "connections/tls/channel.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace csim::connections {
namespace {

constexpr std::size_t read_budget = 64 * 1024;

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/// The alert that OpenSSL tells of, or -1.
int alert_behind(unsigned long error) {
    const int reason = ERR_GET_REASON(error);
    return ERR_GET_LIB(error) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET ? reason - SSL_AD_REASON_OFFSET
                                                                               : -1;
}

}  // namespace

Reason reason_of_errno(int error) {
    switch (error) {
        case ECONNREFUSED:
            return Reason::connect_refused;
        case ETIMEDOUT:
            return Reason::connect_timeout;
        case EADDRNOTAVAIL:
        case EADDRINUSE:
            return Reason::no_local_port;
        case EMFILE:
        case ENFILE:
            return Reason::no_descriptor;
        case ENOMEM:
        case ENOBUFS:
            return Reason::no_memory;
        case EHOSTUNREACH:
        case ENETUNREACH:
        case EACCES:
        case EPERM:
            return Reason::connect_unreachable;
        default:
            return Reason::reset;
    }
}

void TlsState::release() {
    if (ssl != nullptr) {
        SSL_set_quiet_shutdown(ssl, 1);
        SSL_free(ssl);
    }
    ssl = nullptr;
    wipe(keys);
}

ChannelTools::ChannelTools() : buffer(read_budget + record_body_max + record_header_bytes) {}

Channel::Channel(ChannelTools& tools, int fd, TlsState& state) : tools_(tools), fd_(fd), state_(state) {}

Channel::Progress Channel::end(Reason reason, std::uint32_t code) {
    if (reason_ == Reason::none) reason_ = reason, code_ = code;
    return Progress::ended;
}

bool Channel::start(SSL_CTX* context, bool is_server, bool secrets) {
    if (secrets) secrets_ = std::make_unique<HandshakeSecrets>();
    state_.ssl = make_ssl(context, fd_, is_server, secrets_.get());
    if (state_.ssl == nullptr) end(Reason::no_memory);
    return state_.ssl != nullptr;
}

Channel::Progress Channel::judge(int returned) {
    const int system_error = errno;
    switch (SSL_get_error(state_.ssl, returned)) {
        case SSL_ERROR_WANT_READ:
            return Progress::wait_read;
        case SSL_ERROR_WANT_WRITE:
            return Progress::wait_write;
        case SSL_ERROR_ZERO_RETURN:
            return end(Reason::close_notify);
        case SSL_ERROR_SYSCALL:
            return end(system_error == 0 ? Reason::eof_without_notify : Reason::reset);
        default:
            break;
    }
    const unsigned long error = ERR_peek_error();
    ERR_clear_error();
    if (const int alert = alert_behind(error); alert >= 0)
        return end(Reason::tls_alert, static_cast<std::uint32_t>(alert));
    switch (ERR_GET_REASON(error)) {
        case SSL_R_UNEXPECTED_EOF_WHILE_READING:
            return end(Reason::eof_without_notify);
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            return end(Reason::tls_verify);
        case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
            return end(Reason::bad_record_mac);
        default:
            return end(Reason::tls_protocol);
    }
}

Channel::Progress Channel::handshake() {
    ERR_clear_error();
    errno = 0;
    const int returned = SSL_do_handshake(state_.ssl);
    return returned == 1 ? Progress::done : judge(returned);
}

bool Channel::hand_over_later() {
    late_ = secrets_ != nullptr && SSL_version(state_.ssl) == TLS1_3_VERSION;
    if (late_) count_records(state_.ssl);
    return late_;
}

bool Channel::hand_over(bool is_server, unsigned tickets_sent) {
    const bool half_done = !out_.empty() || ssl_wants_write_;
    if (late_ && (half_done || may_take_over(state_.ssl, *secrets_) == TakeOver::not_now)) return false;
    late_ = false;
    if (!secrets_ || !take_keys(state_.ssl, *secrets_, is_server, tickets_sent, state_.keys)) {
        if (state_.ssl != nullptr) watch_secrets(state_.ssl, nullptr);
        secrets_.reset();
        return false;
    }
    secrets_.reset();
    SSL_set_quiet_shutdown(state_.ssl, 1);
    SSL_free(state_.ssl);
    state_.ssl = nullptr;
    return true;
}

LightTls& Channel::light() {
    if (!light_) {
        light_.emplace(tools_.cipher, state_.keys, tools_.counts);
        light_->set_records_per_key(tools_.records_per_key);
    }
    return *light_;
}

Channel::Progress Channel::read() {
    tools_.plain.clear();
    if (ended()) return Progress::ended;
    return state_.light() ? read_light() : read_ssl();
}

Channel::Progress Channel::read_light() {
    char* const buffer = tools_.buffer.data();
    std::memcpy(buffer, in_.data(), in_.size());
    const std::size_t kept = in_.size();
    const auto n = ::recv(fd_, buffer + kept, read_budget, 0);
    if (n == 0) return end(Reason::eof_without_notify);
    if (n < 0) return would_block(errno) ? Progress::wait_read : end(Reason::reset);
    tools_.bytes_in += static_cast<std::size_t>(n);
    const std::size_t size = kept + static_cast<std::size_t>(n);
    const std::size_t used = light().feed(buffer, size, tools_.plain);
    in_.assign(buffer + used, size - used);
    if (light_->end() == TlsEnd::none) return Progress::wait_read;
    end_light();
    return Progress::ended;
}

void Channel::end_light() {
    switch (light_->end()) {
        case TlsEnd::close_notify:
            end(Reason::close_notify);
            return;
        case TlsEnd::alert:
            end(Reason::tls_alert, light_->code());
            return;
        default:
            break;
    }
    const auto alert = static_cast<Alert>(light_->code());
    end(alert == Alert::bad_record_mac ? Reason::bad_record_mac : Reason::tls_protocol);
    tools_.sealed.clear();
    light_->seal_alert(alert, tools_.sealed);
    // Best effort: whatever the kernel does not take is lost with the connection.
    if (out_.empty()) ::send(fd_, tools_.sealed.data(), tools_.sealed.size(), MSG_NOSIGNAL);
}

Channel::Progress Channel::read_ssl() {
    for (;;) {
        ERR_clear_error();
        errno = 0;
        const int n = SSL_read(state_.ssl, tools_.buffer.data(), static_cast<int>(record_content_max));
        if (n <= 0) {
            const Progress progress = judge(n);
            ssl_wants_write_ = progress == Progress::wait_write;
            if (progress == Progress::wait_read) SSL_free_buffers(state_.ssl);
            return progress;
        }
        tools_.bytes_in += static_cast<std::size_t>(n);
        tools_.plain.append(tools_.buffer.data(), static_cast<std::size_t>(n));
        if (SSL_has_pending(state_.ssl) == 0 || tools_.plain.size() >= read_budget) break;
    }
    SSL_free_buffers(state_.ssl);
    return SSL_has_pending(state_.ssl) != 0 ? Progress::done : Progress::wait_read;
}

bool Channel::send_now(std::string_view sealed) {
    if (out_.empty()) {
        const auto n = ::send(fd_, sealed.data(), sealed.size(), MSG_NOSIGNAL);
        if (n < 0 && !would_block(errno)) return end(Reason::reset), false;
        if (n > 0) tools_.bytes_out += static_cast<std::size_t>(n);
        sealed.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : 0);
    }
    out_.append(sealed);
    return true;
}

bool Channel::write_ssl(std::string_view plain) {
    while (!plain.empty()) {
        ERR_clear_error();
        errno = 0;
        const int n = SSL_write(
            state_.ssl, plain.data(), static_cast<int>(std::min<std::size_t>(plain.size(), INT32_MAX))
        );
        if (n <= 0) {
            const Progress progress = judge(n);
            if (progress == Progress::ended) return false;
            ssl_wants_write_ = progress == Progress::wait_write;
            break;
        }
        tools_.bytes_out += static_cast<std::size_t>(n);
        plain.remove_prefix(static_cast<std::size_t>(n));
    }
    std::string left(plain);
    out_ = std::move(left);
    return true;
}

bool Channel::write(std::string_view plain) {
    if (ended()) return false;
    if (plain.empty()) return true;
    if (!state_.light()) {
        if (out_.empty()) return write_ssl(plain);
        out_.append(plain);
        return true;
    }
    tools_.sealed.clear();
    light().seal(plain, tools_.sealed);
    return send_now(tools_.sealed);
}

bool Channel::flush() {
    if (ended()) return false;
    ssl_wants_write_ = false;
    if (out_.empty()) return true;
    const std::string pending = std::move(out_);
    out_.clear();
    return state_.light() ? send_now(pending) : write_ssl(pending);
}

void Channel::say_goodbye() {
    const bool may_speak = !ended() || reason_ == Reason::close_notify;
    if (state_.light()) {
        tools_.sealed.clear();
        if (!ended() || reason_ == Reason::close_notify)
            light().seal_alert(Alert::close_notify, tools_.sealed);
        if (out_.empty()) ::send(fd_, tools_.sealed.data(), tools_.sealed.size(), MSG_NOSIGNAL);
    } else if (state_.ssl != nullptr && SSL_is_init_finished(state_.ssl) && may_speak) {
        SSL_shutdown(state_.ssl);
        ERR_clear_error();
    }
    ::shutdown(fd_, SHUT_WR);
}

bool Channel::at_rest() const {
    return in_.empty() && out_.empty() && !ssl_wants_write_ && !ended() && !late_ &&
           (!light_ || light_->at_rest()) && (state_.ssl == nullptr || SSL_has_pending(state_.ssl) == 0);
}

}  // namespace csim::connections
