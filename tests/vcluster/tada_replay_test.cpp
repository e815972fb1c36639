// Runs of tests that were written down, and the daemon in the background.
#include "tests/programs/program.hpp"
#include "tests/support/temp_folder.hpp"
#include "vcluster/tada/collector.hpp"
#include "vcluster/tada/replay.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <unistd.h>

TEST_SUITE_BEGIN("vcluster/tada_replay");

using namespace csim;

// Proves: vcluster C52.
TEST_CASE("what a client has written down is reported as it would have been, under the same id") {
    const std::string log =
        R"([{"msg-type": "test-start", "test-suite": "LDMSD", "test-type": "FVT", "test-name": "simple",
        "test-user": "root", "commit-id": "abc1234", "timestamp": 1562161831.5, "test-desc": "d",
        "test-id": "e708b50ce08b30d9fa621b065da1caee24c234410f4cdb42bef8b204f5dc8f0e"},
      {"msg-type": "assert-status", "test-id": "e708b50ce08b30d9fa621b065da1caee24c234410f4cdb42bef8b204f5dc8f0e",
        "assert-no": 1, "assert-desc": "one", "assert-cond": "1 == 1", "test-status": "passed"},
      {"msg-type": "assert-status", "test-id": "e708b50ce08b30d9fa621b065da1caee24c234410f4cdb42bef8b204f5dc8f0e",
        "assert-no": 2, "assert-desc": "two", "assert-cond": "none", "test-status": "skipped"},
      {"msg-type": "test-finish", "test-id": "e708b50ce08b30d9fa621b065da1caee24c234410f4cdb42bef8b204f5dc8f0e",
        "timestamp": 1562161832}])";
    for (const std::string& text : {log, log.substr(0, log.size() - 1)}) {
        const auto runs = tada_runs_of(text);
        REQUIRE(runs.has_value());
        REQUIRE(runs->size() == 1);
        auto socket = DatagramSocket::bind("127.0.0.1", 0);
        REQUIRE(socket.has_value());
        REQUIRE(replay_tada_run({"127.0.0.1", socket->port()}, runs->front()).has_value());
        std::vector<TadaRun> received;
        TadaCollector collector(
            {[](const TadaRun&) {}, [](const TadaRun&, const TadaAssertion&) {},
             [&](const TadaRun& run) { received.push_back(run); },
             [](const std::string&, const std::string&) {}}
        );
        CHECK(eventually([&] {
            while (auto datagram = socket->receive())
                collector.receive(datagram->bytes, datagram->address, datagram->port, 1);
            return !received.empty();
        }));
        CHECK(received[0].id == "e708b50ce08b30d9fa621b065da1caee24c234410f4cdb42bef8b204f5dc8f0e");
        CHECK(received[0].finished == 1562161832);
        REQUIRE(received[0].assertions.size() == 2);
        CHECK(received[0].assertions[0].condition == "1 == 1");
        CHECK(received[0].assertions[1].status == "skipped");
    }
    CHECK(tada_runs_of("").error().detail == "there is no message in it");
    CHECK(tada_runs_of("[7]").error().detail.starts_with("message 1: "));
}

TEST_CASE("the daemon goes to the background once it listens, and ends in order there") {
    TempFolder folder;
    const std::string log = (folder / "tadad.log").string();
    const std::vector<std::string> words{
        cluster_sim_path(),
        "tada-daemon",
        "--port",
        "0",
        "--daemonize",
        "--db_path",
        (folder / "tada.sqlite").string()};
    CHECK(run_program({words}).status == 2);
    auto with_log = words;
    with_log.insert(with_log.end(), {"--log", log});
    const Ended started = run_program({with_log});
    if (started.err.find("sqlite") != std::string::npos) {
        MESSAGE("skipped: " << started.err);
        return;
    }
    REQUIRE_MESSAGE(started.status == 0, started.err);
    const pid_t daemon = std::stoi(started.out);
    CHECK(::getsid(daemon) == daemon);
    const auto text = [&] {
        std::ifstream in(log);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    CHECK(eventually([&] { return text().find("Listening on udp") != std::string::npos; }));
    CHECK(::kill(daemon, SIGTERM) == 0);
    // Not ours to reap: it is gone, or waits for whoever adopted it.
    CHECK(eventually([&] {
        std::ifstream stat("/proc/" + std::to_string(daemon) + "/stat");
        std::string id, name, state;
        return !(stat >> id >> name >> state) || state == "Z";
    }));
}

TEST_SUITE_END();
