// How clusters come, are found again, and go.
#include "tests/vcluster/fixture.hpp"

#include <filesystem>

TEST_SUITE_BEGIN("vcluster/life");

using namespace csim;

namespace {

std::string small(const std::string& name, std::size_t nodes = 1, const std::string& more = "") {
    std::string daemons;
    for (std::size_t i = 0; i < nodes; ++i)
        daemons += (i > 0 ? "," : "") + std::string(R"({"host": "h)") + std::to_string(i) +
                   R"(", "listen_port": 5})";
    return R"({"name": ")" + name + R"(", "daemons": [)" + daemons + "]" + more + "}";
}

}  // namespace

// Proves: vcluster C10.
TEST_CASE("C10: what exists is not made again, what does not is not found, and another one is told apart") {
    ClusterFixture fixture;
    CHECK(fatal_status([&] { Cluster::get(fixture.store, "one"); }) == cluster_status::not_found);
    CHECK(fatal_status([&] {
              Cluster::get(fixture.store, small("one"), {}, false);
          }) == cluster_status::not_found);
    std::string started;
    { started = Cluster::get(fixture.store, small("one"), {}, true).record().nodes[0].started; }
    CHECK(fatal_status([&] { fixture.create(small("one")); }) == cluster_status::exists);
    CHECK(Cluster::get(fixture.store, small("one"), {}, true).record().nodes[0].started == started);
    CHECK(Cluster::get(fixture.store, small("one"), {}, false).spec().name == "one");
    std::string told;
    const auto other = [&] {
        Cluster::get(fixture.store, small("one", 1, R"(, "env": {"A": "1"})"), {}, true);
    };
    CHECK(fatal_status(other, &told) == cluster_status::exists);
    CHECK(told.find("/env/A") != std::string::npos);
}

// Proves: vcluster C11.
TEST_CASE("C11: nothing is left of a removed cluster, and removing twice is once") {
    ClusterFixture fixture;
    { fixture.create(small("one")); }
    CHECK(std::filesystem::exists(fixture.store.folder_of("one")));
    CHECK(remove_cluster(fixture.store, "one").was_there);
    CHECK(!std::filesystem::exists(fixture.store.folder_of("one")));
    const Removal again = remove_cluster(fixture.store, "one");
    CHECK(!again.was_there);
    CHECK(again.complaints.empty());
}

// Proves: vcluster C12.
TEST_CASE("C12: a creation that fails leaves nothing, unless what was made is to be kept") {
    ClusterFixture fixture;
    const std::string failing =
        R"({"name": "bad", "nodes": [{"hostname": "a", "atstart": "echo no luck; exit 3"}]})";
    std::string told;
    CHECK(fatal_status([&] { fixture.create(failing); }, &told) == cluster_status::failed);
    CHECK(told.find("no luck") != std::string::npos);
    CHECK(fixture.store.all().empty());
    CHECK(!std::filesystem::exists(fixture.store.folder_of("bad") + "/journal.jsonl"));
    ClusterOptions keep;
    keep.keep_failed = true;
    CHECK(fatal_status([&] { Cluster::create(fixture.store, failing, keep); }) == cluster_status::failed);
    REQUIRE(fixture.store.all().size() == 1);
    CHECK(fixture.store.all()[0].state == "failed");
    CHECK(remove_cluster(fixture.store, "bad").complaints.empty());
}

// Proves: vcluster C12.
TEST_CASE("C12: what a command left behind that died in the middle is found and removed") {
    ClusterFixture fixture;
    { fixture.create(small("fine")); }
    ClusterRecord dead = *fixture.store.load("fine");
    dead.name = "dead";
    dead.state = "creating";
    dead.owner_pid = 1;
    dead.owner_start = 7;
    fixture.store.save(dead);
    CHECK(fatal_status([&] { Cluster::get(fixture.store, "dead"); }) == cluster_status::failed);
    const auto removed = remove_cluster_leftovers(fixture.store);
    REQUIRE(removed.size() == 1);
    CHECK(removed[0].first == "dead");
    CHECK(fixture.store.all().size() == 1);
}

