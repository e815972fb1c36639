// Scenarios: read before anything is made, run on any backend, told step by step, and nothing left of them.
#include "runtime/namespaces/namespaces_runtime.hpp"
#include "runtime/namespaces/stage.hpp"
#include "tests/programs/program.hpp"
#include "tests/vcluster/fixture.hpp"
#include "vcluster/scenario/cluster_scenario.hpp"
#include "vcluster/tada/run.hpp"

#include <nlohmann/json.hpp>

#include <csignal>

TEST_SUITE_BEGIN("vcluster/scenario");

using namespace csim;

namespace {

const std::string example = std::string(CSIM_SOURCE_DIR) + "/vcluster/examples/two_nodes_scenario.json";
const char* const small_spec = R"({"name": "s", "daemons": [{"host": "h", "listen_port": 5}]})";

struct ScenarioFixture {
    TempFolder folder;
    const std::map<std::string, std::string> env{
        {"CLUSTER_SIM_VCLUSTERS", (folder / "clusters").string()},
        {"CLUSTER_SIM_RUNS", (folder / "runs").string()}};

    Launch vcluster(std::vector<std::string> words) {
        words.insert(words.begin(), {cluster_sim_path(), "vcluster"});
        return {words, env};
    }
    std::string with_steps(const std::string& steps) {
        const std::string path = (folder / "scenario.json").string();
        std::ofstream(path) << R"({"spec": )" << small_spec << R"(, "steps": )" << steps << "}";
        return path;
    }
    Ended run_steps(const std::string& steps) { return run_program(vcluster({"run", with_steps(steps)})); }
    std::string clusters() { return run_program(vcluster({"list", "--json"})).out; }
};

std::string mistakes_of(const std::string& text) {
    std::string told;
    CHECK(fatal_status([&] { parse_cluster_scenario(text, "/none"); }, &told) == cluster_status::invalid);
    return told;
}

}  // namespace

// Proves: vcluster C64.
TEST_CASE_FIXTURE(ScenarioFixture, "C64: the same scenario file passes on simulated and on real nodes") {
    std::vector<std::string> backends{"simulated"};
    std::string why = why_no_namespaces();
    for (const char* each : {"/usr/sbin/munged", "/usr/sbin/slurmctld", "/usr/sbin/slurmd"})
        if (why.empty() && ::access(each, X_OK) != 0) why = std::string(each) + " is not installed here";
    if (why.empty())
        backends.emplace_back("namespaces");
    else
        MESSAGE("on simulated nodes only: " << why);
    for (const std::string& backend : backends) {
        CAPTURE(backend);
        const Ended ended = run_program(vcluster({"run", example, "--backend", backend, "--json"}));
        CHECK_MESSAGE(ended.status == 0, ended.err << ended.out);
        const Json report = Json::parse(ended.out, nullptr, false);
        REQUIRE(report.is_object());
        CHECK(report["backend"] == backend);
        int passed = 0;
        for (const Json& step : report["steps"]) passed += step.contains("no") && step["passed"].get<bool>();
        CHECK(passed == 6);
        CHECK(clusters() == "[]\n");
    }
}

TEST_CASE_FIXTURE(
    ScenarioFixture, "a failed assertion is told and the run goes on, another failed step ends it"
) {
    const Ended ended = run_steps(R"([
      {"exec": {"on": "h", "cmd": "echo 7", "save": "seven"}},
      {"assert": {"no": 1, "desc": "false", "exec": {"cmd": "exit 3"}}},
      {"assert": {"no": "x", "desc": "true", "exec": {"cmd": ["echo", "%seven% %eight%"], "expect": "7 %eight%\n"}}},
      {"read": {"path": "/none"}},
      {"exec": "echo never"}])");
    CHECK(ended.status == 1);
    CHECK(
        ended.out ==
        "ok      exec: 7\nfailed  exec  1 false: it ended with 3, not with 0: \npassed  exec  x true: 7 "
        "%eight%\nFAILED  read: cannot read node-2:/none: No such file or directory\n"
    );
    CHECK(clusters() == "[]\n");
}

