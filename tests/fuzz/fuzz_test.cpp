// A short, repeatable run of every fuzz target: its seeds, and inputs made from them.
#include "tests/fuzz/mutation.hpp"
#include "tests/fuzz/targets.hpp"

#include <doctest/doctest.h>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("fuzz");

namespace {

std::string printable(const std::string& input) {
    std::string text;
    for (const char c : input) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f) {
            text += c;
        } else {
            static constexpr char digits[] = "0123456789abcdef";
            text += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return text;
}

void check(const FuzzTarget& target, const std::string& input) {
    try {
        target.run(input);
    } catch (const std::exception& failure) {
        FAIL_CHECK(target.name << ": " << failure.what() << "; input: " << printable(input));
    }
}

void run(const std::vector<FuzzTarget>& targets, int inputs) {
    // CSIM_FUZZ_INPUTS=100000 digs deeper; CSIM_SEED=7 elsewhere.
    const char* more = std::getenv("CSIM_FUZZ_INPUTS");
    const char* seed = std::getenv("CSIM_SEED");
    const int count = more == nullptr ? inputs : std::stoi(more);
    for (const FuzzTarget& target : targets) {
        Rng rng = Rng(seed == nullptr ? 1 : std::stoull(seed)).stream(target.name);
        for (const std::string& input : target.seeds) check(target, input);
        for (int i = 0; i < count; ++i) check(target, mutated(rng, target.seeds));
    }
}

}  // namespace

TEST_CASE("parsers refuse or understand whatever they are fed") {
    run(wire_targets(), 2'000);
}

TEST_CASE("connections of a load test survive whatever their peers send") {
    run(connection_targets(), 2'000);
}

TEST_CASE("the manager answers every request and takes every report as it is specified to") {
    run(manager_targets(), 600);
}

TEST_SUITE_END();
