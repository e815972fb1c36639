// Servers that misbehave: each way is counted under its own reason, and nothing stays open afterwards.
#include "tests/connections/stage.hpp"

#include <doctest/doctest.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

TEST_SUITE_BEGIN("connections/faults");

using namespace csim;
using namespace csim::connections;

namespace {

constexpr unsigned any_code = 0xffffffff;

struct Case {
    Fault fault;
    Protocol protocol;
    Reason reason;
    unsigned code = any_code;
    bool tickets = false;
};

const Case cases[] = {
    {Fault::reset_at_accept, Protocol::h1, Reason::reset},
    {Fault::close_at_accept, Protocol::h1, Reason::eof_without_notify},
    {Fault::garbage_at_accept, Protocol::h1, Reason::tls_protocol},
    {Fault::hang_in_handshake, Protocol::h1, Reason::tls_timeout},
    {Fault::expired_certificate, Protocol::h1, Reason::tls_verify},
    {Fault::alert_after_handshake, Protocol::h1, Reason::client_cert_rejected, 49},
    {Fault::unsolicited, Protocol::h1, Reason::unsolicited_data},
    {Fault::garbage_record, Protocol::h1, Reason::bad_record_mac},
    {Fault::garbage_record, Protocol::h2, Reason::bad_record_mac},
    {Fault::half_close, Protocol::h1, Reason::eof_without_notify},
    {Fault::half_close, Protocol::h2, Reason::eof_without_notify},
    {Fault::close_notify, Protocol::h1, Reason::close_notify},
    {Fault::close_notify, Protocol::h2, Reason::close_notify},
    {Fault::reset, Protocol::h1, Reason::reset},
    {Fault::never_answer, Protocol::h1, Reason::request_timeout},
    {Fault::oversized_headers, Protocol::h1, Reason::protocol_h1},
    {Fault::bad_reply, Protocol::h1, Reason::protocol_h1},
    {Fault::bad_reply, Protocol::h2, Reason::protocol_h2, 1},
    {Fault::go_away, Protocol::h2, Reason::goaway, 11},
    {Fault::short_body, Protocol::h1, Reason::close_notify},
};

bool holds(const Ends& ends, const Case& each) {
    for (const auto& [which, count] : ends)
        if (which.first == each.reason && (each.code == any_code || each.code == which.second)) return true;
    return false;
}

std::string told(const Totals& totals) {
    std::string text;
    for (const Ends* ends : {&totals.drops, &totals.failed_opens, &totals.by_peer, &totals.by_us})
        for (const auto& [which, count] : *ends)
            text += text_of(which.first, which.second) + " " + std::to_string(count) + "; ";
    return text;
}

}  // namespace

// Proves: connection C-9, C-28.
TEST_CASE("each misbehaviour has its reason, with and without an SSL object, and nothing is left over") {
    const std::uint64_t before = descriptors_now();
    for (const Case& each : cases)
        for (const bool light : {true, false}) {
            CAPTURE(std::string(text_of(each.fault)));
            CAPTURE(light);
            {
                SinkOptions options;
                options.fault = {each.fault, 1};
                Stage stage(options);
                stage.plan.connections = 3;
                stage.plan.protocol = each.protocol;
                stage.plan.hibernate = light ? Hibernate::automatic : Hibernate::never;
                stage.plan.timeout_handshake = 300ms;
                stage.plan.timeout_request = 300ms;
                stage.start();
                REQUIRE(stage.until([&] { return stage.count(Count::dead) == 3; }));
                const Totals& totals = stage.totals();
                CHECK_MESSAGE((holds(totals.drops, each) || holds(totals.failed_opens, each)), told(totals));
                CHECK(Totals::sum(totals.drops) + Totals::sum(totals.failed_opens) == 3);
                CHECK(totals[Count::held] == 0);
                REQUIRE(stage.finish());
            }
            CHECK(descriptors_now() == before);
        }
}

