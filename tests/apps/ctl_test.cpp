// `cluster-sim ctl` and the control port of a real `cluster-sim run`.
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

extern char** environ;

TEST_SUITE_BEGIN("apps/ctl");

using namespace csim;

namespace {

const std::string program = CSIM_BIN_DIR "/cluster-sim";

struct Outcome {
    int status = -1;
    std::string text;
};

Outcome outcome_of(const std::string& arguments) {
    Outcome outcome;
    FILE* pipe = ::popen((program + " " + arguments + " 2>&1").c_str(), "r");
    char bytes[4096];
    while (const auto n = ::fread(bytes, 1, sizeof bytes, pipe)) outcome.text.append(bytes, n);
    outcome.status = WEXITSTATUS(::pclose(pipe));
    return outcome;
}

/// `cluster-sim run`, from its ready line until this dies.
class Running {
  public:
    Running(const std::string& folder, std::vector<std::string> more) {
        std::vector<std::string> words = {program, "run",   "--config",
                                          folder,  "--url", "https://127.0.0.1:9/"};
        if (more.empty()) more = {"--control_listen", "127.0.0.1:0"};
        words.insert(words.end(), more.begin(), more.end());
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        REQUIRE(posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv.data(), environ) == 0);
        posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        FILE* const told = ::fdopen(ends[0], "r");
        char line[200] = "";
        REQUIRE(::fgets(line, sizeof line, told) != nullptr);
        ::fclose(told);
        url = line;
        url = url.substr(url.find("http"), url.find_last_not_of('\n') + 1 - url.find("http"));
    }
    ~Running() {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }
    std::string url;

  private:
    pid_t pid_ = 0;
};

bool built() {
    if (std::filesystem::exists(program)) return true;
    MESSAGE("cluster-sim is not built, this test is left out");
    return false;
}

}  // namespace

TEST_CASE("ctl asks the simulator that runs on a folder and tells failures apart") {
    if (!built()) return;
    TempFolder temp;
    const std::string folder = (temp / "cluster").string();
    const std::string ctl = "ctl --config " + folder + " ";
    CHECK(outcome_of(ctl + "server_list").status == 3);
    REQUIRE(outcome_of("setup --server_count 2 --worker_count 0 --config " + folder).status == 0);
    CHECK(outcome_of(ctl + "server_list").status == 3);
    {
        const Running running(folder, {});
        const Outcome list = outcome_of(ctl + "server_list");
        CHECK(list.status == 0);
        CHECK(list.text == "[\n  \"test000.localdomain\",\n  \"test001.localdomain\"\n]\n");
        CHECK(outcome_of(ctl + "add_server 2").text == "test002.localdomain\n");
        CHECK(outcome_of(ctl + "set_log_rate test000.localdomain 5").text.empty());
        const Outcome fault = outcome_of(ctl + "server_get nobody");
        CHECK(fault.status == 1);
        CHECK(fault.text == "cluster-sim: there is no server nobody\n");
        CHECK(outcome_of(ctl + "add_server two").status == 1);
        const Outcome listed =
            outcome_of(ctl + "register_many '[\"test000.localdomain\", \"nowhere\"]' secret");
        CHECK(listed.status == 1);
        CHECK(listed.text == "cluster-sim: there is no server nowhere\n");
        CHECK(outcome_of(ctl + "add_server -- -1").status == 1);
        CHECK(outcome_of(ctl).status == 2);
        CHECK(
            outcome_of("ctl --url " + running.url + " server_list").text.find("test002") != std::string::npos
        );
        CHECK(outcome_of("status --config " + folder).status == 0);
    }
    CHECK(outcome_of(ctl + "server_list").status == 3);
}

TEST_CASE("a control port beyond this machine needs a token and ctl shows it") {
    if (!built()) return;
    TempFolder temp;
    const std::string folder = (temp / "cluster").string();
    REQUIRE(
        outcome_of("setup --server_count 1 --worker_count 0 --cluster_size 1 --config " + folder).status == 0
    );
    const Outcome refused =
        outcome_of("run --config " + folder + " --url https://127.0.0.1:9/ --control_listen 0.0.0.0:0");
    CHECK(refused.status == 2);
    CHECK(refused.text.find("--control_token") != std::string::npos);
    const std::string file = (temp / "token").string();
    std::ofstream(file) << "sesame\n";
    const Running running(folder, {"--control_listen", "0.0.0.0:0", "--control_token_file", file});
    CHECK(outcome_of("ctl --config " + folder + " server_list").status == 0);
    CHECK(outcome_of("ctl server_list --url " + running.url).status == 1);
    CHECK(outcome_of("ctl server_list --control_token sesame --url " + running.url).status == 0);
}
