// Environments that cannot be: refused in a sentence, with nothing of anybody's touched and settings as they
// were.
#include "tests/runtime/ve_stage.hpp"

TEST_SUITE_BEGIN("runtime/ve_limits");

using namespace csim;

TEST_CASE("environments that cannot be are refused with a sentence, and nothing is made") {
    if (!ve_is_usable()) return;
    VeStage stage;
    REQUIRE(stage.run({"createbase"}).status == 0);
    const VeMachine before = machine_now(stage.exp);
    struct Case {
        std::vector<std::string> arguments;
        int status;
        const char* says;
    };
    const Case cases[] = {
        {{"setup", "0"}, 2, "1 to 65024"},
        {{"setup", "many"}, 2, ""},
        {{"setup", "2", "--size", "huge"}, 1, "cannot mount a tmpfs of huge"},
        {{"setup", "2", "--size", "64k"}, 1, "does not fit into a tmpfs of 64k"},
        {{"setup", "70000", "--address", "original"}, 2, "65024"},
        {{"setup", "9000000"}, 2, "65024"},
        {{"setup", "2", "--scenario", "arp-cliff"}, 2, "--backend simulated"},
        {{"setup", "2", "--size", "1M,mode=777"}, 1, "a size is a number"},
        {{"setup", "2", "--backend", "simulated", "--tune"}, 2, "real environments"},
        {{"monitor", "--for", "soon"}, 1, "setup"},
        {{"start"}, 1, "setup"},
        {{"stop"}, 1, "setup"},
        {{"info"}, 1, "setup"},
    };
    for (const Case& each : cases) {
        std::string words;
        for (const std::string& word : each.arguments) words += word + " ";
        CAPTURE(words);
        const Ended ended = stage.run(each.arguments);
        INFO(ended.err);
        CHECK(ended.status == each.status);
        CHECK(ended.err.find(each.says) != std::string::npos);
        CHECK(ended.err.size() > 20);
        CHECK(LedgerFolder(stage.runs).all().empty());
    }
    CHECK(machine_now(stage.exp) == before);
}

// Proves: container 23.
TEST_CASE("a tmpfs that is full in the middle of setup is named, and nothing of the attempt is left") {
    if (!ve_is_usable()) return;
    VeStage stage;
    REQUIRE(stage.run({"createbase"}).status == 0);
    const VeMachine before = machine_now(stage.exp);
    const auto in_base = std::distance(
        std::filesystem::recursive_directory_iterator(stage.base),
        std::filesystem::recursive_directory_iterator()
    );
    const Ended ended = stage.run({"setup", "100", "--inodes", std::to_string(in_base + 100)});
    INFO(ended.err);
    CHECK(ended.status == 1);
    CHECK(ended.err.find("of 100 environments could be made, and they are gone again") != std::string::npos);
    CHECK(ended.err.find("tmpfs refused") != std::string::npos);
    CHECK(ended.err.find("only 0 of") == std::string::npos);
    CHECK(stage.nothing_left());
    CHECK(machine_now(stage.exp) == before);
}

namespace {

/// In a mount namespace where that setting is a file with a 5 in it, so that the machine's stays as it is.
/// The words that the script printed.
std::string with_a_setting_of_its_own(VeStage& stage, const std::string& script) {
    const std::string setting = "/proc/sys/user/max_net_namespaces",
                      file = (stage.folder / "setting").string();
    const std::string prelude = "echo 5 > '" + file + "'; mount --bind '" + file + "' " + setting +
                                "; limit() { cat " + setting + "; }; ve() { '" + cluster_sim_path() +
                                "' ve \"$@\" --exp '" + stage.exp +
                                "' >/dev/null 2>/dev/null; }; base='--base_dir " + stage.base + "'\n";
    const Ended ended =
        run_program({{"unshare", "-m", "sh", "-c", prelude + script}, {{"CLUSTER_SIM_RUNS", stage.runs}}});
    return ended.status == 0 ? ended.out : "ended with " + std::to_string(ended.status) + ": " + ended.err;
}

}  // namespace

// Proves: container 25.
TEST_CASE("settings that were raised go back when the experiment does, unless somebody else changed them") {
    if (!ve_is_usable()) return;
    const char* covered = "mount --bind /dev/null /proc/sys/user/max_net_namespaces";
    if (run_program({{"unshare", "-m", "sh", "-c", covered}}).status != 0) {
        MESSAGE("skipped: a setting cannot be covered by a file here");
        return;
    }
    VeStage stage;
    REQUIRE(stage.run({"createbase"}).status == 0);
    // Refused without --tune; raised, and back; raised, changed by somebody else, and left so.
    CHECK(
        with_a_setting_of_its_own(
            stage, R"(
        ve setup 8 $base; echo $? `limit`
        ve setup 8 --tune $base; echo $? `limit`; ve takedown; echo $? `limit`
        ve setup 8 --tune $base; echo 7 > /proc/sys/user/max_net_namespaces; ve takedown; echo $? `limit`)"
        ) == "1 5\n0 11\n0 5\n0 7\n"
    );
    // Interrupted in the middle.
    CHECK(
        with_a_setting_of_its_own(
            stage, R"(
        env --default-signal=INT ')" +
                       cluster_sim_path() + R"(' ve setup 4000 --tune $base --exp ')" + stage.exp +
                       R"(' >/dev/null 2>&1 &
        while [ `limit` = 5 ] && kill -0 $!; do :; done
        kill -INT $!; wait $!
        ve takedown --leftovers --all; echo $? `limit`)"
        ) == "0 5\n"
    );
    CHECK(stage.nothing_left());
}

// Proves: container 6.
TEST_CASE("takedown touches nothing that is not ours") {
    if (!ve_is_usable()) return;
    VeStage stage;
    std::filesystem::create_directories(stage.exp + "/ve1/delta0");
    CHECK(stage.run({"takedown"}).status == 1);
    CHECK(stage.run({"stats"}).status == 1);
    CHECK(stage.run({"takedown", "--leftovers", "--all"}).status == 0);
    CHECK(std::filesystem::exists(stage.exp + "/ve1/delta0"));
    REQUIRE(stage.run({"createbase"}).status == 0);
    const auto refused = stage.run({"setup", "2"});
    CHECK(refused.status == 1);
    CHECK(refused.err.find("is not an empty folder") != std::string::npos);
    CHECK(LedgerFolder(stage.runs).all().empty());
}

TEST_SUITE_END();
