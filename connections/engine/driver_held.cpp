// Connections that are held: reading, sleeping and waking, and all the ways in which they end.
#include "connections/engine/chance.hpp"
#include "connections/engine/driver_impl.hpp"

#include <algorithm>
#include <sys/socket.h>
#include <unistd.h>

namespace csim::connections {
namespace {

constexpr Nanos proven = 60 * second;

/// Alerts with which a server turns a client's certificate down. Source: RFC 8446, 6.2.
bool is_about_certificates(std::uint32_t alert) {
    return (alert >= 41 && alert <= 49) || alert == 51 || alert == 116;
}

void reset_on_close(int fd) {
    const linger at_once{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace

Live& Driver::Impl::wake(std::uint32_t i) {
    Slot& slot = slots[i];
    if (!slot.live) {
        slot.live = std::make_unique<Live>(tools, slot.fd, slot.tls);
        --asleep;
        ++totals[Count::woke];
    }
    if (slot.over_h2 && !slot.live->h2) make_h2(i);
    return *slot.live;
}

void Driver::Impl::make_h2(std::uint32_t i) {
    Slot& slot = slots[i];
    Live& live = *slot.live;
    if (slot.h2.profile == H2Profiles::none) {
        live.h2 = std::make_unique<H2Session>(H2Session::Role::client, H2Options(), live.heard);
    } else {
        live.h2 = std::make_unique<H2Session>(
            H2Session::Role::client, H2Options(), live.heard, slot.h2, profiles[slot.h2.profile]
        );
        live.heard = Heard();
    }
}

bool Driver::Impl::try_sleep(std::uint32_t i) {
    Slot& slot = slots[i];
    Live* const live = slot.live.get();
    if (live == nullptr || !live->channel.at_rest() || live->leaving != Reason::none) return false;
    if (live->h2) {
        if (!slot.may_freeze || !live->h2->can_freeze()) return false;
        scratch.clear();
        const H2Idle idle = live->h2->freeze(profiles, scratch);
        slot.may_freeze = idle.profile != H2Profiles::none;
        if (!slot.may_freeze) return false;
        slot.h2 = idle;
        live->h2.reset();
        if (!live->channel.write(scratch) || !live->channel.at_rest()) return false;
    }
    slot.live.reset();
    ++asleep;
    ++totals[Count::slept];
    return true;
}

void Driver::Impl::confirm(std::uint32_t i) {
    Slot& slot = slots[i];
    if (slot.confirmed) return;
    slot.confirmed = true;
    ++held;
    if (slot.hibernated) ++hibernated;
    ++totals[Count::confirmed];
    if (slot.lost_at != 0) totals[Span::recovery].record(now - slot.lost_at);
}

void Driver::Impl::flush_h2(std::uint32_t i) {
    Slot& slot = slots[i];
    Live& live = *slot.live;
    scratch.clear();
    live.h2->drain(scratch);
    // An end that has been read already is dealt with by whoever read it.
    if (live.channel.ended()) return;
    if (!live.channel.write(scratch)) return lose(i, live.channel.reason(), live.channel.code());
    watch(i);
}

void Driver::Impl::writable(std::uint32_t i) {
    Slot& slot = slots[i];
    Live& live = wake(i);
    if (!live.channel.flush()) return lose(i, live.channel.reason(), live.channel.code());
    watch(i);
    if (!live.channel.wants_write() && slot.state == State::ready) settle(i);
}

void Driver::Impl::readable(std::uint32_t i) {
    Slot& slot = slots[i];
    Live& live = wake(i);
    Channel::Progress progress = Channel::Progress::done;
    // More than once only while OpenSSL has bytes inside, which the kernel cannot tell of.
    while (progress == Channel::Progress::done) {
        progress = live.channel.read();
        const bool ended = progress == Channel::Progress::ended;
        if (!ended) confirm(i);
        if (slot.over_h2) {
            take_h2(i, tools.plain);
        } else {
            take_h1(i, tools.plain, ended);
        }
        if (slot.state != State::ready || slot.live.get() != &live) return;
        // An end that was announced, after everything was answered, is what had been announced.
        if (ended && live.leaving != Reason::none && !live.outstanding)
            return lose(i, live.leaving, live.leaving_code);
        if (ended) return lose(i, live.channel.reason(), live.channel.code());
    }
    watch(i);
    settle(i);
}

void Driver::Impl::take_h1(std::uint32_t i, std::string_view plain, bool ended) {
    Live& live = *slots[i].live;
    if (plain.empty() && !(ended && live.outstanding)) return;
    if (!live.outstanding) {
        live.reply.reset();
        const std::size_t used = live.reply.feed(plain);
        const bool bored = live.reply.state() == H1Reply::State::complete && live.reply.status() == 408 &&
                           used == plain.size();
        return lose(i, bored ? Reason::idle_408 : Reason::unsolicited_data);
    }
    const std::size_t used = live.reply.feed(plain);
    if (live.reply.started()) first_byte(i);
    if (ended) live.reply.feed_end();
    if (live.reply.state() == H1Reply::State::bad) return lose(i, Reason::protocol_h1);
    if (live.reply.state() != H1Reply::State::complete) return;
    answered(i, live.reply.status(), live.reply.body_bytes());
    if (!live.reply.keeps_open()) return lose(i, Reason::server_close_header);
    if (used < plain.size()) return lose(i, Reason::unsolicited_data);
}

void Driver::Impl::take_h2(std::uint32_t i, std::string_view plain) {
    Slot& slot = slots[i];
    Live& live = *slot.live;
    if (plain.empty()) return;
    const bool well = live.h2->feed(plain);
    if (live.heard.first == live.stream && live.stream != 0) first_byte(i);
    for (const H2Answer& answer : live.heard.answers) {
        if (!live.outstanding || answer.stream != live.stream) continue;
        if (answer.refused) {
            retry(i);
        } else {
            if (answer.reset != 0) ++totals[Count::streams_reset];
            answered(i, answer.reset == 0 ? answer.status : 0, answer.body_bytes);
        }
    }
    live.heard.answers.clear();
    flush_h2(i);
    if (slot.state != State::ready) return;
    if (!well) return lose(i, Reason::protocol_h2, live.h2->code());
    if (live.heard.away && live.leaving == Reason::none) close_after(i, Reason::goaway, live.heard.away_code);
}

void Driver::Impl::close_after(std::uint32_t i, Reason reason, std::uint32_t code) {
    Slot& slot = slots[i];
    Live& live = wake(i);
    if (live.leaving == Reason::none) live.leaving = reason, live.leaving_code = code;
    if (live.outstanding) return;
    if (reason == Reason::goaway) return lose(i, reason, code);
    if (slot.state == State::ready) part(i, reason);
}

void Driver::Impl::part(std::uint32_t i, Reason reason) {
    Slot& slot = slots[i];
    if (plan.closing == Closing::rst) {
        reset_on_close(slot.fd);
    } else if (plan.closing == Closing::graceful) {
        Live& live = wake(i);
        if (live.h2) {
            live.h2->go_away(0);
            scratch.clear();
            live.h2->drain(scratch);
            live.channel.write(scratch);
        }
        live.channel.say_goodbye();
    }
    lose(i, reason);
}

void Driver::Impl::lose(std::uint32_t i, Reason reason, std::uint32_t code) {
    Slot& slot = slots[i];
    const bool was_held = slot.confirmed;
    if (reason == Reason::tls_alert && !was_held && is_about_certificates(code))
        reason = Reason::client_cert_rejected;
    if (slot.state == State::ready) {
        if (slot.live) give_up_request(i);
        if (!slot.live) --asleep;
        if (now - slot.since >= proven) slot.attempts = 0;
    }
    totals.note_end(reason, code, was_held);
    if (was_held) {
        --held;
        if (slot.hibernated) --hibernated;
        slot.lost_at = now;
    }
    slot.confirmed = slot.hibernated = false;
    leave_window(slot);
    wheel.disarm(i);
    slot.live.reset();
    slot.tls.release();
    if (slot.fd >= 0) ::close(slot.fd);
    slot.fd = -1;
    ++slot.generation;
    const Blame blame = blame_of(reason, code, was_held);
    const bool at_once = blame == Blame::ours || blame == Blame::peer_expected;
    const bool again = plan.reconnect == Reconnect::always ||
                       (plan.reconnect == Reconnect::limited && slot.reopened < plan.reconnect_limit);
    if (draining || !again) return enter(slot, State::dead);
    if (slot.reopened < 255) ++slot.reopened;
    if (at_once) {
        enter(slot, State::queued);
        to_open.push_back(i);
        return;
    }
    if (slot.attempts < 255) ++slot.attempts;
    enter(slot, State::waiting);
    const double chance = unit(plan.seed, index_of(i), mixed(slot.attempts, slot.generation, 7));
    wheel.arm(i, now + backoff_delay(backoff, slot.attempts, chance));
}

void Driver::Impl::drain() {
    draining = true;
    now = clock();
    to_open.clear();
    for (std::uint32_t i = 0; i < slots.size(); ++i) {
        Slot& slot = slots[i];
        switch (slot.state) {
            case State::ready:
                part(i, Reason::drain);
                break;
            case State::connecting:
            case State::handshaking:
                lose(i, Reason::drain);
                break;
            case State::dead:
                break;
            default:
                wheel.disarm(i);
                enter(slot, State::dead);
        }
    }
}

}  // namespace csim::connections
