#include "tests/net/net_fixture.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("net/client_failures");

using namespace csim;

namespace {

struct ClientFixture : NetFixture {
    HttpsClientOptions plain_options(std::uint16_t port) {
        HttpsClientOptions options;
        options.host = "127.0.0.1";
        options.port = port;
        options.tls = false;
        return options;
    }
    Result<HttpReply> ask(HttpsClientOptions options, Duration timeout = 30s) {
        connect(std::move(options));
        return get(client->open_lane(nullptr), "/", timeout);
    }
};

const std::string hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

}  // namespace

TEST_CASE_FIXTURE(ClientFixture, "each way in which a server can fail gives its own error") {
    struct Case {
        const char* answer;
        Errc code;
        const char* says;
    };
    const Case cases[] = {
        {"", Errc::unreachable, "without a reply"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", Errc::unreachable, "in the middle"},
        {"HTTP/1.1 200 OK\r\nContent-", Errc::unreachable, "in the middle"},
        {"SSH-2.0-OpenSSH_9.2\r\n", Errc::corrupt, "not HTTP"},
        {"HTTP/1.1 200 OK\r\nContent-Length: minus\r\n\r\n", Errc::corrupt, "not HTTP"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", Errc::exhausted, "larger"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Errc::corrupt, "not HTTP"},
    };
    for (const auto& [answer, code, says] : cases) {
        CAPTURE(answer);
        const ScriptedServer scripted({answer});
        const auto reply = ask(plain_options(scripted.port()));
        REQUIRE(reply.has_error());
        CHECK(reply.error().code == code);
        CAPTURE(reply.error().detail);
        CHECK(reply.error().detail.find(says) != std::string::npos);
    }
}

TEST_CASE_FIXTURE(ClientFixture, "replies of unusual but legal form are understood") {
    const std::pair<std::string, std::string> cases[] = {
        {"HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"},
        {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"},
        {"HTTP/1.1 100 Continue\r\n\r\n" + hello, "hello"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
         "abcde"},
        {"HTTP/1.1 204 No Content\r\n\r\n", ""},
    };
    for (const auto& [answer, body] : cases) {
        CAPTURE(answer);
        const ScriptedServer scripted({answer});
        const auto reply = ask(plain_options(scripted.port()));
        REQUIRE(reply.has_value());
        CHECK(reply->body == body);
    }
}

TEST_CASE_FIXTURE(ClientFixture, "a kept connection that died is replaced once without telling the caller") {
    const ScriptedServer scripted({hello, hello, hello});
    connect(plain_options(scripted.port()));
    const auto lane = client->open_lane(nullptr);
    for (int i = 0; i < 3; ++i) CHECK(get(lane, "/").has_value());
    CHECK(client->stats().failures == 0);
    CHECK(client->stats().connects == 3);
}

TEST_CASE_FIXTURE(ClientFixture, "a fresh connection that dies without a reply is not tried again") {
    const ScriptedServer scripted({"", hello});
    connect(plain_options(scripted.port()));
    const auto lane = client->open_lane(nullptr);
    CHECK(get(lane, "/").has_error());
    CHECK(get(lane, "/").has_value());
}

TEST_CASE_FIXTURE(ClientFixture, "nobody listening is said plainly") {
    const DeafPort deaf;
    const auto reply = ask(plain_options(deaf.port()));
    REQUIRE(reply.has_error());
    CHECK(reply.error().code == Errc::unreachable);
    CHECK(reply.error().detail.find("Connection refused") != std::string::npos);
}

TEST_CASE_FIXTURE(ClientFixture, "an unknown host fails each request and not the program") {
    auto options = plain_options(80);
    options.host = "no-such-host.invalid";
    const auto reply = ask(options);
    REQUIRE(reply.has_error());
    CHECK(reply.error().code == Errc::unreachable);
    CHECK(reply.error().detail.find("no-such-host.invalid") != std::string::npos);
}

TEST_CASE_FIXTURE(ClientFixture, "a server that does not speak TLS is named as such") {
    const ScriptedServer scripted({"HTTP/1.1 400 Bad Request\r\n\r\n"});
    auto options = plain_options(scripted.port());
    options.tls = true;
    const auto reply = ask(options);
    REQUIRE(reply.has_error());
    CHECK(reply.error().code == Errc::refused);
    CHECK(reply.error().detail.find("not TLS") != std::string::npos);
}

// Proves: defect 98.
TEST_CASE_FIXTURE(ClientFixture, "a silent server costs the time-out and no more") {
    serve_tls();
    connect();
    const auto lane = client->open_lane(nullptr);
    REQUIRE(get(lane, "/first").has_value());  // so that connecting takes nothing of the time
    const auto reply = get(lane, "/park", 100ms);
    REQUIRE(reply.has_error());
    CHECK(reply.error().code == Errc::unreachable);
    CHECK(reply.error().detail.find("did not answer within 100 ms") != std::string::npos);
    CHECK(get(lane, "/x").has_value());
}

TEST_CASE_FIXTURE(ClientFixture, "a request that waits behind another one has its own time-out") {
    serve_tls();
    connect();
    const auto lane = client->open_lane(nullptr);
    client->send(lane, {"GET", "/park", {}, ""}, 30s, [](Result<HttpReply>) {});
    const auto reply = get(lane, "/x", 100ms);
    REQUIRE(reply.has_error());
    CHECK(reply.error().detail.find("turn") != std::string::npos);
}

TEST_CASE_FIXTURE(ClientFixture, "localhost is tried on IPv4 first and IPv6 addresses are usable") {
    serve();
    auto options = plain_options(server->port());
    options.host = "localhost";
    CHECK(ask(options).has_value());
    CHECK(peers.back().address == "127.0.0.1");
}

TEST_CASE_FIXTURE(ClientFixture, "connections take the given source addresses in turn") {
    serve();
    auto options = plain_options(server->port());
    options.source_addresses = {"127.0.0.2", "127.0.0.3"};
    connect(options);
    for (int i = 0; i < 2; ++i) REQUIRE(get(client->open_lane(nullptr), "/").has_value());
    CHECK(peers[0].address == "127.0.0.2");
    CHECK(peers[1].address == "127.0.0.3");
}
