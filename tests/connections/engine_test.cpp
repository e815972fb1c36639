// The driver against our own server: held, asleep, asked, churned, and nothing left over.
#include "connections/tls/contexts.hpp"
#include "tests/connections/stage.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <tuple>

TEST_SUITE_BEGIN("connections/engine");

using namespace csim;
using namespace csim::connections;

namespace {

/// All requests of a hold with this plan have been answered.
bool answered(Stage& stage, std::uint64_t responses) {
    return stage.until([&] { return stage.count(Count::responses) >= responses; });
}

}  // namespace

// Proves: connection C-1.
TEST_CASE("connections are held, sleep, answer when they are due, and leave nothing behind") {
    const std::uint64_t before = descriptors_now();
    for (const Protocol protocol : {Protocol::h1, Protocol::h2})
        for (const Hibernate hibernate : {Hibernate::automatic, Hibernate::never})
            for (const int version : {0x0303, 0x0304}) {
                CAPTURE(int(protocol));
                CAPTURE(int(hibernate));
                CAPTURE(version);
                {
                    SinkOptions options;
                    options.hibernate = hibernate == Hibernate::automatic;
                    Stage stage(options);
                    stage.plan.connections = 25;
                    stage.plan.protocol = protocol;
                    stage.plan.hibernate = hibernate;
                    stage.plan.tls_max = version;
                    stage.plan.period = 100ms;
                    stage.plan.phase = Phase::spread;
                    stage.plan.path = "/bytes/3000";
                    stage.start();
                    REQUIRE(stage.until([&] { return stage.count(Count::responses) == 25; }));
                    REQUIRE(stage.until([&] { return stage.count(Count::dormant) == 25; }));
                    CHECK(stage.count(Count::held) == 25);
                    const bool light = hibernate == Hibernate::automatic && version == 0x0304;
                    CHECK(stage.count(Count::hibernated) == (light ? 25 : 0));
                    REQUIRE(stage.hold());
                    REQUIRE(answered(stage, 25 + 80));
                    CHECK(stage.count(Count::over_h2) == (protocol == Protocol::h2 ? 25 : 0));
                    REQUIRE(stage.finish());
                    CHECK(stage.last[Count::status_2xx] == stage.last[Count::responses]);
                    CHECK(stage.last[Count::body_bytes] == 3000 * stage.last[Count::responses]);
                    CHECK(Totals::sum(stage.last.drops) == 0);
                    CHECK(Totals::sum(stage.last.by_us) == 25);
                    CHECK(stage.last[Count::woke] > 50);
                    CHECK(stage.sink->counts().requests >= stage.last[Count::responses]);
                }
                CHECK(descriptors_now() == before);
            }
}

// Proves: connection C-22.
TEST_CASE("with and without hibernation the same requests get the same answers") {
    std::tuple<std::uint64_t, std::uint64_t, std::uint64_t> seen[2];
    for (const bool hibernate : {false, true}) {
        Stage stage;
        stage.plan.connections = 40;
        stage.plan.hibernate = hibernate ? Hibernate::always : Hibernate::never;
        stage.plan.path = "/bytes/{index}";
        stage.start();
        REQUIRE(answered(stage, 40));
        REQUIRE(stage.finish());
        seen[hibernate] = {
            stage.last[Count::responses], stage.last[Count::body_bytes], stage.last[Count::status_2xx]};
    }
    CHECK(seen[0] == seen[1]);
    CHECK(std::get<1>(seen[0]) == 39 * 40 / 2);
}

// Proves: connection C-16.
TEST_CASE("keys change in mid-life, asked for by either end, asleep or awake") {
    SinkOptions options;
    options.fault = {Fault::key_update, 1};
    Stage stage(options);
    stage.plan.connections = 5;
    stage.plan.period = 60ms;
    stage.plan.records_per_key = 3;
    stage.start();
    REQUIRE(stage.hold());
    REQUIRE(answered(stage, 100));
    CHECK(stage.count(Count::key_updates_received) > 20);
    CHECK(stage.count(Count::key_updates_sent) > 20);
    CHECK(Totals::sum(stage.totals().drops) == 0);
    REQUIRE(stage.finish());
}

// Proves: connection C-8.
TEST_CASE("an HTTP/2 connection carries many times its window over many sleeps") {
    Stage stage;
    stage.plan.protocol = Protocol::h2;
    stage.plan.cadence = Cadence::think;
    stage.plan.period = 60ms;  // long enough to fall asleep
    stage.plan.path = "/bytes/9000";
    stage.start();
    REQUIRE(stage.hold());
    REQUIRE(answered(stage, 40));
    CHECK(stage.count(Count::slept) >= 39);
    CHECK(stage.count(Count::timeouts) == 0);
    REQUIRE(stage.finish());
}

