// The driver against our own server: TLS sessions, requests that are filled in, pings.
#include "tests/connections/stage.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("connections/sessions");

using namespace csim;
using namespace csim::connections;

// Proves: connection C-13.
TEST_CASE("connections continue their own session, or that of any, and hibernate all the same") {
    for (const Resume resume : {Resume::own, Resume::shared})
        for (const Hibernate hibernate : {Hibernate::automatic, Hibernate::never})
            for (const int tickets : {1, 3})
                for (const Protocol protocol : {Protocol::h1, Protocol::h2}) {
                    CAPTURE(int(resume));
                    CAPTURE(int(hibernate));
                    CAPTURE(tickets);
                    SinkOptions options;
                    options.tickets = tickets;
                    Stage stage(options);
                    stage.plan.connections = 4;
                    stage.plan.protocol = protocol;
                    stage.plan.resume = resume;
                    stage.plan.hibernate = hibernate;
                    stage.plan.period = 50ms;
                    stage.plan.churn_rate = 100;
                    stage.plan.reconnect = Reconnect::always;
                    stage.start();
                    REQUIRE(stage.until([&] { return stage.count(Count::dormant) == 4; }));
                    const bool light = hibernate == Hibernate::automatic;
                    CHECK(stage.count(Count::hibernated) == (light ? 4 : 0));
                    CHECK(stage.count(Count::resumed) <= (resume == Resume::own ? 0 : 3));
                    REQUIRE(stage.hold());
                    REQUIRE(stage.until([&] { return stage.count(Count::handshakes) >= 14; }));
                    CHECK(stage.count(Count::resumed) >= stage.count(Count::handshakes) - 4);
                    CHECK(Totals::sum(stage.totals().drops) == 0);
                    REQUIRE(stage.finish());
                    CHECK(stage.last[Count::responses] == stage.last[Count::status_2xx]);
                }
}

// Proves: connection C-13.
TEST_CASE("without tickets a session is not continued, and the connection hibernates after a while") {
    Stage stage;
    stage.plan.resume = Resume::own;
    stage.plan.cadence = Cadence::none;
    stage.start();
    REQUIRE(stage.until([&] { return stage.count(Count::handshakes) == 1; }));
    CHECK(stage.count(Count::handed_over) == 0);
    REQUIRE(stage.until([&] { return stage.count(Count::hibernated) == 1; }));
    CHECK(stage.count(Count::dormant) == 1);
    CHECK(stage.count(Count::handed_over) == 1);
    REQUIRE(stage.finish());
}

// Proves: connection C-29.
TEST_CASE("requests are filled in for each connection, with their fields and bodies") {
    for (const Protocol protocol : {Protocol::h1, Protocol::h2}) {
        Stage stage;
        stage.plan.connections = 12;
        stage.plan.protocol = protocol;
        stage.plan.method = "POST";
        stage.plan.path = "/echo";
        stage.plan.body = R"({"number": {index}, "id": "{uuid}", "more": "{random:10}"})";
        stage.plan.headers = {"X-Number: {index}", "Accept: application/json"};
        stage.start();
        REQUIRE(stage.until([&] { return stage.count(Count::responses) >= 12; }));
        const std::size_t around = std::string(R"({"number": , "id": "", "more": ""})").size() + 36 + 10;
        CHECK(stage.count(Count::body_bytes) == 12 * around + 10 + 2 * 2);
        CHECK(stage.count(Count::status_2xx) == 12);
        REQUIRE(stage.finish());
    }
}

// Proves: connection C-30.
TEST_CASE("silent HTTP/2 connections are asked whether they live, and are lost when they do not answer") {
    for (const Hibernate hibernate : {Hibernate::automatic, Hibernate::never}) {
        Stage stage;
        stage.plan.connections = 3;
        stage.plan.protocol = Protocol::h2;
        stage.plan.hibernate = hibernate;
        stage.plan.h2_ping = 500ms;
        stage.plan.timeout_request = 5s;
        stage.plan.reconnect = Reconnect::never;
        stage.start();
        REQUIRE(stage.until([&] { return stage.count(Count::responses) >= 3; }));
        REQUIRE(stage.until([&] { return stage.count(Count::pings) >= 9; }));
        REQUIRE(stage.until([&] { return stage.count(Count::dormant) == 3; }));
        CHECK(stage.count(Count::held) == 3);
        stage.run_for(10 * second, false);
        CHECK(stage.count(Count::held) == 0);
        CHECK(stage.totals().drops.at({Reason::request_timeout, 0}) == 3);
        REQUIRE(stage.finish());
    }
}

TEST_SUITE_END();
