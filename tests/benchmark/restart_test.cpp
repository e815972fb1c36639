// The benchmark restarts the manager it measures, and measures its successor.
#include "tests/benchmark/benchmark_stage.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <fstream>

TEST_SUITE_BEGIN("benchmark/restart");

using namespace csim;

namespace {

/// A shell command as a person would give it: ends the process, starts another one in its place, ends.
class RestartScript {
  public:
    explicit RestartScript(BenchmarkStage& on) : pid_file_((on.stage.folder / "successor").string()) {
        const std::string pid = std::to_string(on.stage.manager().pid());
        const std::string log = (on.stage.folder / "successor.log").string();
        path_ = (on.stage.folder / "restart.sh").string();
        std::ofstream(path_) << "kill " << pid << "\n"
                             << "while grep -q '^State:[[:space:]][^Z]' /proc/" << pid
                             << "/status 2>/dev/null; do sleep 0.05; done\n"
                             << manager_path() << " --listen 127.0.0.1:" << on.stage.port() << " --state "
                             << (on.stage.folder / "manager").string() << " </dev/null >" << log
                             << " 2>&1 &\n"
                             << "echo $! >" << pid_file_ << "\n";
    }
    ~RestartScript() {
        pid_t pid = 0;
        if (std::ifstream(pid_file_) >> pid && pid > 0) ::kill(pid, SIGKILL);
    }
    std::string command() const { return "sh " + path_; }

  private:
    std::string pid_file_, path_;
};

}  // namespace

TEST_CASE("a restart of the manager is measured, and is no failure of it") {
    BenchmarkStage on;
    const RestartScript script(on);
    const Ended ended = on.run({"--servers", "2", "reconnect_storm", "--restart", script.command()});
    INFO(ended.err << ended.out);
    REQUIRE(ended.status == 0);
    const Json report = on.report();
    REQUIRE(report["steps"].size() == 1);
    const Json& restart = report["steps"][0];
    CHECK(restart["passed"] == true);
    CHECK(restart["details"]["sessions"] == 14);
    CHECK(report["cleanup"] == "done");
    CHECK(report["limiting_resource"]["name"] == "none");
    CHECK(on.stage.host_states().empty());
}

TEST_CASE("a restart that does not succeed is said") {
    BenchmarkStage on;
    const Ended ended =
        on.run({"--servers", "2", "reconnect_storm", "--restart", "echo no such service; exit 3"});
    INFO(ended.err << ended.out);
    CHECK(ended.status == 1);
    CHECK(ended.out.find("ended with status 3: no such service") != std::string::npos);
}

TEST_SUITE_END();
