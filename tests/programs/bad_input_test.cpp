// What cannot be done is refused: one clear sentence, the right status, and nothing has changed.
#include "tests/programs/refusal.hpp"
#include "tests/programs/stage.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <unistd.h>

TEST_SUITE_BEGIN("programs/bad_input");

using namespace csim;

// Proves: defect 10, 99.
TEST_CASE("a command line that makes no sense is refused before anything is touched") {
    const TempFolder folder;
    check_all(
        {
            {{}, usage, "give a command"},
            {{"--bogus"}, usage, "--bogus"},
            {{"frob"}, usage, "frob"},
            {{"setup", "--bogus"}, usage, "--bogus"},
            {{"setup", "extra"}, usage, "extra"},
            {{"setup", "--server_count"}, usage, "--server_count"},
            {{"setup", "--server_count", "0"}, usage, "between 1 and"},
            {{"setup", "--server_count", "-3"}, usage, "between 1 and"},
            {{"setup", "--server_count", "abc"}, usage, "--server_count = abc"},
            {{"setup", "--server_count", "8x"}, usage, "--server_count = 8x"},
            {{"setup", "--server_count", "1.5"}, usage, "--server_count = 1.5"},
            {{"setup", "--server_count", "600000"}, usage, "between 1 and"},
            {{"setup", "--server_count", "99999999999999999999"}, usage, "too large"},
            {{"setup", "--worker_count", "-1"}, usage, "--worker_count"},
            {{"setup", "--nid_count", "0"}, usage, "--nid_count"},
            {{"setup", "--nid_count", "256"}, usage, "--nid_count"},
            {{"setup", "--volume_count", "-1"}, usage, "--volume_count"},
            {{"setup", "--cluster_size", "0"}, usage, "--cluster_size"},
            {{"setup", "--psu_count", "0"}, usage, "--psu_count"},
            {{"setup", "--su_size", "3"}, usage, "multiple"},
            {{"--seed", "-1", "setup"}, usage, "--seed"},
            {{"--config", "", "setup"}, usage, "--config"},
            {{"doctor", "--server_count", "0"}, usage, "--server_count"},
            {{"actions", "no_such_action"}, usage, "no_such_action"},
            {{"--log_level", "loud", "status"}, usage, "--log_level"},
        },
        folder.path()
    );
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a folder that is missing or foreign or damaged is refused and left as it was") {
    Stage stage;
    const auto& at = stage.folder;
    std::filesystem::create_directories(at / "foreign");
    std::filesystem::create_directories(at / "empty");
    std::ofstream(at / "foreign/letter.txt") << "not yours";
    std::ofstream(at / "file") << "not a folder";
    for (const std::string name : {"cluster", "newer", "damaged", "torn"}) {
        const Ended made = run_program({{cluster_sim_path(), "--config", (at / name).string(), "setup"}});
        REQUIRE_MESSAGE(made.status == 0, made.err);
    }
    std::ofstream(at / "newer/version.json") << R"({"program": "cluster-sim", "version": 999})";
    std::ofstream(at / "torn/version.json") << R"({"program": )";
    std::ofstream(at / "damaged/simulator.json") << R"({"seed": [)";
    const auto before = contents_of(at.path());
    check_all(
        {
            {{"--config", "none", "status"}, failure, "there is no folder none"},
            {{"--config", "none", "run"}, failure, "there is no folder none"},
            {{"--config", "foreign", "setup"}, failure, "not a state folder"},
            {{"--config", "foreign", "run"}, failure, "holds no simulated cluster"},
            {{"--config", "foreign", "status"}, failure, "not a state folder"},
            {{"--config", "empty", "run"}, failure, "holds no simulated cluster"},
            {{"--config", "empty", "status"}, failure, "not a state folder"},
            {{"--config", "file", "setup"}, failure, "Not a directory"},
            {{"--config", "file/below", "setup"}, failure, "Not a directory"},
            {{"--config", "/proc/nowhere", "setup"}, failure, "cannot create"},
            {{"--config", "newer", "run"}, failure, "version 999"},
            {{"--config", "newer", "status"}, failure, "version 999"},
            {{"--config", "torn", "run"}, failure, "damaged"},
            {{"--config", "damaged", "run"}, failure, "damaged"},
            {{"--config", "damaged", "status"}, failure, "damaged"},
            {{"--config", "cluster", "setup"}, failure, "--force"},
            {{"--config", "cluster", "setup", "--grow", "--cluster_size", "3"}, failure, "--force"},
        },
        at.path()
    );
    check_all({{{"--config", "newer", "setup", "--force"}, failure, "version 999"}}, at.path());
    CHECK(contents_of(at.path()) == before);
    const Ended forced = stage.run_sim({"setup", "--server_count", "3", "--worker_count", "0", "--force"});
    CHECK_MESSAGE(forced.status == 0, forced.err);
    const Ended status = stage.run_sim({"status"});
    CHECK(status.out.find("3 nodes") != std::string::npos);
}

