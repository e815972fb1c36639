// The parts that decide when something happens, by themselves.
#include "connections/engine/chance.hpp"
#include "connections/engine/pacer.hpp"
#include "connections/engine/schedule.hpp"
#include "connections/engine/timer_wheel.hpp"
#include "connections/engine/totals.hpp"
#include "connections/sink/faults.hpp"
#include "connections/sink/routes.hpp"
#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

TEST_SUITE_BEGIN("connections/parts");

using namespace csim;
using namespace csim::connections;

TEST_CASE("a timer goes off once, not before its time and at most a tick after it") {
    TimerWheel wheel(200, 0);
    Rng rng(5);
    std::map<std::uint32_t, Nanos> armed;
    Nanos now = 0;
    std::uint64_t went_off = 0;
    for (int round = 0; round < 20'000; ++round) {
        const auto timer = static_cast<std::uint32_t>(rng.between(0, 199));
        if (rng.chance({1, 8})) {
            wheel.disarm(timer);
            armed.erase(timer);
        } else {
            const Nanos spans[] = {5 * millisecond, second, 20 * second, 8000 * second};
            const Nanos at = now + rng.between(0, spans[rng.between(0, 3)]);
            wheel.arm(timer, at);
            armed[timer] = at;
        }
        const Nanos step =
            rng.chance({1, 50}) ? rng.between(0, 30 * second) : rng.between(0, 3 * millisecond);
        now += step;
        wheel.advance(now, [&](std::uint32_t i) {
            REQUIRE(armed.contains(i));
            REQUIRE(armed[i] <= now);
            REQUIRE(armed[i] + millisecond > now - step - millisecond);
            armed.erase(i);
            ++went_off;
        });
        for (const auto& [i, at] : armed) REQUIRE(at > now - 2 * millisecond);
        REQUIRE(wheel.until_next(now) <= 65 * millisecond);
    }
    CHECK(went_off > 5000);
}

