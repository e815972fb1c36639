#include "net/client_engine.hpp"

#include "net/http_text.hpp"

#include <cassert>
#include <malloc.h>

namespace csim {
namespace {

/// A kept connection that dies so soon under a long poll had died before it; later, the server has gone.
constexpr auto long_poll_race = std::chrono::seconds(1);
/// What handshakes took lies in between what is kept; below so many of them it is not worth looking for.
constexpr std::size_t worth_giving_back = 64;
constexpr auto between_giving_back = std::chrono::seconds(2);

/// Instead of a host: the path of a Unix socket.
bool is_path(const std::string& host) {
    return host.starts_with("/");
}

std::string seconds_text(std::chrono::nanoseconds span) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
    return ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
}

}  // namespace

void PendingRequest::expired() {
    engine.expire(*this);
}

ClientEngine::ClientEngine(
    Reactor& reactor, ClientGate& gate, const HttpsClientOptions& options,
    Result<std::vector<SocketAddress>> addresses
)
    : reactor_(reactor),
      gate_(gate),
      options_(options),
      server_name_(is_path(options.host) ? options.host : authority_text(options.host, options.port, 0)),
      host_field_(
          is_path(options.host) ? "localhost"
                                : authority_text(options.host, options.port, options.tls ? 443 : 80)
      ),
      addresses_(std::move(addresses)),
      sources_(options.source_addresses),
      connections_max_(options.connections_max != 0 ? options.connections_max : descriptor_budget()) {
    if (sources_.empty()) sources_.emplace_back();
    if (options.tls)
        tls_ = std::make_unique<TlsClientContext>(
            options.ca_file, options.keep_alive, options.hibernate && options.keep_alive
        );
}

ClientEngine::~ClientEngine() {
    for (ClientLane& lane : lanes_) {
        drop_connection(lane, true);
        while (lane.head) lane.head = std::move(lane.head->next);
    }
}

TlsCredentials& ClientEngine::share_credentials(std::shared_ptr<const TlsIdentity> identity) {
    auto& credentials = credentials_[identity.get()];
    if (!credentials) {
        credentials = std::make_unique<TlsCredentials>();
        credentials->identity = std::move(identity);
    }
    ++credentials->lanes;
    return *credentials;
}

void ClientEngine::open_lane(HttpsClient::LaneId id, std::shared_ptr<const TlsIdentity> identity) {
    if (lanes_.size() <= slot_of(id)) lanes_.resize(slot_of(id) + 1);
    lane(id).id = id;
    lane(id).credentials = &share_credentials(std::move(identity));
}

void ClientEngine::close_lane(HttpsClient::LaneId id) {
    abandon(id);
    ClientLane& closing = lane(id);
    TlsCredentials* credentials = std::exchange(closing.credentials, nullptr);
    closing.id = 0;
    closing.in_line = false;
    if (--credentials->lanes == 0) credentials_.erase(credentials->identity.get());
}

void ClientEngine::abandon(HttpsClient::LaneId id) {
    drop_connection(lane(id), false);
    drop_requests(lane(id));
}

void ClientEngine::drop_requests(ClientLane& lane) {
    // Their callbacks are destroyed on the inbox's thread, where they were made; the gate runs none of them.
    while (lane.head) finish(take_head(lane), Error{Errc::unreachable, "the request was abandoned"});
}

void ClientEngine::send(
    HttpRequest request, std::chrono::nanoseconds timeout, bool long_poll, Completion completion
) {
    ClientLane& to = lane(completion.lane);
    auto pending = std::make_unique<PendingRequest>(*this, to);
    pending->to_head = request.method == "HEAD";
    pending->text = request_text(request, host_field_);
    pending->long_poll = long_poll;
    pending->timeout = timeout;
    pending->completion = std::move(completion);
    ++gate_.figures.requests;
    reactor_.arm(*pending, timeout);
    PendingRequest* added = pending.get();
    (to.head ? to.tail->next : to.head) = std::move(pending);
    to.tail = added;
    if (to.head.get() == added) pump(to);
}

void ClientEngine::pump(ClientLane& lane) {
    if (!lane.head) return;
    if (!addresses_) return finish(take_head(lane), addresses_.error());
    if (lane.connection == nullptr) return get_in_line(lane, false);
    if (!lane.connection->is_connecting() && !lane.connection->is_busy()) start(*lane.connection);
}

void ClientEngine::start(ClientConnection& connection) {
    if (connection.is_linked()) connection.unlink();
    if (connection.lane().head->long_poll) {
        polling_.push_back(connection);
        ++gate_.figures.parked;
    }
    connection.lane().head->sent = reactor_.now();
    connection.start_request();
}

