// Time, UTC text, durations, shared text, hex and base64.
#include "core/duration_text.hpp"
#include "core/hex.hpp"
#include "core/rng.hpp"
#include "core/shared_text.hpp"
#include "core/utc.hpp"
#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <stdexcept>

TEST_SUITE_BEGIN("core/values");

using namespace csim;

TEST_CASE("arithmetic that leaves the range of time throws") {
    CHECK_THROWS_AS(SimTime::max() + 1ns, std::overflow_error);
    CHECK_THROWS_AS(SimTime::from_unix_ns(INT64_MIN) - 1ns, std::overflow_error);
    CHECK_THROWS_AS(SimTime::max() - SimTime::from_unix_ns(-1), std::overflow_error);
    CHECK(SimTime::max() - SimTime::from_unix_ns(1) == Duration(INT64_MAX - 1));
}

// Proves: defect 81.
TEST_CASE("an instant has the text forms that each place on the wire wants") {
    const SimTime at = SimTime::from_unix_ns(1'795'224'492'753'437'000);
    CHECK(utc_text(at) == "2026-11-21T01:28:12.753437+00:00");
    CHECK(utc_text_z(at) == "2026-11-21T01:28:12.753437+00:00Z");
    CHECK(utc_text_bare(at) == "2026-11-21T01:28:12.753437");
    CHECK(utc_text_seconds(at) == "2026-11-21 01:28:12+00:00");
    const SimTime whole = SimTime::from_unix_ns(1'795'224'492'000'000'000);
    CHECK(utc_text(whole) == "2026-11-21T01:28:12.000000+00:00");
    CHECK(utc_text_bare(whole) == "2026-11-21T01:28:12");
    CHECK(utc_text(SimTime::from_unix_ns(-1)) == "1969-12-31T23:59:59.999999+00:00");
    CHECK(utc_text_exact(at + 1ns) == "2026-11-21T01:28:12.753437001+00:00");
}

TEST_CASE("every spelling that managers tolerate means the same instant") {
    struct Case {
        const char* text;
        const char* means;
    };
    const Case cases[] = {
        {"2026-11-21T01:28:12.753437+00:00Z", "2026-11-21T01:28:12.753437"},
        {"2026-11-21T01:28:12Z", "2026-11-21T01:28:12"},
        {"2026-11-21 01:28:12", "2026-11-21T01:28:12"},
        {"2026/11/21 01:28:12", "2026-11-21T01:28:12"},
        {"2026-11-21T03:28:12+02:00Z", "2026-11-21T01:28:12"},
        {"2026-11-21T03:28:12+0200", "2026-11-21T01:28:12"},
        {"2026-11-20T20:58:12-04:30", "2026-11-21T01:28:12"},
        {"2026-11-21T01:28:12.5", "2026-11-21T01:28:12.500000"},
        {"2026-11-21T01:28:12.000001", "2026-11-21T01:28:12.000001"},
        {"2026-11-21", "2026-11-21T00:00:00"},
        {"01:28:12", "1900-01-01T01:28:12"},
        {"from 2020-01-01T00:00:00 to 2026-11-21T01:28:12", "2026-11-21T01:28:12"},
        {"2024-02-29", "2024-02-29T00:00:00"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.text);
        const auto at = parse_utc(c.text);
        REQUIRE_MESSAGE(at.has_value(), at.error());
        CHECK(utc_text_bare(*at) == c.means);
    }
}

