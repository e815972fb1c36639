// Bodies that stay typed values until text is needed.
#include "wire/body.hpp"

#include "core/json_codec.hpp"
#include "wire/action_bodies.hpp"
#include "wire/body_of.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

TEST_SUITE_BEGIN("wire/body");

namespace csim {
namespace {

struct Sample {
    std::string name;
    std::optional<int> count;
    std::vector<double> ratios;
    std::map<std::string, Json> extras;
    bool up = false;
    std::map<int, std::string> numbers;
    std::optional<Duration> takes;
};
BOOST_DESCRIBE_STRUCT(Sample, (), (name, count, ratios, extras, up, numbers, takes))

Sample sample() {
    return {"caf\xc3\xa9 \"x\"\n", 3,    {0.5, 1e30}, {{"a\\", Json{1, nullptr, "z"}}}, true,
            {{7, "seven"}},        250ms};
}

}  // namespace

TEST_CASE("a typed body writes the text that the codec means") {
    const Body body = Body::of(std::make_shared<const Sample>(sample()));
    std::string text;
    body.append_to(text);
    CHECK(body.text_size() == text.size());
    CHECK(Json::parse(text) == to_json_value(sample()));
    CHECK(body.to_json() == to_json_value(sample()));
}

TEST_CASE("a typed body stays itself and JSON decodes into one") {
    const auto value = std::make_shared<const Sample>(sample());
    const Body typed = Body::of(value);
    CHECK(typed.get_if<Sample>() == value);
    CHECK(typed.get_if<ActionCompletion>() == nullptr);
    CHECK(*typed.as<Sample>() == value);
    const Body json(typed.to_json());
    CHECK(json.get_if<Sample>() == nullptr);
    REQUIRE(json.as<Sample>().has_value());
    CHECK((*json.as<Sample>())->name == sample().name);
    const auto wrong = Body(Json{{"name", 3}}).as<Sample>();
    REQUIRE(wrong.has_error());
    CHECK(wrong.error().detail.find("/name") != std::string::npos);
}

TEST_CASE("no body differs from an empty object") {
    CHECK(Body().is_null());
    CHECK(Body(Json()).is_null());
    CHECK_FALSE(Body(Json::object()).is_null());
    CHECK_FALSE(Body(Json(false)).is_null());
    CHECK(Body().to_json().is_null());
}

TEST_CASE("action bodies have all their keys and splice text") {
    auto completion = std::make_shared<ActionCompletion>();
    completion->id = "a-1";
    completion->result.text = R"({"x":[1,2]})";
    std::string text;
    Body::of(std::shared_ptr<const ActionCompletion>(completion)).append_to(text);
    CHECK(Json::parse(text) == Json::parse(R"({"type":"ACTION_COMPLETE","id":"a-1","result":{"x":[1,2]},
        "exception":null,"subprocesses":[]})"));
    const auto back = Body(Json::parse(text)).as<ActionCompletion>();
    REQUIRE(back.has_value());
    CHECK((*back)->result.text == R"({"x":[1,2]})");
}

TEST_CASE("memory of a body is used again only when nobody holds what it said") {
    ReusedBody<Sample> reused;
    reused.next().name = "first";
    Body first = reused.body();
    const auto held = first.get_if<Sample>();
    reused.next().name = "second";
    const Body second = reused.body();
    CHECK(held->name == "first");
    CHECK(second.get_if<Sample>()->name == "second");
    CHECK(first.to_json()["name"] == "first");
    // The value alone keeps the memory, without its body.
    first = Body();
    CHECK(held->name == "first");
}

TEST_CASE("a body that nobody holds any more is filled in again") {
    ReusedBody<Sample> reused;
    reused.next().count = 7;
    const void* place = nullptr;
    {
        const Body said = reused.body();
        place = said.get_if<Sample>().get();
    }
    Sample& again = reused.next();
    CHECK(&again == place);
    CHECK(again.count == 7);
}

}  // namespace csim
