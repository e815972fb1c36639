// What specifications become: templates, substitutions, three levels of environment, both dialects.
#include "tests/vcluster/fixture.hpp"

TEST_SUITE_BEGIN("vcluster/spec");

using namespace csim;

namespace {

ClusterSpec expanded(const std::string& text) {
    ParsedSpec parsed = parse_spec(text, {});
    for (const SpecIssue& each : parsed.issues)
        if (!each.warning) FAIL_CHECK(line_of(each));
    return std::move(parsed.spec);
}

/// One daemon with a template; the parts that tests vary.
std::string one_daemon(
    const std::string& cluster_env, const std::string& template_env, const std::string& daemon_env,
    const std::string& more = ""
) {
    return R"({"name": "x", "env": )" + cluster_env +
           R"(, "define": [{"name": "t", "listen_port": 1, "env": )" + template_env +
           R"(}], "daemons": [{"host": "h", "asset": "t", "env": )" + daemon_env + more + "}]}";
}

}  // namespace

// Proves: vcluster C01.
TEST_CASE("C01: the example becomes three nodes, with exactly the configuration that was published") {
    const ClusterSpec spec = expanded(duo_spec);
    REQUIRE(spec.nodes.size() == 3);
    CHECK(spec.nodes[0].hostname == "node-1");
    CHECK(spec.nodes[0].aliases == std::vector<std::string>{"cn1"});
    CHECK(spec.nodes[1].aliases == std::vector<std::string>{"hub"});
    CHECK(spec.nodes[2].aliases == std::vector<std::string>{"service"});
    CHECK(!spec.nodes[2].ldmsd);
    CHECK(spec.nodes[2].slurmctld);
    CHECK(spec.nodes[0].slurmd);
    CHECK(
        spec.nodes[0].ldmsd->config ==
        "load name=meminfo\n"
        "config name=meminfo component_id=${COMPONENT_ID} producer=${HOSTNAME} instance=${HOSTNAME}/meminfo\n"
        "start name=meminfo interval=${INTERVAL} offset=${OFFSET}\n"
        "load name=slurm_sampler\n"
        "config name=slurm_sampler component_id=${COMPONENT_ID} producer=${HOSTNAME} "
        "instance=${HOSTNAME}/slurm_sampler\n"
    );
    CHECK(
        spec.nodes[1].ldmsd->config ==
        "prdcr_add name=cn1 host=cn1 port=10001 xprt=sock type=active interval=1000000\nprdcr_start "
        "name=cn1\n"
        "updtr_add name=u interval=500000 offset=100000\nupdtr_prdcr_add name=u regex=.*\nupdtr_start "
        "name=u\n"
    );
    CHECK(spec.cap_add == std::vector<std::string>{"SYS_PTRACE"});
    CHECK(find_planned(spec, "duo-node-2") == &spec.nodes[1]);
}

// Proves: vcluster C02.
TEST_CASE(
    "C02: the published example of four daemons becomes five nodes, whichever form its environments have"
) {
    const ClusterSpec spec = expanded(example_spec());
    REQUIRE(spec.nodes.size() == 5);
    CHECK(spec.nodes[0].ldmsd->env.at("COMPONENT_ID") == "10001");
    CHECK(spec.nodes[1].ldmsd->env.at("COMPONENT_ID") == "10002");
    CHECK(spec.nodes[1].ldmsd->env.at("HOSTNAME") == "sampler-2");
    CHECK(spec.nodes[0].ldmsd->config == spec.nodes[1].ldmsd->config);
    CHECK(spec.nodes[0].ldmsd->config.find("start name=slurm_sampler") == std::string::npos);
    CHECK(spec.nodes[0].ldmsd->config.find("start name=procstat") != std::string::npos);
}

