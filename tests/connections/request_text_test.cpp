// Requests that are filled in, and the files that they come from.
#include "connections/http/request_text.hpp"

#include <doctest/doctest.h>

#include <regex>
#include <set>

TEST_SUITE_BEGIN("connections/request_text");

using namespace csim;
using namespace csim::connections;

namespace {

std::string filled(std::string_view text, const RequestValues& values) {
    std::string made;
    FilledText(text).append(values, made);
    return made;
}

}  // namespace

// Proves: connection C-29.
TEST_CASE("places are filled in, everything else stays as it is") {
    const RequestValues at{7, 3, 42};
    const std::pair<const char*, const char*> cases[] = {
        {"", ""},
        {"/plain", "/plain"},
        {"/{index}/{request}", "/7/3"},
        {"{index}{index}", "77"},
        {R"({"a": {index}, "b": {"c": 1}})", R"({"a": 7, "b": {"c": 1}})"},
        {"{", "{"},
        {"{{index}}", "{7}"},
        {"{nothing}", "{nothing}"},
        {"{index", "{index"},
        {"{random:0}{random:}{random:x}", "{random:0}{random:}{random:x}"},
    };
    for (const auto& [text, wanted] : cases) CHECK(filled(text, at) == wanted);
}

TEST_CASE("what is random differs between requests, connections, places and seeds, and comes again") {
    std::set<std::string> seen;
    for (std::uint64_t index = 0; index < 20; ++index)
        for (std::uint64_t request = 0; request < 20; ++request)
            for (const std::uint64_t seed : {1, 2}) {
                const RequestValues at{index, request, seed};
                const std::string made = filled("{random:20}", at), two = filled("{uuid} {uuid}", at);
                CHECK(made == filled("{random:20}", at));
                CHECK(made.find_first_not_of("0123456789abcdef") == made.npos);
                CHECK(made.size() == 20);
                CHECK(seen.insert(made).second);
                CHECK(two.substr(0, 36) != two.substr(37));
            }
    static const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    for (std::uint64_t index = 0; index < 50; ++index)
        CHECK(std::regex_match(filled("{uuid}", {index, 0, 9}), uuid));
}

TEST_CASE("in paths and fields a place that is none is a mistake") {
    for (const char* text : {"/{indx}", "{random:0}", "{random:99999999}", "{", "{index", "{}"})
        CHECK_MESSAGE(FilledText::parse(text, true).has_error(), text);
    for (const char* text : {"", "/x", "/{index}", "/{random:65536}"})
        CHECK_MESSAGE(FilledText::parse(text, true).has_value(), text);
}

TEST_CASE("a request file has a first line, fields and a body, or is told what is wrong with which line") {
    const auto whole =
        parse_request_file("POST /a?b={index}\nContent-Type: text/plain\r\nX: y: z\n\nbody\n\nmore\n");
    REQUIRE(whole.has_value());
    CHECK(whole->method == "POST");
    CHECK(whole->path == "/a?b={index}");
    CHECK(whole->fields == std::vector<std::string>{"Content-Type: text/plain", "X: y: z"});
    CHECK(whole->body == "body\n\nmore\n");
    CHECK(parse_request_file("GET /")->body.empty());
    const std::pair<const char*, const char*> wrong[] = {
        {"", "is empty"},
        {"GET", "line 1"},
        {" /x", "line 1"},
        {"GET ", "line 1"},
        {"GET /\nX: y\nbody without an empty line", "line 3"},
        {"GET /\n: y", "line 2"},
    };
    for (const auto& [text, words] : wrong) {
        const auto parsed = parse_request_file(text);
        REQUIRE(parsed.has_error());
        CHECK(parsed.error().detail.find(words) != std::string::npos);
    }
}
