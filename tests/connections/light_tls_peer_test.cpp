// Our record layer against OpenSSL in memory: every suite, both roles, every way to cut and pad a stream.
#include "core/rng.hpp"
#include "tests/connections/tls_pair.hpp"
#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>

TEST_SUITE_BEGIN("connections/light_tls_peer");

using namespace csim;
using namespace csim::connections;

namespace {

constexpr const char* suites[] = {
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"};

std::string random_text(Rng& rng, std::size_t size) {
    std::string text(size, '\0');
    for (char& each : text) each = static_cast<char>(rng.next());
    return text;
}

std::size_t random_size(Rng& rng) {
    return static_cast<std::size_t>(rng.chance({1, 8}) ? rng.between(0, 40'000) : rng.between(0, 300));
}

}  // namespace

TEST_CASE("what either end writes the other reads, through key updates, padding and any cut of the stream") {
    for (const char* suite : suites)
        for (const bool server : {false, true}) {
            CAPTURE(suite);
            CAPTURE(server);
            TlsPair pair({suite, 2, server});
            Rng rng = Rng(7).stream(suite);
            pair.light->set_records_per_key(40);
            const std::string waiting = std::move(pair.unread);
            pair.unread.clear();
            CHECK(pair.we_read(waiting, 7).empty());
            CHECK(pair.counts.tickets == (server ? 0 : 2));
            for (int round = 0; round < 400; ++round) {
                const std::string down = random_text(rng, random_size(rng)),
                                  up = random_text(rng, random_size(rng));
                if (rng.chance({1, 10})) pair.peer_updates_key(rng.chance({1, 2}));
                pair.peer_writes(down, rng.chance({1, 4}) ? 512 : 0);
                const auto piece = static_cast<std::size_t>(rng.chance({1, 10}) ? 1 : rng.between(1, 20'000));
                REQUIRE(pair.we_read(pair.take_to_us(), piece) == down);
                REQUIRE(pair.unread.empty());
                std::string sealed;
                pair.light->seal(up, sealed);
                REQUIRE(pair.peer_reads(sealed) == up);
                // Asleep and awake again: keys and counters are everything.
                if (rng.chance({1, 3})) {
                    REQUIRE(pair.light->at_rest());
                    pair.light = std::make_unique<LightTls>(pair.cipher, pair.keys, pair.counts);
                    pair.light->set_records_per_key(40);
                }
            }
            CHECK(pair.counts.updates_received > 5);
            CHECK(pair.counts.updates_sent > 5);
        }
}

TEST_CASE("a server's first record counts as many tickets as it sent") {
    for (const int tickets : {0, 1, 2, 10})
        for (const bool server : {false, true}) {
            TlsPair pair({"TLS_AES_128_GCM_SHA256", tickets, server});
            if (server) {
                std::string sealed;
                pair.light->seal("hello", sealed);
                CHECK(pair.peer_reads(sealed) == "hello");
            } else {
                pair.peer_writes("hello");
                const std::string waiting = std::move(pair.unread);
                pair.unread.clear();
                CHECK(pair.we_read(waiting + pair.take_to_us(), 1000) == "hello");
                CHECK(pair.counts.tickets == static_cast<std::uint64_t>(tickets));
            }
        }
}

TEST_CASE("a polite end is understood in both directions, and an alert by its number") {
    TlsPair pair({"TLS_AES_128_GCM_SHA256", 0});
    pair.peer_shuts_down();
    pair.we_read(pair.take_to_us(), 100);
    CHECK(pair.light->end() == TlsEnd::close_notify);

    TlsPair other({"TLS_AES_128_GCM_SHA256", 0});
    std::string sealed;
    other.light->seal_alert(Alert::close_notify, sealed);
    other.peer_reads(sealed);
    CHECK((SSL_get_shutdown(other.peer) & SSL_RECEIVED_SHUTDOWN) != 0);

    TlsPair third({"TLS_AES_128_GCM_SHA256", 0});
    sealed.clear();
    third.light->seal_alert(Alert::bad_record_mac, sealed);
    third.peer_reads(sealed);
    CHECK(ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_SSLV3_ALERT_BAD_RECORD_MAC);
}

TEST_CASE("a record that OpenSSL rejects makes it send an alert that ours understands") {
    TlsPair pair({"TLS_AES_128_GCM_SHA256", 0});
    std::string sealed;
    pair.light->seal("hello", sealed);
    sealed.back() = static_cast<char>(sealed.back() ^ 1);
    pair.peer_reads(sealed);
    pair.we_read(pair.take_to_us(), 100);
    CHECK(pair.light->end() == TlsEnd::alert);
    CHECK(pair.light->code() == 20);
}

TEST_SUITE_END();
