#include "benchmark/measure/thresholds.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("benchmark/thresholds");

using namespace csim;

TEST_CASE("a threshold names a figure, compares, and knows units") {
    struct Row {
        const char* text;
        const char* figure;
        const char* comparison;
        double bound;
    };
    for (const Row& row : {
             Row{"api./api/host/.p99<200ms", "api./api/host/.p99", "<", 200},
             Row{"api./api/host/?limit=0.p999<=2s", "api./api/host/?limit=0.p999", "<=", 2000},
             Row{"limit.value>=64", "limit.value", ">=", 64},
             Row{"manager.rss<1.5GiB", "manager.rss", "<", 1.5 * 1024 * 1024 * 1024},
             Row{"api./api/host/.error_rate<1%", "api./api/host/.error_rate", "<", 0.01},
             Row{"api./api/host/.error_rate<0.01", "api./api/host/.error_rate", "<", 0.01},
             Row{"failover.max<30s", "failover.max", "<", 30000},
         }) {
        CAPTURE(row.text);
        const auto parsed = parse_threshold(row.text);
        REQUIRE(parsed.has_value());
        CHECK(parsed->figure == row.figure);
        CHECK(parsed->comparison == row.comparison);
        CHECK(parsed->bound == doctest::Approx(row.bound));
    }
}

TEST_CASE("what is no threshold is refused with one sentence") {
    for (const char* text :
         {"", "p99", "p99<200ms", "api./api/host/.p99", "api./api/host/.p99<", "limit.value>=64ms",
          "api./api/host/.p99<200", "api./api/host/.p99<200MiB", "api./api/host/.nonsense<1",
          "limit.value>=many", ".p99<1ms"}) {
        CAPTURE(text);
        const auto parsed = parse_threshold(text);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().detail.find("FIGURE<BOUND") != std::string::npos);
    }
}

TEST_CASE("a figure that the run does not have fails its threshold") {
    const std::vector<Threshold> wanted{
        *parse_threshold("a.p99<200ms"), *parse_threshold("a.p99>200ms"), *parse_threshold("b.p99<200ms"),
        *parse_threshold("a.p50<=3ms"), *parse_threshold("a.p50<3ms")};
    const auto outcomes = check_thresholds(wanted, {{"a.p99", 150}, {"a.p50", 3}});
    REQUIRE(outcomes.size() == 5);
    CHECK(outcomes[0].passed);
    CHECK_FALSE(outcomes[1].passed);
    CHECK_FALSE(outcomes[2].passed);
    CHECK_FALSE(outcomes[2].value);
    CHECK(outcomes[3].passed);
    CHECK_FALSE(outcomes[4].passed);
}

TEST_SUITE_END();
