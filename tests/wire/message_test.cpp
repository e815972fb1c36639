// Encoding and strict decoding of wire messages.
#include "wire/message.hpp"

#include "core/json_codec.hpp"
#include "core/rng.hpp"
#include "wire/action_bodies.hpp"
#include "wire/body_of.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

TEST_SUITE_BEGIN("wire/message");

namespace csim {
namespace {

Message data_message(Body body) {
    Message message;
    message.fqdn = "oss1.example.com";
    message.plugin = "linux";
    message.session_id = "l-1";
    message.session_seq = 12;
    message.body = std::move(body);
    return message;
}

AgentPost post_of(std::vector<Message> messages) {
    return {"2023-11-14T22:13:20Z", "2026-11-21T01:28:12.753437+00:00Z", std::move(messages)};
}

std::string valid_post() {
    return encode(post_of({data_message(Body(Json{{"a", 1}}))}));
}

std::string changed(const std::string& path, Json value) {
    Json post = Json::parse(valid_post());
    post[Json::json_pointer(path)] = std::move(value);
    return post.dump();
}

std::string without(const std::string& parent, const char* key) {
    Json post = Json::parse(valid_post());
    post[Json::json_pointer(parent)].erase(key);
    return post.dump();
}

}  // namespace

TEST_CASE("a post survives encoding and decoding") {
    Message request;
    request.fqdn = "oss1.example.com";
    request.type = MessageType::session_create_request;
    request.plugin = "lustre";
    const std::string text = encode(post_of({request, data_message(Body(Json{{"devs", Json::object()}}))}));
    const auto post = decode_post(text);
    REQUIRE(post.has_value());
    CHECK(post->server_boot_time == "2023-11-14T22:13:20Z");
    REQUIRE(post->messages.size() == 2);
    CHECK(post->messages[0].type == MessageType::session_create_request);
    CHECK_FALSE(post->messages[0].session_id.has_value());
    CHECK(post->messages[0].body.is_null());
    CHECK(post->messages[1].session_seq == 12);
    CHECK(post->messages[1].body.to_json() == Json{{"devs", Json::object()}});
    CHECK(encode(*post) == text);
}

TEST_CASE("every key of a message is on the wire") {
    const Json message = Json::parse(valid_post())["messages"][0];
    for (const char* key : {"fqdn", "type", "plugin", "session_id", "session_seq", "body"})
        CHECK(message.contains(key));
    CHECK(message.size() == 6);
}

TEST_CASE("text is pure ASCII whatever it means") {
    const std::string text =
        encode(post_of({data_message(Body(Json("gr\xc3\xbc\xc3\x9f \xf0\x9f\x92\xbe \xff")))}));
    for (const char c : text) CHECK((c >= 0x20 && c < 0x7f));
    const auto post = decode_post(text);
    REQUIRE(post.has_value());
    CHECK(post->messages[0].body.to_json() == Json("gr\xc3\xbc\xc3\x9f \xf0\x9f\x92\xbe \xef\xbf\xbd"));
}

TEST_CASE("sizes are exact") {
    const std::vector<Body> bodies = {
        Body(), Body(Json::object()), Body(Json("\"\\\n\x01 \xc3\xa9 \xf0\x9f\x92\xbe")),
        Body(Json{1.5, -3, true, {{"k\t", {}}}}), Body::of(std::make_shared<const ActionCompletion>())};
    std::vector<Message> messages;
    std::size_t sum = encoded_size(post_of({}));
    CHECK(sum == encode(post_of({})).size());
    for (const Body& body : bodies) {
        std::string text;
        body.append_to(text);
        CHECK(body.text_size() == text.size());
        messages.push_back(data_message(body));
        const std::size_t before = encode(post_of({})).size();
        CHECK(encoded_size(messages.back()) == encode(post_of({messages.back()})).size() - before);
        sum += encoded_size(messages.back()) + (messages.size() > 1 ? 1 : 0);
    }
    CHECK(encoded_size(post_of(messages)) == encode(post_of(messages)).size());
    CHECK(sum == encode(post_of(messages)).size());
}

TEST_CASE("what is wrong in a post is named by its path") {
    struct Case {
        std::string text;
        const char* says;
    };
    for (const Case& c : {
             Case{without("/messages/0", "fqdn"), "/messages/0/fqdn"},
             Case{without("/messages/0", "session_seq"), "/messages/0/session_seq"},
             Case{without("/messages/0", "body"), "/messages/0/body"},
             Case{without("", "messages"), "/messages"},
             Case{changed("/messages", 3), "/messages"},
             Case{changed("/messages/1", "x"), "/messages/1"},
             Case{changed("/messages/0/fqdn", nullptr), "/messages/0/fqdn"},
             Case{changed("/messages/0/type", 5), "/messages/0/type"},
             Case{changed("/messages/0/plugin", nullptr), "/messages/0/plugin"},
             Case{changed("/messages/0/session_id", Json::array()), "/messages/0/session_id"},
             Case{changed("/messages/0/session_seq", 1.5), "/messages/0/session_seq"},
             Case{changed("/messages/0/session_seq", UINT64_MAX), "/messages/0/session_seq"},
             Case{changed("/client_start_time", 5), "/client_start_time"},
         }) {
        CAPTURE(c.text);
        const auto post = decode_post(c.text);
        REQUIRE(post.has_error());
        CHECK(post.error().code == Errc::bad_argument);
        CHECK(post.error().detail.rfind(std::string(c.says) + ":", 0) == 0);
    }
}

TEST_CASE("text that is no JSON object is refused") {
    for (const char* text : {"", "x", "[]", "3", "{\"messages\": [}", "{\"messages\":[]}x", "\xff\xfe"}) {
        CAPTURE(std::string(text));
        CHECK(decode_post(text).has_error());
        CHECK(decode_messages(text).has_error());
    }
}

TEST_CASE("posts with damaged bytes are refused or understood but never break anything") {
    Rng rng(3);
    const std::string good = valid_post();
    std::size_t understood = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string text = good;
        for (std::int64_t damage = rng.between(1, 4); damage > 0; --damage) {
            const auto at =
                static_cast<std::size_t>(rng.between(0, static_cast<std::int64_t>(text.size()) - 1));
            switch (rng.between(0, 2)) {
                case 0:
                    text[at] = static_cast<char>(rng.between(0, 255));
                    break;
                case 1:
                    text.erase(at, static_cast<std::size_t>(rng.between(1, 30)));
                    break;
                default:
                    text.insert(
                        at, text.substr(static_cast<std::size_t>(rng.between(0, 100)) % text.size(), 20)
                    );
            }
            if (text.empty()) break;
        }
        const auto post = decode_post(text);
        if (post) ++understood;
        if (post) CHECK(decode_post(encode(*post)).has_value());
        if (!post) CHECK_FALSE(post.error().detail.empty());
        decode_messages(text);
    }
    CHECK(understood > 0);
    CHECK(understood < 3000);
}

