// A power cut at every file operation of a busy life, after which only what was synced is sure to be there.
#include "benchmark/crash/crash_model.hpp"
#include "tests/state/power_cut_files.hpp"
#include "tests/state/state_fixture.hpp"

#include <doctest/doctest.h>

namespace csim {

namespace {

constexpr std::uint64_t change_count = 40;

/// Goes on from what the disk holds. Returns the last change that was acknowledged, or `known` if none was.
std::uint64_t live(PowerCutFiles& disk, std::uint64_t known) {
    WorkQueue inbox;
    auto acknowledged = known;
    try {
        auto store = open_directory("/state", inbox, {.checkpoint_bytes = 1'500, .files = &disk});
        const auto begin = last_change(*store);
        for (auto number = begin + 1; number <= begin + change_count; ++number) {
            stage_change(*store, number);
            store->commit([&acknowledged, number] { acknowledged = number; });
            if (number % 4 == 0) store->flush();
        }
    } catch (const Fatal&) {
        // The power went; what was acknowledged before counts.
    }
    inbox.run();
    return acknowledged;
}

void check_prefix(PowerCutFiles& disk, std::uint64_t acknowledged) {
    WorkQueue inbox;
    const auto store = open_directory("/state", inbox, {.files = &disk});
    const auto last = last_change(*store);
    CHECK(last >= acknowledged);
    const auto model = memory_store();
    for (std::uint64_t number = 1; number <= last; ++number) stage_change(*model, number);
    const auto what = difference(*store, *model);
    CHECK_MESSAGE(!what, what.value_or(""));
}

}  // namespace

TEST_SUITE_BEGIN("state/power_cut");

// Proves: defect 73-75; invariant I-25.
TEST_CASE("a power cut at any operation loses nothing acknowledged and leaves whole changes") {
    PowerCutFiles counting;
    REQUIRE(live(counting, 0) == change_count);
    const auto operations = counting.operations();
    REQUIRE(operations > 100);
    for (std::uint64_t at = 1; at <= operations; ++at) {
        CAPTURE(at);
        PowerCutFiles disk(at);
        const auto acknowledged = live(disk, 0);
        check_prefix(*disk.after_cut(static_cast<std::uint32_t>(at)), acknowledged);
    }
}

TEST_SUITE_END();

}  // namespace csim