TEST_CASE("streams that the peer resets or fills beyond the limit are counted, and the connection lives on") {
    for (const Fault fault : {Fault::reset_stream, Fault::oversized_headers}) {
        CAPTURE(std::string(text_of(fault)));
        SinkOptions options;
        options.fault = {fault, 1};
        Stage stage(options);
        stage.plan.protocol = Protocol::h2;
        stage.plan.connections = 3;
        stage.start();
        REQUIRE(stage.until([&] { return stage.count(Count::responses) == 3; }));
        CHECK(stage.count(Count::streams_reset) == 3);
        CHECK(stage.count(Count::status_other) == 3);
        CHECK(stage.count(Count::held) == 3);
        REQUIRE(stage.finish());
    }
}

TEST_CASE("a request that is never answered on HTTP/2 is given up, and the third time the connection, too") {
    SinkOptions options;
    options.fault = {Fault::never_answer, 1};
    Stage stage(options);
    stage.plan.protocol = Protocol::h2;
    stage.plan.timeout_request = 50ms;
    stage.plan.period = 10ms;
    stage.start();
    REQUIRE(stage.hold());
    REQUIRE(stage.until([&] { return stage.count(Count::dead) == 1; }));
    CHECK(stage.count(Count::timeouts) == 3);
    CHECK(stage.totals().drops.contains({Reason::request_timeout, 0}));
    CHECK(stage.totals()[Span::request].count() >= 2);
    REQUIRE(stage.finish());
}

TEST_CASE("a server that closes after each answer is not a server that drops") {
    Stage stage;
    stage.plan.path = "/goaway";
    stage.plan.reconnect = Reconnect::always;
    stage.plan.period = 5ms;
    stage.plan.connections = 4;
    stage.start();
    REQUIRE(stage.hold());
    REQUIRE(stage.until([&] { return Totals::sum(stage.totals().by_peer) >= 20; }));
    CHECK(Totals::sum(stage.totals().drops) == 0);
    REQUIRE(stage.finish());
}

// Proves: connection C-10.
TEST_CASE("nobody listens: refused, with back-off, and over as soon as somebody does") {
    std::uint16_t port = 0;
    {
        Sink gone({}, monotonic_now);
        port = gone.port();
    }
    Stage stage;
    const std::uint16_t ours = stage.plan.targets[0].port;
    stage.plan.targets[0].port = port;
    stage.plan.reconnect = Reconnect::always;
    stage.plan.backoff_low = 5ms;
    stage.plan.backoff_high = 20ms;
    stage.plan.connections = 2;
    stage.start();
    REQUIRE(stage.until([&] { return Totals::sum(stage.totals().failed_opens) >= 6; }));
    CHECK(stage.totals().failed_opens.contains({Reason::connect_refused, 0}));
    CHECK(ours != port);
    REQUIRE(stage.finish());
}

// Proves: connection C-28.
TEST_CASE("descriptors that run out on either side are waited for, not spun on") {
    SinkOptions options;
    options.connections_max = 4;
    Stage stage(options);
    stage.plan.connections = 8;
    stage.plan.timeout_handshake = 200ms;
    stage.plan.first_at_once = false;
    stage.start();
    REQUIRE(stage.until([&] { return stage.count(Count::dead) == 4 && stage.count(Count::held) == 4; }));
    CHECK(stage.sink->counts().accept_pauses >= 1);
    REQUIRE(stage.finish());

    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    Stage other;
    other.plan.connections = 20;
    other.start();
    const rlimit tight{descriptors_now() + 6, limit.rlim_max};
    setrlimit(RLIMIT_NOFILE, &tight);
    const bool noticed = other.until([&] {
        return other.totals().failed_opens.contains({Reason::no_descriptor, 0});
    });
    setrlimit(RLIMIT_NOFILE, &limit);
    CHECK(noticed);
    REQUIRE(other.finish());
}

TEST_CASE("a share of connections misbehaves, the others do not suffer") {
    SinkOptions options;
    options.fault = {Fault::garbage_record, 0.5};
    Stage stage(options);
    stage.plan.connections = 40;
    stage.start();
    REQUIRE(stage.until([&] { return stage.count(Count::dead) + stage.count(Count::responses) == 40; }));
    CHECK(stage.count(Count::responses) > 5);
    CHECK(stage.count(Count::dead) > 5);
    REQUIRE(stage.finish());
}

TEST_SUITE_END();
