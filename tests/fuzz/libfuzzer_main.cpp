// One target as a libFuzzer program: CSIM_FUZZ_TARGET names it.
#define DOCTEST_CONFIG_IMPLEMENT
#include "tests/fuzz/targets.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>

namespace {

const csim::test::FuzzTarget& chosen() {
    static doctest::Context context;
    context.setAsDefaultForAssertsOutOfTestCases();
    static const std::vector<csim::test::FuzzTarget> targets = csim::test::CSIM_FUZZ_GROUP();
    for (const auto& target : targets) {
        if (std::string_view(target.name) == CSIM_FUZZ_TARGET) return target;
    }
    std::cerr << "there is no fuzz target " << CSIM_FUZZ_TARGET << "\n";
    std::exit(2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const csim::test::FuzzTarget& target = chosen();
    // An exception that is let out is what libFuzzer reports as a crash.
    target.run({reinterpret_cast<const char*>(data), size});
    return 0;
}
