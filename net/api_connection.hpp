// One connection of an ApiServer: handshake, requests one after the other, then perhaps a WebSocket.
#pragma once

#include "net/api_server.hpp"
#include "net/http_reader.hpp"
#include "net/reactor.hpp"
#include "net/tls_context.hpp"
#include "net/tls_stream.hpp"
#include "net/websocket.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <optional>

namespace csim {

class ApiEngine;

/// What the threads share. The engine is reached through the reactor, under the lock.
struct ApiGate {
    ApiGate(Inbox& inbox, ApiServer::Handler handler) : inbox(inbox), handler(std::move(handler)) {}
    Inbox& inbox;
    ApiServer::Handler handler;
    std::map<std::uint64_t, std::unique_ptr<SocketReader>> readers;  ///< the inbox's thread only
    std::mutex mutex;
    Reactor* reactor = nullptr;
    ApiEngine* engine = nullptr;
    std::atomic<bool> shut{false};
};

struct ApiResponder::State {
    std::shared_ptr<ApiGate> gate;
    std::uint64_t connection = 0;
    std::atomic<bool> gone{false};
};

/// What was read from a WebSocket and not dealt with yet; more than a little stops the reading.
struct Backlog {
    std::atomic<std::size_t> bytes{0};
};

/// The reactor's thread only.
class ApiConnection final : public Watcher, public Deadline {
  public:
    ApiConnection(ApiEngine& engine, std::uint64_t id, int fd, ApiPeer peer, bool tls);

    void ready(std::uint32_t events) override;
    void expired() override;
    void answer(HttpReply reply, std::optional<std::size_t> cut_after);
    void upgrade(const std::string& accept, std::size_t unsent_max);
    void send(WsKind kind, const std::string& payload);
    void say_goodbye(unsigned code, const std::string& reason);
    void close();
    void resume();  ///< the backlog has been dealt with

  private:
    enum class State { shaking_hands, reading, waiting, writing, socket, closed };

    void shake_hands();
    void receive();
    void feed(std::string_view bytes);
    void request_complete();
    void refuse(unsigned status, const std::string& sentence);
    void flush();
    void written();
    void watch_while_waiting();
    void read_frames(std::string_view bytes);
    void deliver(WsMessage message);
    void listen_for(std::uint32_t events);
    std::uint32_t reading() const { return paused_ ? 0u : 1u; }  ///< EPOLLIN or nothing

    ApiEngine& engine_;
    const std::uint64_t id_;
    TlsStream stream_;
    ApiPeer peer_;
    State state_;
    RequestReader::BodyLimit body_limit_;
    std::uint32_t events_;
    bool to_head_ = false, keep_ = true, http_1_0_ = false, closing_ = false, paused_ = false;
    bool answered_ = false;  ///< the other side has said goodbye
    int unanswered_pings_ = 0;
    std::unique_ptr<RequestReader> reader_;
    std::shared_ptr<ApiResponder::State> waiting_;
    std::unique_ptr<WsReader> frames_;
    std::shared_ptr<Backlog> backlog_;
    std::size_t unsent_max_ = 0;
    std::string unread_;
    std::string out_, body_;  ///< `body_` goes after `out_`
    std::size_t out_sent_ = 0, body_sent_ = 0;
};

/// All members on the reactor's thread but `gate`.
class ApiEngine {
  public:
    ApiEngine(Reactor& reactor, std::shared_ptr<ApiGate> gate, ApiServerOptions& options);
    ~ApiEngine();

    void listen(int fd, bool tls);
    void accepted(int fd, ApiPeer peer, bool tls);
    void closed(std::uint64_t id);
    bool full() const { return connections.size() >= connections_max_; }

    Reactor& reactor;
    std::shared_ptr<ApiGate> gate;
    ApiServerOptions& options;
    std::unique_ptr<TlsServerContext> tls;
    std::map<std::uint64_t, std::unique_ptr<ApiConnection>> connections;

  private:
    class Listener;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::uint64_t next_id_ = 1;
    std::size_t connections_max_;
};

}  // namespace csim
