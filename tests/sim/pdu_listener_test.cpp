// Strips at real ports: many clients at once, clients that vanish, strips that come later.
#include "fakes/fake_power.hpp"
#include "sim/pdu_listeners.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <array>
#include <cstdio>
#include <iostream>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

TEST_SUITE_BEGIN("sim/pdu_listener");

using namespace csim;

namespace {

constexpr Duration patience = 60s;

struct Strips {
    Strips() {
        power.add_strip();
        power.add_server("a");
        power.add_server("b");
        listeners = std::make_unique<PduListeners>(loop, power, context, PduListenerOptions{.base_port = 0});
        loop.before_waiting([this] { documents.save_all(); });
    }
    std::uint16_t port(const std::string& strip = "pdu000") const {
        return static_cast<std::uint16_t>(power.find(strip)->port());
    }
    template <class Condition>
    bool until(Condition condition) {
        const SimTime end = timeline.now() + patience;
        while (!condition()) {
            if (timeline.now() > end) return false;
            loop.run_until(timeline.now() + 2ms);
        }
        return true;
    }

    std::unique_ptr<StateStore> store = memory_store();
    Documents documents{*store};
    Timeline timeline{wall_now()};
    EventLoop loop{timeline, Pace::realtime()};
    Trace trace{timeline};
    FakesContext context{documents, timeline, Rng(1), trace};
    FakePower power{context};
    std::unique_ptr<PduListeners> listeners;
};

class Client {
  public:
    Client(Strips& strips, std::uint16_t port) : strips_(strips) {
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    }
    ~Client() { leave(); }
    Client(const Client&) = delete;

    void leave() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    /// Types, and waits for an answer that holds `text`.
    bool say(const std::string& line, const std::string& text) {
        seen_.clear();
        CHECK(::send(fd_, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size()));
        return strips_.until([&] {
            std::array<char, 4096> part{};
            const auto count = ::recv(fd_, part.data(), part.size(), MSG_DONTWAIT);
            if (count > 0) seen_.append(part.data(), static_cast<std::size_t>(count));
            return seen_.find(text) != std::string::npos;
        });
    }
    bool log_in() { return say("apc\n\n", "Password :") && say("apc\n\n", "Control Console"); }

  private:
    Strips& strips_;
    int fd_ = -1;
    std::string seen_;
};

}  // namespace

// Proves: defect 45, 91.
TEST_CASE("fifty clients are served at once, and an idle one stands in nobody's way") {
    Strips strips;
    Client idle(strips, strips.port());
    std::vector<std::unique_ptr<Client>> all;
    for (int i = 0; i < 50; ++i) all.push_back(std::make_unique<Client>(strips, strips.port()));
    for (auto& each : all) REQUIRE(each->log_in());
    for (auto& each : all) CHECK(each->say("1\n\n2\n\n1\n\n", "1- Outlet 1"));
    CHECK(all[7]->say("2\n\n1\n\n2\n\nYES\n\n", "Command successfully issued"));
    CHECK_FALSE(strips.power.find("pdu000")->on(2));
    CHECK(all[8]->say("\n\n", "2- Outlet 2                 OFF"));
    CHECK(idle.log_in());
}

// Proves: defect 46.
TEST_CASE("clients that vanish in the middle of a word leave nothing behind") {
    Strips strips;
    for (int i = 0; i < 30; ++i) {
        Client client(strips, strips.port());
        REQUIRE(client.log_in());
        CHECK(client.say("1\n\n2\n\n1\n\n1\n\n1\n\n2\n\n", "Enter 'YES'"));
        client.leave();
    }
    Client last(strips, strips.port());
    CHECK(last.log_in());
    CHECK(strips.power.find("pdu000")->on(1));
}

// Proves: method setup.
TEST_CASE("a strip that is added to a cluster that is alive listens too") {
    Strips strips;
    strips.power.add_strip();
    CHECK(strips.port("pdu001") != strips.port());
    Client client(strips, strips.port("pdu001"));
    CHECK(client.log_in());
}

// Proves: defect 92.
TEST_CASE("strips switch what their own cluster has now, also after it was set up anew") {
    Strips first;
    Strips second;
    Client before(second, second.port());
    REQUIRE(before.log_in());
    for (const char* each : {"a", "b"}) second.power.remove_server(each);
    for (const char* each : {"c", "d", "e"}) second.power.add_server(each);
    std::vector<std::string> lost;
    second.power.on_power_lost = [&](const std::string& fqdn) { lost.push_back(fqdn); };
    const std::string off = "1\n\n2\n\n1\n\n1\n\n1\n\n2\n\nYES\n\n";
    CHECK(before.say(off, "Command successfully issued"));
    CHECK(lost == std::vector<std::string>{"c"});
    Client after(second, second.port());
    REQUIRE(after.log_in());
    CHECK(after.say("1\n\n2\n\n1\n\n", "1- Outlet 1                 OFF"));
    CHECK_FALSE(second.power.has_power("c"));
    CHECK(second.power.has_power("d"));
    CHECK(first.power.has_power("a"));
    CHECK(first.power.has_power("b"));
}

TEST_CASE("a telnet program finds its way in and out") {
    if (std::system("command -v telnet >/dev/null") != 0) {
        std::cout << "skipped: telnet is not installed\n";
        return;
    }
    Strips strips;
    std::string text;
    std::thread program([&] {
        const std::string line =
            "(printf 'apc\\n\\napc\\n\\n1\\n\\n4\\n\\n\\033\\n4\\n\\n'; sleep 1) | telnet 127.0.0.1 " +
            std::to_string(strips.port()) + " 2>&1";
        FILE* const pipe = ::popen(line.c_str(), "r");
        std::array<char, 512> part{};
        while (std::fgets(part.data(), part.size(), pipe) != nullptr) text += part.data();
        ::pclose(pipe);
        strips.loop.stop();
    });
    strips.loop.run();
    program.join();
    CHECK(text.find("Control Console") != std::string::npos);
    CHECK(text.find("Device Manager") != std::string::npos);
}

TEST_SUITE_END();
