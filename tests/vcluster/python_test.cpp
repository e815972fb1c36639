// The control port of virtual clusters, asked by Python: with its own library alone, and with the client
// module.
#include "tests/programs/program.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

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
    request = urllib.request.Request(sys.argv[1] + "/rpc", json.dumps(body).encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))
assert call({"jsonrpc": "2.0", "id": 1, "method": "vcluster.list"})["result"] == []
answer = call({"jsonrpc": "2.0", "id": 2, "method": "vcluster.get", "params": {"name": "none"}})
assert answer["error"]["code"] == 4 and answer["id"] == 2, answer
both = call([{"jsonrpc": "2.0", "id": 1, "method": "vcluster.list"}, {"jsonrpc": "2.0", "id": 2, "method": "no"}])
assert len(both) == 2
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

TEST_CASE_FIXTURE(PythonFixture, "the pytest fixture removes the clusters of a test that fails") {
    if (skipped("pytest")) return;
    std::ofstream(folder / "test_it.py")
        << "def test_it(virtual_cluster):\n"
           "    cluster = virtual_cluster({'name': 'py', 'daemons': [{'host': 'h', 'listen_port': 5}]})\n"
           "    assert cluster.exec_run('hostname') == (0, 'node-2\\n')\n"
           "    assert False\n";
    const Ended ended = run_program(
        {{"python3", "-m", "pytest", "-q", "-p", "cluster_sim.pytest_plugin", "-p", "no:cacheprovider",
          (folder / "test_it.py").string()},
         env}
    );
    CHECK(ended.out.find("assert False") != std::string::npos);
    CHECK(run_program({{cluster_sim_path(), "vcluster", "list", "--json"}, env}).out == "[]\n");
}

TEST_CASE_FIXTURE(PythonFixture, "the port answers to whoever may ask, and to nobody else") {
    CHECK(run_program({{cluster_sim_path(), "vcluster", "serve", "--address", "0.0.0.0"}, env}).status == 2);
}

TEST_SUITE_END();
