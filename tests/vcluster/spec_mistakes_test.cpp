// Each kind of mistake is told with its path, and all of them together.
#include "tests/vcluster/fixture.hpp"

#include <algorithm>
#include <set>

TEST_SUITE_BEGIN("vcluster/mistakes");

using namespace csim;

namespace {

struct Mistake {
    const char* code;
    const char* spec;
    const char* line;
};

// A daemon that is well, for those in which something else is wrong.
#define WELL R"({"host": "h", "listen_port": 5})"

const Mistake mistakes[] = {
    {"S01", "{\n  \"name\": }", "spec: line 2 column 11: "},
    {"S01", "[]", "spec: expected object, got list"},
    {"S02", R"({"name": "x"})", "/: needs daemons (first dialect) or nodes (second dialect)"},
    {"S02", R"({"name": "x", "nodes": [], "daemons": []})", "/: has both daemons and nodes"},
    {"S02", R"({"daemons": [)" WELL "]}", "/name: required"},
    {"S02", R"({"name": "x", "daemons": [{"listen_port": 5}]})", "/daemons/0/host: required"},
    {"S03", R"({"name": "x", "daemons": [{"host": "h", "listen_port": "10000"}]})",
     "/daemons/0/listen_port: expected integer, got string \"10000\""},
    {"S04", R"({"name": "my cluster", "daemons": [)" WELL "]}", "/name: \"my cluster\": only letters"},
    {"S04", R"({"name": "x", "daemons": [{"host": "h h", "listen_port": 5}]})",
     "/daemons/0/host: \"h h\": only letters"},
    {"S05", R"({"name": "x", "daemons": [)" WELL "," WELL "]}",
     "/daemons/1/host: \"h\" already used by /daemons/0"},
    {"S05", R"({"name": "x", "daemons": [{"host": "node-2", "listen_port": 5}]})",
     "/daemons/0/host: \"node-2\" is the name of a node"},
    {"S05", R"({"name": "x", "daemons": [{"host": "localhost", "listen_port": 5}]})",
     "/daemons/0/host: \"localhost\""},
    {"S06",
     R"({"name": "x", "define": [{"name": "sampler"}], "daemons": [{"host": "h", "listen_port": 5, "asset": "smapler"}]})",
     "/daemons/0/asset: no template \"smapler\"; did you mean \"sampler\"?"},
    {"S07", R"({"name": "x", "define": [{"name": "t"}, {"name": "t"}], "daemons": [)" WELL "]}",
     "/define/1/name: template \"t\" is defined already"},
    {"S07",
     R"({"name": "x", "templates": {"a": {"!extends": "b"}, "b": {"!extends": "a"}}, "nodes": [{"hostname": "h", "!extends": "a"}]})",
     "/nodes/0/!extends: template \"a\" extends itself"},
    {"S08", R"({"name": "x", "env": ["A=1", "FOO"], "daemons": [)" WELL "]}",
     "/env/1: \"FOO\" is not NAME=VALUE"},
    {"S09",
     R"({"name": "x", "define": [{"name": "t", "samplers": [{"plugin": "a"}, {"plugin": "b", "start": false, "config": ["%plugn%"]}]}],
        "daemons": [{"host": "h", "listen_port": 5, "asset": "t", "env": {"COMPONENT_ID": "1"}}]})",
     "/define/0/samplers/1/config/0: %plugn% unknown (known: config, plugin, start)"},
    {"S10",
     R"({"name": "x", "daemons": [{"host": "h", "listen_port": 5, "samplers": [{"plugin": "meminfo"}]}]})",
     "/daemons/0: ${COMPONENT_ID} used by sampler meminfo is not in its environment"},
    {"S11", R"({"name": "x", "mounts": ["/a:/b:rx"], "daemons": [)" WELL "]}",
     "/mounts/0: mode \"rx\": expected ro or rw"},
    {"S11", R"({"name": "x", "mounts": ["/a:/proc:ro"], "daemons": [)" WELL "]}",
     "/mounts/0: nothing can be mounted at \"/proc\""},
    {"S11", R"({"name": "x", "backend": "namespaces", "mounts": ["/nowhere:/b:ro"], "daemons": [)" WELL "]}",
     "/mounts/0: source /nowhere does not exist on this machine"},
    {"S12", R"({"name": "x", "daemons": [{"host": "h", "listen_port": 5, "listen_auth": "kerberos"}]})",
     "/daemons/0/listen_auth: \"kerberos\": expected one of"},
    {"S12", R"({"name": "x", "backend": "vmware", "daemons": [)" WELL "]}",
     "/backend: \"vmware\": expected one of"},
    {"S13", R"({"name": "x", "daemons": [{"host": "h", "listen_port": 70000}]})",
     "/daemons/0/listen_port: 70000 is not a port"},
    {"S14",
     R"({"name": "x", "daemons": [{"host": "h", "listen_port": 5, "env": {"COMPONENT_ID": "1"}, "samplers": [{}]}]})",
     "/daemons/0/samplers/0: a sampler needs a plugin"},
    {"S15",
     R"({"name": "x", "daemons": [{"host": "h", "listen_port": 5, "config": ["prdcr_add name=a host=other port=1"]}]})",
     "/daemons/0: host=other names no node of this cluster"},
    {"S16", R"({"name": "x", "cap_add": ["SYS_PTRACEE"], "daemons": [)" WELL "]}",
     "/cap_add/0: no capability \"SYS_PTRACEE\"; did you mean \"SYS_PTRACE\"?"},
    {"S17", R"({"name": "x", "demons": [], "daemons": [)" WELL "]}",
     "/demons: unknown field; did you mean \"daemons\"?"},
    {"S18",
     R"({"name": "x", "backend": "simulated", "daemons": [{"host": "h", "listen_port": 5, "listen_xprt": "rdma"}]})",
     "/daemons/0: simulated nodes have no transport \"rdma\", only sock"},
    {"S19",
     R"({"name": "x", "define": [{"name": "t", "listen_port": 5, "env": {"COMPONENT_ID": "1"}, "samplers": [{"plugin": "a", "config": ["instance=same"]}]}],
        "daemons": [{"host": "h", "asset": "t"}, {"host": "g", "asset": "t"}]})",
     "/daemons/1: set same exists already, at /daemons/0"},
};

