#include "tests/net/net_fixture.hpp"

#include <doctest/doctest.h>

#include <thread>

TEST_SUITE_BEGIN("net/server_hardening");

using namespace csim;

namespace {

// Raw clients block, so the handler must run meanwhile: answers come from an inbox on the server's own
// thread.
struct DirectInbox final : Inbox {
    void post(UniqueFunction<void()> work) override { work(); }
};

struct HardenedFixture {
    explicit HardenedFixture(HttpServerOptions options = {}, bool tls = false) {
        if (tls) options.tls = test_tls();
        server = std::make_unique<HttpServer>(
            inbox, std::move(options),
            [](HttpRequest request, const Peer&, Responder responder) {
                responder.reply({200, {}, request.method + " " + request.target + " " + request.body + "|"});
            }
        );
    }
    std::string say(std::string_view bytes) {
        RawClient client(server->port());
        client.send(bytes);
        return client.read_all();
    }
    bool serves() {
        return say("GET /alive HTTP/1.1\r\nConnection: close\r\n\r\n").find("/alive") != std::string::npos;
    }

    DirectInbox inbox;
    std::unique_ptr<HttpServer> server;
};

// One limit at a time: a test's own thread may rest longer than these between connecting and speaking.
HttpServerOptions impatient_with_slowness() {
    HttpServerOptions options;
    options.slow_client_timeout = 100ms;
    return options;
}

HttpServerOptions impatient_with_silence() {
    HttpServerOptions options;
    options.idle_timeout = 100ms;
    return options;
}

}  // namespace

