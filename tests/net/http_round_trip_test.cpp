#include "tests/net/net_fixture.hpp"

#include <doctest/doctest.h>

#include <thread>

TEST_SUITE_BEGIN("net/http_round_trip");

using namespace csim;

namespace {

void check_round_trips(NetFixture& net, HttpsClient::LaneId lane) {
    const auto first = net.get(lane, "/one");
    REQUIRE(first.has_value());
    CHECK(first->status == 200);
    CHECK(first->body == "/one ");
    REQUIRE(find_field(first->headers, "x-method") != nullptr);
    CHECK(*find_field(first->headers, "x-method") == "GET");

    HttpRequest post{"POST", "/two?a=b", {{"Content-Type", "application/json"}}, "{}"};
    const auto second = net.exchange(lane, post);
    REQUIRE(second.has_value());
    CHECK(second->body == "/two?a=b {}");
    CHECK(*find_field(net.requests.back().headers, "Content-Type") == "application/json");

    const auto third = net.exchange(lane, HttpRequest{"HEAD", "/three", {}, ""});
    REQUIRE(third.has_value());
    CHECK(third->body.empty());
    CHECK(*find_field(third->headers, "Content-Length") == "7");

    const std::string large(2'500'000, 'x');
    const auto fourth = net.exchange(lane, HttpRequest{"PUT", "/four", {}, large});
    REQUIRE(fourth.has_value());
    CHECK(fourth->body == "/four " + large);
    CHECK(net.get(lane, "/big")->body.size() == 3'000'000);
    CHECK(net.get(lane, "/redirect")->status == 302);
    CHECK(net.get(lane, "/drop")->status == 500);
    CHECK(net.client->stats().connects == 1);
    CHECK(net.server->stats().accepted == 1);
}

}  // namespace

TEST_CASE_FIXTURE(NetFixture, "requests and replies of all shapes pass over one plain connection") {
    serve();
    auto options = client_options();
    options.tls = false;
    connect(options);
    check_round_trips(*this, client->open_lane(nullptr));
    CHECK(peers.back().address == "127.0.0.1");
}

TEST_CASE_FIXTURE(NetFixture, "requests and replies of all shapes pass over one TLS connection") {
    serve_tls();
    connect();
    check_round_trips(*this, client->open_lane(nullptr));
    CHECK(peers.back().certificate == Peer::Certificate::none);
}

TEST_CASE_FIXTURE(NetFixture, "requests and replies of all shapes pass over one hibernating TLS connection") {
    serve_tls();
    auto options = client_options();
    options.hibernate = true;
    connect(options);
    check_round_trips(*this, client->open_lane(nullptr));
    CHECK(client->stats().hibernating == 1);
}

TEST_CASE_FIXTURE(NetFixture, "requests of one lane are answered in order and those of others do not wait") {
    serve_tls();
    connect();
    const auto slow = client->open_lane(nullptr);
    const auto quick = client->open_lane(nullptr);
    std::vector<std::string> order;
    const auto send = [&](HttpsClient::LaneId lane, const std::string& target) {
        HttpRequest request;
        request.target = target;
        client->send(lane, request, 30s, [&order, target](Result<HttpReply> reply) {
            REQUIRE(reply.has_value());
            order.push_back(target);
        });
    };
    send(slow, "/park");
    send(slow, "/after");
    send(quick, "/quick");
    REQUIRE(inbox.run_until([&] { return order.size() == 1 && parked.size() == 1; }));
    CHECK(order.front() == "/quick");
    parked.front().reply({200, {}, ""});
    REQUIRE(inbox.run_until([&] { return order.size() == 3; }));
    CHECK(order == std::vector<std::string>{"/quick", "/park", "/after"});
}

TEST_CASE_FIXTURE(
    NetFixture, "without keep-alive every request has its own connection and its own full handshake"
) {
    serve_tls();
    auto options = client_options();
    options.keep_alive = false;
    connect(options);
    const auto lane = client->open_lane(identity_of(test_authority().client("agent", 7)));
    for (int i = 0; i < 3; ++i) CHECK(get(lane, "/x").has_value());
    CHECK(client->stats().connects == 3);
    CHECK(client->stats().resumed == 0);
    CHECK(server->stats().resumed == 0);
    REQUIRE(inbox.run_until([&] { return client->stats().open == 0; }));
}

