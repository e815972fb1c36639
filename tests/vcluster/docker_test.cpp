// The docker backend against an engine of our own, and against a real one where it answers.
#include "tests/programs/program.hpp"
#include "tests/vcluster/engine_double.hpp"
#include "tests/vcluster/fixture.hpp"
#include "vcluster/docker/docker_runtime.hpp"
#include "vcluster/utilities/slurm_jobs.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>

TEST_SUITE_BEGIN("vcluster/docker");

using namespace csim;

namespace {

const char* const docker_spec =
    R"({"name": "d", "backend": "docker", "image": "image", "cap_add": ["SYS_PTRACE"], "env": {"SITE": "lab"}, "nodes": [
  {"hostname": "node-1", "aliases": "cn1", "daemons": [{"type": "munged"}, {"type": "slurmd"}]},
  {"hostname": "node-2", "aliases": "cn2", "daemons": [{"type": "munged"}, {"type": "slurmd"}]},
  {"hostname": "node-3", "daemons": [{"type": "munged"}, {"type": "slurmctld"}]}]})";

struct DockerFixture : ClusterFixture {
    EngineDouble engine;
    const std::map<std::string, std::string> before = docker_environment();
    DockerFixture() {
        ::setenv("DOCKER_HOST", engine.address().c_str(), 1);
        ::unsetenv("CLUSTER_SIM_DOCKER_HOSTS");
    }
    ~DockerFixture() {
        ::unsetenv("DOCKER_HOST");
        for (const auto& [name, value] : before) ::setenv(name.c_str(), value.c_str(), 1);
    }
    /// What a real engine, for the test that wants one, is reached by.
    static std::map<std::string, std::string> docker_environment() {
        std::map<std::string, std::string> all;
        for (const char* name : {"DOCKER_HOST", "CLUSTER_SIM_DOCKER_HOSTS"})
            if (const char* value = std::getenv(name); value != nullptr) all[name] = value;
        return all;
    }
};

}  // namespace

// Proves: vcluster C11, C15, C22.
TEST_CASE_FIXTURE(
    DockerFixture, "a cluster of containers is made, used and removed through the engine's API"
) {
    {
        Cluster cluster = create(docker_spec);
        CHECK(engine.containers.size() == 3);
        const Json& made = engine.containers["d-node-1"];
        CHECK(made["Hostname"] == "node-1");
        CHECK(made["HostConfig"]["CapAdd"] == Json{"SYS_PTRACE"});
        CHECK(made["Labels"]["cluster-sim.index"] == "1");
        CHECK(std::find(made["Env"].begin(), made["Env"].end(), "SITE=lab") != made["Env"].end());
        const Json labels = engine.networks["d"]["Labels"];
        CHECK(
            Json::parse(labels["DockerCluster"].get<std::string>())["nodes"] ==
            Json{"node-1", "node-2", "node-3"}
        );
        CHECK(Json::parse(labels["LDMSDCluster.spec"].get<std::string>())["name"] == "d");
        CHECK(Json::parse(labels["node_aliases"].get<std::string>())["node-2"] == Json{"cn2"});
        CHECK(engine.networks["d"]["Driver"] == "bridge");
        CHECK(run(cluster, "cn1", "hostname; echo $SITE; echo err >&2; exit 4").out == "node-1\nlab\n");
        CHECK(run(cluster, "cn1", "exit 4").status == 4);
        CHECK(cluster.read(cluster.node("cn2"), "/etc/hosts").content == cluster.hosts_text());
        NodeFile file;
        for (int i = 0; i < 256; ++i) file.content += static_cast<char>(i);
        file.mode = 0600;
        cluster.write(cluster.node("cn2"), "/root/it's", file);
        CHECK(cluster.read(cluster.node("cn2"), "/root/it's").content == file.content);
        CHECK(run(cluster, "cn2", "stat -c %a \"/root/it's\"").out == "600\n");
        CHECK(fatal_status([&] {
                  cluster.write(cluster.node("cn2"), "/no/such/folder", file);
              }) == cluster_status::failed);
        CHECK(fatal_status([&] { cluster.read(cluster.node("cn2"), "/none"); }) == cluster_status::failed);
        start_services(cluster, "slurm", "");
        file.content = "#!/bin/sh\n#SBATCH -N 2\nsrun hostname | sort\n";
        cluster.write(cluster.service_node(), "/root/job.sh", file);
        const int id = submit_job(cluster, "/root/job.sh", {});
        CHECK(id == 1);
        run(cluster, "cn1", "sleep 5");
        CHECK(run(cluster, "cn1", "cat /root/slurm-1.out").out == "node-1\nnode-2\n");
    }
    CHECK(run(*std::make_unique<Cluster>(Cluster::get(store, "d")), "cn2", "hostname").out == "node-2\n");
    const Removal removal = remove_cluster(store, "d");
    CHECK(removal.complaints.empty());
    CHECK(engine.containers.empty());
    CHECK(engine.networks.empty());
}

