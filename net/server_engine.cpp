#include "net/server_engine.hpp"

#include "net/socket.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace csim {
namespace {

// Others get their turn before the next connections are accepted.
constexpr int accepts_per_turn = 64;
// Whoever shakes hands or sends a request gets so much time for it before others may have the place. Without
// it, newcomers at the limit would push each other out before any of them is served.
constexpr auto time_to_speak = std::chrono::seconds(5);
constexpr auto pause_span = std::chrono::milliseconds(50);

void clear(ServerConnectionList& list) {
    while (!list.empty()) list.front().close(true);
}

}  // namespace

ServerEngine::ServerEngine(Reactor& reactor, ServerGate& gate, HttpServerOptions& options, int listener)
    : reactor_(reactor),
      gate_(gate),
      options_(options),
      listener_(listener),
      connections_max_(options.connections_max != 0 ? options.connections_max : descriptor_budget()) {
    if (!options_.body_bytes_max_of) {
        options_.body_bytes_max_of = [max = options_.body_bytes_max](std::string_view) { return max; };
    }
    try {
        if (options_.tls) tls_ = std::make_unique<TlsServerContext>(*options_.tls);
    } catch (...) {
        ::close(listener_);
        throw;
    }
    reactor_.add(listener_, EPOLLIN, *this);
}

ServerEngine::~ServerEngine() {
    clear(young_);
    clear(idle_);
    clear(busy_);
    ::close(listener_);
}

void ServerEngine::ready(std::uint32_t) {
    // At the limit somebody must go for each newcomer, and only the first one is known to be there.
    for (int i = 0; i < accepts_per_turn && (i == 0 || open_ < connections_max_); ++i)
        if (!accept_one()) return;
}

bool ServerEngine::accept_one() {
    if (open_ >= connections_max_ && !make_room()) return pause(), false;
    SocketAddress from;
    from.length = sizeof from.storage;
    const int fd = ::accept4(
        listener_, reinterpret_cast<sockaddr*>(&from.storage), &from.length, SOCK_NONBLOCK | SOCK_CLOEXEC
    );
    if (fd < 0) {
        const bool short_of_descriptors =
            errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        if (short_of_descriptors && !make_room()) pause();
        return errno == ECONNABORTED || errno == EINTR;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // In this order: whoever sees the one accepted sees it open, or closed again.
    gate_.figures.open = ++open_;
    ++gate_.figures.accepted;
    new ServerConnection(*this, fd, from.host());
    return true;
}

// Whoever waits for an answer stays; who says nothing goes first, then who takes longest to say anything.
bool ServerEngine::make_room() {
    ServerConnectionList& list = idle_.empty() ? young_ : idle_;
    if (list.empty()) return false;
    if (idle_.empty() && reactor_.now() - list.front().listed() < time_to_speak) return false;
    ++gate_.figures.refused;
    list.front().close(true);
    return true;
}

void ServerEngine::pause() {
    place_wanted_ = true;
    reactor_.change(listener_, 0, *this);
    reactor_.arm(*this, pause_span);
    if (young_.empty()) gate_.crowded();
}

void ServerEngine::expired() {
    place_wanted_ = false;
    reactor_.change(listener_, EPOLLIN, *this);
}

// One place a pause: many newcomers at once must not become a storm of those who gave way and come back.
bool ServerEngine::wants_place() {
    return std::exchange(place_wanted_, false);
}

void ServerEngine::is_young(ServerConnection& connection) {
    connection.leave_list();
    connection.listed_at(reactor_.now());
    young_.push_back(connection);
}

void ServerEngine::is_idle(ServerConnection& connection) {
    connection.leave_list();
    idle_.push_back(connection);
}

void ServerEngine::is_busy(ServerConnection& connection) {
    connection.leave_list();
    busy_.push_back(connection);
}

void ServerEngine::closed(ServerConnection& connection) {
    gate_.figures.open = --open_;
    reactor_.retire(std::unique_ptr<Watcher>(&connection));
}

void ServerEngine::after_batch() {
    if (!arrivals_.empty()) gate_.deliver(std::exchange(arrivals_, {}));
}

}  // namespace csim
