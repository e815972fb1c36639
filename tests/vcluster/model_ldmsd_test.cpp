// Metric daemons of simulated clusters: what is visible where, and which mistake has which number.
#include "tests/vcluster/fixture.hpp"
#include "vcluster/utilities/metric_listing.hpp"

TEST_SUITE_BEGIN("vcluster/ldmsd");

using namespace csim;

namespace {

/// A sampler daemon and an aggregator without configuration, which tests give commands.
struct LdmsdFixture : ClusterFixture {
    Cluster cluster = create(R"({"name": "l", "daemons": [
        {"host": "s", "listen_port": 10}, {"host": "a", "listen_port": 20}, {"host": "b", "listen_port": 30}]})"
    );

    LdmsdFixture() { start_services(cluster, "ldmsd", ""); }
    /// Gives the daemon of a node one command; the error number and the text.
    std::pair<int, std::string> command(const std::string& host, const std::string& line) {
        RunRequest request;
        request.command = {
            "ldmsd_controller", "--host", host, "--port",
            host == "s"   ? "10"
            : host == "a" ? "20"
                          : "30"};
        request.input = line + "\n";
        const ExecResult ran = cluster.run(cluster.service_node(), request);
        return {ran.status, ran.out + ran.err};
    }
    void well(const std::string& host, const std::string& line) {
        CAPTURE(line);
        const auto answer = command(host, line);
        CHECK_MESSAGE(answer.first == 0, answer.second);
    }
    std::set<std::string> sets(const std::string& host) { return list_sets(cluster, host); }
    void wait(Duration span) { cluster.nodes().pass(span); }
    std::string entry_state(const std::string& host) {
        const Json status = Json::parse(command(host, "prdcr_status").second);
        return status.at(0).at("sets").at(0).at("state").get<std::string>();
    }
    void sampler() {
        well("s", "load name=meminfo");
        well("s", "config name=meminfo producer=s instance=s/meminfo component_id=7");
    }
    void producer() {
        well("a", "prdcr_add name=p host=s port=10 xprt=sock type=active interval=1000000");
        well("a", "prdcr_start name=p");
    }
    void updater() {
        well("a", "updtr_add name=u interval=1000000");
        well("a", "updtr_prdcr_add name=u regex=.*");
        well("a", "updtr_start name=u");
    }
};

}  // namespace

// Proves: vcluster C61.
TEST_CASE_FIXTURE(
    LdmsdFixture,
    "C61.1: a set is in its sampler's directory once it is configured, consistent after the first sample"
) {
    sampler();
    CHECK(sets("s") == std::set<std::string>{"s/meminfo"});
    const auto listed = [&] { return run(cluster, "", "ldms_ls -h s -p 10 -l").out; };
    CHECK(listed().starts_with("s/meminfo: inconsistent"));
    well("s", "start name=meminfo interval=500000 offset=0");
    wait(1s);
    CHECK(listed().starts_with("s/meminfo: consistent"));
    CHECK(parse_metric_listing(listed())->sets["s/meminfo"]["data"]["component_id"] == 7);
    well("s", "load name=slurm_sampler");
    well("s", "config name=slurm_sampler instance=s/slurm");
    CHECK(run(cluster, "", "ldms_ls -h s -p 10 -l s/slurm").out.starts_with("s/slurm: consistent"));
}

// Proves: vcluster C61.
TEST_CASE_FIXTURE(
    LdmsdFixture,
    "C61.2 to 4: without an updater that covers it a set stays unseen, with one it comes level by level"
) {
    sampler();
    producer();
    wait(1s);
    CHECK(command("a", "prdcr_status").second.find("\"state\":\"CONNECTED\"") != std::string::npos);
    CHECK(entry_state("a") == "START");
    CHECK(sets("a").empty());
    wait(60s);
    CHECK(entry_state("a") == "START");
    well("a", "updtr_add name=other interval=1000000");
    well("a", "updtr_prdcr_add name=other regex=.*");
    well("a", "updtr_match_add name=other regex=vmstat match=schema");
    well("a", "updtr_start name=other");
    wait(5s);
    CHECK(sets("a").empty());
    updater();
    wait(2s);
    CHECK(entry_state("a") == "READY");
    CHECK(sets("a") == std::set<std::string>{"s/meminfo"});
    CHECK(run(cluster, "", "ldms_ls -h a -p 20 -v").out.find(" R ") != std::string::npos);
}

