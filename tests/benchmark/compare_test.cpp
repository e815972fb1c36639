#include "benchmark/report/compare.hpp"

#include "benchmark/report/report.hpp"
#include "core/rng.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("benchmark/compare");

using namespace csim;

namespace {

/// A run whose answers take about `typical_ms`.
Json run_of(double typical_ms, int samples, std::uint64_t seed, int limit = 32) {
    Rng rng(seed);
    RunRecord run;
    run.routine = "server_count_limit";
    run.outcome.limit = LimitEstimate{limit, limit - 2, limit + 2};
    PathFigures path{"/api/host/", {}, 0, 0, 0, 0};
    for (int i = 0; i < samples; ++i)
        path.latency.record(std::chrono::microseconds(static_cast<int>(1000 * typical_ms * (0.5 + rng.unit()))
        ));
    run.paths = {path};
    run.parameters = {{"servers", 8}};
    return report_json(run, judge(run, {}));
}

std::string verdict_of(const ComparedRuns& compared, const std::string& figure) {
    for (const Comparison& each : compared.rows)
        if (each.figure == figure) return each.verdict;
    return "absent";
}

}  // namespace

TEST_CASE("two samples of the same are the same and a slower one is worse") {
    const Json a = run_of(10, 2000, 1);
    CHECK(verdict_of(compare_runs(a, run_of(10, 2000, 2)), "/api/host/ p50") == "same");
    const auto slower = compare_runs(a, run_of(15, 2000, 3));
    CHECK(verdict_of(slower, "/api/host/ p50") == "worse");
    CHECK(slower.any_worse());
    CHECK(verdict_of(compare_runs(run_of(15, 2000, 3), a), "/api/host/ p50") == "better");
}

TEST_CASE("few samples decide nothing") {
    CHECK(verdict_of(compare_runs(run_of(10, 2000, 1), run_of(30, 10, 2)), "/api/host/ p50") == "unclear");
    CHECK(verdict_of(compare_runs(run_of(10, 0, 1), run_of(30, 10, 2)), "/api/host/ failed") == "unclear");
}

TEST_CASE("a higher limit is better only when the intervals do not overlap") {
    CHECK(verdict_of(compare_runs(run_of(10, 50, 1, 32), run_of(10, 50, 1, 64)), "limit") == "better");
    CHECK(verdict_of(compare_runs(run_of(10, 50, 1, 32), run_of(10, 50, 1, 34)), "limit") == "same");
    CHECK(verdict_of(compare_runs(run_of(10, 50, 1, 32), run_of(10, 50, 1, 16)), "limit") == "worse");
}

TEST_CASE("runs that cannot be compared are still compared and said so") {
    Json b = run_of(10, 50, 1);
    b["routine"] = "steady_state";
    b["partial"] = true;
    b["parameters"]["servers"] = 16;
    const auto compared = compare_runs(run_of(10, 50, 1), b);
    CHECK(compared.warnings.size() == 3);
    CHECK(comparison_text(compared).find("note: the two differ in routine") != std::string::npos);
    CHECK(compare_runs(Json::object(), Json::array()).rows.empty());
}

TEST_SUITE_END();
