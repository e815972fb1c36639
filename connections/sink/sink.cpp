#include "connections/sink/sink.hpp"

#include "connections/engine/chance.hpp"
#include "connections/sink/sink_impl.hpp"
#include "core/result.hpp"
#include "net/socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace csim::connections {
namespace {

constexpr std::size_t events_max = 64;
constexpr int accepts_at_once = 64;
constexpr std::size_t reserve = 64;  // descriptors for everything else
constexpr std::size_t slots_max = 1u << 20;
constexpr Nanos handshake_limit = 30 * second;
constexpr std::uint64_t listener_data = ~std::uint64_t(0);

std::size_t descriptors_allowed() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    return std::min<std::size_t>(limit.rlim_cur, slots_max);
}

std::size_t connections_allowed(const SinkOptions& options) {
    const std::size_t all = descriptors_allowed();
    const std::size_t most = all > 2 * reserve ? all - reserve : all / 2;
    return options.connections_max == 0 ? most : std::min(options.connections_max, most);
}

ServerTlsOptions tls_of(const SinkOptions& o) {
    ServerTlsOptions made;
    made.certificate_pem = o.certificate_pem;
    made.key_pem = o.key_pem;
    if (o.certificate_pem.empty()) {
        PemTexts own = self_signed_server(o.fault.fault == Fault::expired_certificate ? -1 : 30);
        made.certificate_pem = std::move(own.certificate);
        made.key_pem = std::move(own.key);
    }
    made.client_ca_file = o.client_ca_file;
    made.require_client = o.require_client;
    made.h2 = o.h2, made.h1 = o.h1;
    made.tickets = o.tickets;
    made.version_max = o.tls_max;
    made.ciphersuites = o.ciphersuites;
    made.export_secrets = o.hibernate;
    return made;
}

}  // namespace

std::string SinkCounts::json() const {
    std::string text = "{";
    const auto add = [&](const char* name, std::uint64_t value) {
        text += (text.size() > 1 ? ", \"" : "\"") + std::string(name) + "\": " + std::to_string(value);
    };
    add("accepted", accepted), add("open", open), add("opened_max", opened_max);
    add("handshakes", handshakes), add("failed_handshakes", failed_handshakes), add("over_h2", over_h2);
    add("requests", requests), add("replies", replies), add("client_certificates", client_certificates);
    add("asleep", asleep), add("hibernated", hibernated), add("accept_pauses", accept_pauses);
    add("faults", faults), add("key_updates_received", key_updates_received);
    add("key_updates_sent", key_updates_sent);
    return text + "}";
}

Sink::Impl::Impl(const SinkOptions& given, Clock with)
    : options(given),
      clock(std::move(with)),
      now(clock()),
      connections_max(connections_allowed(given)),
      slots(std::min(descriptors_allowed(), connections_max + 1024)),
      wheel(slots.size(), now) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without asking the kernel to keep quiet
    const ServerTlsOptions tls = tls_of(options);
    certificate = tls.certificate_pem;
    context = make_server_context(tls);
    if (options.fault.fault == Fault::key_update) tools.records_per_key = 1;
    listener = listen_on(options.address, options.port);
    // The library of this program listens with a backlog of its own; ours is as long as the system allows.
    ::listen(listener, options.backlog > 0 ? options.backlog : 1 << 16);
    port = local_port(listener);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) throw Fatal("there is no descriptor left to watch connections with");
    epoll_event event{EPOLLIN, {.u64 = listener_data}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
}

Sink::Impl::~Impl() {
    for (std::size_t fd = 0; fd < slots.size(); ++fd)
        if (slots[fd].open) close(static_cast<int>(fd), false);
    ::close(listener);
    ::close(epoll);
}

void Sink::Impl::step(Nanos limit) {
    std::array<epoll_event, events_max> events;
    const Nanos wait = std::min(limit, wheel.until_next(now));
    const int n = epoll_wait(
        epoll, events.data(), events_max, static_cast<int>((wait + millisecond - 1) / millisecond)
    );
    now = clock();
    for (int i = 0; i < n; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.u64 == listener_data) {
            accept_some();
            continue;
        }
        const auto fd = static_cast<int>(event.data.u64 & 0xffffffff);
        if (!alive(fd) || slot(fd).generation != static_cast<std::uint16_t>(event.data.u64 >> 32)) continue;
        if (!slot(fd).shaken) {
            const bool hangs = slot(fd).faulty && options.fault.fault == Fault::hang_in_handshake;
            hangs ? close(fd, false) : shake_hands(fd);
            continue;
        }
        if (event.events & EPOLLOUT) writable(fd);
        if (alive(fd) && (event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) readable(fd);
    }
    wheel.advance(now, [this](std::uint32_t fd) { expired(static_cast<int>(fd)); });
    if (!accepting && counts.open < connections_max * 95 / 100) {
        epoll_event event{EPOLLIN, {.u64 = listener_data}};
        accepting = epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) == 0;
    }
}