TEST_CASE("size and nesting are limited") {
    const auto too_long = decode_post(std::string(post_bytes_max + 1, ' '));
    REQUIRE(too_long.has_error());
    CHECK(too_long.error().code == Errc::exhausted);
    const std::string deep = R"({"messages":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
    CHECK(decode_post(deep).has_error());
    CHECK(decode_messages(deep).has_error());
}

TEST_CASE("times may be absent unless a session is asked for") {
    CHECK(decode_post(R"({"messages":[]})").has_value());
    CHECK(decode_post(without("", "client_start_time")).has_value());
    Json post = Json::parse(without("", "client_start_time"));
    post["messages"][0]["type"] = "SESSION_CREATE_REQUEST";
    const auto refused = decode_post(post.dump());
    REQUIRE(refused.has_error());
    CHECK(refused.error().detail == "/client_start_time: missing");
}

TEST_CASE("an unknown type is kept as such and a reply's bad entry spoils no other") {
    const auto post = decode_post(changed("/messages/0/type", "SESSION_PAUSE"));
    REQUIRE(post.has_value());
    CHECK(post->messages[0].type == MessageType::unknown);
    CHECK(post->messages[0].fqdn == "oss1.example.com");
    const auto messages = decode_messages(R"({"messages":[{"type":"DATA"},7,
        {"fqdn":"a","type":"SESSION_TERMINATE_ALL","plugin":null,
         "session_id":null,"session_seq":null,"body":null}]})");
    REQUIRE(messages.has_value());
    REQUIRE(messages->size() == 3);
    CHECK((*messages)[0].type == MessageType::unknown);
    CHECK((*messages)[1].type == MessageType::unknown);
    CHECK((*messages)[2].type == MessageType::session_terminate_all);
}