TEST_CASE("bad requests get the answer that fits") {
    HttpServerOptions options;
    options.body_bytes_max_of = [](std::string_view target) -> std::size_t {
        return target == "/small" ? 4 : 100;
    };
    HardenedFixture fixture(std::move(options));
    const std::pair<std::string, std::string> cases[] = {
        {"\x01\x02\x03\x04 garbage\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nbroken header\r\n\r\n", "400"},
        {"GET / HTTP/3.7\r\n\r\n", "505"},
        {"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "400"},
        {"POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n", "413"},
        {"POST /small HTTP/1.1\r\nContent-Length: 5\r\n\r\n12345", "413"},
        {"POST /small HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n",
         "413"},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
        {"GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", "431"},
        {"GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n\r\n", "431"},
    };
    for (const auto& [request, status] : cases) {
        CAPTURE(request.substr(0, 60));
        const std::string reply = fixture.say(request);
        CHECK(reply.substr(0, 12) == "HTTP/1.1 " + status);
        CHECK(reply.find("Connection: close") != std::string::npos);
    }
    CHECK(fixture.serves());
}

TEST_CASE("requests of unusual but legal form are understood") {
    HardenedFixture fixture;
    const std::pair<std::string, std::string> cases[] = {
        {"POST /a HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
         "POST /a abc|"},
        {"GET http://elsewhere:80/b?c HTTP/1.1\r\nConnection: close\r\n\r\n", "GET /b?c |"},
        {"GET http://elsewhere HTTP/1.1\r\nConnection: close\r\n\r\n", "GET / |"},
        {"GET /old HTTP/1.0\r\n\r\n", "GET /old |"},
        {"PROPFIND /d HTTP/1.1\r\nConnection: close\r\n\r\n", "PROPFIND /d |"},
        {"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\nConnection: close\r\n\r\n",
         "GET /3 |"},
    };
    for (const auto& [request, end] : cases) {
        CAPTURE(request);
        const std::string reply = fixture.say(request);
        CHECK(reply.find("200 OK") != std::string::npos);
        REQUIRE(reply.size() > end.size());
        CHECK(reply.substr(reply.size() - end.size()) == end);
    }
    const std::string pipelined = fixture.say(cases[5].first);
    CHECK(pipelined.find("GET /1 |") < pipelined.find("GET /2 |"));
}

TEST_CASE("HTTP 1.0 with keep-alive stays open and HEAD has no body") {
    HardenedFixture fixture;
    RawClient client(fixture.server->port());
    client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    REQUIRE(client.read_until("GET /a |"));
    CHECK(client.got.find("Connection: keep-alive") != std::string::npos);
    client.got.clear();
    client.send("HEAD /b HTTP/1.1\r\nConnection: close\r\n\r\n");
    const std::string reply = client.read_all();
    CHECK(reply.find("Content-Length: 9") != std::string::npos);
    CHECK(reply.find("HEAD /b") == std::string::npos);
}

TEST_CASE("a client that asks before it sends a body is told to go on or why not") {
    HardenedFixture fixture;
    RawClient client(fixture.server->port());
    client.send("POST /a HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
    REQUIRE(client.read_until("100 Continue\r\n\r\n"));
    client.send("ok");
    CHECK(client.read_all().find("POST /a ok|") != std::string::npos);
    CHECK(
        fixture.say("POST /a HTTP/1.1\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n")
            .substr(9, 3) == "413"
    );
}

TEST_CASE("a refused body that is still being sent does not destroy the answer") {
    HardenedFixture fixture;
    RawClient client(fixture.server->port());
    client.send("POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n" + std::string(4 << 20, 'x'));
    CHECK(client.read_all().substr(9, 3) == "413");
}

TEST_CASE("slow clients are told so and cut off") {
    HardenedFixture fixture(impatient_with_slowness());
    CHECK(fixture.say("GET / HTTP/1.1\r\nX: slow").starts_with("HTTP/1.1 408"));
    CHECK(fixture.say("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n123").starts_with("HTTP/1.1 408"));
    HardenedFixture tls(impatient_with_slowness(), true);
    CHECK(tls.say("").empty());
    CHECK(tls.say("\x16\x03\x01\x02").empty());
}

TEST_CASE("silent clients are cut off, new ones and those that were served") {
    HardenedFixture fixture(impatient_with_silence());
    CHECK(fixture.say("").empty());
    // A try whose own thread rested before it spoke is cut off unserved, as it should be.
    bool served = false;
    for (int tries = 0; tries < 100 && !served; ++tries)
        served = fixture.say("GET /a HTTP/1.1\r\n\r\n").find("GET /a |") != std::string::npos;
    CHECK(served);
}

TEST_CASE("a client that never reads its answer is cut off") {
    DirectInbox inbox;
    HttpServer server(inbox, impatient_with_slowness(), [](HttpRequest, const Peer&, Responder responder) {
        responder.reply({200, {}, std::string(64u << 20, 'x')});
    });
    RawClient client(server.port());
    client.send("GET / HTTP/1.1\r\n\r\n");
    while (server.stats().accepted == 0 || server.stats().open > 0) std::this_thread::yield();
    CHECK(server.stats().requests == 1);
}

TEST_CASE("plain HTTP on the TLS port is sent to https and other noise is cut off") {
    HardenedFixture fixture({}, true);
    const std::string reply = fixture.say("GET /path?x=1 HTTP/1.1\r\nHost: manager:8000\r\n\r\n");
    CHECK(reply.substr(0, 12) == "HTTP/1.1 302");
    CHECK(reply.find("Location: https://manager:8000/path?x=1\r\n") != std::string::npos);
    CHECK(fixture.say("GET / HTTP/1.1\r\n\r\n").substr(9, 3) == "400");
    CHECK(fixture.say("GET / HTTP/1.1\r\nHost: a b\"<\r\n\r\n").substr(9, 3) == "400");
    CHECK(fixture.say("\r\n\r\n").empty());
    CHECK(
        fixture.say(std::string_view("\x16\x03\x01\x00\x05hello world", 15)).find("HTTP") == std::string::npos
    );
    CHECK(fixture.server->stats().requests == 0);
}

TEST_CASE("a client that leaves while its request waits is noticed") {
    WorkQueue inbox;
    std::vector<Responder> parked;
    HttpServer server(inbox, {}, [&](HttpRequest, const Peer&, Responder responder) {
        parked.push_back(std::move(responder));
    });
    {
        RawClient client(server.port());
        client.send("GET /park HTTP/1.1\r\n\r\nGET /ahead HTTP/1.1\r\n\r\n");
        REQUIRE(inbox.run_until([&] { return parked.size() == 1; }));
        CHECK_FALSE(parked[0].gone());
        CHECK(server.stats().waiting == 1);
    }
    REQUIRE(inbox.run_until([&] { return parked[0].gone(); }));
    REQUIRE(inbox.run_until([&] { return server.stats().open == 0; }));
    CHECK(server.stats().waiting == 0);
    parked[0].reply({});
}

TEST_CASE("a client that sends without end while its request waits stays bounded") {
    WorkQueue inbox;
    std::vector<Responder> parked;
    HttpServer server(inbox, {}, [&](HttpRequest, const Peer&, Responder responder) {
        parked.push_back(std::move(responder));
    });
    {
        RawClient client(server.port());
        client.send("GET /park HTTP/1.1\r\n\r\n" + std::string(128 << 10, 'x'));
        REQUIRE(inbox.run_until([&] { return parked.size() == 1; }));
        REQUIRE(inbox.run_until([&] { return server.stats().bytes_received > (64 << 10); }));
        CHECK_FALSE(parked[0].gone());
    }
    REQUIRE(inbox.run_until([&] { return parked[0].gone(); }));
}

TEST_CASE("beyond the most connections the idlest gives way and busy ones stay") {
    WorkQueue inbox;
    std::vector<Responder> parked;
    HttpServerOptions options;
    options.connections_max = 3;
    HttpServer server(inbox, std::move(options), [&](HttpRequest request, const Peer&, Responder responder) {
        if (request.target == "/park") return parked.push_back(std::move(responder));
        responder.reply({});
    });
    RawClient busy(server.port());
    busy.send("GET /park HTTP/1.1\r\n\r\n");
    REQUIRE(inbox.run_until([&] { return parked.size() == 1; }));
    std::vector<std::unique_ptr<RawClient>> idle;
    for (int i = 0; i < 10; ++i) idle.push_back(std::make_unique<RawClient>(server.port()));
    REQUIRE(inbox.run_until([&] { return server.stats().accepted == 11; }));
    CHECK(server.stats().open == 3);
    CHECK(server.stats().refused == 8);
    CHECK_FALSE(parked[0].gone());
    CHECK(idle.front()->read_all().empty());
    parked[0].reply({200, {}, "late"});
    CHECK(busy.read_until("late"));
}

TEST_CASE("where every connection waits for an answer, one that is answered early gives its place up") {
    WorkQueue inbox;
    std::vector<Responder> parked;
    HttpServerOptions options;
    options.connections_max = 2;
    std::size_t asked = 0;
    options.when_crowded = [&] {
        if (asked++ == 0) parked[0].reply({200, {}, "early"});
    };
    HttpServer server(inbox, std::move(options), [&](HttpRequest request, const Peer&, Responder responder) {
        if (request.target == "/park") return parked.push_back(std::move(responder));
        responder.reply({200, {}, "served"});
    });
    std::vector<std::unique_ptr<RawClient>> agents;
    for (std::size_t i = 0; i < 2; ++i) {
        agents.push_back(std::make_unique<RawClient>(server.port()));
        agents.back()->send("GET /park HTTP/1.1\r\n\r\n");
        REQUIRE(inbox.run_until([&] { return parked.size() == i + 1; }));
    }
    RawClient caller(server.port());
    caller.send("GET /api HTTP/1.1\r\nConnection: close\r\n\r\n");
    REQUIRE(inbox.run_until([&] { return server.stats().requests == 3 && server.stats().waiting == 1; }));
    const std::string early = agents[0]->read_all();
    CHECK(early.find("Connection: close") != std::string::npos);
    CHECK(early.ends_with("early"));
    CHECK(caller.read_until("served"));
    CHECK_FALSE(parked[1].gone());
    CHECK(asked >= 1);
}

TEST_CASE("garbage on a thousand connections disturbs nobody") {
    for (const bool tls : {false, true}) {
        HardenedFixture fixture({}, tls);
        std::uint32_t chance = 12345;
        const auto byte = [&] { return static_cast<char>((chance = chance * 1664525 + 1013904223) >> 24); };
        for (int i = 0; i < 1000; ++i) {
            RawClient client(fixture.server->port());
            std::string noise = i % 3 == 0 ? "\x16\x03\x01" : i % 3 == 1 ? "POST / HTTP/1.1\r\n" : "";
            for (int n = byte() & 127; n > 0; --n) noise += byte();
            client.send(noise);
            if (i % 2 == 0) client.half_close();
            if (i % 10 == 0) client.read_all();
        }
        while (fixture.server->stats().accepted < 1000 || fixture.server->stats().open > 0)
            std::this_thread::yield();
        if (!tls) CHECK(fixture.serves());
    }
}
