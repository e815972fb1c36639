// Real nodes in namespaces, with real munge, Slurm and ssh. Needs root; services need Debian's packages.
#include "runtime/namespaces/namespaces_runtime.hpp"
#include "runtime/namespaces/process.hpp"
#include "runtime/namespaces/stage.hpp"
#include "tests/programs/program.hpp"
#include "tests/vcluster/fixture.hpp"
#include "vcluster/utilities/slurm_jobs.hpp"

#include <csignal>
#include <filesystem>

TEST_SUITE_BEGIN("vcluster/real");

using namespace csim;

namespace {

/// Two compute nodes and a service node.
std::string real_spec(const std::string& name, const std::string& more = "") {
    const std::string common = R"({"type": "sshd"}, {"type": "munged"}, )";
    return R"({"name": ")" + name +
           R"(", "backend": "namespaces", "image": "host", "env": {"SITE": "lab"}, "nodes": [
      {"hostname": "node-1", "aliases": "cn1", "daemons": [)" +
           common + R"({"type": "slurmd"}]},
      {"hostname": "node-2", "aliases": "cn2", "daemons": [)" +
           common + R"({"type": "slurmd"}]},
      {"hostname": "node-3", "daemons": [)" +
           common + R"({"type": "slurmctld"}]}])" + more + "}";
}

bool skipped(const std::string& why) {
    if (!why.empty()) MESSAGE("skipped: " << why);
    return !why.empty();
}

bool without_programs(std::initializer_list<const char*> programs) {
    for (const char* each : programs)
        if (::access(each, X_OK) != 0) return skipped(std::string(each) + " is not installed here");
    return false;
}

struct RealFixture : ClusterFixture {
    std::string runs = (folder / "runs").string();
    RealFixture() { ::setenv("CLUSTER_SIM_RUNS", runs.c_str(), 1); }
    ~RealFixture() {
        for (const ClusterRecord& each : store.all()) {
            ClusterRecord dead = each;
            dead.owner_pid = 0;
            store.save(dead);
            remove_cluster(store, each.name);
        }
        ::unsetenv("CLUSTER_SIM_RUNS");
    }
    bool nothing_left(const std::string& name) {
        for (const Mount& mount : mounts())
            if (mount.path.starts_with(folder.path().string())) return false;
        return LedgerFolder(runs).all().empty() && !std::filesystem::exists(store.folder_of(name));
    }
};

}  // namespace

// Proves: vcluster C33, C34.
TEST_CASE("C34: real munge and Slurm run a job on two nodes, cancel another and start again") {
    if (skipped(why_no_namespaces()) ||
        without_programs({"/usr/sbin/munged", "/usr/sbin/slurmctld", "/usr/sbin/slurmd"}))
        return;
    RealFixture fixture;
    Cluster cluster = fixture.create(real_spec("slurm"));
    for (const ServiceState& each : start_services(cluster, "slurm", "")) CHECK(each.state == "started");
    for (const ServiceState& each : start_services(cluster, "slurm", ""))
        CHECK(each.state == "already running");
    CHECK(run(cluster, "", "sinfo -h -N -o '%N %T'").out == "node-1 idle\nnode-2 idle\n");
    const std::string credential = run(cluster, "", "munge -n").out;
    RunRequest decode;
    decode.shell = "unmunge >/dev/null; echo $?; stat -c '%a %U' /etc/munge/munge.key";
    decode.input = credential;
    for (const ExecResult& each : cluster.run_all(cluster.all_nodes(), decode))
        CHECK(each.out == "0\n600 munge\n");
    NodeFile script;
    script.content = "#!/bin/sh\n#SBATCH -N 2\nsrun hostname | sort\n";
    cluster.write(cluster.service_node(), "/root/job.sh", script);
    const int id = submit_job(cluster, "/root/job.sh", {});
    CHECK(wait_job(cluster, id, ended_states(), 60s) == "COMPLETED");
    CHECK(
        cluster.read(cluster.node("cn1"), "/root/slurm-" + std::to_string(id) + ".out").content ==
        "node-1\nnode-2\n"
    );
    script.content = "#!/bin/sh\nsleep 600\n";
    cluster.write(cluster.service_node(), "/root/job.sh", script);
    const int lasting = submit_job(cluster, "/root/job.sh", {"-N", "2"});
    wait_job(cluster, lasting, {"RUNNING"}, 60s);
    CHECK(list_jobs(cluster, lasting)[0].at("NODES_EXPANDED") == "node-1,node-2");
    cancel_job(cluster, lasting);
    CHECK(wait_job(cluster, lasting, ended_states(), 60s) == "CANCELLED");
    stop_services(cluster, "slurm", "");
    CHECK(run(cluster, "cn1", "pgrep -c slurmd").out == "0\n");
    start_services(cluster, "slurm", "");
    CHECK(run(cluster, "", "scontrol ping").status == 0);
    CHECK(fatal_status([&] { list_jobs(cluster, 99); }) == cluster_status::not_found);
}

// Proves: vcluster C32.
TEST_CASE("C32: real ssh goes from every node to every name without asking") {
    if (skipped(why_no_namespaces()) ||
        without_programs({"/usr/sbin/sshd", "/usr/bin/ssh", "/usr/bin/ssh-keygen"}))
        return;
    RealFixture fixture;
    Cluster cluster = fixture.create(real_spec("ssh"));
    start_services(cluster, "sshd", "");
    for (const char* from : {"node-1", "node-3"})
        for (const std::string to : {"node-2", "cn2", "10.213.0.2"}) {
            CAPTURE(to);
            CHECK(run(cluster, from, "ssh " + to + " hostname </dev/null").out == "node-2\n");
        }
    stop_services(cluster, "sshd", "");
    CHECK(run(cluster, "cn1", "ssh cn2 hostname </dev/null").status == 255);
}

// Proves: vcluster C20, C21, C22, C23, C24.
TEST_CASE("C20, C21, C23: real nodes are apart from each other, and programs and files come back whole") {
    if (skipped(why_no_namespaces())) return;
    RealFixture fixture;
    const std::string shared = (fixture.folder / "shared").string();
    std::filesystem::create_directory(shared);
    Cluster cluster = fixture.create(
        real_spec("apart", R"(, "mounts": [")" + shared + ":/db:rw\", \"" + shared + ":/look:ro\"]")
    );
    CHECK(run(cluster, "cn1", "hostname; echo $SITE $HOME; exit 3").out == "node-1\nlab /root\n");
    CHECK(run(cluster, "cn1", "kill -9 $$").status == 137);
    RunRequest request;
    request.command = {"no-such-program"};
    CHECK(cluster.run(cluster.node("cn1"), request).status == 127);
    request = {};
    request.shell = "echo a; echo b >&2; echo c";
    request.merged = true;
    CHECK(cluster.run(cluster.node("cn1"), request).out == "a\nb\nc\n");
    request = {};
    request.command = {"cat"};
    request.input = std::string("\0\xff", 2) + std::string(10u << 20, 'x');
    CHECK(cluster.run(cluster.node("cn1"), request).out == request.input);
    request = {};
    request.command = {"sleep", "600"};
    request.detached = true;
    cluster.run(cluster.node("cn1"), request);
    CHECK(cluster.nodes().until(30s, [&] { return run(cluster, "cn1", "pgrep -x -c sleep").out == "1\n"; }));
    CHECK(run(cluster, "cn2", "pgrep -x -c sleep").out == "0\n");
    request = {};
    request.shell = "sleep 300 & sleep 300";
    request.limit = 300ms;
    CHECK(fatal_status([&] { cluster.run(cluster.node("cn2"), request); }) == cluster_status::timeout);
    CHECK(cluster.nodes().until(30s, [&] { return run(cluster, "cn2", "pgrep -x -c sleep").out == "0\n"; }));
    CHECK(run(cluster, "cn2", "sleep 300 & echo here").out == "here\n");
    request = {};
    request.shell = "id -un; id -u";
    request.user = "65534:65534";
    CHECK(cluster.run(cluster.node("cn1"), request).out.find("65534\n") != std::string::npos);
    request.user = "nobody-here";
    CHECK(fatal_status([&] { cluster.run(cluster.node("cn1"), request); }) == cluster_status::not_found);
    NodeFile file;
    for (int i = 0; i < 256; ++i) file.content += static_cast<char>(i);
    cluster.write(cluster.node("cn2"), "/root/bytes", file);
    CHECK(cluster.read(cluster.node("cn2"), "/root/bytes").content == file.content);
    CHECK(fatal_status([&] { cluster.read(cluster.node("cn2"), "/none"); }) == cluster_status::failed);
    for (const PlannedNode* node : cluster.all_nodes())
        CHECK(cluster.read(*node, "/etc/hosts").content == cluster.hosts_text());
    CHECK(run(cluster, "cn1", "echo shared >/db/file").status == 0);
    CHECK(run(cluster, "cn2", "cat /db/file").out == "shared\n");
    CHECK(run(cluster, "cn2", "echo no >/look/file 2>/dev/null").status != 0);
    CHECK(std::filesystem::exists(shared + "/file"));
    CHECK(run(cluster, "cn1", "ipcmk -Q >/dev/null; ipcs -q | grep -c 0x").out == "1\n");
    CHECK(run(cluster, "cn2", "ipcs -q | grep -c 0x").out == "0\n");
    CHECK(run(cluster, "cn1", "grep CapBnd /proc/self/status").out == "CapBnd:\t00000000a80425fb\n");
}

// Proves: vcluster C14.
TEST_CASE("C14: fifty real nodes are made on one machine and know each other") {
    if (skipped(why_no_namespaces())) return;
    RealFixture fixture;
    std::string spec = R"({"name": "many", "backend": "namespaces", "image": "host", "nodes": [)";
    for (int i = 1; i <= 50; ++i)
        spec += (i > 1 ? "," : "") + std::string(R"({"hostname": "n)") + std::to_string(i) + "\"}";
    Cluster cluster = fixture.create(spec + "]}");
    RunRequest request;
    request.shell = "hostname; getent hosts n50 | tr -s ' ' | cut -d ' ' -f 1";
    const auto all = cluster.run_all(cluster.all_nodes(), request);
    for (std::size_t i = 0; i < all.size(); ++i)
        CHECK(all[i].out == "n" + std::to_string(i + 1) + "\n10.213.0.50\n");
}

TEST_CASE("a debugger attaches to a process of its node when the specification allows it, and not otherwise"
) {
    if (skipped(why_no_namespaces()) || without_programs({"/usr/bin/gdb"})) return;
    for (const bool allowed : {false, true}) {
        CAPTURE(allowed);
        RealFixture fixture;
        Cluster cluster = fixture.create(
            real_spec("debug", allowed ? R"(, "cap_add": ["SYS_PTRACE"])" : R"(, "cap_drop": ["SYS_PTRACE"])")
        );
        // Another user's process: only who may trace everything can attach.
        const std::string told =
            run(cluster, "cn1",
                "su -s /bin/sh nobody -c 'sleep 600 & echo $! >/tmp/pid'; p=$(cat /tmp/pid); "
                "gdb -q -nx -batch -p $p -ex 'print 40 + 2' 2>&1; kill $p")
                .out;
        CHECK_MESSAGE((told.find("ptrace: Operation not permitted") == std::string::npos) == allowed, told);
        CHECK((told.find("$1 = 42") != std::string::npos));
    }
}

// Proves: vcluster C31.
TEST_CASE("C31: a real daemon that cannot start says why, with what it said") {
    if (skipped(why_no_namespaces()) ||
        without_programs({"/usr/sbin/munged", "/usr/sbin/slurmctld", "/usr/sbin/slurmd"}))
        return;
    RealFixture fixture;
    Cluster cluster = fixture.create(real_spec("broken"));
    run(cluster, "",
        "mkdir -p /var/spool; rm -rf /var/spool/slurmctld; ln -s /proc/nowhere /var/spool/slurmctld");
    std::string told;
    CHECK(fatal_status([&] { start_services(cluster, "slurm", ""); }, &told) != 0);
    CHECK(told.find("slurmctld") != std::string::npos);
}

// Proves: vcluster C11, C12.
TEST_CASE("C11 and C12: nothing is left of a real cluster, removed in order or killed in the middle") {
    if (skipped(why_no_namespaces())) return;
    RealFixture fixture;
    { fixture.create(real_spec("gone")); }
    {
        CHECK(
            run(*std::make_unique<Cluster>(Cluster::get(fixture.store, "gone")), "cn1", "hostname").out ==
            "node-1\n"
        );
    }
    CHECK(remove_cluster(fixture.store, "gone").complaints.empty());
    CHECK(fixture.nothing_left("gone"));
    const std::string spec = (fixture.folder / "spec.json").string();
    std::string many = R"({"name": "killed", "backend": "namespaces", "image": "host", "nodes": [)";
    for (int i = 1; i <= 40; ++i)
        many += (i > 1 ? "," : "") + std::string(R"({"hostname": "n)") + std::to_string(i) + "\"}";
    std::ofstream(spec) << many << "]}";
    const std::map<std::string, std::string> env{
        {"CLUSTER_SIM_VCLUSTERS", fixture.store.path()}, {"CLUSTER_SIM_RUNS", fixture.runs}};
    Program program({{cluster_sim_path(), "vcluster", "create", spec}, env});
    REQUIRE(eventually([&] { return !LedgerFolder(fixture.runs).all().empty(); }));
    program.signal(SIGKILL);
    program.wait();
    // The process that was at work dies with the one that was killed, a moment later.
    Ended removed;
    const auto swept = [&] {
        removed = run_program({{cluster_sim_path(), "vcluster", "remove", "--leftovers", "killed"}, env});
        return removed.status == 0;
    };
    CHECK_MESSAGE(eventually(swept), removed.err);
    CHECK(fixture.nothing_left("killed"));
}

TEST_SUITE_END();