// Proves: vcluster C03.
TEST_CASE("C03: of a variable at three levels the daemon's counts, then the template's, then the cluster's") {
    const auto value = [](const std::string& text) {
        const ClusterSpec spec = expanded(text);
        return ldmsd_environment(spec, spec.nodes[0]).at("V");
    };
    CHECK(value(one_daemon(R"({"V": "1"})", R"(["V=2"])", R"({"V": "3"})")) == "3");
    CHECK(value(one_daemon(R"({"V": "1"})", R"(["V=2"])", "[]")) == "2");
    CHECK(value(one_daemon(R"({"V": "1"})", "{}", "[]")) == "1");
    CHECK(value(one_daemon("[]", "{}", R"(["V=a=b"])")) == "a=b");
}

// Proves: vcluster C04.
TEST_CASE("C04: attributes are put in place of their names, variables are left to the daemon") {
    const ClusterSpec spec = expanded(one_daemon(
        "{}", "{}", R"({"HOSTNAME": "%host%", "COMPONENT_ID": "1", "WHERE": "50% of %host%"})",
        R"(, "samplers": [{"plugin": "p", "extra": 7, "config": ["a=%extra%", "instance=${HOSTNAME}/%plugin%"]}])"
    ));
    CHECK(spec.nodes[0].ldmsd->env.at("HOSTNAME") == "h");
    CHECK(spec.nodes[0].ldmsd->env.at("WHERE") == "50% of h");
    CHECK(
        spec.nodes[0].ldmsd->config ==
        "load name=p\nconfig name=p component_id=${COMPONENT_ID} a=7 instance=${HOSTNAME}/p\n"
    );
}

// Proves: vcluster C05.
TEST_CASE("C05: lists follow each other with the template's first, and of scalars the daemon's counts") {
    const ClusterSpec spec = expanded(
        R"({"name": "x", "define": [{"name": "t", "listen_port": 1, "log_file": "/t", "config": ["one"]}],
      "daemons": [{"host": "h", "asset": "t", "log_file": "/d", "config": ["two"]}]})"
    );
    CHECK(spec.nodes[0].ldmsd->config == "one\ntwo\n");
    CHECK(spec.nodes[0].ldmsd->log_file == "/d");
    CHECK(spec.nodes[0].aliases[0] == "h");
}

// Proves: vcluster C07.
TEST_CASE("C07: the second dialect extends, substitutes from the nearest, and has its own order of lines") {
    const ClusterSpec spec = expanded(R"({"name": "two", "color": "blue",
      "templates": {
        "base": {"type": "ldmsd", "listen_port": 10000, "listen_xprt": "sock", "quota": 5},
        "sampler": {"!extends": "base", "auth": [{"name": "m", "plugin": "munge"}],
          "samplers": [{"plugin": "meminfo", "interval": "%rate%", "start": true, "config": ["instance=%hostname%/%plugin%"]}],
          "prdcrs": [{"name": "p", "host": "b", "port": 1}], "config": ["# 100%% %color%"]}},
      "nodes": [
        {"hostname": "a", "rate": 7, "aliases": "first", "daemons": [{"name": "d", "!extends": "sampler"}, {"name": "s", "type": "slurmd"}]},
        {"hostname": "b", "daemons": [{"name": "c", "type": "slurmctld"}]}]})");
    REQUIRE(spec.nodes.size() == 2);
    CHECK(
        spec.nodes[0].ldmsd->config ==
        "default_quota quota=5\nauth_add name=m plugin=munge\nload name=meminfo\nconfig name=meminfo "
        "instance=a/meminfo\n"
        "start name=meminfo interval=7\nprdcr_add name=p host=b port=1\n# 100% blue\n"
    );
    CHECK(spec.nodes[0].slurmd);
    CHECK(spec.nodes[1].slurmctld);
    CHECK(spec.nodes[0].aliases == std::vector<std::string>{"first"});
}

TEST_CASE("the same specification in another form is the same, and a difference has a path") {
    const Json one = expanded(one_daemon(R"({"A": "1"})", "{}", "{}")).normalised;
    CHECK(differences(one, expanded(one_daemon(R"(["A=1"])", "[]", "{}")).normalised).empty());
    const auto paths = differences(one, expanded(one_daemon(R"(["A=2"])", "[]", "{}")).normalised);
    CHECK(paths == std::vector<std::string>{"/env/A"});
}

TEST_SUITE_END();
