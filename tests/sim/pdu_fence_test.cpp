// The fence agent that managers use, against a listening power strip.
#include "fakes/fake_power.hpp"
#include "sim/pdu_listeners.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sys/wait.h>
#include <thread>

using namespace csim;

TEST_SUITE_BEGIN("sim/pdu_fence");

namespace {

struct Said {
    int status = -1;
    std::string text;
};

Said shell(const std::string& line) {
    Said said;
    FILE* const pipe = ::popen((line + " 2>&1 </dev/null").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 512> part{};
    while (std::fgets(part.data(), part.size(), pipe) != nullptr) said.text += part.data();
    const int ended = ::pclose(pipe);
    if (WIFEXITED(ended)) said.status = WEXITSTATUS(ended);
    return said;
}

bool has_program(const std::string& name) {
    return shell("command -v " + name).status == 0;
}

/// A strip on a real port, served by a loop while a foreign program talks to it.
struct ListeningStrip {
    ListeningStrip() {
        power.add_server("a");
        power.add_server("b");
        loop.before_waiting([this] { documents.save_all(); });
    }

    static FakePower& with_strips(FakePower& power) {
        power.add_strip();
        power.add_strip();
        return power;
    }

    Said fence(const std::string& password, const std::string& arguments) {
        const auto port = power.find("pdu000")->port();
        const std::string line = "fence_apc --ip=127.0.0.1 --ipport=" + std::to_string(port) +
                                 " --username=apc --password=" + password +
                                 " --login-timeout=60 --shell-timeout=60 --power-timeout=60 " + arguments;
        Said said;
        std::thread program([&] {
            said = shell(line);
            loop.stop();
        });
        loop.run();
        program.join();
        INFO(line << "\n" << said.text);
        return said;
    }

    std::unique_ptr<StateStore> store = memory_store();
    Documents documents{*store};
    Timeline timeline{wall_now()};
    EventLoop loop{timeline, Pace::realtime()};
    Trace trace{timeline};
    FakePower power{FakesContext{documents, timeline, Rng(1), trace}, PowerTimes{.cycle = 100ms}};
    PduListeners listeners{
        loop, with_strips(power), FakesContext{documents, timeline, Rng(1), trace},
        PduListenerOptions{.base_port = 0, .account = PduAccount{"apc", "apc"}}};
};

}  // namespace

// Proves: defect 5.
TEST_CASE("fence_apc reads and switches outlets") {
    if (!has_program("fence_apc") || !has_program("telnet")) {
        std::cout << "skipped: fence_apc and telnet are not both installed\n";
        return;
    }
    ListeningStrip strip;
    CHECK(strip.fence("apc", "--action=monitor").status == 0);
    const Said list = strip.fence("apc", "--action=list");
    CHECK(list.status == 0);
    CHECK(list.text.find("1,Outlet 1") != std::string::npos);
    CHECK(strip.fence("apc", "--plug=1 --action=status").text.find("Status: ON") != std::string::npos);
    CHECK(strip.fence("apc", "--plug=1 --action=off").status == 0);
    CHECK(!strip.power.find("pdu000")->on(1));
    CHECK(strip.power.find("pdu001")->on(1));
    CHECK(strip.fence("apc", "--plug=1 --action=status").status == 2);
    CHECK(strip.fence("apc", "--plug=1 --action=on").status == 0);
    CHECK(strip.power.find("pdu000")->on(1));
    CHECK(strip.fence("apc", "--plug=2 --action=reboot").status == 0);
    CHECK(strip.power.find("pdu000")->on(2));
    CHECK(strip.fence("apc", "--plug=99 --action=off").status == 1);
}
