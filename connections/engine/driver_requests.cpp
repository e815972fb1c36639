// What is said while connections are held: requests when they are due, and what becomes of them.
#include "connections/engine/chance.hpp"
#include "connections/engine/driver_impl.hpp"

#include <algorithm>

namespace csim::connections {
namespace {

constexpr Nanos silence_confirms = 2 * second;
constexpr Nanos settings_limit = 10 * second;
constexpr Nanos worth_sleeping = 50 * millisecond;
constexpr Nanos never = INT64_MAX;
constexpr std::uint8_t timeouts_max = 3, retries_max = 3;

Count count_of(int status) {
    switch (status / 100) {
        case 2:
            return Count::status_2xx;
        case 3:
            return Count::status_3xx;
        case 4:
            return Count::status_4xx;
        case 5:
            return Count::status_5xx;
        default:
            return Count::status_other;
    }
}

}  // namespace

Nanos Driver::Impl::next_event(const Slot& slot) const {
    const Live* live = slot.live.get();
    Nanos next = never;
    if (live != nullptr && live->outstanding) next = live->sent + plan.timeout_request.count();
    if ((live == nullptr || !live->outstanding) && slot.next_due != 0) next = slot.next_due;
    if (live == nullptr || !live->outstanding) next = std::min(next, next_ping(slot));
    const bool waits = live != nullptr && live->channel.waits_to_hand_over();
    if (!slot.confirmed || (waits && now - slot.since < silence_confirms))
        next = std::min(next, slot.since + silence_confirms);
    if (plan.lifetime.count() > 0) next = std::min(next, slot.since + plan.lifetime.count());
    if (live != nullptr && live->h2 && !live->h2->settled())
        next = std::min(next, slot.since + settings_limit);
    return next;
}

void Driver::Impl::settle(std::uint32_t i) {
    Slot& slot = slots[i];
    Live* const live = slot.live.get();
    if (!slot.confirmed && now - slot.since >= silence_confirms) confirm(i);
    if (live != nullptr && live->h2 && !live->h2->settled() && now - slot.since >= settings_limit)
        return lose(i, Reason::settings_timeout);
    const bool outstanding = live != nullptr && live->outstanding;
    if (outstanding && now >= live->sent + plan.timeout_request.count()) return request_timed_out(i);
    if (plan.lifetime.count() > 0 && now - slot.since >= plan.lifetime.count() && !draining &&
        (live == nullptr || live->leaving == Reason::none))
        return close_after(i, Reason::lifetime, 0);
    if (!outstanding && live != nullptr && live->leaving != Reason::none)
        return live->leaving == Reason::goaway ? lose(i, live->leaving, live->leaving_code)
                                               : part(i, live->leaving);
    if (!outstanding && slot.next_due != 0 && slot.next_due <= now && !draining) return send_request(i);
    if (!outstanding && !ping_if_due(i)) return;
    if (live != nullptr && live->channel.waits_to_hand_over() &&
        (live->channel.has_ticket() || now - slot.since >= silence_confirms))
        hand_over(i);
    const Nanos next = next_event(slot);
    if (next == never) {
        wheel.disarm(i);
    } else {
        wheel.arm(i, next);
    }
    if (!outstanding && next - now > worth_sleeping) try_sleep(i);
}

void Driver::Impl::skip_backlog(std::uint32_t i) {
    Slot& slot = slots[i];
    if (!schedule.open_loop() || !holding) return;
    const Nanos kept = schedule.period() * static_cast<Nanos>(plan.backlog_max);
    while (now - slot.next_due > kept) {
        ++totals[Count::skipped];
        // It took at least as long as it has been waiting.
        totals[Span::request].record(now - slot.next_due);
        slot.next_due = schedule.next(index_of(i), slot.step++, slot.next_due);
    }
}

void Driver::Impl::send_request(std::uint32_t i) {
    Slot& slot = slots[i];
    Live& live = wake(i);
    if (slot.over_h2 && !live.h2->can_request()) {
        // The peer allows no stream now; the due time stays what it was.
        wheel.arm(i, now + 10 * millisecond);
        return;
    }
    skip_backlog(i);
    if (slot.next_due > now) return settle(i);
    live.due = slot.next_due;
    live.sent = clock();
    live.outstanding = true;
    live.had_first_byte = false;
    live.counted = holding && live.due >= hold_start;
    if (live.counted && slot.free_at <= live.due) totals[Span::lateness].record(live.sent - live.due);
    const bool sent = slot.over_h2 ? send_h2(slot, i) : send_h1(slot, i);
    if (!sent) return;
    ++totals[Count::requests];
    if (live.channel.ended()) return lose(i, live.channel.reason(), live.channel.code());
    watch(i);
    wheel.arm(i, std::min(next_event(slot), live.sent + plan.timeout_request.count()));
}

void Driver::Impl::first_byte(std::uint32_t i) {
    Live& live = *slots[i].live;
    if (live.had_first_byte || !live.outstanding) return;
    live.had_first_byte = true;
    if (live.counted) totals[Span::first_byte].record(clock() - live.due);
}

void Driver::Impl::answered(std::uint32_t i, int status, std::uint64_t body_bytes) {
    Slot& slot = slots[i];
    Live& live = *slot.live;
    const Nanos at = clock();
    first_byte(i);
    live.outstanding = false;
    live.timeouts = live.retries = 0;
    slot.free_at = at;
    ++totals[Count::responses];
    ++totals[count_of(status)];
    totals[Count::body_bytes] += body_bytes;
    if (live.counted) {
        totals[Span::request].record(at - live.due);
        totals[Span::uncorrected].record(at - live.sent);
    } else {
        totals[Span::before_hold].record(at - live.due);
    }
    now = at;
    confirm(i);
    schedule_next(i);
}

void Driver::Impl::schedule_next(std::uint32_t i) {
    Slot& slot = slots[i];
    if (!holding) {
        slot.next_due = 0;
        ++slot.step;
        return;
    }
    if (!schedule.open_loop()) {
        slot.next_due =
            slot.step == 0 && slot.next_due == 0 ? now : schedule.next(index_of(i), slot.step, now);
        ++slot.step;
        return;
    }
    if (slot.next_due >= hold_start) {
        slot.next_due = schedule.next(index_of(i), slot.step++, slot.next_due);
        return;
    }
    // It joins when the hold has begun already: from its next turn on.
    slot.next_due = schedule.first(index_of(i), hold_start);
    while (slot.next_due < now) slot.next_due = schedule.next(index_of(i), slot.step++, slot.next_due);
}

void Driver::Impl::give_up_request(std::uint32_t i) {
    Live& live = *slots[i].live;
    if (!live.outstanding) return;
    live.outstanding = false;
    slots[i].free_at = now;
    if (live.counted) {
        // It took at least as long as it has been waiting.
        ++totals[Count::censored];
        totals[Span::request].record(now - live.due);
    }
    schedule_next(i);
}

void Driver::Impl::retry(std::uint32_t i) {
    Live& live = *slots[i].live;
    ++totals[Count::retried];
    if (++live.retries > retries_max) return give_up_request(i);
    live.outstanding = false;
}

void Driver::Impl::request_timed_out(std::uint32_t i) {
    Slot& slot = slots[i];
    Live& live = *slot.live;
    ++totals[Count::timeouts];
    if (!slot.over_h2 || ++live.timeouts >= timeouts_max) return lose(i, Reason::request_timeout);
    live.h2->reset(live.stream, 8);  // CANCEL
    give_up_request(i);
    flush_h2(i);
    if (slot.state == State::ready) settle(i);
}

}  // namespace csim::connections