// Proves: vcluster C13.
TEST_CASE("C13: clusters do not see each other") {
    ClusterFixture fixture;
    Cluster one = fixture.create(small("one")), two = fixture.create(small("two"));
    run(one, "node-1", "echo one >/root/mine; sleep 1000 &");
    CHECK(run(two, "node-1", "cat /root/mine").status == 1);
    CHECK(run(two, "node-1", "pgrep -c sleep").out == "0\n");
    CHECK(run(one, "node-1", "pgrep -c sleep").out == "1\n");
}

// Proves: vcluster C14.
TEST_CASE("C14: a thousand simulated nodes answer by name") {
    ClusterFixture fixture;
    Cluster cluster = fixture.create(small("many", 999));
    CHECK(cluster.spec().nodes.size() == 1000);
    CHECK(
        run(cluster, "node-1000", "ping -c 1 h500 >/dev/null && getent hosts h998")
            .out.find("10.213.3.231") == 0
    );
}

TEST_CASE("a simulated cluster is the same after every command, clock, processes and files") {
    ClusterFixture fixture;
    std::string before;
    {
        Cluster cluster = fixture.create(small("one"));
        run(cluster, "node-1", "echo kept >/root/file; sleep 500 & sleep 3");
        before = run(cluster, "node-1", "date +%s.%N; ps -o pid,comm; cat /root/file").out;
    }
    Cluster again = Cluster::get(fixture.store, "one");
    const std::string after = run(again, "node-1", "date +%s.%N; ps -o pid,comm; cat /root/file").out;
    CHECK(after.substr(0, 11) == before.substr(0, 11));
    CHECK(after.find("sleep") != std::string::npos);
    CHECK(after.find("kept\n") != std::string::npos);
}

TEST_CASE("a journal whose last line was cut short by a crash is read up to there") {
    ClusterFixture fixture;
    { fixture.create(small("one")); }
    std::ofstream(fixture.store.folder_of("one") + "/journal.jsonl", std::ios::app)
        << R"({"op": "exec", "na)";
    Cluster again = Cluster::get(fixture.store, "one");
    CHECK(run(again, "node-1", "hostname").out == "node-1\n");
    const std::string record = fixture.store.folder_of("one") + "/record.json";
    std::ofstream(record) << "{";
    CHECK(fatal_status([&] { Cluster::get(fixture.store, "one"); }) == cluster_status::failed);
}

// Proves: vcluster C22.
TEST_CASE("C22: /etc/hosts is the same on all nodes, and every name answers from everywhere") {
    ClusterFixture fixture;
    Cluster cluster = fixture.create(duo_spec);
    for (const char* node : {"node-1", "node-2", "node-3"}) {
        CHECK(cluster.read(cluster.node(node), "/etc/hosts").content == cluster.hosts_text());
        for (const char* name : {"node-1", "node-2", "node-3", "cn1", "hub", "service"}) {
            CAPTURE(name);
            CHECK(run(cluster, node, std::string("ping -c 1 ") + name).status == 0);
        }
    }
    CHECK(
        cluster.hosts_text() ==
        "127.0.0.1 localhost\n10.213.0.1 node-1 cn1\n10.213.0.2 node-2 hub\n10.213.0.3 node-3 service\n"
    );
    CHECK(&cluster.node("hub") == &cluster.node("duo-node-2"));
    std::string told;
    CHECK(fatal_status([&] { cluster.node("nobody"); }, &told) == cluster_status::not_found);
    CHECK(told.find("node-2 (hub)") != std::string::npos);
}

