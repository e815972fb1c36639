#include "benchmark/measure/limit_search.hpp"

#include "core/rng.hpp"
#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>

#include <cmath>

TEST_SUITE_BEGIN("benchmark/limit_search");

using namespace csim;

namespace {

template <class Passes>
LimitSearch run(SearchOptions options, Passes passes) {
    LimitSearch search(options);
    while (const auto size = search.next()) search.report(*size, passes(*size));
    return search;
}

}  // namespace

// Proves: defect 83.
TEST_CASE("a sharp limit is found exactly, whatever it is") {
    for (int limit = 1; limit <= 300; limit += limit < 20 ? 1 : 13) {
        const auto search =
            run({.start = 8, .max = 1024, .resolution = 0}, [&](int size) { return size <= limit; });
        const LimitEstimate estimate = search.estimate();
        CHECK(estimate.value == limit);
        CHECK(estimate.low <= limit);
        REQUIRE(estimate.high);
        CHECK(*estimate.high > limit);
        CHECK(search.trials() <= 25);
    }
}

TEST_CASE("sizes are multiples of the granularity and never above the maximum") {
    for (const int start : {1, 4, 7, 30}) {
        run({.start = start, .granularity = 4, .max = 90}, [](int size) {
            CHECK(size % 4 == 0);
            CHECK(size <= 88);
            CHECK(size >= 4);
            return size < 60;
        });
    }
}

TEST_CASE("nothing that fails leaves the upper end open") {
    const auto search = run({.start = 8, .max = 100}, [](int) { return true; });
    CHECK_FALSE(search.failed_once());
    CHECK(search.estimate().value == 100);
    CHECK_FALSE(search.estimate().high);
}

TEST_CASE("nothing that passes is a limit of zero") {
    const auto search = run({.start = 8, .granularity = 4, .max = 100}, [](int) { return false; });
    CHECK(search.estimate().value == 0);
    CHECK(search.estimate().high.value_or(0) > 0);
}

TEST_CASE("linear goes up by the start size and stops at the first failure") {
    std::vector<int> tried;
    const auto search = run({.start = 8, .max = 1000, .linear = true}, [&](int size) {
        tried.push_back(size);
        return size < 30;
    });
    CHECK(tried == std::vector<int>{8, 16, 24, 32});
    CHECK(search.estimate().value == 24);
}

TEST_CASE("a noisy limit is inside its interval nearly always") {
    int inside = 0, runs = 0;
    for_each_seed(30, [&](std::uint64_t seed) {
        Rng rng(seed);
        const double limit = 40 + rng.unit() * 400;
        const auto search = run({.start = 8, .max = 4096, .repeats = 3}, [&](int size) {
            const double odds = 1 / (1 + std::exp((std::log(size) - std::log(limit)) / 0.08));
            return rng.unit() < odds;
        });
        const LimitEstimate estimate = search.estimate();
        REQUIRE(estimate.high);
        CHECK(estimate.low <= estimate.value);
        CHECK(estimate.value <= *estimate.high);
        ++runs;
        inside += estimate.low <= limit && limit <= *estimate.high;
    });
    CHECK(inside * 100 >= runs * 80);
}

TEST_CASE("an end of the bracket that does not hold opens it again") {
    bool lied = false;
    const auto search = run({.start = 64, .max = 1024, .resolution = 0.02}, [&](int size) {
        if (size == 128 && !lied) return lied = true;  // passes once, by luck
        return size <= 100;
    });
    CHECK(search.estimate().value <= 100);
    CHECK(search.estimate().value >= 96);
}

TEST_CASE("more trials make the interval narrower") {
    const auto width = [](int repeats) {
        Rng rng(3);
        const auto search = run({.start = 8, .max = 1024, .repeats = repeats}, [&](int size) {
            return rng.unit() < 1 / (1 + std::exp((std::log(size) - std::log(100)) / 0.1));
        });
        return *search.estimate().high - search.estimate().low;
    };
    CHECK(width(15) < width(1));
}

TEST_SUITE_END();
