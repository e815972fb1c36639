#include "tests/net/net_fixture.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

TEST_SUITE_BEGIN("net/tls");

using namespace csim;

namespace {

// A file that lives as long as the test.
struct TemporaryFile {
    explicit TemporaryFile(const std::string& text) {
        path = (std::filesystem::temp_directory_path() / "csim-net-XXXXXX").string();
        const int fd = mkstemp(path.data());
        REQUIRE(fd >= 0);
        ::close(fd);
        std::ofstream(path) << text;
    }
    ~TemporaryFile() { std::filesystem::remove(path); }
    std::string path;
};

}  // namespace

TEST_CASE_FIXTURE(NetFixture, "the server learns who the client is from its certificate") {
    const ThrowawayAuthority foreign("foreign");
    struct Case {
        std::shared_ptr<const TlsIdentity> identity;
        Peer::Certificate certificate;
        std::string serial, name;
    };
    const Case cases[] = {
        {nullptr, Peer::Certificate::none, "", ""},
        {identity_of(test_authority().client("agent.one", 0x0102ABCDEF)), Peer::Certificate::valid,
         "0102ABCDEF", "agent.one"},
        {identity_of(foreign.client("agent.two", 5)), Peer::Certificate::invalid, "", ""},
        {identity_of(test_authority().client("agent.old", 6, -1)), Peer::Certificate::invalid, "", ""},
    };
    serve_tls();
    connect();
    for (const auto& [identity, certificate, serial, name] : cases) {
        CAPTURE(name);
        const auto lane = client->open_lane(identity);
        REQUIRE(get(lane, "/x").has_value());
        CHECK(peers.back().certificate == certificate);
        CHECK(peers.back().serial == serial);
        CHECK(peers.back().common_name == name);
        // The verdict survives a continued session.
        client->abandon(lane);
        REQUIRE(get(lane, "/y").has_value());
        CHECK(peers.back().certificate == certificate);
        CHECK(peers.back().serial == serial);
    }
    CHECK(client->stats().resumed == 4);
    CHECK(server->stats().resumed == 4);
}

TEST_CASE_FIXTURE(NetFixture, "two lanes of one identity share its session") {
    serve_tls();
    connect();
    const auto identity = identity_of(test_authority().client("agent", 9));
    REQUIRE(get(client->open_lane(identity), "/x").has_value());
    REQUIRE(get(client->open_lane(identity), "/y").has_value());
    CHECK(client->stats().resumed == 1);
    CHECK(peers.back().serial == "09");
}

TEST_CASE_FIXTURE(NetFixture, "a shrunk identity can do a full handshake again with another server") {
    serve_tls();
    connect();
    const auto identity = identity_of(test_authority().client("agent", 9));
    REQUIRE(get(client->open_lane(identity), "/x").has_value());
    HttpsClient other(inbox, client_options());
    std::optional<Result<HttpReply>> reply;
    other.send(other.open_lane(identity), {}, 30s, [&](Result<HttpReply> got) { reply = std::move(got); });
    REQUIRE(inbox.run_until([&] { return reply.has_value(); }));
    CHECK(reply->has_value());
    CHECK(server->stats().resumed == 0);
    CHECK(peers.back().serial == "09");
}

TEST_CASE_FIXTURE(NetFixture, "a server is accepted only if its certificate comes from the given authority") {
    const ThrowawayAuthority foreign("foreign");
    const TemporaryFile right(test_authority().certificate_pem());
    const TemporaryFile wrong(foreign.certificate_pem());
    serve_tls();
    auto options = client_options();
    options.ca_file = right.path;
    connect(options);
    CHECK(get(client->open_lane(nullptr), "/x").has_value());
    options.ca_file = wrong.path;
    connect(options);
    const auto refused = get(client->open_lane(nullptr), "/x");
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == Errc::refused);
    CHECK(refused.error().detail.find("certificate was not accepted") != std::string::npos);
}

TEST_CASE("an authority file that is missing or not PEM stops the client with one sentence") {
    WorkQueue inbox;
    const TemporaryFile garbage("not a certificate");
    for (const std::string& path : {std::string("/nonexistent/ca.crt"), garbage.path}) {
        HttpsClientOptions options;
        options.ca_file = path;
        CHECK_THROWS_AS(HttpsClient(inbox, options), Fatal);
    }
}

TEST_CASE("an identity is refused if its halves are not PEM or do not belong together") {
    const ThrowawayPair one = test_authority().client("one", 1);
    const ThrowawayPair two = test_authority().client("two", 2);
    CHECK(parse_identity(one.key, one.certificate).has_value());
    CHECK(parse_identity(one.key, two.certificate).error().code == Errc::corrupt);
    CHECK(parse_identity("", one.certificate).error().code == Errc::corrupt);
    CHECK(parse_identity(one.key, "garbage").error().code == Errc::corrupt);
}

TEST_CASE("keys of every kind are read, and OpenSSL's own reader agrees") {
    for (const char* curve : {"P-256", "P-384", "secp256k1", ""}) {
        const bool rsa = *curve == '\0';
        const KeyPtr made(rsa ? EVP_RSA_gen(2048) : EVP_EC_gen(curve));
        REQUIRE(made);
        BIO* memory = BIO_new(BIO_s_mem());
        REQUIRE(
            PEM_write_bio_PKCS8PrivateKey(memory, made.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1
        );
        char* text = nullptr;
        const long size = BIO_get_mem_data(memory, &text);
        const auto read = parse_key_pem(std::string(text, static_cast<std::size_t>(size)));
        BIO_free(memory);
        REQUIRE(read.has_value());
        CHECK(EVP_PKEY_eq(read->get(), made.get()) == 1);
        CHECK(EVP_PKEY_get_bits(read->get()) == EVP_PKEY_get_bits(made.get()));
    }
}

TEST_CASE_FIXTURE(NetFixture, "a server does not start with broken TLS options or a taken port") {
    HttpServerOptions broken;
    broken.tls = test_tls();
    broken.tls->certificate_pem = "garbage";
    CHECK_THROWS_AS(serve(std::move(broken)), Fatal);
    serve();
    HttpServerOptions taken;
    taken.port = server->port();
    CHECK_THROWS_AS(HttpServer(inbox, std::move(taken), [](HttpRequest, const Peer&, Responder) {}), Fatal);
}