// Proves: vcluster C61.
TEST_CASE_FIXTURE(
    LdmsdFixture, "C61.5: copies vanish with their origin, whether it dies, is stopped or takes the set away"
) {
    sampler(), producer(), updater();
    wait(3s);
    REQUIRE(sets("a").size() == 1);
    well("s", "term name=meminfo");
    wait(1s);
    CHECK(sets("a").empty());
    sampler();
    wait(3s);
    CHECK(sets("a").size() == 1);
    well("a", "prdcr_stop name=p");
    CHECK(sets("a").empty());
    well("a", "prdcr_start name=p");
    wait(3s);
    CHECK(sets("a").size() == 1);
    run(cluster, "s", "pkill -9 -x ldmsd");
    wait(1s);
    CHECK(sets("a").empty());
}

// Proves: vcluster C61.
TEST_CASE_FIXTURE(LdmsdFixture, "C61.6: the second set of a name is refused and the first one stays") {
    sampler(), producer();
    well("b", "load name=meminfo");
    well("b", "config name=meminfo instance=s/meminfo component_id=9");
    well("a", "prdcr_add name=q host=b port=30 xprt=sock type=active interval=1000000");
    well("a", "prdcr_start name=q");
    updater();
    wait(5s);
    CHECK(sets("a").size() == 1);
    CHECK(run(cluster, "a", "grep -c 'Set s/meminfo already exists' /var/log/ldmsd.log").status == 0);
}

// Proves: vcluster C61.
TEST_CASE_FIXTURE(LdmsdFixture, "C61.7: a connection needs a listener with the same way of authenticating") {
    well("a", "auth_add name=m plugin=munge");
    well("a", "listen xprt=sock port=21 auth=m");
    CHECK(run(cluster, "", "ldms_ls -h a -p 21").out == "Connection failed/rejected.\n");
    CHECK(run(cluster, "", "ldms_ls -h a -p 21 -a munge").status == 1);
    start_services(cluster, "munged", "");
    CHECK(run(cluster, "", "ldms_ls -h a -p 21 -a munge").status == 0);
    CHECK(run(cluster, "", "ldms_ls -h a -p 99").status == 1);
    CHECK(run(cluster, "", "ldms_ls -h nobody -p 20").status == 1);
}