void ClientEngine::connected(ClientConnection& connection) {
    --connecting_;
    rest(connection);
    if (connection.lane().head) start(connection);
}

void ClientEngine::replied(ClientConnection& connection, HttpReply reply, bool keep) {
    ClientLane& lane = connection.lane();
    auto request = take_head(lane);
    if (request->long_poll) --gate_.figures.parked;
    if (connection.is_linked()) connection.unlink();
    finish(std::move(request), std::move(reply));
    if (!keep || !options_.keep_alive) {
        drop_connection(lane, true);
    } else {
        rest(connection);
    }
    pump(lane);
}

/// A fleet whose manager has gone must not be back the same instant, so a long poll that was under way fails.
bool ClientEngine::worth_another_try(const PendingRequest& request) const {
    return !request.retried && (!request.long_poll || reactor_.now() - request.sent < long_poll_race);
}

void ClientEngine::lost(ClientConnection& connection, Error error, bool replying) {
    ClientLane& lane = connection.lane();
    const bool was_connecting = connection.is_connecting();
    const bool was_busy = connection.is_busy();
    const bool was_used = connection.was_used();
    drop_connection(lane, false);
    if (!lane.head || (!was_connecting && !was_busy)) return pump(lane);
    PendingRequest& request = *lane.head;
    const bool died_before = was_busy && was_used && !replying && error.code == Errc::unreachable;
    if (died_before && worth_another_try(request)) {
        request.retried = true;
        return get_in_line(lane, true);
    }
    if (was_connecting && addresses_ && ++request.addresses_failed < addresses_->size()) {
        ++next_address_;
        return get_in_line(lane, true);
    }
    finish(take_head(lane), std::move(error));
    pump(lane);
}

void ClientEngine::drop_connection(ClientLane& lane, bool politely) {
    ClientConnection* connection = std::exchange(lane.connection, nullptr);
    if (connection == nullptr) return;
    if (connection->is_connecting()) --connecting_;
    if (connection->is_busy() && lane.head && lane.head->long_poll) --gate_.figures.parked;
    --open_;
    if (connection->hibernates()) --gate_.figures.hibernating;
    connection->close(politely);
    reactor_.retire(std::unique_ptr<Watcher>(connection));
}

std::unique_ptr<PendingRequest> ClientEngine::take_head(ClientLane& lane) {
    auto request = std::move(lane.head);
    lane.head = std::move(request->next);
    if (!lane.head) lane.tail = nullptr;
    return request;
}

void ClientEngine::finish(std::unique_ptr<PendingRequest> request, Result<HttpReply> result) {
    if (!result) ++gate_.figures.failures;
    request->completion.result = std::move(result);
    completed_.push_back(std::move(request->completion));
}

void ClientEngine::expire(PendingRequest& request) {
    ClientLane& lane = request.lane;
    const std::string span = seconds_text(request.timeout);
    const bool in_flight = lane.head.get() == &request && lane.connection != nullptr;
    if (!in_flight) {
        std::string full = "no connection became free within " + span + ", the budget is ";
        full += std::to_string(connections_max_);
        const Error no_room{Errc::exhausted, std::move(full)};
        const Error no_turn{Errc::unreachable, "the request was not its lane's turn within " + span};
        return unlink_queued(request, open_ >= connections_max_ ? no_room : no_turn);
    }
    const char* phase =
        lane.connection->is_connecting() ? " did not accept a connection within " : " did not answer within ";
    drop_connection(lane, false);
    finish(take_head(lane), Error{Errc::unreachable, server_name_ + phase + span});
    pump(lane);
}

void ClientEngine::unlink_queued(PendingRequest& request, Error error) {
    ClientLane& lane = request.lane;
    if (lane.head.get() == &request) {
        finish(take_head(lane), std::move(error));
        return;
    }
    PendingRequest* before = lane.head.get();
    while (before->next.get() != &request) before = before->next.get();
    auto taken = std::move(before->next);
    before->next = std::move(taken->next);
    if (!before->next) lane.tail = before;
    finish(std::move(taken), std::move(error));
}

void ClientEngine::hibernated() {
    ++gate_.figures.hibernating;
    ++freed_;
}

void ClientEngine::give_memory_back() {
    const bool soon = reactor_.now() - gave_back_ < between_giving_back;
    if (freed_ < worth_giving_back || connecting_ > 0 || soon) return;
    malloc_trim(0);
    freed_ = 0;
    gave_back_ = reactor_.now();
}

void ClientEngine::after_batch() {
    serve_line();
    give_memory_back();
    auto& figures = gate_.figures;
    figures.open = open_;
    figures.connecting = connecting_;
    if (!completed_.empty()) gate_.deliver(std::exchange(completed_, {}));
}

}  // namespace csim
