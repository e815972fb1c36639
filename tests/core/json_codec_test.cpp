#include "core/json_codec.hpp"

#include "core/rng.hpp"
#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("core/json_codec");

namespace {

using namespace csim;

enum class Colour { red, green };
BOOST_DESCRIBE_ENUM(Colour, red, green)

struct Inner {
    std::uint8_t small = 0;
    std::optional<std::string> name;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (small, name))

struct Text {
    std::string held;
    Json to_json() const { return "<" + held + ">"; }
    static Result<Text> from_json(const Json& json, Strictness) {
        const auto text = from_json_value<std::string>(json, Strictness::exact);
        if (!text) return text.error();
        if (text->size() < 2) return Error{Errc::bad_argument, "expected brackets"};
        return Text{text->substr(1, text->size() - 2)};
    }
};

struct Outer {
    bool on = false;
    std::int64_t count = 0;
    double ratio = 0;
    std::string text;
    Colour colour = Colour::red;
    Duration span{};
    SimTime at;
    std::vector<Inner> inners;
    std::array<int, 2> pair{};
    std::pair<std::string, int> tagged;
    std::map<std::string, Inner> by_name;
    std::map<int, bool> by_number;
    Json anything;
    std::optional<std::uint64_t> maybe;
    std::tuple<int, std::string> tuple;
    std::shared_ptr<const Inner> shared;
    Text self;
};
BOOST_DESCRIBE_STRUCT(
    Outer, (),
    (on, count, ratio, text, colour, span, at, inners, pair, tagged, by_name, by_number, anything, maybe,
     tuple, shared, self)
)

}  // namespace

TEST_CASE("a described struct of every kind survives the round trip") {
    Outer outer;
    outer.span = 250ms;
    outer.at = SimTime::from_unix_ns(1'700'000'000'123'456'789);
    outer.inners = {{7, "seven"}, {8, {}}};
    outer.by_name["a/b"] = {1, {}};
    outer.shared = std::make_shared<Inner>();
    outer.self.held = "x";
    outer.by_number[-3] = true;
    outer.anything = {{"free", {1, 2}}};
    const Json json = to_json_value(outer);
    CHECK(json["span"] == "250ms");
    const auto back = from_json_value<Outer>(json, Strictness::exact);
    REQUIRE_MESSAGE(back.has_value(), back.error());
    CHECK(to_json_value(*back) == json);
    CHECK(back->at == outer.at);
    const Result<Json> same = from_json_value<Json>(json, Strictness::exact);
    CHECK(*same == json);
}

TEST_CASE("whatever is wrong in a document is told with its path") {
    Json good = to_json_value(Outer{});
    good["inners"] = {{{"small", 1}, {"name", nullptr}}};
    good["by_name"] = {{"a/b~c", {{"small", 1}, {"name", "x"}}}};
    struct Case {
        const char* pointer;
        Json value;
        const char* wrong;
    };
    const Case cases[] = {
        {"/on", 1, "/on: expected true or false"},
        {"/count", "7", "/count: expected an integer"},
        {"/count", 7.5, "/count: expected an integer"},
        {"/count", UINT64_MAX,
         "/count: expected an integer from -9223372036854775808 to 9223372036854775807"},
        {"/ratio", "x", "/ratio: expected a number"},
        {"/text", 5, "/text: expected a text"},
        {"/colour", "blue", "/colour: expected one of red, green"},
        {"/colour", 0, "/colour: expected one of red, green"},
        {"/span", "10", "/span: expected a duration such as \"250ms\" or \"10s\""},
        {"/span", 10, "/span: expected a duration such as \"250ms\" or \"10s\""},
        {"/at", "noon", "/at: expected an instant such as \"2026-11-21T01:28:12+00:00\""},
        {"/inners", Json::object(), "/inners: expected a list"},
        {"/inners/0/small", 256, "/inners/0/small: expected an integer from 0 to 255"},
        {"/inners/0/small", -1, "/inners/0/small: expected an integer from 0 to 255"},
        {"/inners/0/name", 1, "/inners/0/name: expected a text"},
        {"/inners/0", 1, "/inners/0: expected an object"},
        {"/inners/0/extra", 1, "/inners/0/extra: unknown key"},
        {"/pair", {1, 2, 3}, "/pair: expected a list of 2 elements"},
        {"/pair/1", true, "/pair/1: expected an integer"},
        {"/tagged", {"a"}, "/tagged: expected a list of 2 elements"},
        {"/tagged", {"a", "b"}, "/tagged/1: expected an integer"},
        {"/tuple", {1, "a", 2}, "/tuple: expected a list of 2 elements"},
        {"/by_name", Json::array(), "/by_name: expected an object"},
        {"/by_name/a~1b~0c/small", "x", "/by_name/a~1b~0c/small: expected an integer"},
        {"/by_number", {{"x", true}}, "/by_number/x: expected an integer as key"},
        {"/by_number", {{"01", true}}, "/by_number/01: expected an integer as key"},
        {"/maybe", "x", "/maybe: expected an integer"},
        {"/shared", 3, "/shared: expected an object"},
        {"/self", 3, "/self: expected a text"},
        {"/self", "", "/self: expected brackets"},
        {"/unheard", 1, "/unheard: unknown key"},
        {"", 1, "/: expected an object"},
    };
    for (const Case& c : cases) {
        Json json = good;
        json[Json::json_pointer(c.pointer)] = c.value;
        const auto decoded = from_json_value<Outer>(json, Strictness::exact);
        CAPTURE(c.wrong);
        REQUIRE_FALSE(decoded.has_value());
        CHECK(decoded.error().code == Errc::bad_argument);
        CHECK(decoded.error().detail == c.wrong);
    }
}

