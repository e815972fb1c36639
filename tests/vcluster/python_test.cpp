// The control port of virtual clusters, asked by Python: with its own library alone, and with the client
// module.
#include "tests/programs/program.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <fstream>
#include <unistd.h>

TEST_SUITE_BEGIN("vcluster/python");

using namespace csim;

namespace {

const char* const alone = R"(
import sys, xmlrpc.client
proxy = xmlrpc.client.ServerProxy(sys.argv[1])
assert "vcluster.create" in proxy.system.listMethods()
assert proxy.system.methodSignature("vcluster.get") == [["struct", "string"]]
spec = {"name": "py", "daemons": [{"host": "h", "listen_port": 5}]}
made = proxy.vcluster.create(spec)
assert [n["hostname"] for n in made["nodes"]] == ["node-1", "node-2"], made
def fails(code, call, *arguments):
    try:
        call(*arguments)
    except xmlrpc.client.Fault as fault:
        assert fault.faultCode == code, fault
        return fault.faultString
    raise AssertionError("it worked")
fails(3, proxy.vcluster.create, spec)
fails(4, proxy.vcluster.get, "none")
assert fails(2, proxy.vcluster.create, {"name": "x y", "daemons": [{}]}).startswith("/name: ")
fails(2, proxy.vcluster.exec, "py")
fails(2, proxy.vcluster.fly, "py")
fails(2, proxy.vcluster.exec, "py", "", "true", {"colour": 1})
assert proxy.vcluster.get_or_create(spec) == made
assert proxy.vcluster.exec("py", "h", "echo out; echo err >&2; exit 3") == {"rc": 3, "out": "out\nerr\n"}
assert proxy.vcluster.exec("py", "h", ["cat"], {"stdin": "in", "separate": True}) == {"rc": 0, "out": "in", "err": ""}
assert proxy.vcluster.exec("py", "h", ["printf", "\\0"])["out_base64"] == "AA=="
proxy.vcluster.write_file("py", "h", "/root/f", "text")
assert proxy.vcluster.read_file("py", "h", "/root/f") == "text"
assert proxy.vcluster.hosts("py").startswith("127.0.0.1 localhost\n")
assert {s["state"] for s in proxy.vcluster.start("py", "munged")} == {"started"}
assert {s["state"] for s in proxy.vcluster.stop("py", "munged")} == {"stopped"}
assert [c["name"] for c in proxy.vcluster.list()] == ["py"]
assert proxy.vcluster.remove("py") is True
assert proxy.vcluster.remove("py") is False
print("all well")
)";

const char* const by_json = R"(
import json, sys, urllib.request
def call(body):
    request = urllib.request.Request(sys.argv[1].rstrip("/") + "/rpc", json.dumps(body).encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))
assert call({"jsonrpc": "2.0", "id": 1, "method": "vcluster.list"})["result"] == []
answer = call({"jsonrpc": "2.0", "id": 2, "method": "vcluster.get", "params": {"name": "none"}})
assert answer["error"]["code"] == 4 and answer["id"] == 2, answer
both = call([{"jsonrpc": "2.0", "id": 1, "method": "vcluster.list"}, {"jsonrpc": "2.0", "id": 2, "method": "no"}])
assert len(both) == 2
print("all well")
)";

const char* const beside_servers = R"(
import sys, xmlrpc.client
proxy = xmlrpc.client.ServerProxy(sys.argv[1])
names = proxy.system.listMethods()
assert "vcluster.create" in names and "server_list" in names and names == sorted(names)
assert len(proxy.server_list()) == 1
def fails(code, call, *arguments):
    try:
        call(*arguments)
    except xmlrpc.client.Fault as fault:
        assert fault.faultCode == code, fault
        return
    raise AssertionError("it worked")
fails(1, proxy.server_get, "bogus")
fails(4, proxy.vcluster.get, "none")
real = {"name": "real", "daemons": [{"host": "h", "listen_port": 5}]}
fails(5, proxy.vcluster.create, real, "namespaces")
fails(5, proxy.vcluster.create, real, "docker")
assert proxy.vcluster.list() == []
assert "simulated seconds" in proxy.system.methodHelp("vcluster.pass")
print("all well")
)";

