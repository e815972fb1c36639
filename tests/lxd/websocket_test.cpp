// WebSocket frames without sockets.
#include "net/websocket.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("lxd/websocket");

using namespace csim;

TEST_CASE("a key is answered as the standard says") {
    CHECK(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("frames of every size come back as they were, however they are cut") {
    for (const std::size_t size : {0u, 1u, 125u, 126u, 127u, 65535u, 65536u, 200000u}) {
        CAPTURE(size);
        const std::string payload(size, 'x');
        const std::string bytes = ws_frame(WsKind::binary, payload, 0xdeadbeef);
        for (const std::size_t step : {std::size_t(1), std::size_t(7), bytes.size()}) {
            if (step == 1 && size > 1000) continue;
            WsReader reader(WsReader::From::client, 1u << 20);
            std::vector<WsMessage> messages;
            for (std::size_t at = 0; at < bytes.size(); at += step)
                CHECK(reader.feed(std::string_view(bytes).substr(at, step), messages) == 0);
            REQUIRE(messages.size() == 1);
            CHECK(messages[0].payload == payload);
        }
    }
}

TEST_CASE("fragments make one message, and a ping may come between them") {
    std::string first = ws_frame(WsKind::text, "he", 7), last = ws_frame(WsKind::more, "llo", 7);
    first[0] = static_cast<char>(first[0] & 0x7f);
    WsReader reader(WsReader::From::client, 100);
    std::vector<WsMessage> messages;
    CHECK(reader.feed(first + ws_frame(WsKind::ping, "p", 9) + last, messages) == 0);
    REQUIRE(messages.size() == 2);
    CHECK(messages[0].kind == WsKind::ping);
    CHECK(messages[1].payload == "hello");
}

TEST_CASE("what is not the protocol is refused with the code that it deserves") {
    struct Case {
        const char* what;
        std::string bytes;
        unsigned code;
    };
    std::string reserved = ws_frame(WsKind::text, "x", 1), split_ping = ws_frame(WsKind::ping, "x", 1);
    reserved[0] = static_cast<char>(reserved[0] | 0x40);
    split_ping[0] = static_cast<char>(split_ping[0] & 0x7f);
    const Case cases[] = {
        {"not masked", ws_frame(WsKind::text, "x"), 1002},
        {"a reserved bit", reserved, 1002},
        {"an unknown kind", ws_frame(static_cast<WsKind>(3), "x", 1), 1002},
        {"a ping in pieces", split_ping, 1002},
        {"a large ping", ws_frame(WsKind::ping, std::string(126, 'x'), 1), 1002},
        {"more of nothing", ws_frame(WsKind::more, "x", 1), 1002},
        {"too large", ws_frame(WsKind::text, std::string(101, 'x'), 1), 1009},
    };
    for (const Case& each : cases) {
        CAPTURE(each.what);
        WsReader reader(WsReader::From::client, 100);
        std::vector<WsMessage> messages;
        CHECK(reader.feed(each.bytes, messages) == each.code);
        CHECK(messages.empty());
        CHECK(reader.feed(ws_frame(WsKind::text, "x", 1), messages) == each.code);
    }
}

TEST_SUITE_END();
