// The I/O thread's half of HttpsClient: lanes, their queues, and which of them may own a connection now.
#pragma once

#include "net/client_connection.hpp"
#include "net/client_gate.hpp"
#include "net/reactor.hpp"
#include "net/socket.hpp"
#include "net/tls_context.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace csim {

class ClientEngine;
struct ClientLane;

/// One request from send() to its completion.
struct PendingRequest final : Deadline {
    PendingRequest(ClientEngine& engine, ClientLane& lane) : engine(engine), lane(lane) {}
    void expired() override;

    ClientEngine& engine;
    ClientLane& lane;
    std::string text;  ///< the whole request, kept for a second attempt
    Completion completion;
    std::chrono::nanoseconds timeout{};
    bool to_head = false;
    bool long_poll = false;
    bool retried = false;
    std::uint8_t addresses_failed = 0;
    DeadlineWheel::Clock::time_point sent{};
    std::unique_ptr<PendingRequest> next;
};

/// One identity's sequence of requests. Small: thousands of them wait.
struct ClientLane {
    HttpsClient::LaneId id = 0;
    TlsCredentials* credentials = nullptr;
    ClientConnection* connection = nullptr;
    std::unique_ptr<PendingRequest> head;  ///< the one in flight, if the connection is busy
    PendingRequest* tail = nullptr;
    bool in_line = false;  ///< waits for a connection
};

/// All members on the reactor's thread.
class ClientEngine {
  public:
    /// `addresses` may be an error: every request then fails with it.
    ClientEngine(
        Reactor& reactor, ClientGate& gate, const HttpsClientOptions& options,
        Result<std::vector<SocketAddress>> addresses
    );
    ~ClientEngine();

    void open_lane(HttpsClient::LaneId id, std::shared_ptr<const TlsIdentity> identity);
    void close_lane(HttpsClient::LaneId id);
    void abandon(HttpsClient::LaneId id);
    void send(HttpRequest request, std::chrono::nanoseconds timeout, bool long_poll, Completion completion);
    /// Delivers what the batch produced and opens what may be opened.
    void after_batch();

    // What connections tell.
    void connected(ClientConnection& connection);
    void replied(ClientConnection& connection, HttpReply reply, bool keep);
    /// The connection is of no use any more. `replying`: a byte of the reply had come.
    void lost(ClientConnection& connection, Error error, bool replying);
    void expire(PendingRequest& request);
    /// The connection does without OpenSSL from now on.
    void hibernated();

    Reactor& reactor() { return reactor_; }
    ClientGate::Figures& figures() { return gate_.figures; }
    const HttpsClientOptions& options() const { return options_; }
    /// How messages call the server: `localhost:8000`.
    const std::string& server_name() const { return server_name_; }
    TlsClientContext* tls() { return tls_.get(); }

  private:
    ClientLane& lane(HttpsClient::LaneId id) { return lanes_.at(slot_of(id)); }
    TlsCredentials& share_credentials(std::shared_ptr<const TlsIdentity> identity);
    void pump(ClientLane& lane);
    void start(ClientConnection& connection);
    void get_in_line(ClientLane& lane, bool first);
    void serve_line();
    bool make_room(const PendingRequest& request);
    ClientConnection* first_to_go();
    void rest(ClientConnection& connection);
    bool worth_another_try(const PendingRequest& request) const;
    void open_connection(ClientLane& lane, bool guest);
    int connect_from_any_source(const SocketAddress& to);
    bool add_source(const SocketAddress& to);
    void connecting_failed(ClientLane& lane, int error);
    void drop_connection(ClientLane& lane, bool politely);
    void drop_requests(ClientLane& lane);
    std::unique_ptr<PendingRequest> take_head(ClientLane& lane);
    void finish(std::unique_ptr<PendingRequest> request, Result<HttpReply> result);
    void unlink_queued(PendingRequest& request, Error error);
    void give_memory_back();

    Reactor& reactor_;
    ClientGate& gate_;
    const HttpsClientOptions& options_;
    std::string server_name_;
    std::string host_field_;
    Result<std::vector<SocketAddress>> addresses_;
    std::size_t next_address_ = 0;
    std::vector<std::string> sources_;  ///< numeric, or empty for the system's choice
    std::size_t next_source_ = 0;
    std::size_t connections_max_;
    std::unique_ptr<TlsClientContext> tls_;

    std::deque<ClientLane> lanes_;
    std::map<const TlsIdentity*, std::unique_ptr<TlsCredentials>> credentials_;
    std::deque<HttpsClient::LaneId> line_;  ///< lanes that want a connection, in order
    ConnectionList idle_;                   ///< least recently used first
    ConnectionList guests_;   ///< idle ones that took another's place, least recently used first
    ConnectionList polling_;  ///< in a long poll, oldest first
    std::size_t open_ = 0;    ///< connecting ones included
    std::size_t connecting_ = 0;
    std::vector<Completion> completed_;
    std::size_t freed_ = 0;  ///< OpenSSL's objects since memory was given back
    DeadlineWheel::Clock::time_point gave_back_{};
};

}  // namespace csim