TEST_CASE_FIXTURE(ScenarioFixture, "the cluster of a failed scenario is kept when that is asked for") {
    const std::string path = with_steps(R"([{"exec": "false"}])");
    const Ended ended = run_program(vcluster({"run", path, "--keep_failed"}));
    CHECK(ended.status == 1);
    CHECK(ended.err.find("the cluster is kept: cluster-sim vcluster shell s") != std::string::npos);
    CHECK(run_program(vcluster({"exec", "s", "--", "hostname"})).out == "node-2\n");
    const Ended again = run_program(vcluster({"run", path}));
    CHECK(again.status == cluster_status::exists);
    CHECK(run_program(vcluster({"exec", "s", "--", "hostname"})).out == "node-2\n");
}

TEST_CASE_FIXTURE(
    ScenarioFixture, "nodes are switched off and on: processes end, files stay, others notice"
) {
    const Ended ended = run_steps(R"([
      {"write": {"on": "h", "path": "/root/kept", "content": "kept"}},
      {"start": {"service": "munged", "node": "h"}},
      {"stop_node": "h"}, {"stop_node": "h"},
      {"assert": {"no": 1, "desc": "off", "exec": {"cmd": "ping -c 1 -W 1 h", "expect_rc": 1}}},
      {"start_node": "h"}, {"start_node": "h"},
      {"assert": {"no": 2, "desc": "on", "exec": {"cmd": "ping -c 1 -W 1 h", "matches": " 0% packet loss"}}},
      {"assert": {"no": 3, "desc": "files", "read": {"on": "h", "path": "/root/kept", "expect": "kept"}}},
      {"assert": {"no": 4, "desc": "processes", "exec": {"on": "h", "cmd": "pgrep munged", "expect_rc": 1}}}])"
    );
    CHECK_MESSAGE(ended.status == 0, ended.out << ended.err);
}

TEST_CASE("mistakes of a scenario are told together, each with its path, before anything is made") {
    CHECK(
        mistakes_of(R"({"spec": {}, "colour": 1, "tada": {"suit": 1, "name": 2}, "steps": [
          {"fly": 1}, 7, {"exec": {"cmmd": "x"}}, {"write": {"path": 1, "content": "x"}}, {"write": "x"},
          {"assert": {"no": 1, "desc": "a", "exec": "x"}}, {"assert": {"no": 1, "exec": "x"}},
          {"exec": {"cmd": []}}, {"wait_job": {"job": true}}]})") ==
        "/colour: unknown; a scenario has spec, steps, tada\n"
        "/tada/name: expected string\n"
        "/tada/suit: unknown; there are suite, type, name\n"
        "/steps/0: unknown verb 'fly'; there are exec, read, sbatch, scancel, start, start_node, stop, "
        "stop_node, "
        "wait_job, wait_metric, wait_sets, write, assert\n"
        "/steps/1: expected one verb; there are exec, read, sbatch, scancel, start, start_node, stop, "
        "stop_node, "
        "wait_job, wait_metric, wait_sets, write, assert\n"
        "/steps/2/exec/cmd: required\n"
        "/steps/2/exec/cmmd: unknown; exec takes cmd, on, env, user, workdir, stdin, detach, expect_rc, "
        "expect, "
        "matches, save, timeout\n"
        "/steps/3/write/path: expected string\n"
        "/steps/4/write: expected an object\n"
        "/steps/6/assert/desc: expected a text\n"
        "/steps/6/assert/no: 1 is used already\n"
        "/steps/7/exec/cmd: expected text or strings\n"
        "/steps/8/wait_job/job: expected int or string"
    );
    CHECK(mistakes_of("[]") == "the scenario is not an object");
    CHECK(mistakes_of("{").starts_with("the scenario is not JSON: "));
    CHECK(mistakes_of("{}").starts_with(
        "/spec: expected a specification or the name of its file\n/steps: expected"
    ));
    CHECK(
        mistakes_of(R"({"spec": "x.json", "steps": [{"exec": "x"}]})") == "/spec: cannot read /none/x.json"
    );
}