TEST_CASE("what is no instant is refused with a sentence") {
    const std::string too_long(10'000, '1');
    const char* const texts[] = {
        "",
        "now",
        "2026-11-21T01:28:12.Z",
        "2026-11-21T01:28:12.7534371Z",
        "2026-13-01",
        "2026-02-29",
        "2026-11-21T24:00:00",
        "2026-11-21T01:60:00",
        "2026-11-21T01:28:12+25:00",
        "2500-01-01",
        "0001-01-01",
        too_long.c_str(),
    };
    for (const char* text : texts) {
        CAPTURE(text);
        const auto at = parse_utc(text);
        REQUIRE_FALSE(at.has_value());
        CHECK(at.error().code == Errc::bad_argument);
        CHECK(at.error().detail.starts_with("expected"));
    }
    CHECK(parse_utc_exact("2026-11-21T01:28:12.753437123Z").has_value());
}

TEST_CASE("instants and spans survive their text") {
    for_each_seed(500, [](std::uint64_t seed) {
        Rng rng(seed);
        const std::int64_t ns = rng.between(INT64_MIN + 2'000'000'000, INT64_MAX);
        const std::int64_t zeros[] = {1, 1'000, 1'000'000, 1'000'000'000, 60'000'000'000};
        const std::int64_t unit = zeros[rng.between(std::int64_t(0), std::int64_t(4))];
        const SimTime at = SimTime::from_unix_ns(ns);
        CHECK(parse_utc_exact(utc_text_exact(at)).value() == at);
        const SimTime micro = SimTime::from_unix_ns(ns / 1'000 * 1'000);
        CHECK(parse_utc(utc_text_z(micro)).value() == micro);
        CHECK(
            parse_duration(duration_text(Duration(ns / unit * unit))).value() == Duration(ns / unit * unit)
        );
    });
    CHECK(parse_duration(duration_text(Duration::min())).value() == Duration::min());
    CHECK(parse_duration(duration_text(Duration::max())).value() == Duration::max());
}

TEST_CASE("durations are read and written as people write them") {
    CHECK(duration_text(250ms) == "250ms");
    CHECK(duration_text(0s) == "0s");
    CHECK(duration_text(90s) == "90s");
    CHECK(duration_text(2h) == "2h");
    CHECK(duration_text(-5s) == "-5s");
    CHECK(parse_duration("1h30m").value() == 90min);
    CHECK(parse_duration("1.5s").value() == 1500ms);
    CHECK(parse_duration("2d").value() == 48h);
    CHECK(parse_duration("0.5d").value() == 12h);
    CHECK(parse_duration("-1m1ns").value() == -(1min + 1ns));
    for (const char* text :
         {"", "-", "10", "s", "10 s", "5s3m", "1s1s", "1.s", ".5s", "0.0000000001s", "99999999d", "+1s",
          "1H"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text).has_value());
    }
}

TEST_CASE("bytes survive hexadecimal and base64 text") {
    for_each_seed(100, [](std::uint64_t seed) {
        Rng rng(seed);
        std::string bytes;
        for (std::uint64_t i = 0; i < seed; ++i) bytes += static_cast<char>(rng.next());
        CHECK(parse_hex(hex_text(bytes)).value() == bytes);
        CHECK(parse_base64(base64_text(bytes)).value() == bytes);
    });
    CHECK(hex_text(std::string("\x00\xff\x10", 3)) == "00ff10");
    CHECK(base64_text("fo") == "Zm8=");
    CHECK(base64_text("foobar") == "Zm9vYmFy");
    for (const char* text : {"Z", "Zm8", "Zm9=", "Zm=v", "====", "Zm8=Zm8=", "Z m8"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_base64(text).has_value());
    }
    CHECK_FALSE(parse_hex("abc").has_value());
    CHECK_FALSE(parse_hex("0g").has_value());
}

TEST_SUITE_END();

TEST_CASE("shared text reads as what it was made of, and equal texts are equal wherever they lie") {
    const SharedText none;
    CHECK(none.empty());
    CHECK(none == "");
    CHECK(none.shares(SharedText("")));
    const SharedText one("lustre"), copy = one, other(std::string("lustre"));
    CHECK(copy.shares(one));
    CHECK_FALSE(other.shares(one));
    CHECK(other == one);
    CHECK(one == std::string("lustre"));
    CHECK(one != std::string_view("linux"));
    CHECK(one.size() == 6);
    CHECK(std::string(one) + "!" == "lustre!");
    CHECK(std::optional<SharedText>(one) == "lustre");
}