TEST_CASE("a folder without permission to write is refused") {
    if (geteuid() == 0) {
        MESSAGE("skipped: permissions do not bind the superuser");
        return;
    }
    const TempFolder folder;
    std::filesystem::create_directories(folder / "locked");
    std::filesystem::permissions(folder / "locked", std::filesystem::perms::owner_read);
    check_all({{{"--config", "locked", "setup"}, failure, "Permission denied"}}, folder.path());
    std::filesystem::permissions(folder / "locked", std::filesystem::perms::owner_all);
}

// Proves: defect 12.
TEST_CASE("addresses and files that cannot be used are refused before any agent starts") {
    Stage stage;
    stage.start_manager();
    stage.setup(1);
    std::ofstream(stage.folder / "empty.pem") << "";
    const std::string taken = "127.0.0.1:" + std::to_string(stage.port());
    const Words run{"--config", "cluster", "run"};
    const Words enlist{"--config", "cluster", "register", "--username", "admin", "--password", "lustre"};
    const Words anywhere{"--control_listen", "127.0.0.1:0", "--pdu_port", "0"};
    check_all(
        {
            {{"--config", "cluster", "register"}, usage, "--secret"},
            {{"--config", "cluster", "register", "--username", "admin"}, usage, "--password"},
            {enlist + Words{"--url", "manager"}, usage, "'manager' is not a manager's URL"},
        },
        stage.folder.path()
    );
    for (const Refusal& each : std::vector<Refusal>{
             {run + Words{"--url", "https://"}, usage, "names no host"},
             {run + Words{"--url", "https://a:99999/"}, usage, "port"},
             {run + Words{"--control_listen", "here"}, usage, "HOST:PORT"},
             {run + Words{"--control_listen", "127.0.0.1:70000"}, usage, "HOST:PORT"},
             {run + Words{"--control_listen", taken}, failure, "cannot listen on 127.0.0.1"},
             {run + Words{"--control_listen", "192.0.2.1:0"}, usage, "token"},
             {run + anywhere + Words{"--ca", "missing.pem"}, failure, "missing.pem"},
             {run + anywhere + Words{"--ca", "empty.pem"}, failure, "empty.pem"},
             {run + anywhere + Words{"--ready_file", "/nowhere/ready"}, failure, "/nowhere/ready"},
             {run + Words{"--wire", "smoke"}, usage, "--wire"},
             {run + Words{"--hibernate", "--wire", "reference"}, usage, "--wire reference"},
             {run + Words{"--start_spread", "-1"}, usage, "--start_spread"},
         }) {
        const Words words = Words{cluster_sim_path()} + each.words;
        check_refused(run_program({words, {}, stage.folder.path()}), each);
    }
    CHECK(stage.run_sim({"status"}).out.find("0 registered") != std::string::npos);

    const std::string state = (stage.folder / "other").string();
    const Ended second = run_program({{manager_path(), "--listen", taken, "--state", state}});
    check_refused(second, {{"manager"}, failure, "cannot listen on 127.0.0.1"});
    const Ended same = run_program(
        {{manager_path(), "--listen", "127.0.0.1:0", "--state", (stage.folder / "manager").string()}}
    );
    check_refused(same, {{"manager"}, failure, "in use"});
    const Ended mixed = run_program(
        {{manager_path(), "--listen", "127.0.0.1:0", "--state", (stage.folder / "cluster").string()}}
    );
    check_refused(mixed, {{"manager"}, failure, "holds a simulated cluster"});
    check_refused(run_program({{manager_path(), "--listen", "here"}}), {{"manager"}, usage, "HOST:PORT"});

    Program serving = stage.serve(stage.run_words());
    check_refused(stage.run_sim(Words{"run"} + anywhere), {{"run"}, failure, "in use"});
    check_refused(stage.run_sim({"setup", "--force"}), {{"setup"}, failure, "in use"});
    CHECK(serving.running());
}

TEST_SUITE_END();
