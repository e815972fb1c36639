// Programs that we did not write must get along with our server.
#include "tests/net/net_fixture.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>

TEST_SUITE_BEGIN("net/foreign_programs");

using namespace csim;

namespace {

struct DirectInbox final : Inbox {
    void post(UniqueFunction<void()> work) override { work(); }
};

struct ForeignFixture {
    ForeignFixture() {
        HttpServerOptions options;
        options.tls = test_tls();
        server = std::make_unique<HttpServer>(
            inbox, std::move(options),
            [](HttpRequest request, const Peer&, Responder responder) {
                responder.reply({200, {}, request.method + " " + std::to_string(request.body.size()) + "\n"});
            }
        );
    }
    static bool present(const std::string& program) {
        if (std::filesystem::exists("/usr/bin/" + program)) return true;
        MESSAGE(program << " is not installed, its part of this test is left out");
        return false;
    }
    static std::string output_of(const std::string& command) {
        std::string output;
        FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
        char bytes[4096];
        while (const auto n = ::fread(bytes, 1, sizeof bytes, pipe)) output.append(bytes, n);
        ::pclose(pipe);
        return output;
    }
    std::string url() const { return "https://127.0.0.1:" + std::to_string(server->port()) + "/x"; }

    DirectInbox inbox;
    std::unique_ptr<HttpServer> server;
};

}  // namespace

TEST_CASE_FIXTURE(
    ForeignFixture, "curl gets and posts with and without chunks over every TLS version offered"
) {
    if (!present("curl")) return;
    CHECK(output_of("curl -sk " + url()) == "GET 0\n");
    CHECK(output_of("curl -sk --tls-max 1.2 " + url()) == "GET 0\n");
    CHECK(output_of("curl -skI " + url()).find("200 OK") != std::string::npos);
    CHECK(output_of("head -c 2000000 /dev/zero | curl -sk --data-binary @- " + url()) == "POST 2000000\n");
    CHECK(output_of("head -c 2000000 /dev/zero | curl -skT - " + url()) == "PUT 2000000\n");
    CHECK(
        output_of(
            "head -c 9000000 /dev/zero | curl -sk -o /dev/null -w '%{http_code}' --data-binary @- " + url()
        ) == "413"
    );
    CHECK(output_of("curl -sk --http1.0 " + url()) == "GET 0\n");
}

TEST_CASE_FIXTURE(ForeignFixture, "openssl s_client agrees on the cipher that agents use under TLS 1.2") {
    if (!present("openssl")) return;
    const std::string connect =
        "echo | openssl s_client -connect 127.0.0.1:" + std::to_string(server->port());
    const std::string old = output_of(connect + " -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256");
    CHECK(old.find("ECDHE-RSA-AES128-GCM-SHA256") != std::string::npos);
    CHECK(old.find("Secure Renegotiation IS supported") != std::string::npos);
    CHECK(output_of(connect + " -tls1_3").find("TLSv1.3") != std::string::npos);
    CHECK(
        output_of(connect + " -tls1_1 -cipher ALL:@SECLEVEL=0").find("Cipher is (NONE)") != std::string::npos
    );
    CHECK(output_of(connect + " -tls1_2 -reconnect").find("Reused, TLSv1.2") != std::string::npos);
}
