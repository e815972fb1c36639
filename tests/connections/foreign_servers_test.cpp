// Servers that we did not write, at the other end of our record layer. Each is left out where it is not
// installed.
#include "connections/engine/driver.hpp"
#include "connections/tls/contexts.hpp"
#include "net/socket.hpp"
#include "tests/programs/program.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

TEST_SUITE_BEGIN("connections/foreign_servers");

using namespace csim;
using namespace csim::connections;

namespace {

std::string installed(std::initializer_list<const char*> places) {
    for (const char* each : places)
        if (access(each, X_OK) == 0) return each;
    return "";
}

/// A loopback address of this process's own, so that a port that was free a moment ago still is.
std::string own_address() {
    const int pid = getpid();
    return "127." + std::to_string(100 + pid / 65'536 % 100) + "." + std::to_string(pid / 256 % 256) + "." +
           std::to_string(1 + pid % 250);
}

std::uint16_t free_port() {
    const int fd = listen_on(own_address(), 0);
    const std::uint16_t port = local_port(fd);
    close(fd);
    return port;
}

struct Foreign {
    Foreign() {
        const PemTexts identity = self_signed_server();
        std::ofstream(folder / "cert.pem") << identity.certificate;
        std::ofstream(folder / "key.pem") << identity.key;
        plan.targets.resize(1);
        plan.targets[0].host = "127.0.0.1";
        plan.targets[0].addresses = {own_address()};
        plan.targets[0].port = free_port();
        plan.ca_file = (folder / "cert.pem").string();
        plan.ramp_rate = 0;
        plan.first_at_once = true;
        plan.period = std::chrono::hours(1);
        plan.reconnect = Reconnect::always;
        plan.backoff_low = 20ms;
        plan.backoff_high = 200ms;
    }
    void start() {
        driver =
            std::make_unique<Driver>(plan, shares_of(plan, 0, plan.connections, 1).front(), monotonic_now);
        driver->start();
    }
    bool until(const std::function<bool()>& done) {
        const Nanos end = monotonic_now() + 60 * second;
        while (!done()) {
            if (monotonic_now() > end) {
                const Totals& all = driver->totals();
                MESSAGE("waited in vain: " << told() << all[Count::responses] << " responses");
                return false;
            }
            driver->step(5 * millisecond);
        }
        return true;
    }
    std::uint64_t count(Count which) { return driver->totals()[which]; }
    std::string told() {
        std::string text;
        const Totals& all = driver->totals();
        for (const Ends* ends : {&all.drops, &all.failed_opens, &all.by_peer, &all.by_us})
            for (const auto& [which, n] : *ends)
                text += text_of(which.first, which.second) + " " + std::to_string(n) + "; ";
        return text;
    }

    std::string listening() const { return own_address() + ":" + std::to_string(plan.targets[0].port); }

    TempFolder folder;
    Plan plan;
    std::unique_ptr<Driver> driver;
};

const std::string nginx = installed({"/usr/sbin/nginx"});
const std::string openssl = installed({"/usr/bin/openssl"});

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
