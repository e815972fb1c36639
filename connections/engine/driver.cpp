#include "connections/engine/driver.hpp"

#include "connections/engine/chance.hpp"
#include "connections/engine/driver_impl.hpp"
#include "connections/engine/own_process.hpp"
#include "net/http_text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <sys/epoll.h>
#include <unistd.h>

namespace csim::connections {
namespace {

constexpr std::size_t events_max = 64;  // then timers get their turn
constexpr int looks_before_sleep = 64;
constexpr Nanos loop_is_late = 250 * millisecond;
constexpr Nanos lateness_allowed = 5 * millisecond;

std::string alpn_of(Protocol protocol) {
    const std::string h2 = "\x02h2", h1 = "\x08http/1.1";
    return protocol == Protocol::h2 ? h2 : protocol == Protocol::h1 ? h1 : h2 + h1;
}

ContextPtr context_of(const Plan& plan) {
    ClientTlsOptions options;
    options.ca_file = plan.ca_file;
    options.verify = plan.verify;
    options.certificate_file = plan.certificate_file;
    options.key_file = plan.key_file;
    options.alpn = alpn_of(plan.protocol);
    options.version_min = plan.tls_min;
    options.version_max = plan.tls_max;
    options.ciphersuites = plan.ciphersuites;
    options.save_sessions = plan.resume != Resume::off;
    options.export_secrets = plan.hibernate != Hibernate::never;
    return make_client_context(options);
}

std::vector<SocketAddress> addresses_of(const Target& target) {
    std::vector<SocketAddress> made;
    for (const std::string& each : target.addresses)
        if (const auto found = csim::resolve(each, target.port)) made.push_back(found->front());
    if (made.empty()) throw Fatal("the target " + target.host + " has no address");
    return made;
}

}  // namespace

Nanos monotonic_now() {
    timespec at{};
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * second + at.tv_nsec;
}

Driver::Impl::Impl(const Plan& whole, const Share& part, Clock with)
    : plan(whole),
      share(part),
      clock(std::move(with)),
      now(clock()),
      context(context_of(plan)),
      slots(share.count),
      wheel(share.count, now),
      pacer(share.ramp_rate, share.in_flight, !plan.in_flight_fixed, now),
      schedule(schedule_of(plan)),
      backoff(backoff_of(plan)),
      second_start(now),
      churn_at(now) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without asking the kernel to keep quiet
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) throw Fatal("there is no descriptor left to watch connections with");
    tools.records_per_key = plan.records_per_key;
    prepare_requests();
    for (const Target& each : plan.targets) {
        addresses.push_back(addresses_of(each));
        authorities.push_back(authority_text(each.host, each.port, 443));
    }
    by_state[static_cast<std::size_t>(State::unborn)] = share.count;
    if (!plan.identity_ca_certificate.empty())
        identities =
            std::make_unique<IdentityMaker>(plan.identity_ca_certificate, plan.identity_ca_key, plan.seed);
}

Driver::Impl::~Impl() {
    for (std::size_t i = 0; i < slots.size(); ++i) {
        Slot& slot = slots[i];
        slot.live.reset();
        slot.tls.release();
        if (slot.fd >= 0) ::close(slot.fd);
    }
    ::close(epoll);
}

void Driver::Impl::enter(Slot& slot, State state) {
    --by_state[static_cast<std::size_t>(slot.state)];
    slot.state = state;
    slot.since = now;
    ++by_state[static_cast<std::size_t>(state)];
}

void Driver::Impl::step(Nanos limit) {
    const Nanos before = now;
    std::array<epoll_event, events_max> events;
    Nanos wait = std::min(limit, wheel.until_next(now));
    if (!to_open.empty())
        wait = std::min<Nanos>(wait, pacer.allowance(now, in_flight) > 0 ? 0 : 5 * millisecond);
    int n = 0;
    // Where each answer is followed by a request at once, the next answer is about to come: who sleeps now is
    // woken on the server's own processor, and the two take turns instead of working side by side.
    for (int look = holding && at_full_speed ? looks_before_sleep : 0; n == 0 && look > 0; --look)
        n = epoll_wait(epoll, events.data(), events_max, 0);
    if (n == 0)
        n = epoll_wait(
            epoll, events.data(), events_max, static_cast<int>((wait + millisecond - 1) / millisecond)
        );
    now = clock();
    if (now - before > wait + loop_is_late) late_loop = true;
    for (int i = 0; i < n; ++i)
        dispatch(events[static_cast<std::size_t>(i)].data.u64, events[static_cast<std::size_t>(i)].events);
    if (n > 0) now = clock();
    wheel.advance(now, [this](std::uint32_t i) { expired(i); });
    open_more();
    churn_some();
    if (now - second_start >= second) note_second();
}