TEST_CASE("a reply survives encoding and decoding") {
    Message terminate;
    terminate.fqdn = "a";
    terminate.type = MessageType::session_terminate;
    terminate.plugin = "linux";
    const std::string text = encode_messages({terminate, data_message(Body(Json(0)))});
    const auto messages = decode_messages(text);
    REQUIRE(messages.has_value());
    CHECK(encode_messages(*messages) == text);
    CHECK(encode_messages({}) == R"({"messages":[]})");
}

TEST_CASE("colons and plus signs are percent-encoded in the long poll's target") {
    CHECK(
        message_target({"2023-11-14T22:13:20Z", "2026-11-21T01:28:12.753437+00:00Z"}) ==
        "/agent/message/?server_boot_time=2023-11-14T22%3A13%3A20Z&client_start_time="
        "2026-11-21T01%3A28%3A12.753437%2B00%3A00Z"
    );
}

TEST_CASE("every type has its own wire name") {
    std::map<std::string_view, int> names;
    for (const auto type :
         {MessageType::session_create_request, MessageType::session_create_response,
          MessageType::session_terminate, MessageType::session_terminate_all, MessageType::data}) {
        ++names[wire_name(type)];
    }
    CHECK(names.size() == 5);
    CHECK(names.count("SESSION_CREATE_RESPONSE") == 1);
}

/// Posts and replies that the original exchanged, decoded and encoded again.
TEST_CASE("captured messages survive decoding and encoding") {
    const char* captures = std::getenv("CSIM_CAPTURES");
    if (captures == nullptr) {
        MESSAGE("skipped: CSIM_CAPTURES names no folder of captures");
        return;
    }
    std::size_t posts = 0;
    std::size_t replies = 0;
    for (const char* name :
         {"02-session/post-envelope-multi-data.json", "02-session/post-session-create-requests.json",
          "02-session/get-first-terminate-all-and-create-responses.json", "02-session/get-empty-poll.json",
          "10-timeline/test000-run-first-70s.json"}) {
        CAPTURE(name);
        std::ifstream file(std::string(captures) + "/wire/" + name);
        REQUIRE(file.good());
        std::stringstream text;
        text << file.rdbuf();
        Json entries = Json::parse(text.str());
        if (!entries.is_array()) entries = Json::array({entries});
        for (const Json& entry : entries) {
            if (entry["kind"] == "post") {
                const auto post = decode_post(entry["body"].dump());
                REQUIRE(post.has_value());
                CHECK(Json::parse(encode(*post)) == entry["body"]);
                ++posts;
            } else if (entry["kind"] == "get" && entry["response"].is_object()) {
                const auto messages = decode_messages(entry["response"].dump());
                REQUIRE(messages.has_value());
                CHECK(Json::parse(encode_messages(*messages)) == entry["response"]);
                const auto& query = entry["query"];
                CHECK(
                    message_target(
                        {std::string(query["server_boot_time"]), std::string(query["client_start_time"])}
                    ) == entry["path"]
                );
                ++replies;
            }
        }
    }
    CHECK(posts > 3);
    CHECK(replies > 3);
}

}  // namespace csim