// Proves: connection C-2.
TEST_CASE("the pacer gives the rate asked for, evenly, and never more than the window") {
    Pacer pacer(1000, 50, true, 0);
    unsigned begun = 0, most = 0;
    for (Nanos now = 0; now <= 10 * second; now += 5 * millisecond) {
        const unsigned allowed = pacer.allowance(now, 0);
        most = std::max(most, allowed);
        for (unsigned i = 0; i < allowed; ++i) pacer.begun();
        begun += allowed;
    }
    CHECK(begun >= 9'900);
    CHECK(begun <= 10'010);
    CHECK(most <= 20);
    // After a stall no more than a second's worth is made up for.
    unsigned late = 0;
    for (Nanos now = 100 * second; now <= 101 * second; now += 5 * millisecond) {
        const unsigned allowed = pacer.allowance(now, 0);
        for (unsigned i = 0; i < allowed; ++i) pacer.begun();
        late += allowed;
    }
    CHECK(late <= 2'010);
    CHECK(pacer.allowance(200 * second, 50) == 0);
    CHECK(Pacer(0, 50, true, 0).allowance(0, 20) == 30);
}

// Proves: connection C-3.
TEST_CASE("a connect that took a second halves the window, a hundred quick ones widen it by one") {
    Pacer pacer(0, 64, true, 0);
    CHECK(pacer.connected(second));
    CHECK(pacer.window() == 32);
    for (int i = 0; i < 10; ++i) pacer.connected(2 * second);
    CHECK(pacer.window() == 8);
    for (int i = 0; i < 100; ++i) CHECK_FALSE(pacer.connected(millisecond));
    CHECK(pacer.window() == 9);
    Pacer fixed(0, 64, false, 0);
    CHECK_FALSE(fixed.connected(second));
    CHECK(fixed.window() == 64);
}

// Proves: connection C-4.
TEST_CASE("due times depend on seed and connection alone, not on who holds it or on answers") {
    SchedulePlan plan{Cadence::constant, second, 0, Phase::spread, 9, 1000};
    const Schedule schedule(plan);
    std::vector<Nanos> firsts;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        firsts.push_back(schedule.first(i, 0));
        CHECK(schedule.next(i, 0, firsts.back()) == firsts.back() + second);
    }
    std::sort(firsts.begin(), firsts.end());
    Nanos gap = 0;
    for (std::size_t i = 1; i < firsts.size(); ++i) gap = std::max(gap, firsts[i] - firsts[i - 1]);
    CHECK(firsts.front() >= 0);
    CHECK(firsts.back() < second);
    CHECK(gap < 3 * millisecond);  // spread, not thrown
    plan.phase = Phase::aligned;
    CHECK(Schedule(plan).first(77, 5) == 5);
}

// Proves: connection C-4.
TEST_CASE("a rate over all connections gives each its turn, one request at a time") {
    const Schedule schedule({Cadence::rate, 2 * millisecond, 0, Phase::spread, 3, 500});
    std::set<Nanos> turns;
    for (std::uint64_t i = 0; i < 500; ++i) turns.insert(schedule.first(i, 0));
    CHECK(turns.size() == 500);
    CHECK(*turns.rbegin() == 499 * 2 * millisecond);
    CHECK(schedule.period() == second);
}

// Proves: connection C-4.
TEST_CASE("poisson gaps have the mean that was asked for") {
    const Schedule schedule({Cadence::poisson, second, 0, Phase::spread, 3, 10});
    Nanos due = 0;
    for (std::uint64_t step = 0; step < 20'000; ++step) due = schedule.next(4, step, due);
    CHECK(due / 20'000 > second * 97 / 100);
    CHECK(due / 20'000 < second * 103 / 100);
}

// Proves: connection C-10.
TEST_CASE("back-off doubles up to its bound, and jitter stays within it") {
    Backoff backoff{second, 10 * second, 2, Jitter::none};
    const Nanos expected[] = {second, 2 * second, 4 * second, 8 * second, 10 * second, 10 * second};
    for (unsigned k = 0; k < 6; ++k) CHECK(backoff_delay(backoff, k + 1, 0.3) == expected[k]);
    CHECK(backoff_delay(backoff, 1'000'000, 0.3) == 10 * second);
    backoff.jitter = Jitter::full;
    CHECK(backoff_delay(backoff, 3, 0.25) == second);
    backoff.jitter = Jitter::equal;
    CHECK(backoff_delay(backoff, 3, 0.5) == 3 * second);
}

// Proves: connection C-26.
TEST_CASE("histograms of shares merge to the histogram of all, within one part in 128") {
    SpanHistogram all, parts[3];
    Rng rng(11);
    std::vector<Nanos> values;
    for (int i = 0; i < 30'000; ++i) {
        const Nanos value = rng.between(1000, Nanos(1) << rng.between(11, 40));
        values.push_back(value);
        all.record(value);
        parts[i % 3].record(value);
    }
    SpanHistogram merged;
    for (const SpanHistogram& each : parts) merged.merge(each);
    std::sort(values.begin(), values.end());
    for (const double q : {0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
        CHECK(merged.quantile(q) == all.quantile(q));
        const Nanos truth = values[static_cast<std::size_t>(q * 30'000) - 1];
        CHECK(all.quantile(q) >= truth);
        CHECK(all.quantile(q) <= truth + truth / 127 + 2000);
    }
    const SpanHistogram since = all.since(parts[0]);
    CHECK(since.count() == 20'000);
}

// Proves: connection C-23.
TEST_CASE("totals travel as bytes and back, and nonsense is refused") {
    Totals totals;
    totals[Count::held] = 7;
    totals[Span::request].record(5 * millisecond, 3);
    totals.note_end(Reason::goaway, 0, true);
    totals.note_end(Reason::tls_alert, 80, true);
    totals.note_end(Reason::connect_refused, 0, false);
    const std::string bytes = totals.packed();
    Totals read;
    REQUIRE(read.unpack(bytes));
    CHECK(read.packed() == bytes);
    read.merge(totals);
    CHECK(read[Count::held] == 14);
    CHECK(read[Span::request].count() == 6);
    CHECK(read.drops.at({Reason::tls_alert, 80}) == 2);
    CHECK(read.by_peer.at({Reason::goaway, 0}) == 2);
    for (std::size_t size = 0; size < bytes.size(); size += 5)
        CHECK_FALSE(read.unpack(bytes.substr(0, size)));
    CHECK_FALSE(read.unpack(bytes + std::string(8, 'x')));
    CHECK_FALSE(read.unpack(std::string(bytes.size(), 'x')));
}

// Proves: connection C-9.
TEST_CASE("every reason has a text of its own, and a class") {
    std::set<std::string> texts;
    for (std::size_t i = 0; i < reason_count; ++i) texts.insert(std::string(text_of(static_cast<Reason>(i))));
    CHECK(texts.size() == reason_count);
    CHECK(text_of(Reason::tls_alert, 42) == "tls-alert:42");
    CHECK(text_of(Reason::reset, 42) == "reset");
    CHECK(blame_of(Reason::goaway, 0, true) == Blame::peer_expected);
    CHECK(blame_of(Reason::goaway, 11, true) == Blame::drop);
    CHECK(blame_of(Reason::reset, 0, false) == Blame::failed_open);
    std::set<std::string> names;
    for (std::size_t i = 0; i < count_kinds; ++i) names.insert(std::string(text_of(static_cast<Count>(i))));
    CHECK(names.size() == count_kinds);
}

TEST_CASE("the lean server answers what its table of paths says") {
    const auto asked = [](const char* path, std::string body = "") {
        return answer_to({"GET", path, std::move(body), true});
    };
    CHECK(asked("/").body.size() == 200);
    CHECK(asked("/echo", "hello").body == "hello");
    CHECK(asked("/bytes/17").body.size() == 17);
    CHECK(asked("/bytes/17?x=y").body.size() == 17);
    CHECK(asked("/sleep/250").delay == 250 * millisecond);
    CHECK(asked("/poll/topic/a/b").topic == "a/b");
    CHECK(asked("/status/503").status == 503);
    CHECK(asked("/stall/5").then == Answer::Then::stall);
    for (const char* path :
         {"/nothing", "/bytes/x", "/bytes/99999999999", "/status/99", "/status/", "/sleep/-1"}) {
        CAPTURE(path);
        CHECK(asked(path).status == 404);
    }
    for (const Fault each : all_faults()) CHECK(parse_fault(std::string(text_of(each)))->fault == each);
    CHECK(parse_fault("reset=0.25")->share == 0.25);
    for (const char* text : {"", "nonsense", "reset=2", "reset=x", "reset="})
        CHECK(parse_fault(text).has_error());
}

TEST_SUITE_END();
