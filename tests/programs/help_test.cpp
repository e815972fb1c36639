// What the programs tell about themselves and about this machine.
#include "tests/programs/stage.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

TEST_SUITE_BEGIN("programs/help");

using namespace csim;

namespace {

Ended sim(const Words& words, const std::map<std::string, std::string>& environment = {}) {
    return run_program({Words{cluster_sim_path()} + words, environment});
}

}  // namespace

// Proves: defect 99.
TEST_CASE("help names every option and version tells a version") {
    const std::map<std::string, Words> options{
        {"",
         {"--config", "--url", "--seed", "--log_level", "--version", "setup", "register", "run", "status",
          "watch", "actions", "doctor"}},
        {"setup",
         {"--server_count", "--worker_count", "--nid_count", "--volume_count", "--cluster_size", "--su_size",
          "--psu_count", "--force"}},
        {"register",
         {"--secret", "--username", "--password", "--create_pdu_entries", "--ca", "--wire", "--keys",
          "--control_listen", "--start_spread", "--ready_file", "--registration_timeout"}},
        {"run",
         {"--ca", "--wire", "--hibernate", "--keys", "--control_listen", "--start_spread", "--ready_file"}},
        {"status", {"--json"}},
        {"watch", {"--username", "--password", "--until", "--timeout", "--ca"}},
        {"actions", {"--json"}},
        {"doctor", {"--server_count", "--with_manager", "--connections", "--json"}},
    };
    for (const auto& [command, names] : options) {
        const Ended help = sim(command.empty() ? Words{"--help"} : Words{command, "--help"});
        CHECK(help.status == 0);
        for (const std::string& name : names) CHECK_MESSAGE(help.out.find(name) != std::string::npos, name);
    }
    const Ended help = run_program({{manager_path(), "--help"}});
    for (const char* name :
         {"--listen", "--state", "--name", "--ready_file", "--no_anonymous_read", "--version"})
        CHECK_MESSAGE(help.out.find(name) != std::string::npos, name);
    CHECK(sim({"--version"}).out.starts_with("cluster-sim "));
    CHECK(run_program({{manager_path(), "--version"}}).out.starts_with("cluster-sim-manager "));
}

TEST_CASE("doctor says with its status whether this machine can carry the fleet") {
    const Ended small = sim({"doctor", "--server_count", "1", "--json"});
    CHECK(small.status == 0);
    const Json told = Json::parse(small.out);
    for (const Json& check : told["checks"]) {
        for (const char* key : {"name", "needed", "present", "ok", "advice"}) CHECK(check.contains(key));
        CHECK(check["ok"] == true);
    }
    const Ended vast = sim({"doctor", "--server_count", "9000000"});
    CHECK(vast.status == 1);
    CHECK(vast.out.find("TOO LOW") != std::string::npos);
}

TEST_CASE("doctor tells what so many connections need, with a remedy for each limit") {
    const Ended few = sim({"doctor", "--connections", "100", "--json"});
    const Json told = Json::parse(few.out);
    CHECK(told["checks"].size() >= 7);
    for (const Json& check : told["checks"]) CHECK(check["needed"].is_number());
    const Ended many = sim({"doctor", "--connections", "10000000", "--full_tls"});
    CHECK(many.status == 1);
    CHECK(many.out.find("TOO LOW") != std::string::npos);
    CHECK(many.out.find("sysctl -w") != std::string::npos);
    CHECK(sim({"doctor", "--connections", "0"}).status == 2);
}

TEST_CASE("a proxy in the environment is ignored and named without its password") {
    Stage stage;
    stage.start_manager();
    stage.setup(2);
    const std::string proxy = "http://someone:geheim@127.0.0.1:9";
    Program simulator({stage.register_words(), {{"https_proxy", proxy}, {"HTTPS_PROXY", proxy}}});
    CHECK_MESSAGE(simulator.wait_for("registered 2 of 2 nodes"), simulator.err());
    CHECK(simulator.err().find("https_proxy is set; it is ignored") != std::string::npos);
    CHECK(simulator.err().find("geheim") == std::string::npos);
}

TEST_SUITE_END();