// Proves: vcluster C12.
TEST_CASE_FIXTURE(DockerFixture, "C12: whatever the engine refuses, nothing is left at it") {
    for (const char* refused :
         {"POST /networks/create", "POST /containers/create", "POST /containers/d-node-2/start",
          "POST /containers/d-node-3/exec"}) {
        CAPTURE(refused);
        engine.refuse = refused;
        std::string told;
        CHECK(fatal_status([&] { create(docker_spec); }, &told) != 0);
        CHECK(told.find("no luck") != std::string::npos);
        CHECK(engine.containers.empty());
        CHECK(engine.networks.empty());
        CHECK(store.all().empty());
    }
}

TEST_CASE_FIXTURE(DockerFixture, "what is not ours is not touched, and what is missing is told") {
    engine.networks["d"] = {{"Name", "d"}, {"Labels", Json::object()}};
    CHECK(fatal_status([&] { create(docker_spec); }) == cluster_status::exists);
    CHECK(engine.networks.size() == 1);
    engine.networks.clear();
    engine.images.clear();
    std::string told;
    CHECK(fatal_status([&] { create(docker_spec); }, &told) == cluster_status::unavailable);
    CHECK(told.find("image: the engine has no image image") == 0);
    ::setenv("DOCKER_HOST", "unix:///none/such.sock", 1);
    CHECK(fatal_status([&] { create(docker_spec); }, &told) == cluster_status::unavailable);
    CHECK(told.find("no engine answers at unix:///none/such.sock") != std::string::npos);
    ::setenv("DOCKER_HOST", "http://x", 1);
    CHECK(fatal_status([&] { create(docker_spec); }) == cluster_status::unavailable);
}

// Proves: vcluster C15.
TEST_CASE_FIXTURE(
    DockerFixture, "a cluster that the original has made is listed, and removed when that is forced"
) {
    const Json marker{{"DockerCluster", R"({"name": "old"})"}, {"LDMSDCluster.spec", "{}"}};
    engine.networks["old"] = {{"Name", "old"}, {"Labels", marker}, {"Created", "2019-07-03T12:00:00Z"}};
    engine.networks["bridge"] = {{"Name", "bridge"}, {"Labels", Json::object()}};
    for (const char* name : {"old-2", "old-10", "old-1", "other"})
        engine.containers[name] = {
            {"Hostname", name},
            {"Labels", Json::object()},
            {"HostConfig", {{"NetworkMode", std::string(name) == "other" ? "bridge" : "old"}}}};
    const auto command = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {cluster_sim_path(), "vcluster"});
        return run_program({words, {{"CLUSTER_SIM_VCLUSTERS", store.path()}}});
    };
    CHECK(
        command({"list", "--long"}).out ==
        "old  docker  foreign  3 nodes  2019-07-03T12:00:00Z\n  old-1\n  old-2\n  old-10\n"
    );
    const Ended refused = command({"remove", "old"});
    CHECK(refused.status == 1);
    CHECK(refused.err.find("remove --force old") != std::string::npos);
    CHECK(engine.containers.size() == 4);
    CHECK(command({"remove", "--force", "bridge"}).out.find("nothing to remove") != std::string::npos);
    CHECK(command({"remove", "--force", "old"}).out == "Removed the cluster old.\n");
    CHECK(engine.containers.size() == 1);
    CHECK(engine.networks.size() == 1);
}