std::vector<SpecIssue> issues_of(const std::string& text) {
    SpecWorld world;
    world.path_exists = [](const std::string& path) { return path != "/nowhere"; };
    return parse_spec(text, world).issues;
}

}  // namespace

// Proves: vcluster C06.
TEST_CASE("C06: each mistake is found and told with its path") {
    for (const Mistake& each : mistakes) {
        CAPTURE(each.spec);
        CAPTURE(each.line);
        const auto issues = issues_of(each.spec);
        const bool told = std::any_of(issues.begin(), issues.end(), [&](const SpecIssue& issue) {
            return issue.code == each.code && line_of(issue).find(each.line) != std::string::npos;
        });
        std::string all;
        for (const SpecIssue& issue : issues) all += issue.code + " " + line_of(issue) + "\n";
        CAPTURE(all);
        CHECK(told);
    }
}

// Proves: vcluster C06.
TEST_CASE("C06: mistakes are told together, and nothing is made") {
    ClusterFixture fixture;
    std::string told;
    const int status = fatal_status(
        [&] { fixture.create(R"({"name": "a b", "mounts": ["x"], "daemons": [{"host": 5}]})"); }, &told
    );
    CHECK(status == cluster_status::invalid);
    for (const char* path :
         {"/name: ", "/mounts/0: ", "/daemons/0/host: ", "/daemons/0/listen_port: required"}) {
        CAPTURE(path);
        CHECK(told.find(path) != std::string::npos);
    }
    CHECK(fixture.store.all().empty());
}

TEST_CASE("S20: Slurm without a compute node is refused when it is asked for") {
    ClusterFixture fixture;
    Cluster cluster = fixture.create(R"({"name": "x", "daemons": [{"host": "h", "listen_port": 5}]})");
    CHECK(fatal_status([&] { start_services(cluster, "slurm", ""); }) == cluster_status::invalid);
}

TEST_CASE("a specification is hostile until it is parsed") {
    CHECK(!parse_spec(std::string(100'000, '['), {}).ok());
    CHECK(!parse_spec(std::string(17u << 20, ' '), {}).ok());
    CHECK(!parse_spec("\xff\xfe", {}).ok());
    CHECK(!parse_spec("", {}).ok());
}

TEST_SUITE_END();
