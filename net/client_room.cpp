// Which lanes may have a connection now, whose connection gives way, and where new ones come from.
#include "net/client_engine.hpp"

#include <cerrno>
#include <cstring>

namespace csim {
namespace {

/// An idle connection that was not used for so long gives way before any other.
constexpr auto stale_after = std::chrono::seconds(30);
/// Loopback addresses that are tried when the ports of the others have run out.
constexpr std::size_t sources_max = 200;

}  // namespace

void ClientEngine::get_in_line(ClientLane& lane, bool first) {
    if (lane.in_line) return;
    lane.in_line = true;
    if (first) {
        line_.push_front(lane.id);
    } else {
        line_.push_back(lane.id);
    }
}

void ClientEngine::serve_line() {
    // A lane that must wait lets nobody behind it overtake, so that nobody starves.
    while (!line_.empty() && connecting_ < options_.connecting_max) {
        ClientLane& next = lane(line_.front());
        const bool same_lane = next.id == line_.front();
        const bool wants = same_lane && next.head && next.connection == nullptr;
        const bool full = open_ >= connections_max_;
        if (wants && full && !make_room(*next.head)) return;
        line_.pop_front();
        if (same_lane) next.in_line = false;
        if (wants) open_connection(next, full);
    }
}

/// The least recently used one. But agents come round in turn, and when there are a few more of them than
/// connections, that is the very one which is needed next, and each would lose its own before its turn. So
/// those that took another's place lately go first among themselves, and the others keep theirs as long as
/// they are in use.
ClientConnection* ClientEngine::first_to_go() {
    const bool stale = !idle_.empty() && reactor_.now() - idle_.front().idle_since() > stale_after;
    ConnectionList& from = stale || guests_.empty() ? idle_ : guests_;
    return from.empty() ? nullptr : &from.front();
}

void ClientEngine::rest(ClientConnection& connection) {
    connection.idle_from(reactor_.now());
    (connection.is_guest() ? guests_ : idle_).push_back(connection);
}

bool ClientEngine::make_room(const PendingRequest& request) {
    if (ClientConnection* idle = first_to_go()) {
        drop_connection(idle->lane(), true);
        return true;
    }
    const bool all_poll = gate_.figures.parked.load() == open_;
    if (request.long_poll || !all_poll || polling_.empty()) return false;
    ClientConnection& oldest = polling_.front();
    lost(
        oldest,
        Error{
            Errc::exhausted, "the long poll gave way, all " + std::to_string(connections_max_) +
                                 " connections of the budget were taken by long polls"},
        true
    );
    return true;
}

/// A descriptor, or -errno.
int ClientEngine::connect_from_any_source(const SocketAddress& to) {
    int fd = -EADDRNOTAVAIL;
    for (std::size_t tried = 0; fd == -EADDRNOTAVAIL && (tried < sources_.size() || add_source(to)); ++tried)
        fd = start_connecting(to, sources_[next_source_++ % sources_.size()], options_.source_ports);
    return fd;
}

/// This machine has sixteen million addresses to reach itself from, each with ports of its own.
bool ClientEngine::add_source(const SocketAddress& to) {
    if (!to.host().starts_with("127.") || sources_.size() >= sources_max) return false;
    next_source_ = sources_.size();
    sources_.push_back("127.0.1." + std::to_string(sources_.size()));
    return true;
}

void ClientEngine::open_connection(ClientLane& lane, bool guest) {
    const int fd = connect_from_any_source((*addresses_)[next_address_ % addresses_->size()]);
    if (fd < 0) return connecting_failed(lane, -fd);
    ++open_;
    ++connecting_;
    ++gate_.figures.connects;
    lane.connection = new ClientConnection(*this, lane, fd);
    if (guest) lane.connection->be_guest();
}

void ClientEngine::connecting_failed(ClientLane& lane, int error) {
    const bool short_of_descriptors = error == EMFILE || error == ENFILE;
    if (short_of_descriptors && open_ > 0) {
        connections_max_ = open_;
        return get_in_line(lane, true);
    }
    std::string what = "cannot connect to " + server_name_ + ": " + std::strerror(error);
    if (error == EADDRNOTAVAIL) what += ", all local ports are in use, give more source addresses";
    auto request = take_head(lane);
    ++next_address_;
    if (error != EADDRNOTAVAIL && ++request->addresses_failed < addresses_->size()) {
        request->next = std::move(lane.head);
        if (!request->next) lane.tail = request.get();
        lane.head = std::move(request);
        return get_in_line(lane, true);
    }
    finish(std::move(request), Error{short_of_descriptors ? Errc::exhausted : Errc::unreachable, what});
    pump(lane);
}

}  // namespace csim
