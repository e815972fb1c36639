// Anything may be done to a cluster of 64 nodes in any order, with restarts in between: every promise holds.
#include "tests/sim/walk/walk.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

TEST_SUITE_BEGIN("sim/walk");

using namespace csim;

namespace {

constexpr std::uint64_t steps_in_ci = 1500;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::stoull(text);
}

std::string told(const std::map<std::string, std::uint64_t>& counts) {
    std::string text;
    for (const auto& [name, count] : counts) text += "\n  " + std::to_string(count) + " " + name;
    return text;
}

}  // namespace

// Proves: invariant I-1, I-2, I-3, I-4, I-5, I-6, I-7, I-8, I-9, I-10, I-11, I-13, I-14, I-15, I-16, I-17,
// I-18, Proves: invariant I-19, I-20, I-21, I-22, I-23, I-24, I-27, I-28, I-29; defect 6, 7, 59.
TEST_CASE("every promise holds after every step of a walk through everything that can be done") {
    const std::uint64_t seed = from_environment("CSIM_SEED", 1);
    const std::uint64_t steps = from_environment("CSIM_WALK_STEPS", steps_in_ci);
    Walk walk(seed);
    for (std::uint64_t i = 1; i <= steps; ++i) {
        const auto wrong = walk.step();
        INFO("step " << i << ": " << walk.last());
        INFO("reproduce with CSIM_SEED=" << seed << " ./dev walk " << i);
        for (const std::string& line : wrong) FAIL_CHECK(line);
        REQUIRE(wrong.empty());
    }
    MESSAGE(
        "seed " << seed << ", " << steps << " operations, " << walk.world().events() << " events, "
                << walk.world().world().node_count() << " nodes at the end, digest " << walk.world().digest()
                << told(walk.done())
    );
}

// Proves: invariant I-26.
TEST_CASE("the same seed walks the same way through everything") {
    const auto digest_of = [](std::uint64_t seed) {
        Walk walk(seed);
        for (int i = 0; i < 200; ++i) (void)walk.step();
        return std::pair(walk.world().digest(), walk.world().writes());
    };
    const std::uint64_t seed = from_environment("CSIM_SEED", 7);
    CHECK(digest_of(seed) == digest_of(seed));
    CHECK(digest_of(seed) != digest_of(seed + 1));
}

TEST_SUITE_END();
