// Whatever ends a program, at whatever moment: it ends well, and the next start goes on where it was.
#include "core/rng.hpp"
#include "tests/programs/stage.hpp"
#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <csignal>

TEST_SUITE_BEGIN("programs/interruption");

using namespace csim;

namespace {

constexpr int servers = 12;
constexpr int workers = 1;
constexpr auto nodes = static_cast<std::size_t>(servers + workers);
// About as long as starting, registering and setting up takes on a quiet machine.
constexpr Duration moments = 500ms;

struct Interrupted : Stage {
    explicit Interrupted(std::uint64_t seed) : chance(seed) {
        start_manager();
        setup(servers, workers);
    }

    /// Lets a random span pass, reading what `program` says meanwhile.
    void let_pass(Program& program, Duration longest) {
        program.wait_for("this is never said", chance.between(Duration(0), longest));
    }
    /// The folder of the stopped simulator can be read, and holds every node.
    void check_folder() const {
        const Ended status = run_sim({"status", "--json"});
        REQUIRE_MESSAGE(status.status == 0, status.err);
        CHECK(Json::parse(status.out)["servers"].size() == nodes);
    }
    /// Once more, undisturbed: nothing was registered twice, and nothing was lost.
    void check_completion() {
        Program simulator = serve(register_words());
        REQUIRE_MESSAGE(simulator.wait_for("registered "), simulator.err());
        const Ended watched = watch_ready();
        REQUIRE_MESSAGE(watched.status == 0, watched.out, watched.err, rest("api/command/?limit=0").dump());
        CHECK(host_states().size() == nodes);
        const Json status = Json::parse(run_sim({"status", "--json"}).out);
        for (const Json& each : status["servers"]) CHECK(each["registered"] == true);
        simulator.signal(SIGINT);
        CHECK(simulator.wait().status == 0);
    }

    Rng chance;
};

/// 0, or what a shell says of a program that was told repeatedly.
void check_end(const Ended& ended, bool repeatedly) {
    const bool well = ended.status == 0 || (repeatedly && ended.status == 128 + SIGINT);
    CHECK_MESSAGE(well, ended.status, ": ", ended.err);
}

}  // namespace

TEST_CASE("Ctrl-C ends the simulator well at any moment and so does a second one") {
    for_each_seed(2, [](std::uint64_t seed) {
        Interrupted stage(seed);
        for (int round = 0; round < 5; ++round) {
            Program simulator({stage.register_words()});
            stage.let_pass(simulator, moments);
            simulator.signal(SIGINT);
            if (round % 2 == 1) {
                stage.let_pass(simulator, 20ms);
                simulator.signal(SIGINT);
            }
            const Ended ended = simulator.wait();
            // Before the program has begun to listen for signals, the system ends it.
            const bool too_early = ended.out.empty();
            check_end(ended, round % 2 == 1 || too_early);
            stage.check_folder();
        }
        stage.check_completion();
    });
}

TEST_CASE("Ctrl-C ends the manager well at any moment and so does a second one") {
    for_each_seed(1, [](std::uint64_t seed) {
        Interrupted stage(seed);
        Program simulator = stage.serve(stage.register_words());
        for (int round = 0; round < 5; ++round) {
            stage.let_pass(simulator, moments);
            stage.manager().signal(SIGINT);
            if (round % 2 == 1) stage.manager().signal(SIGINT);
            check_end(stage.manager().wait(), round % 2 == 1);
            stage.start_manager();
        }
        simulator.signal(SIGTERM);
        CHECK(simulator.wait().status != -1);
        stage.check_folder();
        stage.check_completion();
    });
}

TEST_CASE("a kill of either program in the middle of a registration loses nothing") {
    for_each_seed(2, [](std::uint64_t seed) {
        Interrupted stage(seed);
        for (int round = 0; round < 4; ++round) {
            Program simulator({stage.register_words()});
            stage.let_pass(simulator, moments);
            if (round % 2 == 1) {
                stage.manager().signal(SIGKILL);
                stage.manager().wait();
                stage.let_pass(simulator, 50ms);
                stage.start_manager();
                stage.let_pass(simulator, moments);
            }
            simulator.signal(SIGKILL);
            simulator.wait();
            stage.check_folder();
        }
        stage.check_completion();
    });
}

TEST_SUITE_END();