struct PythonFixture {
    TempFolder folder;
    const std::map<std::string, std::string> env{
        {"CLUSTER_SIM_VCLUSTERS", (folder / "clusters").string()},
        {"CLUSTER_SIM", cluster_sim_path()},
        {"PYTHONDONTWRITEBYTECODE", "1"},
        {"PYTHONPATH", std::string(CSIM_SOURCE_DIR) + "/clients/python"}};

    bool skipped(const std::string& module = "xmlrpc.client") {
        const bool there = run_program({{"python3", "-c", "import " + module}, env}).status == 0;
        if (!there) MESSAGE("skipped: python3 with " << module << " is not installed here");
        return !there;
    }
    Ended python(const std::string& text, std::vector<std::string> arguments) {
        const std::string path = (folder / "script.py").string();
        std::ofstream(path) << text;
        std::vector<std::string> all{"python3", path};
        all.insert(all.end(), arguments.begin(), arguments.end());
        return run_program({all, env});
    }
};

}  // namespace

TEST_CASE_FIXTURE(PythonFixture, "Python's own library alone drives a cluster over XML-RPC and JSON-RPC") {
    if (skipped()) return;
    Program server({{cluster_sim_path(), "vcluster", "serve"}, env});
    REQUIRE(server.wait_for("ready http"));
    const std::string url = server.out().substr(6, server.out().find('\n') - 6);
    for (const char* script : {alone, by_json}) {
        const Ended ended = python(script, {url});
        CHECK_MESSAGE(ended.out == "all well\n", ended.err);
    }
    server.signal(SIGTERM);
    CHECK(server.wait().status == 0);
}

// The same operations on the control port of a simulator that serves storage servers meanwhile.
TEST_CASE_FIXTURE(
    PythonFixture, "a running simulator's control port has the operations on virtual clusters"
) {
    const std::string config = (folder / "cluster").string();
    const std::vector<std::string> sim{
        cluster_sim_path(), "--config", config, "--url", "https://127.0.0.1:9/"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), sim.begin(), sim.end());
        return Launch{more, env};
    };
    REQUIRE(run_program(with({"setup", "--server_count", "1", "--worker_count", "0"})).status == 0);
    Program server(with({"run", "--control_listen", "127.0.0.1:0", "--pdu_port", "0"}));
    REQUIRE(server.wait_for("ready http"));
    const std::string url = server.out().substr(6, server.out().find('\n') - 6);
    if (!skipped()) {
        for (const char* script : {alone, by_json, beside_servers}) {
            const Ended ended = python(script, {url});
            CHECK_MESSAGE(ended.out == "all well\n", ended.err);
        }
    }
    const std::string spec = R"({"name": "ctl", "daemons": [{"host": "h", "listen_port": 5}]})";
    CHECK(run_program(with({"ctl", "vcluster.create", spec})).status == 0);
    const Ended ran = run_program(with({"ctl", "vcluster.exec", "ctl", "h", "hostname"}));
    CHECK(nlohmann::json::parse(ran.out) == nlohmann::json{{"rc", 0}, {"out", "node-1\n"}});
    CHECK(run_program(with({"ctl", "vcluster.remove", "ctl"})).out == "true\n");
    const Ended missing = run_program(with({"ctl", "vcluster.get", "ctl"}));
    CHECK(missing.status == 1);
    CHECK(missing.err.find("ctl") != std::string::npos);
    server.signal(SIGTERM);
    CHECK(server.wait().status == 0);
}