TEST_CASE_FIXTURE(NetFixture, "line breaks in field values do not make new fields") {
    serve_tls();
    connect();
    const auto reply = exchange(client->open_lane(nullptr), {"GET", "/x", {{"A", "b\r\nEvil: yes"}}, ""});
    REQUIRE(reply.has_value());
    CHECK(find_field(requests.back().headers, "Evil") == nullptr);
    CHECK(*find_field(requests.back().headers, "A") == "b  Evil: yes");
}

TEST_CASE_FIXTURE(NetFixture, "abandoned requests never call back and their lane can be used again") {
    serve_tls();
    connect();
    const auto lane = client->open_lane(nullptr);
    bool called = false;
    HttpRequest request;
    request.target = "/park";
    client->send(
        lane, request, 30s, [&](Result<HttpReply>) { called = true; }, true
    );
    REQUIRE(inbox.run_until([&] { return parked.size() == 1; }));
    client->abandon(lane);
    REQUIRE(inbox.run_until([&] { return parked.front().gone(); }));
    CHECK(get(lane, "/again").has_value());
    CHECK_FALSE(called);
}

TEST_CASE_FIXTURE(NetFixture, "whoever keeps a request waiting hears that its client went away, once") {
    serve_tls();
    connect();
    int heard = 0;
    const auto park_one = [&] {
        const auto lane = client->open_lane(nullptr);
        HttpRequest request;
        request.target = "/park";
        client->send(
            lane, request, 30s, [](Result<HttpReply>) {}, true
        );
        const std::size_t before = parked.size();
        REQUIRE(inbox.run_until([&] { return parked.size() == before + 1; }));
        return lane;
    };
    const auto lane = park_one();
    parked[0].on_gone([&] { ++heard; });
    client->abandon(lane);
    REQUIRE(inbox.run_until([&] { return heard == 1; }));
    // Too late to be told: said at once. Answered in time: never.
    parked[0].on_gone([&] { ++heard; });
    CHECK(heard == 2);
    const auto answered = park_one();
    parked[1].on_gone([&] { ++heard; });
    parked[1].reply({});
    CHECK(get(answered, "/again").has_value());
    client->close_lane(answered);
    CHECK(get(client->open_lane(nullptr), "/other").has_value());
    CHECK(heard == 2);
}

TEST_CASE_FIXTURE(NetFixture, "a reply that is already on its way to the inbox is dropped by abandon") {
    serve_tls();
    connect();
    const auto lane = client->open_lane(nullptr);
    bool called = false;
    HttpRequest request;
    client->send(lane, request, 30s, [&](Result<HttpReply>) { called = true; });
    REQUIRE(inbox.run_until([&] { return requests.size() == 1; }));
    while (client->stats().bytes_received == 0) std::this_thread::yield();
    client->abandon(lane);
    const auto other = client->open_lane(nullptr);
    CHECK(get(other, "/x").has_value());
    CHECK_FALSE(called);
}

TEST_CASE_FIXTURE(
    NetFixture, "a closed lane drops its connection and its place is used again under a new id"
) {
    serve_tls();
    connect();
    const auto lane = client->open_lane(nullptr);
    REQUIRE(get(lane, "/x").has_value());
    client->close_lane(lane);
    const auto next = client->open_lane(nullptr);
    CHECK(next != lane);
    CHECK(get(next, "/x").has_value());
    CHECK(client->stats().open == 1);
}

TEST_CASE_FIXTURE(NetFixture, "a client destroyed with requests in flight calls nobody") {
    serve_tls();
    connect();
    bool called = false;
    HttpRequest request;
    request.target = "/park";
    client->send(client->open_lane(nullptr), request, 30s, [&](Result<HttpReply>) { called = true; });
    REQUIRE(inbox.run_until([&] { return parked.size() == 1; }));
    client.reset();
    REQUIRE(inbox.run_until([&] { return parked.front().gone(); }));
    CHECK_FALSE(called);
}

TEST_CASE_FIXTURE(NetFixture, "a responder may outlive its server") {
    serve_tls();
    connect();
    std::optional<Result<HttpReply>> reply;
    HttpRequest request;
    request.target = "/park";
    client->send(client->open_lane(nullptr), request, 30s, [&](Result<HttpReply> got) {
        reply = std::move(got);
    });
    REQUIRE(inbox.run_until([&] { return parked.size() == 1; }));
    server.reset();
    CHECK(parked.front().gone());
    parked.front().reply({});
    REQUIRE(inbox.run_until([&] { return reply.has_value(); }));
    CHECK(reply->error().code == Errc::unreachable);
}
