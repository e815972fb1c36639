// One connection of the lean server: from the handshake to the last reply.
#include "connections/sink/sink_impl.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

namespace csim::connections {
namespace {

constexpr Nanos whenever = INT64_MAX;
constexpr std::size_t unread_max = 64 * 1024;
constexpr std::size_t pending_max = 256;

std::string head_of(int status, std::size_t length, bool keep_open) {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(length) +
           (keep_open ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n");
}

void stand_still(Nanos span) {
    timespec left{span / second, span % second};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) != 0) {
    }
}

void reset_on_close(int fd) {
    const linger at_once{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/// One ticket at most after a session was continued. Source: SSL_CTX_set_num_tickets(3).
unsigned tickets_sent(const SSL* ssl, int wanted) {
    return static_cast<unsigned>(SSL_session_reused(ssl) == 1 ? std::min(wanted, 1) : wanted);
}

}  // namespace

void Sink::Impl::shake_hands(int fd) {
    SinkSlot& at = slot(fd);
    Channel& channel = at.live->channel;
    const Channel::Progress progress = channel.handshake();
    if (progress == Channel::Progress::ended) return close(fd, false);
    if (progress != Channel::Progress::done)
        return set_events(fd, progress == Channel::Progress::wait_write ? EPOLLOUT : EPOLLIN);
    const unsigned char* chosen = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(at.tls.ssl, &chosen, &size);
    at.over_h2 = size == 2;
    at.shaken = true;
    ++counts.handshakes;
    if (at.over_h2) ++counts.over_h2;
    if (SSL_get0_peer_certificate(at.tls.ssl) != nullptr) ++counts.client_certificates;
    const bool denied = at.faulty && options.fault.fault == Fault::alert_after_handshake;
    at.hibernated = options.hibernate && channel.hand_over(true, tickets_sent(at.tls.ssl, options.tickets));
    if (at.hibernated) ++counts.hibernated;
    if (denied) {
        ++counts.faults;
        LightTls light(tools.cipher, at.tls.keys, tools.counts);
        scratch.clear();
        if (at.tls.light()) light.seal_alert(static_cast<Alert>(49), scratch);
        ::send(fd, scratch.data(), scratch.size(), MSG_NOSIGNAL);
        return close(fd, false);
    }
    set_events(fd, EPOLLIN | EPOLLRDHUP);
    if (at.over_h2) {
        at.live->h2 = std::make_unique<H2Session>(H2Session::Role::server, H2Options(), at.live->asked);
        flush_h2(fd);
    }
    if (alive(fd)) go_on(fd);
    // OpenSSL may have read ahead, and the kernel would never tell.
    if (alive(fd) && at.tls.ssl != nullptr && SSL_has_pending(at.tls.ssl) == 1) readable(fd);
}

SinkLive& Sink::Impl::wake(int fd) {
    SinkSlot& at = slot(fd);
    if (!at.live) {
        at.live = std::make_unique<SinkLive>(tools, fd, at.tls);
        --counts.asleep;
    }
    if (at.over_h2 && at.shaken && !at.live->h2 && at.h2.profile != H2Profiles::none)
        at.live->h2 = std::make_unique<H2Session>(
            H2Session::Role::server, H2Options(), at.live->asked, at.h2, profiles[at.h2.profile]
        );
    return *at.live;
}

bool Sink::Impl::try_sleep(int fd) {
    SinkSlot& at = slot(fd);
    SinkLive* const live = at.live.get();
    if (live == nullptr || !live->pending.empty() || !live->unread.empty() || live->request.started() ||
        !live->channel.at_rest())
        return false;
    if (live->h2) {
        if (!at.may_freeze || !live->h2->can_freeze()) return false;
        scratch.clear();
        const H2Idle idle = live->h2->freeze(profiles, scratch);
        at.may_freeze = idle.profile != H2Profiles::none;
        if (!at.may_freeze) return false;
        at.h2 = idle;
        live->h2.reset();
        if (!live->channel.write(scratch) || !live->channel.at_rest()) return false;
    }
    at.live.reset();
    ++counts.asleep;
    return true;
}

/// After everything that was to be done now: wait for what is pending, or sleep.
void Sink::Impl::go_on(int fd) {
    SinkSlot& at = slot(fd);
    watch(fd);
    Nanos next = options.idle_timeout > 0 ? at.since + options.idle_timeout : whenever;
    if (at.live)
        for (const Pending& each : at.live->pending) next = std::min(next, each.at);
    if (next == whenever) {
        wheel.disarm(static_cast<std::uint32_t>(fd));
    } else {
        wheel.arm(static_cast<std::uint32_t>(fd), next);
    }
    try_sleep(fd);
}

void Sink::Impl::expired(int fd) {
    SinkSlot& at = slot(fd);
    if (!at.open) return;
    if (!at.shaken) return close(fd, false);
    if (at.live) {
        std::vector<Pending> due;
        auto& pending = at.live->pending;
        for (std::size_t i = 0; i < pending.size();) {
            if (pending[i].at > now) {
                ++i;
                continue;
            }
            due.push_back(std::move(pending[i]));
            pending.erase(pending.begin() + static_cast<std::ptrdiff_t>(i));
        }
        for (Pending& each : due) {
            if (!alive(fd)) return;
            finish(fd, std::move(each));
        }
        if (!alive(fd)) return;
        if (!due.empty() && !at.over_h2) take_h1(fd);
        if (!alive(fd)) return;
    }
    if (options.idle_timeout > 0 && now - at.since >= options.idle_timeout) return close(fd, true);
    go_on(fd);
}

void Sink::Impl::writable(int fd) {
    SinkLive& live = wake(fd);
    if (!live.channel.flush()) return close(fd, false);
    if (live.closing && !live.channel.wants_write()) return close(fd, true);
    go_on(fd);
}

void Sink::Impl::readable(int fd) {
    SinkSlot& at = slot(fd);
    SinkLive& live = wake(fd);
    at.since = now;
    Channel::Progress progress = Channel::Progress::done;
    // More than once only while OpenSSL has bytes inside, which the kernel cannot tell of.
    while (progress == Channel::Progress::done) {
        progress = live.channel.read();
        if (at.over_h2) {
            take_h2(fd);
        } else {
            live.unread.append(tools.plain);
            take_h1(fd);
        }
        if (!alive(fd)) return;
        if (progress == Channel::Progress::ended)
            return close(fd, live.channel.reason() == Reason::close_notify);
        if (live.unread.size() > unread_max) return close(fd, false);
    }
    go_on(fd);
}

void Sink::Impl::take_h1(int fd) {
    // One after the other: a request behind one that is not answered yet waits.
    while (alive(fd)) {
        SinkLive& live = *slot(fd).live;
        if (live.unread.empty() || !live.pending.empty() || live.closing) return;
        const std::string bytes = std::move(live.unread);
        live.unread.clear();
        const std::size_t used = live.request.feed(bytes);
        live.unread = bytes.substr(used);
        if (live.request.state() == H1Request::State::need_more) return;
        if (live.request.state() == H1Request::State::bad) {
            Pending refusal;
            refusal.keep_open = false;
            refusal.answer.status = live.request.refusal();
            return finish(fd, std::move(refusal));
        }
        handle(fd, 0, live.request.take());
    }
}

void Sink::Impl::take_h2(int fd) {
    SinkLive& live = *slot(fd).live;
    if (tools.plain.empty()) return;
    const bool well = live.h2->feed(tools.plain);
    auto asked = std::move(live.asked.list);
    live.asked.list.clear();
    for (auto& [stream, request] : asked) {
        if (!alive(fd)) return;
        handle(fd, stream, std::move(request));
    }
    if (!alive(fd)) return;
    flush_h2(fd);
    if (alive(fd) && !well) close(fd, true);
}

void Sink::Impl::handle(int fd, std::int32_t stream, Request request) {
    ++counts.requests;
    if (slot(fd).faulty && misbehave(fd, stream)) return;
    Pending pending;
    pending.stream = stream;
    pending.keep_open = request.keep_open;
    pending.answer = answer_to(std::move(request));
    SinkLive& live = *slot(fd).live;
    if (live.pending.size() >= pending_max) return close(fd, false);
    if (pending.answer.then == Answer::Then::wait_for_topic) {
        topics[pending.answer.topic][fd] = slot(fd).generation;
        pending.at = whenever;
        live.pending.push_back(std::move(pending));
    } else if (pending.answer.then != Answer::Then::stall && pending.answer.delay > 0) {
        pending.at = now + pending.answer.delay;
        live.pending.push_back(std::move(pending));
    } else {
        finish(fd, std::move(pending));
    }
}

void Sink::Impl::finish(int fd, Pending pending) {
    Answer& answer = pending.answer;
    switch (answer.then) {
        case Answer::Then::close:
            return close(fd, true);
        case Answer::Then::reset:
            reset_on_close(fd);
            return close(fd, false);
        case Answer::Then::tell_stats:
            answer.body = counts.json() + "\n";
            break;
        case Answer::Then::publish:
            publish(answer.topic, answer.body);
            answer.body = "published\n";
            break;
        case Answer::Then::stall:
            stand_still(answer.delay);
            break;
        case Answer::Then::go_away:
            if (slot(fd).over_h2) wake(fd).h2->go_away(0);
            pending.keep_open = false;
            break;
        default:
            break;
    }
    if (alive(fd)) send_reply(fd, pending);
}

void Sink::Impl::send_reply(int fd, const Pending& pending) {
    SinkLive& live = wake(fd);
    ++counts.replies;
    if (live.h2) {
        live.h2->reply(pending.stream, pending.answer.status, pending.answer.body);
        return flush_h2(fd);
    }
    scratch = head_of(pending.answer.status, pending.answer.body.size(), pending.keep_open);
    scratch += pending.answer.body;
    if (!live.channel.write(scratch)) return close(fd, false);
    if (pending.keep_open) return;
    live.closing = true;
    if (!live.channel.wants_write()) close(fd, true);
}

void Sink::Impl::flush_h2(int fd) {
    SinkLive& live = *slot(fd).live;
    scratch.clear();
    live.h2->drain(scratch);
    if (live.channel.ended()) return;
    if (!live.channel.write(scratch)) return close(fd, false);
    watch(fd);
}

}  // namespace csim::connections