TEST_CASE("the page about the control port is what the table says") {
    const std::string path = CSIM_SOURCE_DIR "/docs/control.md";
    const std::string told = run_program({{cluster_sim_path(), "ctl", "--list", "--markdown"}}).out;
    if (std::getenv("CSIM_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << told;
    std::ifstream in(path);
    const std::string page{std::istreambuf_iterator<char>(in), {}};
    CHECK_MESSAGE(page == told, "make it anew with 'cluster-sim ctl --list --markdown'");
}

TEST_CASE_FIXTURE(PythonFixture, "the client module runs the published test, and reports it") {
    if (skipped()) return;
    const std::string root = CSIM_SOURCE_DIR;
    const Ended ended = run_program(
        {{"python3", root + "/clients/python/examples/agg_slurm.py",
          root + "/vcluster/examples/ldms_slurm.json", "127.0.0.1:9"},
         env}
    );
    CHECK_MESSAGE(ended.status == 0, ended.err);
    CHECK(
        ended.out.find("jobid: 1\nslurm job_id verification on sampler-1: Passed\nslurm job_id verification "
                       "on sampler-2: Passed\n") != std::string::npos
    );
}

namespace {

/// Test files for pytest, and what is left after it.
struct PytestFixture : PythonFixture {
    PytestFixture() {
        // Debian's own Python has Debian's pytest, another one before it in PATH may not.
        for (const char* each : {"/usr/bin/python3", "python3"})
            if (python_.empty() && run_program({{each, "-c", "import pytest"}, env}).status == 0)
                python_ = each;
    }
    bool no_pytest() const {
        if (python_.empty()) MESSAGE("skipped: pytest is not installed here (Debian: python3-pytest)");
        return python_.empty();
    }
    Launch pytest(const std::string& text, const std::vector<std::string>& more = {}) {
        std::ofstream(folder / "test_it.py")
            << "import os, signal, subprocess\n"
               "spec = lambda name: {'name': name, 'daemons': [{'host': 'h', 'listen_port': 5}]}\n"
            << text;
        std::vector<std::string> words{
            python_, "-m", "pytest", "-q", "-p", "cluster_sim.pytest_plugin", "-p", "no:cacheprovider"};
        words.insert(words.end(), more.begin(), more.end());
        words.push_back((folder / "test_it.py").string());
        return {words, env};
    }
    std::string clusters() {
        std::string names;
        const Ended told = run_program({{cluster_sim_path(), "vcluster", "list", "--json"}, env});
        for (const auto& each : nlohmann::json::parse(told.out))
            names += each.at("name").get<std::string>() + " ";
        return names;
    }

    std::string python_;
};

}  // namespace

TEST_CASE_FIXTURE(
    PytestFixture, "the pytest fixture removes the clusters of tests that pass, fail or are interrupted"
) {
    if (no_pytest()) return;
    const Ended ended =
        run_program(pytest("def test_passes(virtual_cluster):\n"
                           "    cluster = virtual_cluster(spec('one'))\n"
                           "    assert cluster.exec_run('hostname') == (0, 'node-2\\n')\n"
                           "    assert cluster.start('munged')[0]['state'] == 'started'\n"
                           "def test_fails(virtual_cluster):\n"
                           "    virtual_cluster(spec('one')), virtual_cluster(spec('two'))\n"
                           "    assert False\n"
                           "def test_is_interrupted(virtual_cluster):\n"
                           "    virtual_cluster(spec('one'))\n"
                           "    os.kill(os.getpid(), signal.SIGINT)\n"));
    CHECK_MESSAGE(ended.out.find("1 failed, 1 passed") != std::string::npos, ended.out);
    CHECK(ended.out.find("KeyboardInterrupt") != std::string::npos);
    CHECK(clusters() == "");
}

TEST_CASE_FIXTURE(PytestFixture, "clusters are removed even when pytest itself is killed") {
    if (no_pytest()) return;
    Program running(
        pytest("def test_it(virtual_cluster):\n"
               "    virtual_cluster(spec('one'))\n"
               "    os.kill(os.getpid(), signal.SIGKILL)\n")
    );
    CHECK(running.wait().status == 128 + SIGKILL);
    CHECK(eventually([&] { return clusters() == ""; }));
}

TEST_CASE_FIXTURE(PytestFixture, "clusters of failed tests are kept when that is asked for") {
    if (no_pytest()) return;
    const Ended ended = run_program(pytest(
        "def test_passes(virtual_cluster):\n"
        "    virtual_cluster(spec('passed'))\n"
        "def test_fails(virtual_cluster):\n"
        "    virtual_cluster(spec('failed'))\n"
        "    assert False\n",
        {"--keep-clusters"}
    ));
    CHECK_MESSAGE(ended.out.find("kept: cluster-sim vcluster shell failed") != std::string::npos, ended.out);
    CHECK(clusters() == "failed ");
}

TEST_CASE_FIXTURE(PythonFixture, "the port answers to whoever may ask, and to nobody else") {
    CHECK(run_program({{cluster_sim_path(), "vcluster", "serve", "--address", "0.0.0.0"}, env}).status == 2);
    // Whoever asked for the clusters is gone already.
    const std::string guarded = cluster_sim_path() + " vcluster serve --guard </dev/null";
    CHECK(run_program({{"/bin/sh", "-c", guarded}, env}).status == 0);
}

TEST_SUITE_END();
