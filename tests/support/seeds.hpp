// Property tests over many seeds, with one line that brings a failure back.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace csim {

/// Runs `check(seed)` for `count` seeds, or for the one in CSIM_SEED alone. A failure prints its seed.
template <class Check>
void for_each_seed(std::uint64_t count, Check&& check) {
    const char* chosen = std::getenv("CSIM_SEED");
    const std::uint64_t first = chosen ? std::stoull(chosen) : 1;
    for (std::uint64_t seed = first; seed < first + (chosen ? 1 : count); ++seed) {
        INFO("reproduce with CSIM_SEED=" << seed);
        check(seed);
    }
}

}  // namespace csim
