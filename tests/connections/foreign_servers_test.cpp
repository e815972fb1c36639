// Servers that we did not write, at the other end of our record layer. Each is left out where it is not
// installed.
#include "tests/connections/foreign.hpp"

#include <csignal>
#include <fstream>
#include <memory>
#include <unistd.h>

TEST_SUITE_BEGIN("connections/foreign_servers");

using namespace csim;
using namespace csim::connections;

namespace {

const std::string nginx = installed({"/usr/sbin/nginx"});

struct Nginx : Foreign {
    ~Nginx() {
        // A master that is killed leaves its workers behind.
        if (!program) return;
        program->signal(SIGTERM);
        program->wait();
    }
    /// `extra` goes into the server block.
    void serve(const std::string& extra, bool with_workers = false) {
        std::filesystem::create_directories(folder / "www");
        std::ofstream(folder / "www/small") << std::string(200, 's');
        std::ofstream(folder / "www/large") << std::string(300'000, 'l');
        std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
        const std::string at = folder.path().string();
        std::ofstream(folder / "nginx.conf")
            << (with_workers ? "user root; worker_processes 1; " : "master_process off; ")
            << "daemon off; pid " << at << "/pid; error_log " << at << "/error.log;\n"
            << "events { worker_connections 256; }\nhttp { access_log off; client_body_temp_path " << at
            << "/a; proxy_temp_path " << at << "/b; fastcgi_temp_path " << at << "/c; uwsgi_temp_path " << at
            << "/d; scgi_temp_path " << at << "/e;\nserver { listen " << listening()
            << " ssl http2; ssl_protocols TLSv1.3; ssl_certificate " << at
            << "/cert.pem; ssl_certificate_key " << at << "/key.pem; root " << at << "/www; " << extra
            << " } }\n";
        program = std::make_unique<Program>(Launch{
            {nginx, "-p", at, "-c", at + "/nginx.conf", "-e", at + "/error.log"}});
    }
    std::unique_ptr<Program> program;
};

}  // namespace

// Proves: connection C-22.
TEST_CASE("nginx answers connections that slept between any two requests, small answers and large ones") {
    if (nginx.empty()) {
        MESSAGE("skipped: nginx is not installed");
        return;
    }
    Nginx bench;
    bench.serve("keepalive_timeout 60s;");
    for (const Protocol protocol : {Protocol::h1, Protocol::h2})
        for (const char* path : {"/small", "/large"}) {
            CAPTURE(int(protocol));
            CAPTURE(path);
            bench.plan.connections = 4;
            bench.plan.protocol = protocol;
            bench.plan.path = path;
            bench.plan.cadence = Cadence::think;
            bench.plan.period = 55ms;
            bench.start();
            REQUIRE(bench.until([&] { return bench.count(Count::responses) == 4; }));
            bench.driver->begin_hold();
            REQUIRE(bench.until([&] { return bench.count(Count::responses) >= 4 + 48; }));
            const Totals& totals = bench.driver->totals();
            CHECK(totals[Count::status_2xx] == totals[Count::responses]);
            CHECK(totals[Count::hibernated] == 4);
            CHECK(totals[Count::slept] >= 40);
            CHECK(totals[Count::tickets] >= 8);
            CHECK(Totals::sum(totals.drops) == 0);
            bench.driver->drain();
            CHECK(bench.driver->drained());
        }
}

// Proves: connection C-9.
TEST_CASE("nginx ends connections after so many requests or so long a silence, and both are told apart") {
    if (nginx.empty()) {
        MESSAGE("skipped: nginx is not installed");
        return;
    }
    for (const Protocol protocol : {Protocol::h1, Protocol::h2}) {
        CAPTURE(int(protocol));
        Nginx bench;
        bench.serve("keepalive_timeout 1s; keepalive_requests 5;");
        bench.plan.connections = 3;
        bench.plan.protocol = protocol;
        bench.plan.path = "/small";
        bench.plan.cadence = Cadence::think;
        bench.plan.period = 2ms;
        bench.start();
        REQUIRE(bench.until([&] { return bench.count(Count::responses) >= 3; }));
        bench.driver->begin_hold();
        const auto ends = [&] {
            const Totals& totals = bench.driver->totals();
            return Totals::sum(totals.drops) + Totals::sum(totals.by_peer);
        };
        REQUIRE(bench.until([&] { return ends() >= 9; }));
        const Totals& seen = bench.driver->totals();
        const Ends::key_type planned{
            protocol == Protocol::h2 ? Reason::goaway : Reason::server_close_header, 0};
        CHECK_MESSAGE(seen.by_peer.contains(planned), bench.told());
        CHECK_MESSAGE(Totals::sum(seen.drops) == 0, bench.told());
        bench.driver->drain();

        bench.plan.cadence = Cadence::constant;
        bench.plan.period = std::chrono::hours(1);
        bench.start();
        REQUIRE(bench.until([&] { return ends() >= 3; }));
        const Totals& totals = bench.driver->totals();
        const bool told =
            totals.drops.contains({Reason::close_notify, 0}) || totals.by_peer.contains({Reason::goaway, 0});
        CHECK_MESSAGE(told, bench.told());
    }
}

// Proves: connection C-13.
TEST_CASE("nginx's sessions are continued by connections that come back, and those hibernate again") {
    if (nginx.empty()) {
        MESSAGE("skipped: nginx is not installed");
        return;
    }
    Nginx bench;
    bench.serve("keepalive_timeout 60s;");
    for (const Protocol protocol : {Protocol::h1, Protocol::h2}) {
        CAPTURE(int(protocol));
        bench.plan.connections = 3;
        bench.plan.protocol = protocol;
        bench.plan.path = "/small";
        bench.plan.resume = Resume::own;
        bench.plan.churn_rate = 50;
        bench.start();
        REQUIRE(bench.until([&] { return bench.count(Count::hibernated) == 3; }));
        bench.driver->begin_hold();
        REQUIRE(bench.until([&] { return bench.count(Count::handshakes) >= 13; }));
        CHECK(bench.count(Count::resumed) >= bench.count(Count::handshakes) - 3);
        CHECK_MESSAGE(Totals::sum(bench.driver->totals().drops) == 0, bench.told());
        bench.driver->drain();
    }
}

// Proves: connection C-22.
TEST_CASE("an nginx that is reloaded ends what it held, and everything is held again") {
    if (nginx.empty() || geteuid() != 0) {
        MESSAGE("skipped: nginx is not installed, or we are not root, whom its worker is to run as");
        return;
    }
    for (const Protocol protocol : {Protocol::h1, Protocol::h2}) {
        CAPTURE(int(protocol));
        Nginx bench;
        bench.serve("keepalive_timeout 60s;", true);
        bench.plan.connections = 6;
        bench.plan.protocol = protocol;
        bench.plan.path = "/small";
        bench.start();
        REQUIRE(bench.until([&] { return bench.count(Count::dormant) == 6; }));
        bench.driver->begin_hold();
        bench.program->signal(SIGHUP);
        REQUIRE(bench.until([&] { return bench.count(Count::handshakes) == 12; }));
        REQUIRE(bench.until([&] { return bench.count(Count::held) == 6; }));
        const Totals& seen = bench.driver->totals();
        CHECK_MESSAGE(Totals::sum(seen.drops) + Totals::sum(seen.by_peer) == 6, bench.told());
        bench.driver->drain();
    }
}

TEST_SUITE_END();
