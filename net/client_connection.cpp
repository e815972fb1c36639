#include "net/client_connection.hpp"

#include "net/client_engine.hpp"

#include <cstring>
#include <sys/epoll.h>

namespace csim {

ClientConnection::ClientConnection(ClientEngine& engine, ClientLane& lane, int fd)
    : engine_(engine), lane_(lane), stream_(fd), events_(EPOLLOUT) {
    engine_.reactor().add(fd, EPOLLOUT, *this);
}

ClientConnection::~ClientConnection() = default;

void ClientConnection::close(bool politely) {
    state_ = State::closed;
    if (stream_.is_open()) engine_.reactor().remove(stream_.fd());
    stream_.close(politely);
    reader_.reset();
    unread_ = std::string();
    if (is_linked()) unlink();
}

void ClientConnection::listen_for(std::uint32_t events) {
    if (events == events_) return;
    events_ = events;
    engine_.reactor().change(stream_.fd(), events, *this);
}

void ClientConnection::fail(const std::string& what) {
    const bool in_tls = stream_.failed_in_tls();
    engine_.lost(
        *this, Error{in_tls ? Errc::refused : Errc::unreachable, engine_.server_name() + what},
        reader_ != nullptr
    );
}

void ClientConnection::ready(std::uint32_t events) {
    switch (state_) {
        case State::connecting:
            return finish_connecting();
        case State::shaking_hands:
            return shake_hands();
        case State::sending:
            // A server may answer, or close, before it has read everything.
            if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive();
            if (state_ == State::sending && (events & EPOLLOUT) != 0) send_more();
            return;
        case State::idle:
        case State::receiving:
            return receive();
        case State::closed:
            return;
    }
}

void ClientConnection::finish_connecting() {
    const int failed = connect_result(stream_.fd());
    if (failed != 0) {
        return engine_.lost(
            *this,
            Error{
                Errc::unreachable,
                "cannot connect to " + engine_.server_name() + ": " + std::strerror(failed)},
            false
        );
    }
    if (engine_.tls() != nullptr) {
        if (!engine_.tls()->start(stream_, *lane_.credentials)) return fail(": there is no memory for TLS");
    }
    state_ = State::shaking_hands;
    shake_hands();
}

void ClientConnection::shake_hands() {
    switch (stream_.handshake()) {
        case TlsStream::Status::want_read:
            return listen_for(EPOLLIN);
        case TlsStream::Status::want_write:
            return listen_for(EPOLLIN | EPOLLOUT);
        case TlsStream::Status::closed:
            return fail(" closed the connection during the TLS handshake");
        case TlsStream::Status::failed:
            return fail(": " + stream_.failure());
        case TlsStream::Status::done:
            break;
    }
    listen_for(EPOLLIN);
    if (engine_.tls() != nullptr) engine_.tls()->settle(stream_, *lane_.credentials);
    if (stream_.resumed()) ++engine_.figures().resumed;
    state_ = State::idle;
    engine_.connected(*this);
}

void ClientConnection::start_request() {
    state_ = State::sending;
    sent_ = 0;
    send_more();
}

void ClientConnection::send_more() {
    const std::string& text = lane_.head->text;
    while (sent_ < text.size()) {
        const auto [status, bytes] = stream_.write(std::string_view(text).substr(sent_));
        sent_ += bytes;
        engine_.figures().bytes_sent += bytes;
        if (status == TlsStream::Status::done) continue;
        if (status == TlsStream::Status::want_write) return listen_for(EPOLLIN | EPOLLOUT);
        if (status == TlsStream::Status::want_read) return listen_for(EPOLLIN);
        // What the server said before it stopped listening may still be there to read.
        state_ = State::receiving;
        return receive();
    }
    listen_for(EPOLLIN);
    state_ = State::receiving;
}

void ClientConnection::receive() {
    const auto scratch = engine_.reactor().scratch();
    for (;;) {
        const auto [status, bytes] = stream_.read(scratch.data(), scratch.size());
        switch (status) {
            case TlsStream::Status::want_read:
                return hibernate();
            case TlsStream::Status::want_write:
                return listen_for(EPOLLIN | EPOLLOUT);
            case TlsStream::Status::closed:
                return ended();
            case TlsStream::Status::failed:
                return fail(": " + stream_.failure());
            case TlsStream::Status::done:
                break;
        }
        engine_.figures().bytes_received += bytes;
        if (!feed({scratch.data(), bytes})) return;
        // The descriptor becomes readable again for whatever is still outside.
        if (bytes < 4096 && !stream_.has_pending()) return;
    }
}

void ClientConnection::hibernate() {
    if (engine_.tls() == nullptr || state_ == State::sending) return;
    if (engine_.tls()->hibernate(stream_, replies_ > 0)) engine_.hibernated();
}

bool ClientConnection::feed(std::string_view bytes) {
    if (!is_busy()) {
        fail(" said something without being asked");
        return false;
    }
    if (!reader_)
        reader_ = std::make_unique<ReplyReader>(engine_.options().reply_bytes_max, lane_.head->to_head);
    if (!unread_.empty()) {
        unread_ += bytes;
        bytes = unread_;
    }
    const ReadStep step = reader_->feed(bytes);
    if (step.status == ReadStatus::bad) {
        const bool too_large = step.error_status == 413 || step.error_status == 431;
        const std::string what = too_large ? " sent a larger reply than this client takes"
                                           : " sent a reply that is not HTTP (" + step.what + ")";
        engine_.lost(
            *this, Error{too_large ? Errc::exhausted : Errc::corrupt, engine_.server_name() + what}, true
        );
        return false;
    }
    if (step.status == ReadStatus::need_more) {
        std::string rest(bytes.substr(step.consumed));
        unread_.swap(rest);
        return true;
    }
    const bool surplus = step.consumed < bytes.size();
    const bool keep = reader_->keep_alive() && state_ == State::receiving && !surplus;
    HttpReply reply = reader_->take();
    reader_.reset();
    unread_ = std::string();
    ++replies_;
    state_ = State::idle;
    if (keep) hibernate();
    engine_.replied(*this, std::move(reply), keep);
    return false;
}

void ClientConnection::ended() {
    if (!is_busy()) return fail(" closed the connection");
    if (reader_ && reader_->feed_end()) {
        HttpReply reply = reader_->take();
        reader_.reset();
        state_ = State::idle;
        return engine_.replied(*this, std::move(reply), false);
    }
    fail(
        reader_ ? " closed the connection in the middle of its reply"
                : " closed the connection without a reply"
    );
}

}  // namespace csim