void Driver::Impl::dispatch(std::uint64_t data, std::uint32_t events) {
    const auto i = static_cast<std::uint32_t>(data);
    Slot& slot = slots[i];
    // An event of a descriptor that has meanwhile become another connection's.
    if (slot.generation != static_cast<std::uint16_t>(data >> 32) || slot.fd < 0) return;
    if (slot.state == State::connecting) return on_connected(i);
    if (slot.state == State::handshaking) return shake_hands(i);
    if (slot.state != State::ready) return;
    if (events & EPOLLOUT) writable(i);
    if (slot.state == State::ready && (events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) readable(i);
}

void Driver::Impl::expired(std::uint32_t i) {
    Slot& slot = slots[i];
    switch (slot.state) {
        case State::connecting:
            return lose(i, Reason::connect_timeout);
        case State::handshaking:
            return lose(i, Reason::tls_timeout);
        case State::waiting:
            enter(slot, State::queued);
            to_open.push_back(i);
            return;
        case State::ready:
            return settle(i);
        default:
            return;
    }
}

void Driver::Impl::open_more() {
    if (!started || draining || to_open.empty()) return;
    for (unsigned n = pacer.allowance(now, in_flight); n > 0 && !to_open.empty(); --n) {
        const std::uint32_t i = to_open.front();
        to_open.pop_front();
        pacer.begun();
        open(i);
    }
}

void Driver::Impl::churn_some() {
    if (share.churn_rate <= 0 || !holding || draining) {
        churn_at = now;
        return;
    }
    churn_owed += share.churn_rate * static_cast<double>(now - churn_at) / static_cast<double>(second);
    churn_at = now;
    for (; churn_owed >= 1; churn_owed -= 1) {
        const auto i =
            static_cast<std::uint32_t>(mixed(plan.seed, share.first, churn_drawn++) % slots.size());
        if (slots[i].state == State::ready) close_after(i, Reason::churn, 0);
    }
}

void Driver::Impl::note_second() {
    const SpanHistogram lately = totals[Span::lateness].since(lateness_before);
    lateness_before = totals[Span::lateness];
    const Nanos bound = std::max(lateness_allowed, schedule.period() / 20);
    if (holding) ++totals[Count::seconds];
    if (holding && (late_loop || (lately.count() > 0 && lately.quantile(0.99) > bound)))
        ++totals[Count::invalid_seconds];
    if (late_loop) ++totals[Count::late_loops];
    late_loop = false;
    second_start = now;
}

void Driver::Impl::refresh_gauges() {
    const auto in = [this](State state) { return by_state[static_cast<std::size_t>(state)]; };
    totals[Count::held] = held;
    totals[Count::connecting] = in(State::connecting) + in(State::handshaking);
    totals[Count::waiting] = in(State::waiting) + (started ? in(State::queued) : 0);
    totals[Count::unborn] = in(State::unborn);
    totals[Count::dead] = in(State::dead);
    totals[Count::dormant] = asleep;
    totals[Count::hibernated] = hibernated;
    totals[Count::tickets] = tools.counts.tickets;
    totals[Count::key_updates_received] = tools.counts.updates_received;
    totals[Count::key_updates_sent] = tools.counts.updates_sent;
    totals[Count::bytes_in] = tools.bytes_in;
    totals[Count::bytes_out] = tools.bytes_out;
    const OwnProcess own = own_process();
    totals[Count::descriptors] = own.descriptors;
    totals[Count::resident_bytes] = own.private_bytes;
    totals[Count::cpu_us] = own.cpu_us;
}

Driver::Driver(const Plan& plan, const Share& share, Clock clock)
    : impl_(std::make_unique<Impl>(plan, share, std::move(clock))) {}

Driver::~Driver() = default;

void Driver::start() {
    impl_->started = true;
    for (std::uint32_t i = 0; i < impl_->slots.size(); ++i) impl_->to_open.push_back(i);
}

void Driver::step(Nanos limit) {
    impl_->step(limit);
}

void Driver::begin_hold() {
    Impl& impl = *impl_;
    impl.now = impl.clock();
    impl.holding = true;
    impl.hold_start = impl.now;
    impl.second_start = impl.now;
    impl.late_loop = false;
    impl.lateness_before = impl.totals[Span::lateness];
    for (std::uint32_t i = 0; i < impl.slots.size(); ++i) {
        Slot& slot = impl.slots[i];
        if (slot.next_due == 0 && impl.schedule.on())
            slot.next_due = impl.schedule.first(impl.index_of(i), impl.hold_start);
        if (slot.state == State::ready) impl.settle(i);
    }
}

void Driver::drain() {
    impl_->drain();
}

bool Driver::drained() const {
    const auto in = [this](State state) { return impl_->by_state[static_cast<std::size_t>(state)]; };
    return impl_->draining && in(State::dead) == impl_->slots.size();
}

bool Driver::ramped() const {
    return impl_->by_state[static_cast<std::size_t>(State::unborn)] == 0 && impl_->in_flight == 0;
}

const Totals& Driver::totals() {
    impl_->refresh_gauges();
    return impl_->totals;
}

}  // namespace csim::connections