TEST_CASE("nodes are spread over machines by what runs there already") {
    using Loads = std::vector<std::pair<std::string, int>>;
    using Counts = std::vector<std::size_t>;
    CHECK(spread_over(5, Loads{{"a", 0}}) == Counts{5});
    CHECK(spread_over(4, Loads{{"b", 0}, {"a", 0}}) == Counts{2, 2});
    CHECK(spread_over(5, Loads{{"b", 0}, {"a", 0}}) == Counts{2, 3});
    CHECK(spread_over(2, Loads{{"a", 3}, {"b", 0}}) == Counts{0, 2});
    CHECK(spread_over(8, Loads{{"a", 3}, {"b", 0}, {"c", 1}}) == Counts{1, 4, 3});
    CHECK(spread_over(3, Loads{}).empty());
    for (std::size_t nodes = 0; nodes < 20; ++nodes) {
        const auto counts = spread_over(nodes, Loads{{"a", 7}, {"b", 2}, {"c", 2}, {"d", 0}});
        CHECK(std::accumulate(counts.begin(), counts.end(), std::size_t{0}) == nodes);
    }
}

TEST_CASE_FIXTURE(
    DockerFixture, "on a Swarm the network is an overlay and the nodes are on several machines"
) {
    EngineDouble other;
    ::setenv("CLUSTER_SIM_DOCKER_HOSTS", ("there=" + other.address()).c_str(), 1);
    engine.swarm_nodes = Json::parse(R"([
      {"ID": "here", "Description": {"Hostname": "here"}, "Status": {"State": "ready", "Addr": "10.0.0.1"}},
      {"ID": "x", "Description": {"Hostname": "there"}, "Status": {"State": "ready", "Addr": "10.0.0.2"}},
      {"ID": "y", "Description": {"Hostname": "gone"}, "Status": {"State": "down", "Addr": "10.0.0.3"}}])");
    // What a worker knows of an overlay once it has to; the double knows it from the beginning.
    other.networks["d"] = {{"Name", "d"}, {"Labels", Json::object()}};
    engine.running_elsewhere = 1;
    {
        Cluster cluster = create(docker_spec);
        CHECK(engine.networks["d"]["Driver"] == "overlay");
        // A Swarm takes addresses for itself, which must not be those of nodes.
        CHECK(
            engine.networks["d"]["IPAM"]["Config"] ==
            Json::parse(
                R"([{"Subnet": "10.213.0.0/24", "IPRange": "10.213.0.192/26", "Gateway": "10.213.0.254"}])"
            )
        );
        CHECK(engine.containers.size() == 1);
        CHECK(other.containers.size() == 2);
        CHECK(run(cluster, "cn1", "hostname").out == "node-1\n");
        CHECK(run(cluster, "", "hostname").out == "node-3\n");
    }
    {
        // Another command finds them where they are.
        Cluster cluster = Cluster::get(store, "d");
        CHECK(cluster.states().size() == 3);
        for (const PlannedNode* node : cluster.all_nodes())
            CHECK(cluster.read(*node, "/etc/hosts").content == cluster.hosts_text());
    }
    CHECK(remove_cluster(store, "d").complaints.empty());
    CHECK(engine.containers.empty());
    CHECK(other.containers.empty());
    CHECK(engine.networks.empty());
    other.images.clear();
    std::string told;
    CHECK(fatal_status([&] { create(docker_spec); }, &told) == cluster_status::unavailable);
    CHECK(told.starts_with("image: the engine of there has no image image"));
    ::setenv("CLUSTER_SIM_DOCKER_HOSTS", "there=unix:///none.sock", 1);
    CHECK(fatal_status([&] { create(docker_spec); }, &told) == cluster_status::unavailable);
    CHECK(told.find("$CLUSTER_SIM_DOCKER_HOSTS can say where it is (there=ADDRESS)") != std::string::npos);
    CHECK(store.all().empty());
    ::unsetenv("CLUSTER_SIM_DOCKER_HOSTS");
}

