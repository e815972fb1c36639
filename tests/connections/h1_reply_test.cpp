// Replies of HTTP/1.1: whole, cut anywhere, and wrong in every way.
#include "connections/http/h1_reply.hpp"

#include "connections/http/h1_request.hpp"

#include <doctest/doctest.h>

#include <algorithm>

TEST_SUITE_BEGIN("connections/h1");

using namespace csim::connections;

namespace {

struct Good {
    const char* text;
    int status;
    std::uint64_t body;
    bool keeps_open;
    bool to_head = false;
};

const Good good[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200, 3, true},
    {"HTTP/1.1 200 OK\nContent-Length:3\n\nabc", 200, 3, true},
    {"HTTP/1.1 204 No Content\r\n\r\n", 204, 0, true},
    {"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", 304, 0, true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", 200, 0, true, true},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 201 C\r\nContent-Length: "
     "1\r\n\r\nx",
     201, 1, true},
    {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 200, 0, false},
    {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 200, 0, false},
    {"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", 200, 0, true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: "
     "v\r\n\r\n",
     200, 13, true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab", 200, 2, true},
};

const char* const bad[] = {
    "HTTP/2 200 OK\r\n\r\n",
    "220 mail.example\r\n",
    "HTTP/1.1 20 OK\r\n",
    "HTTP/1.1 000 OK\r\n",
    "HTTP/1.1 2000 OK\r\n",
    "HTTP/1.1 200 OK\r\nno colon\r\n",
    "HTTP/1.1 200 OK\r\n: empty\r\n",
    "HTTP/1.1 200 OK\r\nA b: c\r\n",
    "HTTP/1.1 200 OK\r\n folded: c\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
    "HTTP/1.1 101 Switching\r\n\r\n",
};

}  // namespace

// Proves: connection C-7.
TEST_CASE("a reply is understood however it is cut, and nothing behind it is touched") {
    for (const Good& each : good) {
        CAPTURE(each.text);
        const std::string text = each.text;
        for (std::size_t piece = 1; piece <= text.size(); ++piece) {
            H1Reply reply;
            reply.reset(each.to_head);
            const std::string with_more = text + "MORE";
            std::size_t used = 0;
            while (reply.state() == H1Reply::State::need_more && used < with_more.size())
                used += reply.feed(std::string_view(with_more).substr(used, piece));
            REQUIRE(reply.state() == H1Reply::State::complete);
            CHECK(used == text.size());
            CHECK(reply.status() == each.status);
            CHECK(reply.body_bytes() == each.body);
            CHECK(reply.keeps_open() == each.keeps_open);
        }
    }
}

// Proves: connection C-7.
TEST_CASE("a reply without a length ends with the stream, a cut one does not") {
    H1Reply reply;
    reply.feed("HTTP/1.1 200 OK\r\n\r\nsome body");
    CHECK(reply.state() == H1Reply::State::need_more);
    CHECK(reply.feed_end());
    CHECK(reply.body_bytes() == 9);
    CHECK_FALSE(reply.keeps_open());
    reply.reset();
    reply.feed("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nsome");
    CHECK_FALSE(reply.feed_end());
}

// Proves: connection C-7.
TEST_CASE("what is no reply is refused with a phrase") {
    for (const char* each : bad) {
        CAPTURE(each);
        H1Reply reply;
        reply.feed(each);
        CHECK(reply.state() == H1Reply::State::bad);
        CHECK(std::string_view(reply.problem()).size() > 10);
    }
    H1Reply zero;
    zero.feed(std::string_view("HTTP/1.1 200 OK\r\nA: \0\r\n", 24));
    CHECK(zero.state() == H1Reply::State::bad);
    H1Reply endless;
    endless.feed("HTTP/1.1 200 OK\r\nA: " + std::string(70'000, 'a'));
    CHECK(endless.state() == H1Reply::State::bad);
}

TEST_CASE("requests are understood however they are cut, and bad ones get the right refusal") {
    const std::string text =
        "POST /echo?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        H1Request reader;
        const std::string with_more = text + "GET";
        std::size_t used = 0;
        while (reader.state() == H1Request::State::need_more)
            used += reader.feed(std::string_view(with_more).substr(used, piece));
        REQUIRE(reader.state() == H1Request::State::complete);
        CHECK(used == text.size());
        const Request request = reader.take();
        CHECK(request.method == "POST");
        CHECK(request.path == "/echo?x=1");
        CHECK(request.body == "body");
        CHECK_FALSE(request.keep_open);
    }
    const std::pair<std::string, int> refusals[] = {
        {"GET\r\n\r\n", 400},
        {"GET  HTTP/1.1\r\n\r\n", 400},
        {"GET x HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/3\r\n\r\n", 505},
        {"GET / HTTP/1.1\r\nbad\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", 413},
        {"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 501},
        {"GET / HTTP/1.1\r\nA: " + std::string(20'000, 'a'), 431},
    };
    for (const auto& [request, status] : refusals) {
        CAPTURE(request.substr(0, 60));
        H1Request reader;
        reader.feed(request);
        CHECK(reader.state() == H1Request::State::bad);
        CHECK(reader.refusal() == status);
    }
}

TEST_SUITE_END();
