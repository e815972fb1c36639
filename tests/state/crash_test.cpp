// Processes killed at random moments on one folder; the benchmark runs a thousand of these rounds.
#include "benchmark/crash/crash_rounds.hpp"
#include "tests/state/state_fixture.hpp"

#include <doctest/doctest.h>

#include <stdlib.h>

namespace csim {

TEST_SUITE_BEGIN("state/crash");

// Proves: defect 74; invariant I-25.
TEST_CASE_FIXTURE(FolderFixture, "fifty deaths lose nothing acknowledged and leave the folder readable") {
    CrashRounds rounds(folder, 20'240'601, Syncs::skipped);
    for (int round = 0; round < 50; ++round) rounds.run_one();
    const auto& totals = rounds.totals();
    CAPTURE(totals.first_problem);
    CHECK(totals.lost == 0);
    CHECK(totals.unreadable == 0);
    CHECK(totals.differing == 0);
    CHECK(totals.acknowledged > 100);
    CHECK(totals.deaths.size() == 3);
    // The process that closes last leaves documents only.
    open();
    CHECK(read(journal()).empty());
}

TEST_SUITE_END();

}  // namespace csim
