#include "core/duration_histogram.hpp"

#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace csim;

TEST_SUITE_BEGIN("core/duration_histogram");

TEST_CASE("quantiles are never below the truth and at most one class above it") {
    Rng rng(7);
    for (const Duration longest : {Duration(1ms), Duration(1s), Duration(1h)}) {
        DurationHistogram histogram;
        std::vector<Duration> all;
        for (int i = 0; i < 5000; ++i) {
            all.push_back(rng.between(Duration(0), longest));
            histogram.add(all.back());
        }
        std::sort(all.begin(), all.end());
        for (const double quantile : {0.001, 0.5, 0.9, 0.99, 0.999, 1.0}) {
            CAPTURE(quantile);
            const auto rank = static_cast<std::size_t>(std::max(0.0, quantile * 5000 - 1));
            const Duration truth = all[rank];
            CHECK(histogram.quantile(quantile) >= truth);
            CHECK(histogram.quantile(quantile) <= truth + truth / 16 + Duration(1us));
        }
        CHECK(histogram.longest() == all.back());
    }
}

TEST_CASE("classes hold everything that was added, in order") {
    DurationHistogram histogram;
    CHECK(histogram.classes().empty());
    CHECK(histogram.quantile(0.99) == Duration(0));
    for (const Duration length : {Duration(-1s), Duration(0), Duration(3us), Duration(20us), Duration(48h)})
        histogram.add(length);
    std::uint64_t count = 0;
    Duration last(-1);
    for (const auto& [edge, held] : histogram.classes()) {
        CHECK(edge > last);
        last = edge;
        count += held;
    }
    CHECK(count == 5);
    CHECK(histogram.count() == 5);
    CHECK(histogram.longest() == Duration(48h));
}
