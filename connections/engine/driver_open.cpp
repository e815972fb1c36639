// From nothing to a connection that is ready.
#include "connections/engine/driver_impl.hpp"
#include "connections/engine/identity_maker.hpp"

#include <openssl/ssl.h>

#include <cerrno>
#include <sys/epoll.h>
#include <unistd.h>

namespace csim::connections {
namespace {

std::uint64_t event_data(std::uint32_t i, std::uint16_t generation) {
    return std::uint64_t(generation) << 32 | i;
}

}  // namespace

const Target& Driver::Impl::target_of(std::uint32_t i) const {
    return plan.targets[index_of(i) % plan.targets.size()];
}

void Driver::Impl::leave_window(Slot& slot) {
    if (slot.in_flight) --in_flight;
    slot.in_flight = false;
}

void Driver::Impl::open(std::uint32_t i) {
    Slot& slot = slots[i];
    const auto& at = addresses[index_of(i) % plan.targets.size()];
    const int fd = start_connecting(at[index_of(i) / plan.targets.size() % at.size()], share.source);
    ++totals[Count::attempts];
    slot.in_flight = true;
    ++in_flight;
    enter(slot, State::connecting);
    if (fd < 0) return lose(i, reason_of_errno(-fd));
    slot.fd = fd;
    ++slot.generation;
    epoll_event event{EPOLLOUT, {.u64 = event_data(i, slot.generation)}};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) return lose(i, Reason::no_memory);
    slot.watching_output = true;
    wheel.arm(i, now + plan.timeout_connect.count());
}

void Driver::Impl::on_connected(std::uint32_t i) {
    Slot& slot = slots[i];
    if (const int failed = connect_result(slot.fd); failed != 0)
        return lose(i, failed == ECONNRESET ? Reason::reset : reason_of_errno(failed));
    ++totals[Count::connected];
    const Nanos took = clock() - slot.since;
    totals[Span::connect].record(took);
    if (pacer.connected(took)) ++totals[Count::window_halved];
    slot.live = std::make_unique<Live>(tools, slot.fd, slot.tls);
    if (!slot.live->channel.start(context.get(), false, plan.hibernate != Hibernate::never))
        return lose(i, Reason::no_memory);
    const Target& target = target_of(i);
    expect_host(slot.tls.ssl, plan.verify ? target.host : "", target.host);
    if (plan.resume != Resume::off) use_session(slot.tls.ssl, session_of(slot));
    if (identities && !identities->present(slot.tls.ssl, index_of(i))) return lose(i, Reason::no_memory);
    enter(slot, State::handshaking);
    wheel.arm(i, now + plan.timeout_handshake.count());
    shake_hands(i);
}

void Driver::Impl::shake_hands(std::uint32_t i) {
    Slot& slot = slots[i];
    Channel& channel = slot.live->channel;
    switch (channel.handshake()) {
        case Channel::Progress::ended:
            return lose(i, channel.reason(), channel.code());
        case Channel::Progress::done:
            return become_ready(i);
        case Channel::Progress::wait_write:
            if (slot.watching_output) return;
            break;
        default:
            if (!slot.watching_output) return;
            break;
    }
    slot.watching_output = !slot.watching_output;
    const std::uint32_t output = slot.watching_output ? EPOLLOUT : 0u;
    epoll_event event{EPOLLIN | output, {.u64 = event_data(i, slot.generation)}};
    epoll_ctl(epoll, EPOLL_CTL_MOD, slot.fd, &event);
}

bool Driver::Impl::choose_protocol(Slot& slot) {
    const unsigned char* chosen = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(slot.tls.ssl, &chosen, &size);
    const std::string_view name(reinterpret_cast<const char*>(chosen), size);
    slot.over_h2 = name == "h2";
    return slot.over_h2 || plan.protocol != Protocol::h2;
}

void Driver::Impl::hand_over(std::uint32_t i) {
    Slot& slot = slots[i];
    Channel& channel = slot.live->channel;
    slot.hibernated = plan.hibernate != Hibernate::never && channel.hand_over(false, 0);
    if (channel.waits_to_hand_over()) return;
    ++totals[slot.hibernated ? Count::handed_over : Count::stayed_with_ssl];
    if (slot.hibernated && slot.confirmed) ++hibernated;
}

void Driver::Impl::become_ready(std::uint32_t i) {
    Slot& slot = slots[i];
    now = clock();
    totals[Span::handshake].record(now - slot.since);
    ++totals[Count::handshakes];
    if (SSL_session_reused(slot.tls.ssl) == 1) ++totals[Count::resumed];
    if (!choose_protocol(slot)) return lose(i, Reason::alpn_refused);
    ++totals[slot.over_h2 ? Count::over_h2 : Count::over_h1];
    slot.confirmed = slot.hibernated = false;
    const bool later = plan.resume != Resume::off && slot.live->channel.hand_over_later();
    if (!later) hand_over(i);
    if (slot.tls.ssl != nullptr) SSL_certs_clear(slot.tls.ssl);
    leave_window(slot);
    enter(slot, State::ready);
    slot.free_at = now;
    slot.may_freeze = true;
    slot.h2 = H2Idle();
    epoll_event event{EPOLLIN | EPOLLRDHUP, {.u64 = event_data(i, slot.generation)}};
    epoll_ctl(epoll, EPOLL_CTL_MOD, slot.fd, &event);
    slot.watching_output = false;
    if (slot.over_h2) {
        make_h2(i);
        flush_h2(i);
        if (slot.state != State::ready) return;
    }
    if (slot.next_due == 0 && schedule.on()) {
        if (plan.first_at_once && slot.step == 0) {
            slot.next_due = now;
        } else if (holding) {
            schedule_next(i);
        }
    }
    settle(i);
    // OpenSSL may have read ahead, and the kernel would never tell.
    if (slot.state == State::ready && slot.tls.ssl != nullptr && SSL_has_pending(slot.tls.ssl) == 1)
        readable(i);
}

void Driver::Impl::watch(std::uint32_t i) {
    Slot& slot = slots[i];
    const bool wanted = slot.live && slot.live->channel.wants_write();
    if (wanted == slot.watching_output || slot.fd < 0) return;
    slot.watching_output = wanted;
    const std::uint32_t output = wanted ? EPOLLOUT : 0u;
    epoll_event event{EPOLLIN | EPOLLRDHUP | output, {.u64 = event_data(i, slot.generation)}};
    epoll_ctl(epoll, EPOLL_CTL_MOD, slot.fd, &event);
}

}  // namespace csim::connections
