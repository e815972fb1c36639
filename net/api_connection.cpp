#include "net/api_connection.hpp"

#include "net/http_text.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

namespace csim {
namespace {

constexpr std::size_t unread_max = 64u << 10;

}  // namespace

ApiConnection::ApiConnection(ApiEngine& engine, std::uint64_t id, int fd, ApiPeer peer, bool tls)
    : engine_(engine),
      id_(id),
      stream_(fd),
      peer_(std::move(peer)),
      state_(tls ? State::shaking_hands : State::reading),
      events_(EPOLLIN) {
    body_limit_ = [this](std::string_view) {
        const auto& options = engine_.options;
        const bool trusted = options.trusts ? options.trusts(peer_) : peer_.local;
        return trusted ? options.body_bytes_max : options.stranger_body_bytes_max;
    };
    engine_.reactor.add(fd, EPOLLIN, *this);
    engine_.reactor.arm(*this, engine_.options.slow_client_timeout);
    if (tls && !engine_.tls->start(stream_)) closing_ = true;
}

void ApiConnection::listen_for(std::uint32_t events) {
    if (events == events_ || !stream_.is_open()) return;
    events_ = events;
    engine_.reactor.change(stream_.fd(), events, *this);
}

void ApiConnection::ready(std::uint32_t events) {
    if (state_ == State::closed) return;
    if (closing_ && state_ == State::shaking_hands) return close();
    if (state_ == State::shaking_hands) return shake_hands();
    if (state_ == State::waiting) return watch_while_waiting();
    if (paused_ && (events & (EPOLLHUP | EPOLLERR)) != 0) return close();
    if ((events & EPOLLOUT) != 0 || state_ == State::writing) flush();
    if (state_ == State::reading || state_ == State::socket) receive();
}

void ApiConnection::expired() {
    if (state_ != State::socket) return close();
    if (++unanswered_pings_ > 3) return close();
    send(WsKind::ping, "keepalive");
    if (state_ == State::socket) engine_.reactor.arm(*this, engine_.options.ping_interval);
}

void ApiConnection::shake_hands() {
    switch (stream_.handshake()) {
        case TlsStream::Status::want_read:
            return listen_for(EPOLLIN);
        case TlsStream::Status::want_write:
            return listen_for(EPOLLOUT);
        case TlsStream::Status::done:
            break;
        default:
            return close();
    }
    peer_.certificate = TlsServerContext::certificate_of(stream_);
    state_ = State::reading;
    listen_for(EPOLLIN);
    if (stream_.has_pending()) receive();
}

void ApiConnection::receive() {
    const auto scratch = engine_.reactor.scratch();
    while ((state_ == State::reading || state_ == State::socket) && !paused_) {
        const auto [status, bytes] = stream_.read(scratch.data(), scratch.size());
        if (status == TlsStream::Status::want_read) return;
        if (status == TlsStream::Status::want_write) return listen_for(EPOLLIN | EPOLLOUT);
        if (status != TlsStream::Status::done) return close();
        if (state_ == State::socket) {
            read_frames({scratch.data(), bytes});
        } else {
            engine_.reactor.arm(*this, engine_.options.slow_client_timeout);
            feed({scratch.data(), bytes});
        }
        if (bytes < 4096 && !stream_.has_pending()) return;
    }
}

void ApiConnection::feed(std::string_view bytes) {
    if (!reader_) reader_ = std::make_unique<RequestReader>(32u << 10, body_limit_);
    if (!unread_.empty()) {
        unread_ += bytes;
        bytes = unread_;
    }
    const ReadStep step = reader_->feed(bytes);
    std::string rest(bytes.substr(step.consumed));
    unread_.swap(rest);
    if (step.status == ReadStatus::bad)
        return refuse(step.error_status, "the request was not acceptable: " + step.what);
    if (step.status == ReadStatus::complete) return request_complete();
    if (reader_->wants_continue()) stream_.write("HTTP/1.1 100 Continue\r\n\r\n");
}

void ApiConnection::request_complete() {
    keep_ = reader_->keep_alive();
    http_1_0_ = reader_->http_1_0();
    HttpRequest request = reader_->take();
    reader_.reset();
    to_head_ = request.method == "HEAD";
    disarm();
    state_ = State::waiting;
    waiting_ = std::make_shared<ApiResponder::State>();
    waiting_->gate = engine_.gate;
    waiting_->connection = id_;
    engine_.gate->inbox.post([gate = engine_.gate, request = std::move(request), peer = peer_,
                              state = waiting_]() mutable {
        ApiResponder responder(std::move(state));
        if (!gate->shut) gate->handler(std::move(request), peer, std::move(responder));
    });
}

void ApiConnection::refuse(unsigned status, const std::string& sentence) {
    reader_.reset();
    unread_.clear();
    keep_ = false;
    to_head_ = false;
    out_ = reply_text({status, {{"Content-Type", "text/plain"}}, sentence + "\n"}, {false, true, false});
    state_ = State::writing;
    flush();
}

void ApiConnection::answer(HttpReply reply, std::optional<std::size_t> cut_after) {
    if (state_ != State::waiting) return;
    waiting_.reset();
    out_ = reply_text(reply, {true, !keep_, http_1_0_});
    if (!to_head_ && reply.status != 204) body_ = std::move(reply.body);
    if (cut_after) {
        body_.resize(std::min(body_.size(), *cut_after));
        keep_ = false;
    }
    state_ = State::writing;
    engine_.reactor.arm(*this, engine_.options.slow_client_timeout);
    flush();
}

// Reads on, to notice a client that goes away; what a patient one sends ahead is kept for later.
void ApiConnection::watch_while_waiting() {
    const auto scratch = engine_.reactor.scratch();
    const auto [status, bytes] = stream_.read(scratch.data(), scratch.size());
    if (status == TlsStream::Status::want_read) return;
    if (status != TlsStream::Status::done) return close();
    unread_.append(scratch.data(), bytes);
    if (unread_.size() > unread_max) listen_for(EPOLLRDHUP);
}

void ApiConnection::flush() {
    while (out_sent_ < out_.size() || body_sent_ < body_.size()) {
        const bool head = out_sent_ < out_.size();
        const std::string_view rest =
            head ? std::string_view(out_).substr(out_sent_) : std::string_view(body_).substr(body_sent_);
        const auto [status, bytes] = stream_.write(rest);
        (head ? out_sent_ : body_sent_) += bytes;
        if (status == TlsStream::Status::done) continue;
        if (status != TlsStream::Status::want_write) return close();
        if (state_ == State::writing) engine_.reactor.arm(*this, engine_.options.slow_client_timeout);
        return listen_for(reading() | EPOLLOUT);
    }
    out_.clear(), body_ = std::string();
    out_sent_ = body_sent_ = 0;
    written();
}

void ApiConnection::written() {
    listen_for(reading());
    if (closing_ && (answered_ || state_ != State::socket)) return close();
    if (state_ != State::writing) return;
    if (!keep_) return close();
    state_ = State::reading;
    engine_.reactor.arm(*this, engine_.options.idle_timeout);
    if (!unread_.empty()) {
        const std::string ahead = std::exchange(unread_, {});
        feed(ahead);
    }
}

void ApiConnection::close() {
    if (state_ == State::closed) return;
    state_ = State::closed;
    if (waiting_) waiting_->gone = true;
    engine_.reactor.remove(stream_.fd());
    stream_.close(true);
    disarm();
    engine_.closed(id_);
}

}  // namespace csim
