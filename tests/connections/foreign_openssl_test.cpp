// `openssl s_server` at the other end of our record layer. Left out where it is not installed.
#include "tests/connections/foreign.hpp"

#include <fcntl.h>
#include <sys/stat.h>

TEST_SUITE_BEGIN("connections/foreign_openssl");

using namespace csim;
using namespace csim::connections;

namespace {

const std::string openssl = installed({"/usr/bin/openssl"});

}  // namespace

// Proves: connection C-16.
TEST_CASE("openssl s_server changes keys by hand, and asks for ours, on a connection that sleeps") {
    if (openssl.empty()) {
        MESSAGE("skipped: openssl is not installed");
        return;
    }
    Foreign bench;
    const std::string hand = (bench.folder / "hand").string();
    REQUIRE(mkfifo(hand.c_str(), 0600) == 0);
    const int keys = open(hand.c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(keys >= 0);
    const std::string command = openssl + " s_server -accept " + bench.listening() + " -cert " +
                                (bench.folder / "cert.pem").string() + " -key " +
                                (bench.folder / "key.pem").string() + " -tls1_3";
    Program server({{"sh", "-c", "exec " + command + " < " + hand}});
    const auto times = [&](const std::string& text) {
        server.wait_for("never said", 1ms);
        std::size_t count = 0;
        for (auto at = server.out().find(text); at != std::string::npos; at = server.out().find(text, at + 1))
            ++count;
        return count;
    };
    const auto type = [&](const std::string& text) {
        REQUIRE(write(keys, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    };
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    bench.plan.connections = 1;
    bench.plan.cadence = Cadence::think;
    bench.plan.period = 70ms;
    bench.start();
    std::size_t asked = 1, changed = 0;
    for (const char* key : {"", "k\n", "K\n", "K\n", "k\n", "K\n"}) {
        CAPTURE(key);
        REQUIRE(bench.until([&] { return times("GET / HTTP") >= asked; }));
        if (*key != '\0') {
            type(key);
            ++changed;
            REQUIRE(bench.until([&] { return bench.count(Count::key_updates_received) == changed; }));
        }
        type(answer);
        REQUIRE(bench.until([&] { return bench.count(Count::responses) >= asked; }));
        if (asked++ == 1) bench.driver->begin_hold();
    }
    CHECK(bench.count(Count::key_updates_received) == 5);
    REQUIRE(bench.until([&] { return times("GET / HTTP") >= asked; }));
    CHECK(bench.count(Count::key_updates_sent) == 3);
    CHECK(bench.count(Count::slept) >= 5);
    CHECK_MESSAGE(Totals::sum(bench.driver->totals().drops) == 0, bench.told());
    close(keys);
}

// Proves: connection C-22.
TEST_CASE("openssl s_server answers over every suite, with and without tickets") {
    if (openssl.empty()) {
        MESSAGE("skipped: openssl is not installed");
        return;
    }
    struct Case {
        const char* suite;
        const char* tickets;
    };
    for (const Case& each :
         {Case{"TLS_AES_128_GCM_SHA256", "2"}, Case{"TLS_AES_256_GCM_SHA384", "0"},
          Case{"TLS_CHACHA20_POLY1305_SHA256", "10"}}) {
        CAPTURE(each.suite);
        Foreign bench;
        Program server(
            {{openssl, "s_server", "-accept", bench.listening(), "-cert",
              (bench.folder / "cert.pem").string(), "-key", (bench.folder / "key.pem").string(), "-www",
              "-tls1_3", "-ciphersuites", each.suite, "-num_tickets", each.tickets}}
        );
        bench.plan.connections = 1;
        bench.plan.cadence = Cadence::think;
        bench.plan.period = 1ms;
        bench.start();
        REQUIRE(bench.until([&] { return bench.count(Count::responses) >= 1; }));
        bench.driver->begin_hold();
        REQUIRE(bench.until([&] { return bench.count(Count::responses) >= 3; }));
        const Totals& totals = bench.driver->totals();
        CHECK(totals[Count::status_2xx] == totals[Count::responses]);
        CHECK(totals[Count::handed_over] == totals[Count::handshakes]);
        CHECK(totals[Count::body_bytes] > 100);
    }
}

TEST_SUITE_END();
