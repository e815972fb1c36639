// Connections whose OpenSSL object is gone: what is said over them, what may not hibernate, and what a peer
// may do to them.
#include "net/socket.hpp"
#include "tests/net/key_changing_server.hpp"
#include "tests/net/net_fixture.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("net/hibernation");

using namespace csim;

namespace {

struct HibernationFixture : NetFixture {
    void connect_hibernating(std::uint16_t port) {
        HttpsClientOptions options;
        options.host = "127.0.0.1";
        options.port = port;
        options.hibernate = true;
        connect(options);
    }
    void serve_and_connect() {
        serve_tls();
        connect_hibernating(server->port());
    }
    bool becomes(std::size_t hibernating) {
        return inbox.run_until([&] { return client->stats().hibernating == hibernating; });
    }
};

}  // namespace

// Proves: connection C-31.
TEST_CASE_FIXTURE(HibernationFixture, "a connection survives many requests and sleeps between them") {
    serve_and_connect();
    const auto lane = client->open_lane(identity_of(test_authority().client("agent", 7)));
    for (int i = 0; i < 300; ++i) {
        const auto reply = get(lane, "/" + std::to_string(i));
        REQUIRE(reply.has_value());
        CHECK(reply->body == "/" + std::to_string(i) + " ");
        CHECK(peers.back().serial == "07");
    }
    CHECK(client->stats().hibernating == 1);
    CHECK(client->stats().connects == 1);
    CHECK(client->stats().failures == 0);
}

