#include "core/rng.hpp"

#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

TEST_SUITE_BEGIN("core/rng");

using namespace csim;

TEST_CASE("a seed gives the same numbers with every compiler") {
    Rng rng(42);
    CHECK(rng.next() == 0x15780b2e0c2ec716);
    CHECK(rng.next() == 0x6104d9866d113a7e);
    Rng boot = Rng(42).stream("boot/test000");
    CHECK(boot.next() == 0x296341b0d36cd059);
    CHECK(boot.between(std::int64_t(-5), std::int64_t(1'000'000)) == 401206);
    CHECK(std::int64_t(boot.unit() * 1e15) == 340650573769680);
    CHECK(std::int64_t(boot.triangular(1, 2, 10) * 1e12) == 5195433000486);
    CHECK(boot.uuid() == "3d167d62-9880-4ac6-85ad-c92af788a1f0");
}

TEST_CASE("a stream depends on seed and name but not on draws made") {
    for_each_seed(50, [](std::uint64_t seed) {
        Rng fresh(seed), used(seed);
        for (std::uint64_t i = 0; i < seed; ++i) used.next();
        Rng a = fresh.stream("a"), again = used.stream("a");
        for (int i = 0; i < 10; ++i) CHECK(a.next() == again.next());
    });
}

TEST_CASE("streams of like names and seeds share no numbers") {
    std::set<std::uint64_t> seen;
    std::size_t drawn = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed)
        for (const char* name : {"", "a", "b", "ab", "ba", "a/1", "a/2", "aa", "aaa"}) {
            Rng rng = Rng(seed).stream(name);
            for (int i = 0; i < 10; ++i, ++drawn) seen.insert(rng.next());
        }
    CHECK(seen.size() == drawn);
    Rng ab = Rng(1).stream("a").stream("b"), ba = Rng(1).stream("b").stream("a");
    CHECK(ab.next() != ba.next());
}

TEST_CASE("numbers between two bounds reach both and nothing else and are even") {
    Rng rng(3);
    std::map<std::int64_t, int> counts;
    for (int i = 0; i < 60'000; ++i) ++counts[rng.between(std::int64_t(-2), std::int64_t(3))];
    CHECK(counts.size() == 6);
    CHECK(counts.begin()->first == -2);
    for (const auto& [value, count] : counts) CHECK(std::abs(count - 10'000) < 500);
    CHECK(rng.between(5s, 5s) == 5s);
    for (int i = 0; i < 100; ++i) rng.between(INT64_MIN, INT64_MAX);
}

TEST_CASE("a chance of nought never comes and a chance of one always does") {
    Rng rng(4);
    int third = 0;
    for (int i = 0; i < 30'000; ++i) {
        CHECK_FALSE(rng.chance({0, 7}));
        CHECK(rng.chance({7, 7}));
        third += rng.chance({1, 3});
    }
    CHECK(std::abs(third - 10'000) < 400);
}

TEST_CASE("unit and triangular draws stay in range and have the right mean") {
    Rng rng(5);
    double units = 0, triangles = 0;
    for (int i = 0; i < 50'000; ++i) {
        const double unit = rng.unit();
        CHECK((unit >= 0 && unit < 1));
        const double triangle = rng.triangular(1, 2, 9);
        CHECK((triangle >= 1 && triangle <= 9));
        units += unit;
        triangles += triangle;
    }
    CHECK(std::abs(units / 50'000 - 0.5) < 0.01);
    CHECK(std::abs(triangles / 50'000 - 4.0) < 0.05);
    CHECK(rng.triangular(2, 2, 2) == 2);
}

TEST_CASE("a uuid is of version 4 in lower case and never the same twice") {
    Rng rng(6);
    std::set<std::string> seen;
    for (int i = 0; i < 1'000; ++i) {
        const std::string uuid = rng.uuid();
        CHECK(uuid.size() == 36);
        CHECK(uuid[14] == '4');
        CHECK(std::string("89ab").find(uuid[19]) != std::string::npos);
        CHECK(uuid.find_first_not_of("0123456789abcdef-") == std::string::npos);
        seen.insert(uuid);
    }
    CHECK(seen.size() == 1'000);
}

TEST_SUITE_END();