TEST_CASE("frames of a stream are put together however they are cut") {
    const std::string bytes = std::string("\1\0\0\0\0\0\0\3abc", 11) + std::string("\2\0\0\0\0\0\0\0", 8) +
                              std::string("\2\0\0\0\0\0\0\2de", 10);
    for (std::size_t cut = 1; cut <= bytes.size(); ++cut) {
        std::string out, err;
        FrameReader reader([&](int stream, std::string_view text) { (stream == 2 ? err : out) += text; });
        for (std::size_t at = 0; at < bytes.size(); at += cut)
            reader.feed(std::string_view(bytes).substr(at, cut));
        CHECK(out == "abc");
        CHECK(err == "de");
    }
}

// Proves: vcluster C11, C20, C21, C22, C34.
TEST_CASE("a real engine makes and removes a cluster") {
    const char* image = std::getenv("CSIM_TEST_IMAGE");
    const std::string why = why_not_backend("docker");
    if (!why.empty()) {
        MESSAGE("skipped: " << why);
        return;
    }
    if (image == nullptr) {
        MESSAGE("skipped: CSIM_TEST_IMAGE names no image with a shell");
        return;
    }
    ClusterFixture fixture;
    // On a Swarm the nodes are on several machines, as far as $CLUSTER_SIM_DOCKER_HOSTS tells where they are.
    const std::string spec = std::string(R"({"name": "csim-real", "backend": "docker", "image": ")") + image +
                             R"(", "nodes": [
      {"hostname": "a", "aliases": "x", "daemons": [{"type": "munged"}, {"type": "slurmd"}], "tmpfs": ["/scratch"]},
      {"hostname": "b", "daemons": [{"type": "munged"}, {"type": "slurmd"}]},
      {"hostname": "c", "daemons": [{"type": "munged"}, {"type": "slurmctld"}]}]})";
    {
        Cluster cluster = fixture.create(spec);
        CHECK(run(cluster, "a", "hostname; exit 3").out == "a\n");
        CHECK(run(cluster, "a", "exit 3").status == 3);
        CHECK(run(cluster, "a", "grep -c ' /scratch tmpfs ' /proc/mounts").out == "1\n");
        CHECK(cluster.read(cluster.node("b"), "/etc/hosts").content == cluster.hosts_text());
        NodeFile file;
        file.content = std::string("\0\xff", 2) + std::string(1 << 20, 'y');
        cluster.write(cluster.node("x"), "/root/bytes", file);
        CHECK(cluster.read(cluster.node("x"), "/root/bytes").content == file.content);
        cluster.switch_node(cluster.node("b"), false);
        CHECK(cluster.states().at("b").state == NodeState::stopped);
        cluster.switch_node(cluster.node("b"), true);
        CHECK(cluster.read(cluster.node("b"), "/etc/hosts").content == cluster.hosts_text());
        if (run(cluster, "c", "command -v slurmctld").status != 0) {
            MESSAGE("without jobs: the image has no Slurm");
        } else {
            start_services(cluster, "slurm", "");
            file.content = "#!/bin/sh\n#SBATCH -N 2\nsrun hostname | sort\n";
            cluster.write(cluster.service_node(), "/root/job.sh", file);
            const int id = submit_job(cluster, "/root/job.sh", {});
            CHECK(wait_job(cluster, id, ended_states(), 60s) == "COMPLETED");
            CHECK(cluster.read(cluster.node("a"), "/root/slurm-1.out").content == "a\nb\n");
        }
    }
    CHECK(remove_cluster(fixture.store, "csim-real").complaints.empty());
}

TEST_SUITE_END();