void Sink::Impl::pause_accepting() {
    if (accepting) epoll_ctl(epoll, EPOLL_CTL_DEL, listener, nullptr);
    accepting = false;
    ++counts.accept_pauses;
}

void Sink::Impl::accept_some() {
    for (int n = 0; n < accepts_at_once; ++n) {
        if (counts.open >= connections_max) return pause_accepting();
        const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) pause_accepting();
            return;
        }
        ++counts.accepted;
        if (static_cast<std::size_t>(fd) >= slots.size()) {
            ::close(fd);
            return pause_accepting();
        }
        if (!take_over(fd)) close(fd, false);
    }
}

bool Sink::Impl::misbehave_at_accept(int fd) {
    SinkSlot& at = slot(fd);
    at.faulty = options.fault.fault != Fault::none && unit(1, counts.accepted, 0) < options.fault.share;
    if (!at.faulty) return false;
    static constexpr std::string_view not_tls = "220 mail.example ESMTP ready\r\n";
    const linger at_once{1, 0};
    switch (options.fault.fault) {
        case Fault::reset_at_accept:
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
            [[fallthrough]];
        case Fault::close_at_accept:
            ++counts.faults;
            return true;
        case Fault::garbage_at_accept:
            ++counts.faults;
            ::send(fd, not_tls.data(), not_tls.size(), MSG_NOSIGNAL);
            return true;
        default:
            return false;
    }
}

bool Sink::Impl::take_over(int fd) {
    SinkSlot& at = slot(fd);
    const std::uint16_t generation = at.generation;
    at = SinkSlot();
    at.generation = static_cast<std::uint16_t>(generation + 1);
    at.open = true;
    at.since = now;
    counts.opened_max = std::max(counts.opened_max, ++counts.open);
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (misbehave_at_accept(fd)) return false;
    at.live = std::make_unique<SinkLive>(tools, fd, at.tls);
    if (!at.live->channel.start(context.get(), true, options.hibernate)) return false;
    const bool hangs = at.faulty && options.fault.fault == Fault::hang_in_handshake;
    if (hangs) ++counts.faults;
    epoll_event event{
        hangs ? EPOLLRDHUP : EPOLLIN,
        {.u64 = std::uint64_t(at.generation) << 32 | static_cast<unsigned>(fd)}};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) return false;
    wheel.arm(static_cast<std::uint32_t>(fd), now + handshake_limit);
    return true;
}

void Sink::Impl::set_events(int fd, std::uint32_t events) {
    epoll_event event{events, {.u64 = std::uint64_t(slot(fd).generation) << 32 | static_cast<unsigned>(fd)}};
    epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
}

void Sink::Impl::watch(int fd) {
    SinkSlot& at = slot(fd);
    const bool wanted = at.live && at.live->channel.wants_write();
    if (wanted == at.watching_output) return;
    at.watching_output = wanted;
    set_events(fd, EPOLLIN | EPOLLRDHUP | (wanted ? EPOLLOUT : 0u));
}

void Sink::Impl::close(int fd, bool politely) {
    SinkSlot& at = slot(fd);
    if (!at.open) return;
    if (politely) wake(fd).channel.say_goodbye();
    if (!at.live && at.shaken) --counts.asleep;
    if (at.hibernated) --counts.hibernated;
    if (!at.shaken) ++counts.failed_handshakes;
    at.live.reset();
    at.tls.release();
    at.open = at.hibernated = false;
    ++at.generation;
    wheel.disarm(static_cast<std::uint32_t>(fd));
    ::close(fd);
    --counts.open;
}

Sink::Sink(const SinkOptions& options, Clock clock)
    : impl_(std::make_unique<Impl>(options, std::move(clock))) {}
Sink::~Sink() = default;

std::uint16_t Sink::port() const {
    return impl_->port;
}

const std::string& Sink::certificate_pem() const {
    return impl_->certificate;
}

void Sink::step(Nanos limit) {
    impl_->step(limit);
}

SinkCounts Sink::counts() const {
    SinkCounts made = impl_->counts;
    made.key_updates_received = impl_->tools.counts.updates_received;
    made.key_updates_sent = impl_->tools.counts.updates_sent;
    return made;
}

}  // namespace csim::connections