// Proves: connection C-31.
TEST_CASE_FIXTURE(HibernationFixture, "a long poll sleeps while it waits, and is answered") {
    serve_and_connect();
    std::optional<Result<HttpReply>> reply;
    const auto lane = client->open_lane(nullptr);
    client->send(
        lane, {"GET", "/park", {}, ""}, 60s, [&](Result<HttpReply> got) { reply = std::move(got); }, true
    );
    REQUIRE(inbox.run_until([&] { return parked.size() == 1; }));
    CHECK(becomes(1));
    CHECK_FALSE(reply.has_value());
    parked.front().reply({200, {}, std::string(100'000, 'p')});
    REQUIRE(inbox.run_until([&] { return reply.has_value(); }));
    REQUIRE(reply->has_value());
    CHECK((*reply)->body == std::string(100'000, 'p'));
}

// Proves: connection C-31.
TEST_CASE_FIXTURE(
    HibernationFixture, "the session outlives its connection and continues with the same certificate"
) {
    serve_and_connect();
    const auto lane = client->open_lane(identity_of(test_authority().client("agent", 9)));
    for (int i = 0; i < 5; ++i) {
        REQUIRE(get(lane, "/x").has_value());
        CHECK(client->stats().hibernating == 1);
        CHECK(peers.back().serial == "09");
        CHECK(peers.back().common_name == "agent");
        client->abandon(lane);
        REQUIRE(becomes(0));
    }
    CHECK(client->stats().resumed == 4);
    CHECK(server->stats().resumed == 4);
}

// Proves: connection C-31.
TEST_CASE_FIXTURE(HibernationFixture, "a server that goes away and comes back is found again") {
    serve_and_connect();
    const auto lane = client->open_lane(nullptr);
    REQUIRE(get(lane, "/x").has_value());
    REQUIRE(client->stats().hibernating == 1);
    HttpServerOptions again;
    again.port = server->port();
    server.reset();
    // The goodbye is noticed without a request.
    CHECK(becomes(0));
    CHECK(client->stats().open == 0);
    CHECK(get(lane, "/y").has_error());
    serve_tls(std::move(again));
    const auto reply = get(lane, "/z");
    REQUIRE(reply.has_value());
    CHECK(reply->body == "/z ");
    CHECK(client->stats().hibernating == 1);
}

TEST_CASE_FIXTURE(HibernationFixture, "connections of the budget give way whether they hibernate or not") {
    serve_tls();
    auto options = client_options();
    options.hibernate = true;
    options.connections_max = 2;
    connect(options);
    std::vector<HttpsClient::LaneId> lanes;
    for (int i = 0; i < 5; ++i) lanes.push_back(client->open_lane(nullptr));
    for (int round = 0; round < 3; ++round)
        for (const auto lane : lanes) REQUIRE(get(lane, "/x").has_value());
    CHECK(client->stats().open == 2);
    CHECK(client->stats().hibernating == 2);
    CHECK(client->stats().failures == 0);
}

// Proves: connection C-21.
TEST_CASE("what the record layer must not take over stays with OpenSSL, and works") {
    struct Case {
        const char* what;
        KeyChangingServer::Options options;
        bool hibernates;
    };
    using Options = KeyChangingServer::Options;
    const Case cases[] = {
        {"TLS 1.3", Options{}, true},
        {"no ticket: after the first reply", Options{.tickets = 0}, true},
        {"TLS 1.2", Options{.version_max = 0x0303}, false},
    };
    for (const Case& each : cases) {
        CAPTURE(each.what);
        KeyChangingServer server(each.options);
        HibernationFixture net;
        net.connect_hibernating(server.port());
        const auto lane = net.client->open_lane(nullptr);
        for (int i = 0; i < 3; ++i) {
            const auto reply = net.get(lane, "/plain");
            REQUIRE(reply.has_value());
            CHECK(reply->body == "/plain");
        }
        CHECK(net.client->stats().connects == 1);
        CHECK(net.client->stats().hibernating == (each.hibernates ? 1 : 0));
    }
}

// The server's answers are its proof: it is OpenSSL, and would end the connection at the first record under a
// wrong key.
// Proves: connection C-31.
TEST_CASE("new keys and tickets of the server are followed while the connection sleeps") {
    KeyChangingServer server({});
    HibernationFixture net;
    net.connect_hibernating(server.port());
    const auto lane = net.client->open_lane(nullptr);
    for (const char* wish :
         {"/plain", "/update", "/plain", "/ask", "/plain", "/ticket", "/plain", "/ask", "/ask", "/update",
          "/ticket", "/plain", "/pieces", "/padded", "/plain"}) {
        CAPTURE(wish);
        const auto reply = net.get(lane, wish);
        REQUIRE(reply.has_value());
        CHECK(reply->body == wish);
    }
    CHECK(net.client->stats().connects == 1);
    CHECK(net.client->stats().hibernating == 1);
    // Two that were asked for at once may be answered by one.
    CHECK(server.updates_seen() >= 2);
}

// Proves: connection C-18.
TEST_CASE("a key that changes before the connection could hibernate keeps it awake") {
    KeyChangingServer server({.tickets = 0, .update_at_once = true});
    HibernationFixture net;
    net.connect_hibernating(server.port());
    const auto lane = net.client->open_lane(nullptr);
    for (int i = 0; i < 3; ++i) REQUIRE(net.get(lane, "/plain").has_value());
    CHECK(net.client->stats().connects == 1);
    CHECK(net.client->stats().hibernating == 0);
}

TEST_CASE("an end in the middle of a sleeping connection is told as of one that is awake") {
    struct Case {
        const char* wish;
        Errc code;
        const char* words;
    };
    const Case cases[] = {
        {"/alert", Errc::refused, "alert"},
        {"/garbage", Errc::refused, "TLS failed"},
        {"/cut", Errc::unreachable, "in the middle of its reply"},
        {"/close", Errc::unreachable, "closed the connection without a reply"},
    };
    for (const Case& each : cases) {
        CAPTURE(each.wish);
        KeyChangingServer server({});
        HibernationFixture net;
        net.connect_hibernating(server.port());
        const auto lane = net.client->open_lane(nullptr);
        REQUIRE(net.get(lane, "/plain").has_value());
        REQUIRE(net.client->stats().hibernating == 1);
        const auto reply = net.get(lane, each.wish);
        REQUIRE(reply.has_error());
        CHECK(reply.error().code == each.code);
        CHECK_MESSAGE(reply.error().detail.find(each.words) != std::string::npos, reply.error().detail);
        REQUIRE(net.inbox.run_until([&] { return net.client->stats().open == 0; }));
        CHECK(net.client->stats().hibernating == 0);
        CHECK(net.get(lane, "/plain").has_value());
    }
}