TEST_CASE("missing and unknown keys are forgiven as far as the strictness says") {
    Json json = to_json_value(Inner{3, "x"});
    json.erase("small");
    CHECK(
        from_json_value<Inner>(json, Strictness::exact).error().detail ==
        "/small: expected this key, which is missing"
    );
    CHECK(from_json_value<Inner>(json, Strictness::saved).has_value());
    json["extra"] = 1;
    CHECK(from_json_value<Inner>(json, Strictness::saved).error().detail == "/extra: unknown key");
    CHECK(from_json_value<Inner>(json, Strictness::lenient).has_value());
    json["name"] = 1;
    CHECK_FALSE(from_json_value<Inner>(json, Strictness::lenient).has_value());
    CHECK(from_json_value<Inner>(Json{{"small", 1}}, Strictness::exact).has_value());
    using Pair = std::tuple<int, std::string>;
    CHECK(from_json_value<Pair>(Json::array({1}), Strictness::lenient).has_value());
    CHECK_FALSE(from_json_value<Pair>(Json::array({1}), Strictness::saved).has_value());
}

TEST_CASE("every integer at the edges of its type survives and its neighbours outside do not") {
    const auto edge = [](auto low, auto high) {
        using T = decltype(low);
        CHECK(*from_json_value<T>(to_json_value(low), Strictness::exact) == low);
        CHECK(*from_json_value<T>(to_json_value(high), Strictness::exact) == high);
        if (sizeof(T) == 8) return;
        CHECK_FALSE(from_json_value<T>(Json(std::int64_t(low) - 1), Strictness::exact).has_value());
        CHECK_FALSE(from_json_value<T>(Json(std::int64_t(high) + 1), Strictness::exact).has_value());
    };
    edge(std::int8_t(INT8_MIN), std::int8_t(INT8_MAX));
    edge(std::uint16_t(0), std::uint16_t(UINT16_MAX));
    edge(std::int32_t(INT32_MIN), std::int32_t(INT32_MAX));
    edge(std::int64_t(INT64_MIN), std::int64_t(INT64_MAX));
    edge(std::uint64_t(0), std::uint64_t(UINT64_MAX));
}

TEST_CASE("text that is no JSON is refused with line and column") {
    CHECK(parse_json("{\"a\": 1}").has_value());
    CHECK(parse_json("{\n  \"a\": ,\n}").error().detail.starts_with("line 2, column 8: "));
    CHECK(parse_json("").error().detail.starts_with("line 1, column 1: "));
    for (const char* text :
         {"{", "[1,]", "nul", "{\"a\"}", "\"\xff\"", "1e999", "[1] x", "{'a': 1}", "\"\\u12\""}) {
        CAPTURE(std::string(text));
        const Result<Json> parsed = parse_json(text);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().code == Errc::bad_argument);
    }
}

TEST_CASE("nesting is limited and brackets inside texts do not count") {
    const std::string deep(65, '['), closed(65, ']');
    CHECK(parse_json(deep.substr(1) + closed.substr(1)).has_value());
    CHECK(parse_json(deep + closed).error().detail == "line 1, column 65: nested more than 64 levels deep");
    CHECK(parse_json("\"" + deep + "\\\"" + deep + "\"").has_value());
    CHECK_FALSE(parse_json(std::string(5'000'000, '[')).has_value());
}

TEST_CASE("hostile bytes never get past the parser by crashing it") {
    const std::string base = to_json_value(Outer{}).dump();
    for_each_seed(300, [&](std::uint64_t seed) {
        Rng rng(seed);
        std::string text = base;
        for (int i = 0; i < 5; ++i)
            text[std::size_t(rng.between(std::int64_t(0), std::int64_t(text.size()) - 1))] =
                static_cast<char>(rng.next());
        const auto parsed = parse_json(text);
        if (!parsed) return;
        const auto decoded = from_json_value<Outer>(*parsed, Strictness::exact);
        if (decoded) CHECK(from_json_value<Outer>(to_json_value(*decoded), Strictness::exact).has_value());
    });
}

TEST_SUITE_END();