// Proves: vcluster C62.
TEST_CASE_FIXTURE(LdmsdFixture, "C62: each mistake has the number that it has in the original") {
    sampler(), producer(), updater();
    well("s", "start name=meminfo interval=1s");
    well("a", "load name=store_csv");
    well("a", "strgp_add name=st plugin=store_csv container=c schema=meminfo");
    well("a", "strgp_start name=st");
    struct Case {
        const char* host;
        const char* line;
        int error;
    };
    const Case cases[] = {
        {"s", "load name=no_such", 2},
        {"s", "load name=meminfo", 17},
        {"s", "config name=vmstat instance=x", 2},
        {"s", "start name=vmstat interval=1", 2},
        {"s", "start name=meminfo interval=1", 16},
        {"s", "stop name=vmstat", 2},
        {"s", "term name=meminfo", 16},
        {"a", "prdcr_add name=x host=s port=10 xprt=sock type=active", 22},
        {"a", "prdcr_add name=x host=s port=10 xprt=sock type=active interval=abc", 22},
        {"a", "prdcr_add name=x host=s port=10 xprt=sock type=active interval=0", 22},
        {"a", "prdcr_add name=x host=s port=10 xprt=sock type=active interval=-5", 22},
        {"a", "prdcr_add name=x host=s port=-10 xprt=sock type=active interval=1", 22},
        {"a", "prdcr_add name=x host=s port=10 xprt=sock type=odd interval=1", 22},
        {"a", "prdcr_add name=p host=s port=10 xprt=sock type=active interval=1", 17},
        {"a", "prdcr_add name=x host=nobody port=10 xprt=sock type=active interval=1", 97},
        {"a", "prdcr_start name=x", 2},
        {"a", "prdcr_start name=p", 16},
        {"a", "prdcr_start_regex regex=.*", 0},
        {"a", "prdcr_start_regex regex=nothing", 0},
        {"a", "prdcr_start_regex regex=(", 22},
        {"a", "prdcr_stop name=x", 2},
        {"a", "prdcr_del name=p", 16},
        {"a", "prdcr_del name=x", 2},
        {"a", "updtr_add name=u interval=1", 17},
        {"a", "updtr_add name=v interval=0", 22},
        {"a", "updtr_add name=v interval=x", 22},
        {"a", "updtr_prdcr_add name=v regex=.*", 2},
        {"a", "updtr_prdcr_add name=u regex=(", 22},
        {"a", "updtr_prdcr_add name=u regex=x", 16},
        {"a", "updtr_match_add name=u regex=x match=inst", 16},
        {"a", "updtr_match_add name=u regex=x match=color", 22},
        {"a", "updtr_start name=v", 2},
        {"a", "updtr_start name=u", 16},
        {"a", "updtr_del name=u", 16},
        {"a", "updtr_del name=v", 2},
        {"a", "strgp_add name=st plugin=store_csv container=c schema=meminfo", 17},
        {"a", "strgp_start name=st", 16},
        {"a", "strgp_del name=st", 16},
        {"a", "strgp_stop name=none", 2},
        {"a", "prdcr_status name=none", 2},
        {"a", "updtr_status name=none", 2},
        {"a", "listen xprt=sock port=20", 98},
        {"a", "fly name=high", 22},
    };
    for (const Case& each : cases) {
        CAPTURE(each.line);
        CHECK(command(each.host, each.line).first == each.error);
    }
    well("s", "stop name=meminfo");
    CHECK(command("s", "stop name=meminfo").first == 22);
    CHECK(command("s", "config name=meminfo instance=s/meminfo").first == 17);
    CHECK(command("s", "config name=meminfo").first == 22);
}

TEST_CASE_FIXTURE(LdmsdFixture, "what an aggregator stores is in a file with a header") {
    sampler(), producer(), updater();
    well("s", "start name=meminfo interval=1s");
    well("a", "load name=store_csv");
    well("a", "config name=store_csv path=/tmp");
    well("a", "strgp_add name=st plugin=store_csv container=c schema=meminfo");
    well("a", "strgp_metric_add name=st metric=MemTotal");
    well("a", "strgp_start name=st");
    wait(6s);
    const std::string stored = run(cluster, "a", "cat /tmp/c/meminfo").out;
    CHECK(stored.starts_with("#Time,Time_usec,ProducerName,MemTotal\n15778"));
    CHECK(stored.find(",s,4028440\n") != std::string::npos);
}

TEST_CASE("a daemon with a bad line ends, and the start says why with the end of the log") {
    ClusterFixture fixture;
    Cluster cluster = fixture.create(
        R"({"name": "l", "daemons": [{"host": "s", "listen_port": 10, "config": ["load name=meminfo", "start name=meminfo interval=x"]}]})"
    );
    std::string told;
    const SimTime before = cluster.nodes().timeline().now();
    CHECK(fatal_status([&] { start_services(cluster, "ldmsd", ""); }, &told) == cluster_status::failed);
    CHECK(told.find("node-1: ldmsd ended with 1") != std::string::npos);
    CHECK(told.find("Configuration error at line 2 (/etc/ldmsd.conf): error 22") != std::string::npos);
    CHECK(cluster.nodes().timeline().now() - before < 1s);
}

TEST_SUITE_END();
