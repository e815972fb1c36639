#include "core/json_codec.hpp"

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

TEST_SUITE_END();
