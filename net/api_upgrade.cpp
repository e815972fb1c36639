// What an ApiConnection does once it speaks WebSocket.
#include "net/api_connection.hpp"

#include <sys/epoll.h>

namespace csim {
namespace {

constexpr std::size_t message_bytes_max = 16u << 20;
constexpr std::size_t backlog_max = 4u << 20;
constexpr int pings_max = 3;

}  // namespace

void ApiConnection::upgrade(const std::string& accept, std::size_t unsent_max) {
    if (state_ != State::waiting) return;
    waiting_.reset();
    state_ = State::socket;
    unsent_max_ = unsent_max;
    backlog_ = std::make_shared<Backlog>();
    frames_ = std::make_unique<WsReader>(WsReader::From::client, message_bytes_max);
    out_ =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        accept + "\r\n\r\n" + ws_frame(WsKind::ping, "keepalive");
    unanswered_pings_ = 1;
    engine_.reactor.arm(*this, engine_.options.ping_interval);
    flush();
    if (state_ == State::socket && !unread_.empty()) read_frames(std::exchange(unread_, {}));
}

void ApiConnection::read_frames(std::string_view bytes) {
    std::vector<WsMessage> messages;
    const unsigned wrong = frames_->feed(bytes, messages);
    unanswered_pings_ = 0;
    for (WsMessage& message : messages) {
        if (state_ != State::socket) return;
        if (closing_) {
            // The goodbye has been said; only its answer matters.
            if (message.kind == WsKind::close) return close();
            continue;
        }
        if (message.kind == WsKind::ping) {
            send(WsKind::pong, message.payload);
        } else if (message.kind == WsKind::close) {
            answered_ = true;
            say_goodbye(1000, "");
        } else if (message.kind != WsKind::pong) {
            deliver(std::move(message));
        }
    }
    if (wrong == 0 || state_ != State::socket) return;
    if (closing_) return close();
    say_goodbye(wrong, "");
}

void ApiConnection::deliver(WsMessage message) {
    const std::size_t size = message.payload.size() + 64;
    if ((backlog_->bytes += size) > backlog_max && !paused_) {
        paused_ = true;
        listen_for(out_.empty() ? 0u : std::uint32_t{EPOLLOUT});
    }
    engine_.gate->inbox.post([gate = engine_.gate, id = id_, size, backlog = backlog_,
                              message = std::move(message)]() mutable {
        const auto found = gate->readers.find(id);
        if (!gate->shut && found != gate->readers.end()) {
            if (message.kind == WsKind::text) {
                found->second->text(std::move(message.payload));
            } else {
                found->second->binary(std::move(message.payload));
            }
        }
        const std::size_t before = backlog->bytes.fetch_sub(size);
        if (before <= backlog_max || before - size > backlog_max) return;
        const std::lock_guard lock(gate->mutex);
        if (gate->shut) return;
        gate->reactor->post([engine = gate->engine, id] {
            const auto connection = engine->connections.find(id);
            if (connection != engine->connections.end()) connection->second->resume();
        });
    });
}

void ApiConnection::resume() {
    if (!paused_ || state_ != State::socket) return;
    paused_ = false;
    listen_for(out_.empty() ? std::uint32_t{EPOLLIN} : std::uint32_t{EPOLLIN} | EPOLLOUT);
    receive();
}

void ApiConnection::send(WsKind kind, const std::string& payload) {
    if (state_ != State::socket || closing_) return;
    if (out_.size() - out_sent_ > unsent_max_) return say_goodbye(1008, "too much was left unread");
    out_ += ws_frame(kind, payload);
    flush();
}

void ApiConnection::say_goodbye(unsigned code, const std::string& reason) {
    if (state_ != State::socket || closing_) return;
    out_ += ws_frame(WsKind::close, ws_close_payload(code, reason));
    closing_ = true;
    paused_ = false;
    unanswered_pings_ = pings_max;
    engine_.reactor.arm(*this, engine_.options.slow_client_timeout);
    flush();
}

}  // namespace csim