// Proves: vcluster C24.
TEST_CASE("C24: a mounted folder is seen by all nodes, written only where it may be, and never written back"
) {
    ClusterFixture fixture;
    const std::string shared = (fixture.folder / "shared").string();
    std::filesystem::create_directory(shared);
    std::ofstream(shared + "/there") << "from outside\n";
    const std::string mounts = R"(, "mounts": [")" + shared + ":/db:rw\", \"" + shared + ":/look:ro\"]";
    Cluster cluster = fixture.create(small("one", 2, mounts));
    CHECK(run(cluster, "node-1", "cat /db/there").out == "from outside\n");
    CHECK(run(cluster, "node-1", "echo new >/db/mine").status == 0);
    CHECK(run(cluster, "node-2", "cat /db/mine").out == "new\n");
    const ExecResult refused = run(cluster, "node-1", "echo new >/look/mine2");
    CHECK(refused.status == 1);
    CHECK(refused.err == "bash: /look/mine2: Read-only file system\n");
    CHECK(!std::filesystem::exists(shared + "/mine"));
}

TEST_CASE("what is planned to go wrong does so at its moment, in every command that looks") {
    ClusterFixture fixture;
    const std::string spec = R"({"name": "p", "sim": {"faults": [
        {"at": "60s", "node_down": "node-1"}, {"at": "70s", "node_up": "node-1"},
        {"at": "80s", "crash": "munged", "node": "node-2"}]},
      "nodes": [{"hostname": "node-1", "daemons": [{"type": "munged"}]},
                {"hostname": "node-2", "daemons": [{"type": "munged"}]}]})";
    {
        Cluster cluster = fixture.create(spec);
        start_services(cluster, "munged", "");
        CHECK(run(cluster, "node-2", "ping -c 1 -W 1 node-1 >/dev/null").status == 0);
        cluster.nodes().pass(
            65s - (cluster.nodes().timeline().now() - SimTime::from_unix_ns(1'577'836'800'000'000'000))
        );
        CHECK(run(cluster, "node-2", "ping -c 1 -W 1 node-1 >/dev/null").status == 1);
        cluster.nodes().pass(10s);
    }
    // Another command, with the past as it was.
    Cluster cluster = Cluster::get(fixture.store, "p");
    CHECK(run(cluster, "node-2", "ping -c 1 -W 1 node-1 >/dev/null").status == 0);
    CHECK(run(cluster, "node-1", "pgrep -c munged").out == "0\n");
    CHECK(run(cluster, "node-2", "pgrep -c munged").out == "1\n");
    cluster.nodes().pass(10s);
    CHECK(run(cluster, "node-2", "pgrep -c munged").out == "0\n");
    for (const char* each :
         {"7", "[7]", R"([{"at": "1s"}])", R"([{"at": "soon", "node_up": "a"}])",
          R"([{"at": "1s", "crash": "x"}])", R"([{"at": "1s", "node_up": "a", "node_down": "a"}])",
          R"([{"at": "1s", "fly": "a"}])"}) {
        CAPTURE(each);
        std::string told;
        CHECK(
            fatal_status(
                [&] {
                    fixture.create(
                        std::string(R"({"name": "q", "nodes": [{"hostname": "a"}], "sim": {"faults": )") +
                        each + "}}"
                    );
                },
                &told
            ) == cluster_status::invalid
        );
        CHECK(told.starts_with("/sim/faults"));
    }
    CHECK(fixture.store.all().size() == 1);
}

TEST_CASE("file systems in memory are there and can be written") {
    ClusterFixture fixture;
    const std::string spec = R"({"name": "m", "nodes": [{"hostname": "a", "tmpfs": {"/scratch": "size=1m"}},
                                                        {"hostname": "b", "tmpfs": ["/x/y"]}]})";
    Cluster cluster = fixture.create(spec);
    CHECK(run(cluster, "a", "echo 1 >/scratch/f; cat /scratch/f").out == "1\n");
    CHECK(run(cluster, "b", "echo 1 >/x/y/f; cat /x/y/f").out == "1\n");
    std::string told;
    CHECK(
        fatal_status(
            [&] { fixture.create(R"({"name": "n", "nodes": [{"hostname": "a", "tmpfs": ["x", "/"]}]})"); },
            &told
        ) == cluster_status::invalid
    );
    CHECK(told.starts_with("/nodes/0/tmpfs/0: \"x\" is no absolute path below /\n/nodes/0/tmpfs/1: "));
}

TEST_SUITE_END();
