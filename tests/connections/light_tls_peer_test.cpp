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

// Proves: connection C-16.
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

// Proves: connection C-17.
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

// Proves: connection C-17.
TEST_CASE("the counts are right when OpenSSL has read and written before, tickets among it") {
    const auto talk = [](SSL* ours, SSL* peer, HandshakeSecrets& secrets) {
        count_records(ours);
        char piece[100];
        for (int i = 0; i < 5; ++i) REQUIRE(SSL_write(peer, "word", 4) == 4);
        carry(peer, ours);
        for (int i = 0; i < 5; ++i) REQUIRE(SSL_read(ours, piece, sizeof piece) == 4);
        for (int i = 0; i < 3; ++i) REQUIRE(SSL_write(ours, "word", 4) == 4);
        carry(ours, peer);
        for (int i = 0; i < 3; ++i) REQUIRE(SSL_read(peer, piece, sizeof piece) == 4);
        CHECK(secrets.records_written == 3);
        CHECK(secrets.records_read == 5 + secrets.tickets);
    };
    for (const char* suite : suites)
        for (const bool server : {false, true})
            for (const int tickets : {0, 1, 4}) {
                CAPTURE(suite);
                CAPTURE(server);
                CAPTURE(tickets);
                TlsPair pair({suite, tickets, server, talk});
                pair.peer_writes("down");
                CHECK(pair.we_read(pair.take_to_us(), 1000) == "down");
                std::string sealed;
                pair.light->seal("up", sealed);
                CHECK(pair.peer_reads(sealed) == "up");
            }
}

// Proves: connection C-18.
TEST_CASE("a connection is taken over between two records, and never once its keys have changed") {
    const auto check = [](SSL* ours, SSL* peer, HandshakeSecrets& secrets) {
        count_records(ours);
        char piece[100];
        CHECK(may_take_over(ours, secrets) == TakeOver::now);
        REQUIRE(SSL_write(peer, "word", 4) == 4);
        // In the middle of a record, behind its header too, and at its very end.
        for (const std::size_t left : {24, 21, 18, 1}) {
            CAPTURE(left);
            carry(peer, ours, left);
            CHECK(SSL_read(ours, piece, sizeof piece) <= 0);
            CHECK(may_take_over(ours, secrets) == TakeOver::not_now);
            LightKeys keys;
            CHECK_FALSE(take_keys(ours, secrets, false, 0, keys));
            CHECK(keys.suite == Suite::none);
        }
        carry(peer, ours);
        // Read in part: the rest is inside OpenSSL.
        CHECK(SSL_read(ours, piece, 1) == 1);
        CHECK(may_take_over(ours, secrets) == TakeOver::not_now);
        CHECK(SSL_read(ours, piece, sizeof piece) == 3);
        CHECK(may_take_over(ours, secrets) == TakeOver::now);
        REQUIRE(SSL_key_update(peer, SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
        REQUIRE(SSL_do_handshake(peer) == 1);
        carry(peer, ours);
        CHECK(SSL_read(ours, piece, sizeof piece) <= 0);
        CHECK(may_take_over(ours, secrets) == TakeOver::never);
    };
    TlsPair(PairOptions{suites[0], 0, false, check, true});
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

// Proves: connection C-15.
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
