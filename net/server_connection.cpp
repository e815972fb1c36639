#include "net/server_connection.hpp"

#include "net/http_text.hpp"
#include "net/server_engine.hpp"

#include <cerrno>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace csim {
namespace {

// What a client may send ahead while its request is being answered.
constexpr std::size_t unread_max = 64u << 10;
constexpr char tls_handshake_record = 0x16;

}  // namespace

ServerConnection::ServerConnection(ServerEngine& engine, int fd, std::string address)
    : engine_(engine), stream_(fd), events_(EPOLLIN) {
    auto peer = std::make_shared<Peer>();
    peer->address = std::move(address);
    peer_ = std::move(peer);
    engine_.is_young(*this);
    if (engine_.reactor().add(fd, EPOLLIN, *this) != 0) {
        close(false);
        return;
    }
    engine_.reactor().arm(*this, engine_.options().slow_client_timeout);
    if (engine_.tls() == nullptr) await_request();
}

ServerConnection::~ServerConnection() = default;

void ServerConnection::close(bool politely) {
    if (state_ == State::closed) return;
    if (waiting_) peer_gone();
    state_ = State::closed;
    engine_.reactor().remove(stream_.fd());
    stream_.close(politely);
    disarm();
    leave_list();
    engine_.closed(*this);
}

void ServerConnection::leave_list() {
    if (ServerConnectionHook::is_linked()) ServerConnectionHook::unlink();
}

void ServerConnection::listen_for(std::uint32_t events) {
    if (events == events_) return;
    events_ = events;
    engine_.reactor().change(stream_.fd(), events, *this);
}

void ServerConnection::ready(std::uint32_t events) {
    switch (state_) {
        case State::greeting:
            return greet();
        case State::shaking_hands:
            return shake_hands();
        case State::reading:
            return receive();
        case State::waiting:
            return watch_while_waiting(events);
        case State::writing:
            return flush();
        case State::lingering:
            return drain();
        case State::closed:
            return;
    }
}

void ServerConnection::expired() {
    const bool in_a_request = state_ == State::reading && reader_ != nullptr;
    if (in_a_request) return refuse(408, "The request took too long to arrive.");
    close(state_ == State::reading);
}

// TLS clients begin with a handshake record. Somebody who speaks plain HTTP is told where to go.
void ServerConnection::greet() {
    char first = 0;
    const auto n = ::recv(stream_.fd(), &first, 1, MSG_PEEK);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return close(false);
    if (first == tls_handshake_record) {
        if (!engine_.tls()->start(stream_)) return close(false);
        state_ = State::shaking_hands;
        return shake_hands();
    }
    if (first < 'A' || first > 'Z') return close(false);
    plain_on_tls_port_ = true;
    await_request();
    receive();
}

void ServerConnection::shake_hands() {
    switch (stream_.handshake()) {
        case TlsStream::Status::want_read:
            return listen_for(EPOLLIN);
        case TlsStream::Status::want_write:
            return listen_for(EPOLLOUT);
        case TlsStream::Status::closed:
        case TlsStream::Status::failed:
            return close(false);
        case TlsStream::Status::done:
            break;
    }
    auto peer = std::make_shared<Peer>(*peer_);
    TlsServerContext::identify(stream_, *peer);
    peer_ = std::move(peer);
    ++engine_.gate().figures.handshakes;
    if (stream_.resumed()) ++engine_.gate().figures.resumed;
    listen_for(EPOLLIN);
    await_request();
    if (stream_.has_pending()) receive();
}

/// Behind a handshake the first request is on its way, so that no newcomer must take the place yet.
void ServerConnection::await_request() {
    state_ = State::reading;
    if (engine_.tls() != nullptr && !asked_) return engine_.is_young(*this);
    engine_.is_idle(*this);
    engine_.reactor().arm(*this, engine_.options().idle_timeout);
}

void ServerConnection::receive() {
    const auto scratch = engine_.reactor().scratch();
    while (state_ == State::reading) {
        const auto [status, bytes] = stream_.read(scratch.data(), scratch.size());
        switch (status) {
            case TlsStream::Status::want_read:
                return;
            case TlsStream::Status::want_write:
                return listen_for(EPOLLIN | EPOLLOUT);
            case TlsStream::Status::closed:
                return close(true);
            case TlsStream::Status::failed:
                return close(false);
            case TlsStream::Status::done:
                break;
        }
        engine_.gate().figures.bytes_received += bytes;
        feed({scratch.data(), bytes});
        if (bytes < 4096 && !stream_.has_pending()) return;
    }
}