TEST_CASE("a big answer comes through in many records, a big request goes out in many writes") {
    for (const Protocol protocol : {Protocol::h1, Protocol::h2}) {
        Stage stage;
        stage.plan.protocol = protocol;
        stage.plan.method = "POST";
        stage.plan.path = "/echo";
        stage.plan.body = std::string(1'000'000, 'b');
        stage.start();
        REQUIRE(answered(stage, 1));
        CHECK(stage.count(Count::body_bytes) == 1'000'000);
        REQUIRE(stage.finish());
    }
}

// Proves: connection C-11.
TEST_CASE("what is closed on purpose comes back at once and is not a drop") {
    Stage stage;
    stage.plan.connections = 10;
    stage.plan.reconnect = Reconnect::always;
    stage.plan.churn_rate = 200;
    stage.start();
    REQUIRE(stage.hold());
    REQUIRE(stage.until([&] { return Totals::sum(stage.totals().by_us) >= 30; }));
    CHECK(Totals::sum(stage.totals().drops) == 0);
    REQUIRE(stage.finish());
    CHECK(stage.last[Span::recovery].count() >= 1);
}

// Proves: connection C-11.
TEST_CASE("a connection has no longer a life than it was given") {
    Stage stage;
    stage.plan.connections = 3;
    stage.plan.reconnect = Reconnect::always;
    stage.plan.lifetime = 50ms;
    stage.start();
    REQUIRE(stage.until([&] { return stage.totals().by_us.contains({Reason::lifetime, 0}); }));
    REQUIRE(stage.finish());
}

TEST_CASE("long polls and pushes are answered while everything else sleeps") {
    for (const Protocol protocol : {Protocol::h1, Protocol::h2}) {
        Stage stage;
        stage.plan.connections = 8;
        stage.plan.protocol = protocol;
        stage.plan.path = "/poll/150";
        stage.start();
        REQUIRE(answered(stage, 8));
        CHECK(stage.totals()[Span::before_hold].quantile(0.01) >= 150 * millisecond);
        REQUIRE(stage.finish());
    }
}

// Proves: connection C-12.
TEST_CASE("a certificate of its own for each connection is seen by the server") {
    // The server's own certificate is an authority, too.
    const PemTexts authority = self_signed_server();
    TempFolder folder;
    const auto write = [&](const char* name, const std::string& text) {
        std::ofstream(folder / name) << text;
        return (folder / name).string();
    };
    SinkOptions options;
    options.certificate_pem = authority.certificate;
    options.key_pem = authority.key;
    options.client_ca_file = write("ca.pem", authority.certificate);
    options.require_client = true;
    for (const bool shown : {true, false}) {
        Stage stage(options);
        stage.plan.connections = 5;
        if (shown) stage.plan.identity_ca_certificate = options.client_ca_file;
        if (shown) stage.plan.identity_ca_key = write("ca.key", authority.key);
        stage.start();
        if (shown) {
            REQUIRE(answered(stage, 5));
            CHECK(stage.sink->counts().client_certificates == 5);
        } else {
            REQUIRE(stage.until([&] { return stage.count(Count::dead) == 5; }));
            CHECK(stage.totals().failed_opens.contains({Reason::client_cert_rejected, 116}));
        }
        REQUIRE(stage.finish());
    }
}

// Coordinated omission: what is due while the server stalls waits, and is counted from when it was due. The
// clock is ours, so the truth is known: a stall of 400 ms each 4 s, a request each 20 ms.
// Proves: connection C-5, C-6.
TEST_CASE("under stalls of the server the corrected latencies are the truth, the uncorrected ones are not") {
    Stage stage;
    stage.plan.connections = 4;
    stage.plan.period = 20ms;
    stage.plan.phase = Phase::spread;
    stage.plan.backlog_max = 1000;
    stage.start();
    REQUIRE(stage.hold());
    for (int round = 0; round < 5; ++round) {
        stage.run_for(3600 * millisecond, true);
        stage.run_for(400 * millisecond, false);
    }
    stage.run_for(1000 * millisecond, true);
    // 21 s, of which 2 s are stalls: 2 in 21 wait, evenly from 400 ms down to nothing.
    const SpanHistogram& corrected = stage.totals()[Span::request];
    const auto truth = [](double q) { return 400.0 * (1 - (1 - q) / (2.0 / 21)); };
    for (const double q : {0.95, 0.97, 0.99}) {
        const double seen = static_cast<double>(corrected.quantile(q)) / millisecond;
        CAPTURE(q);
        CHECK(seen >= truth(q) * 0.95 - 2);
        CHECK(seen <= truth(q) * 1.05 + 2);
    }
    CHECK(stage.totals()[Span::uncorrected].quantile(0.97) < 20 * millisecond);
    CHECK(stage.totals()[Span::lateness].max() <= 3 * millisecond);
    CHECK(stage.count(Count::skipped) == 0);
    const auto due = 4u * 21'000 / 20;
    CHECK(corrected.count() >= due - 8);
    CHECK(corrected.count() <= due + 8);
    REQUIRE(stage.finish());
}

TEST_SUITE_END();
