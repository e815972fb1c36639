#include "tests/net/net_fixture.hpp"

#include <doctest/doctest.h>

#include <map>

TEST_SUITE_BEGIN("net/client_budget");

using namespace csim;

namespace {

struct BudgetFixture : NetFixture {
    void connect_with(std::size_t connections_max, std::size_t connecting_max = 256) {
        serve_tls();
        auto options = client_options();
        options.connections_max = connections_max;
        options.connecting_max = connecting_max;
        connect(options);
    }
    void poll(HttpsClient::LaneId lane, std::vector<Result<HttpReply>>& replies, Duration timeout = 60s) {
        client->send(
            lane, {"GET", "/park", {}, ""}, timeout,
            [&](Result<HttpReply> reply) { replies.push_back(reply); }, true
        );
    }
};

}  // namespace

TEST_CASE_FIXTURE(BudgetFixture, "idle connections give way to the budget and come back by resumption") {
    connect_with(3);
    std::vector<HttpsClient::LaneId> lanes;
    for (long i = 0; i < 10; ++i)
        lanes.push_back(client->open_lane(identity_of(test_authority().client("a", i + 1))));
    for (const auto lane : lanes) REQUIRE(get(lane, "/x").has_value());
    CHECK(client->stats().open == 3);
    CHECK(client->stats().resumed == 0);
    for (const auto lane : lanes) REQUIRE(get(lane, "/x").has_value());
    CHECK(client->stats().open <= 3);
    // Two of the first three kept theirs, because those that came later made room for each other.
    CHECK(client->stats().resumed == 8);
    CHECK(client->stats().failures == 0);
    for (std::size_t i = 0; i < 10; ++i) CHECK(peers[10 + i].serial == peers[i].serial);
}

TEST_CASE_FIXTURE(BudgetFixture, "the least recently used connection gives way first") {
    connect_with(2);
    const auto a = client->open_lane(nullptr);
    const auto b = client->open_lane(nullptr);
    const auto c = client->open_lane(nullptr);
    for (const auto lane : {a, b, a, c, a}) REQUIRE(get(lane, "/x").has_value());
    CHECK(client->stats().connects == 3);
    REQUIRE(get(b, "/x").has_value());
    CHECK(client->stats().connects == 4);
}

TEST_CASE_FIXTURE(BudgetFixture, "lanes that come round in turn do not push all the others out") {
    connect_with(4);
    std::vector<HttpsClient::LaneId> lanes;
    for (int i = 0; i < 6; ++i) lanes.push_back(client->open_lane(nullptr));
    for (int round = 0; round < 5; ++round) {
        for (const auto lane : lanes) REQUIRE(get(lane, "/x").has_value());
    }
    // Three of them keep their connections, and the other three share the fourth.
    CHECK(client->stats().connects == 6 + 4 * 3);
    CHECK(client->stats().open == 4);
}

TEST_CASE_FIXTURE(BudgetFixture, "connections come from further addresses when the ports of one run out") {
    serve_tls();
    auto options = client_options();
    options.source_ports = {61'000, 61'003};
    connect(options);
    std::vector<Result<HttpReply>> replies;
    for (int i = 0; i < 12; ++i) poll(client->open_lane(nullptr), replies);
    REQUIRE(inbox.run_until([&] { return parked.size() + replies.size() == 12; }));
    CHECK(replies.empty());
    std::map<std::string, int> sources;
    for (const Peer& peer : peers) ++sources[peer.address];
    if (sources.size() == 1) {
        MESSAGE("skipped: this kernel does not limit the ports of a socket");
        return;
    }
    CHECK(sources.size() >= 3);
    for (const auto& [address, count] : sources) CHECK(count <= 4);
}

TEST_CASE_FIXTURE(BudgetFixture, "many more requests than connections all get their turn") {
    connect_with(4, 2);
    std::size_t done = 0, failed = 0;
    for (int i = 0; i < 100; ++i) {
        const auto lane = client->open_lane(nullptr);
        client->send(lane, {}, 60s, [&](Result<HttpReply> reply) { ++(reply ? done : failed); });
    }
    REQUIRE(inbox.run_until([&] { return done + failed == 100; }));
    CHECK(failed == 0);
    CHECK(client->stats().open <= 4);
    // The server may notice a goodbye late.
    CHECK(inbox.run_until([&] { return server->stats().open <= 4; }));
}

TEST_CASE_FIXTURE(
    BudgetFixture, "newcomers to a full server do not push each other out before they are served"
) {
    HttpServerOptions options;
    options.connections_max = 2;
    serve_tls(std::move(options));
    connect(client_options());
    std::size_t done = 0, failed = 0;
    for (int i = 0; i < 40; ++i) {
        const auto lane = client->open_lane(nullptr);
        client->send(lane, {}, 60s, [&](Result<HttpReply> reply) { ++(reply ? done : failed); });
    }
    REQUIRE(inbox.run_until([&] { return done + failed == 40; }));
    CHECK(failed == 0);
}

TEST_CASE_FIXTURE(BudgetFixture, "a long poll does not push another long poll out") {
    connect_with(2);
    std::vector<Result<HttpReply>> replies;
    poll(client->open_lane(nullptr), replies);
    poll(client->open_lane(nullptr), replies);
    REQUIRE(inbox.run_until([&] { return parked.size() == 2; }));
    poll(client->open_lane(nullptr), replies, 100ms);
    REQUIRE(inbox.run_until([&] { return replies.size() == 1; }));
    REQUIRE(replies.front().has_error());
    CHECK(replies.front().error().code == Errc::exhausted);
    CHECK(parked.size() == 2);
    CHECK_FALSE(parked.front().gone());
}

TEST_CASE_FIXTURE(BudgetFixture, "when everything is a long poll the oldest gives way to a short request") {
    connect_with(2);
    std::vector<Result<HttpReply>> replies;
    poll(client->open_lane(nullptr), replies);
    REQUIRE(inbox.run_until([&] { return parked.size() == 1; }));
    poll(client->open_lane(nullptr), replies);
    REQUIRE(inbox.run_until([&] { return parked.size() == 2; }));
    CHECK(client->stats().parked == 2);
    CHECK(get(client->open_lane(nullptr), "/x").has_value());
    REQUIRE(inbox.run_until([&] { return replies.size() == 1 && parked[0].gone(); }));
    CHECK(replies.front().error().code == Errc::exhausted);
    CHECK_FALSE(parked[1].gone());
}

TEST_CASE_FIXTURE(BudgetFixture, "two thousand parked polls are all answered and none is mixed up") {
    connect_with(0);
    std::size_t right = 0, wrong = 0;
    for (int i = 0; i < 2000; ++i) {
        client->send(
            client->open_lane(nullptr), {"GET", "/park", {{"X-Number", std::to_string(i)}}, ""}, 100s,
            [&, i](Result<HttpReply> reply) {
                ++(reply && reply->body == std::to_string(i) ? right : wrong);
            },
            true
        );
    }
    REQUIRE(inbox.run_until([&] { return parked.size() == 2000; }));
    CHECK(client->stats().parked == 2000);
    CHECK(server->stats().waiting == 2000);
    for (std::size_t i = 0; i < parked.size(); ++i)
        parked[i].reply({200, {}, *find_field(requests[i].headers, "X-Number")});
    REQUIRE(inbox.run_until([&] { return right + wrong == 2000; }));
    CHECK(wrong == 0);
    CHECK(server->stats().waiting == 0);
}