void ServerConnection::feed(std::string_view bytes) {
    auto& options = engine_.options();
    if (!reader_) {
        reader_ = std::make_unique<RequestReader>(options.header_bytes_max, engine_.body_limit());
        engine_.is_young(*this);
        engine_.reactor().arm(*this, options.slow_client_timeout);
    }
    if (!unread_.empty()) {
        unread_ += bytes;
        bytes = unread_;
    }
    const ReadStep step = reader_->feed(bytes);
    std::string rest(bytes.substr(step.consumed));
    unread_.swap(rest);
    if (step.status == ReadStatus::bad)
        return refuse(step.error_status, "The request was not acceptable: " + step.what + ".");
    if (step.status == ReadStatus::complete) return request_complete();
    if (reader_->wants_continue()) stream_.write("HTTP/1.1 100 Continue\r\n\r\n");
}

void ServerConnection::request_complete() {
    asked_ = true;
    keep_ = reader_->keep_alive();
    http_1_0_ = reader_->http_1_0();
    HttpRequest request = reader_->take();
    reader_.reset();
    to_head_ = request.method == "HEAD";
    disarm();
    if (plain_on_tls_port_) return redirect_to_tls(request);
    state_ = State::waiting;
    engine_.is_busy(*this);
    ++engine_.gate().figures.requests;
    ++engine_.gate().figures.waiting;
    waiting_ = std::make_shared<Responder::State>();
    waiting_->gate = engine_.gate().shared_from_this();
    waiting_->connection = this;
    engine_.arrived({std::move(request), peer_, Responder(waiting_)});
}

void ServerConnection::answer(const HttpReply& reply) {
    if (state_ != State::waiting) return;
    waiting_->connection = nullptr;
    waiting_.reset();
    --engine_.gate().figures.waiting;
    if (keep_ && engine_.wants_place()) keep_ = false;
    out_ = reply_text(reply, {to_head_, !keep_, http_1_0_});
    state_ = State::writing;
    engine_.reactor().arm(*this, engine_.options().slow_client_timeout);
    flush();
}

void ServerConnection::peer_gone() {
    waiting_->connection = nullptr;
    engine_.gate().client_gone(std::move(waiting_));
    waiting_.reset();
    --engine_.gate().figures.waiting;
}

// Reads on, to notice a client that goes away; what a patient one sends ahead is kept for later.
void ServerConnection::watch_while_waiting(std::uint32_t events) {
    if ((events & EPOLLIN) == 0) return close(false);
    const auto scratch = engine_.reactor().scratch();
    const auto [status, bytes] = stream_.read(scratch.data(), scratch.size());
    if (status == TlsStream::Status::want_read) return;
    if (status != TlsStream::Status::done) return close(false);
    engine_.gate().figures.bytes_received += bytes;
    unread_.append(scratch.data(), bytes);
    if (unread_.size() > unread_max) listen_for(EPOLLRDHUP);
}

void ServerConnection::flush() {
    while (sent_ < out_.size()) {
        const auto [status, bytes] = stream_.write(std::string_view(out_).substr(sent_));
        sent_ += bytes;
        engine_.gate().figures.bytes_sent += bytes;
        if (status == TlsStream::Status::done) continue;
        if (status == TlsStream::Status::want_read) return listen_for(EPOLLIN);
        if (status != TlsStream::Status::want_write) return close(false);
        if (bytes > 0) engine_.reactor().arm(*this, engine_.options().slow_client_timeout);
        return listen_for(EPOLLOUT);
    }
    sent_ = 0, out_ = std::string();
    written();
}

void ServerConnection::written() {
    if (refused_) return linger();
    if (!keep_) return close(true);
    listen_for(EPOLLIN);
    await_request();
    if (!unread_.empty()) {
        const std::string ahead = std::exchange(unread_, {});
        feed(ahead);
    }
    if (state_ == State::reading && stream_.has_pending()) receive();
}

}  // namespace csim