TEST_CASE_FIXTURE(ScenarioFixture, "metric sets are waited for, and jobs are found in them") {
    const std::string path = (folder / "scenario.json").string();
    std::ofstream(path) << R"({"spec": ")" << CSIM_SOURCE_DIR
                        << R"(/vcluster/examples/ldms_slurm.json", "steps": [
      {"start": "all"},
      {"wait_sets": {"host": "agg-2", "sets": ["sampler-1/meminfo", "sampler-1/procstat", "sampler-1/slurm_sampler",
        "sampler-1/vmstat", "sampler-2/meminfo", "sampler-2/procstat", "sampler-2/slurm_sampler", "sampler-2/vmstat"]}},
      {"write": {"path": "/root/job.sh", "content": "#!/bin/bash\n#SBATCH -N 2 -n 2\nsrun sleep 60\n"}},
      {"sbatch": {"script": "/root/job.sh", "save": "job"}},
      {"assert": {"no": 1, "desc": "the job is seen", "wait_metric":
        {"host": "agg-2", "set": "sampler-1/slurm_sampler", "metric": "job_id", "contains": "%job%"}}},
      {"assert": {"no": 2, "desc": "no such metric", "wait_metric":
        {"host": "agg-2", "set": "sampler-1/slurm_sampler", "metric": "colour", "timeout": 1}}}]})";
    const Ended ended = run_program(vcluster({"run", path}));
    CHECK(ended.status == 1);
    CHECK(ended.out.find("passed  wait_metric  1 the job is seen: [1,") != std::string::npos);
    CHECK(ended.out.find("agg-2 has no metric colour in sampler-1/slurm_sampler") != std::string::npos);
}

TEST_CASE_FIXTURE(ScenarioFixture, "a signal ends a run or a creation, and nothing is left of it") {
    if (const std::string why = why_no_namespaces(); !why.empty()) {
        MESSAGE("skipped: " << why);
        return;
    }
    std::string spec = R"({"name": "s", "backend": "namespaces", "image": "host", "nodes": [)";
    for (int i = 1; i <= 30; ++i)
        spec += (i > 1 ? "," : "") + std::string(R"({"hostname": "n)") + std::to_string(i) + "\"}";
    spec += "]}";
    const std::string path = (folder / "spec.json").string();
    std::ofstream(path) << spec;
    const auto begun = [&] { return !LedgerFolder((folder / "runs").string()).all().empty(); };
    Program create(vcluster({"create", path}));
    REQUIRE(eventually(begun));
    create.signal(SIGINT);
    CHECK(create.wait().status == 128 + SIGINT);
    CHECK(clusters() == "[]\n");
    CHECK(!begun());
    const std::string scenario = (folder / "scenario.json").string();
    std::ofstream(scenario) << R"({"spec": )" << spec
                            << R"(, "steps": [{"exec": "echo begun"}, {"exec": "sleep 600"}]})";
    Program run(vcluster({"run", scenario}));
    REQUIRE(run.wait_for("begun"));
    run.signal(SIGTERM);
    CHECK(run.wait().status == 128 + SIGTERM);
    CHECK(clusters() == "[]\n");
    CHECK(!begun());
}

TEST_CASE_FIXTURE(
    ScenarioFixture, "a command is run on a node of its own, which is removed whatever the command does"
) {
    if (const std::string why = why_no_namespaces(); !why.empty()) {
        MESSAGE("skipped: " << why);
        return;
    }
    const std::string source = (folder / "source").string(), out = (folder / "out").string();
    std::filesystem::create_directory(source);
    std::ofstream(source + "/input") << "made of this\n";
    const Ended built = run_program(vcluster(
        {"build", "--mount", source + ":/src:ro", "--out", out, "--workdir", "/src", "--",
         "mkdir /opt/ovis/bin && cat input >/opt/ovis/bin/product && hostname"}
    ));
    CHECK_MESSAGE(built.status == 0, built.err);
    CHECK(built.out == "build\n");
    std::ifstream product(out + "/bin/product");
    CHECK(std::string(std::istreambuf_iterator<char>(product), {}) == "made of this\n");
    CHECK(run_program(vcluster({"build", "--", "exit", "7"})).status == 127);
    CHECK(run_program(vcluster({"build", "--", "exit 7"})).status == 7);
    CHECK(clusters() == "[]\n");
}

TEST_SUITE_END();
