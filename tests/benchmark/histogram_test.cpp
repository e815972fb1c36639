#include "benchmark/measure/histogram.hpp"

#include "benchmark/measure/knee.hpp"
#include "benchmark/measure/probe_ledger.hpp"
#include "core/rng.hpp"
#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

TEST_SUITE_BEGIN("benchmark/histogram");

using namespace csim;

namespace {

/// The quantile by sorting everything.
Duration exact(std::vector<Duration> all, double q) {
    std::sort(all.begin(), all.end());
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(all.size())));
    return all[std::clamp<std::size_t>(rank, 1, all.size()) - 1];
}

SimTime at(Duration since) {
    return SimTime::from_unix_ns(1'700'000'000'000'000'000) + since;
}

}  // namespace

TEST_CASE("quantiles are never below the truth and at most one part in 128 above it") {
    for_each_seed(10, [](std::uint64_t seed) {
        Rng rng(seed);
        LatencyHistogram histogram;
        std::vector<Duration> all;
        for (int i = 0; i < 2000; ++i) {
            const auto us = static_cast<std::int64_t>(std::exp(rng.unit() * 20));
            all.push_back(std::chrono::microseconds(us));
            histogram.record(all.back());
        }
        for (const double q : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
            const Duration truth = exact(all, q), told = histogram.quantile(q);
            CHECK(told >= truth);
            CHECK(told <= truth + truth / 128);
        }
        CHECK(histogram.max() == *std::max_element(all.begin(), all.end()));
        CHECK(histogram.count() == all.size());
    });
}

TEST_CASE("what is merged is as if it had been recorded together") {
    LatencyHistogram a, b, both;
    for (int i = 1; i <= 300; ++i) {
        (i % 3 == 0 ? a : b).record(std::chrono::milliseconds(i));
        both.record(std::chrono::milliseconds(i));
    }
    a.merge(b);
    for (const double q : {0.1, 0.5, 0.99}) CHECK(a.quantile(q) == both.quantile(q));
    CHECK(a.mean() == both.mean());
    a.clear();
    CHECK(a.count() == 0);
    CHECK(a.quantile(0.5) == Duration(0));
}

TEST_CASE("the range of a quantile holds it and narrows as samples come in") {
    Duration width = 1h;
    for (const int count : {100, 1000, 10000}) {
        LatencyHistogram histogram;
        for (int i = 0; i < count; ++i) histogram.record(std::chrono::microseconds(1000 + 1000 * (i % 100)));
        const auto range = histogram.quantile_range(0.9);
        CHECK(range.low <= histogram.quantile(0.9));
        CHECK(range.high >= histogram.quantile(0.9));
        CHECK(range.high - range.low < width);
        width = range.high - range.low;
    }
}

TEST_CASE("spans beyond the scale and below zero are still counted") {
    LatencyHistogram histogram;
    histogram.record(24h);
    histogram.record(-5ms);
    CHECK(histogram.count() == 2);
    CHECK(histogram.max() == 24h);
    CHECK(histogram.quantile(0.5) == Duration(0));
}

TEST_CASE("an invalid interval takes with it what was under way in it") {
    ProbeLedger ledger({"/a"});
    ledger.record(0, at(0s), at(10ms), ProbeEnd::answered);
    ledger.close_interval(at(1s), true);
    ledger.record(0, at(1100ms), at(1900ms), ProbeEnd::answered);
    ledger.close_interval(at(2s), false);
    ledger.record(0, at(1900ms), at(2500ms), ProbeEnd::answered);  // waited while we were the bottleneck
    ledger.record(0, at(2100ms), at(2110ms), ProbeEnd::error);
    ledger.record(0, at(2200ms), at(2900ms), ProbeEnd::timeout);
    const auto last = ledger.close_interval(at(3s), true);
    CHECK(last.requests == 2);
    const PathFigures& path = ledger.paths().front();
    CHECK(path.latency.count() == 1);
    CHECK(path.errors == 1);
    CHECK(path.timeouts == 1);
    CHECK(path.invalid == 2);
    CHECK(ledger.since_mark().max() == 10ms);
    CHECK(ledger.failures_since_mark() == 2);
}

TEST_CASE("warm-up is counted and never part of the figures") {
    ProbeLedger ledger({"/a", "/b"});
    ledger.record(1, at(0s), at(5s), ProbeEnd::answered);
    ledger.begin_measurement(at(6s));
    ledger.record(1, at(7s), at(7s + 1ms), ProbeEnd::answered);
    ledger.close_interval(at(8s), true);
    CHECK(ledger.paths()[1].warm_up == 1);
    CHECK(ledger.paths()[1].latency.count() == 1);
    CHECK(ledger.paths()[1].latency.max() == 1ms);
    CHECK(ledger.paths()[0].requests() == 0);
}

TEST_CASE("a knee is found where a curve bends and nowhere else") {
    const auto curve = [](double bend, double before, double after, double noise) {
        std::vector<CurvePoint> points;
        for (int i = 1; i <= 10; ++i) {
            const double load = 8.0 * i;
            const double wobble = (i % 2 == 0 ? noise : -noise);
            points.push_back({load, 5 + before * load + after * std::max(load - bend, 0.0) + wobble});
        }
        return points;
    };
    REQUIRE(find_knee(curve(48, 0.1, 5, 0.2)));
    CHECK(*find_knee(curve(48, 0.1, 5, 0.2)) == 48);
    CHECK_FALSE(find_knee(curve(48, 2, 0, 0.5)));
    CHECK_FALSE(find_knee(curve(48, 0, 0, 0)));
    CHECK_FALSE(find_knee({{1, 1}, {2, 1}, {3, 90}}));
    const FittedLine line = fit_line({{1, 3}, {2, 5}, {3, 7}});
    CHECK(line.slope == doctest::Approx(2));
    CHECK(line.intercept == doctest::Approx(1));
    CHECK(line.explained == doctest::Approx(1));
}

TEST_SUITE_END();
