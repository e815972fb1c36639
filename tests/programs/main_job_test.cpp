// The main job, as a person does it: eight servers and a worker under the embedded manager, and what programs
// that are not ours see of it.
#include "tests/programs/stage.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <csignal>

TEST_SUITE_BEGIN("programs/main_job");

using namespace csim;

namespace {

constexpr int servers = 8;
constexpr int sessions_of_a_server = 7;

void check_status_keys(const Json& status) {
    for (const char* key : {"time", "manager_url", "running", "servers"}) CHECK(status.contains(key));
    CHECK(status["servers"].size() == servers + 1);
    for (const Json& each : status["servers"]) {
        for (const char* key :
             {"fqdn", "worker", "running", "registered", "has_power", "agent_running", "sessions_open",
              "lnet_state", "corosync", "pacemaker", "resources"}) {
            CHECK_MESSAGE(each.contains(key), key);
        }
        CHECK(each["registered"] == true);
        CHECK(each["agent_running"] == true);
    }
}

/// curl knows the manager by its published authority, and sees the hosts.
void check_curl(const Stage& stage) {
    const std::string ca = (stage.folder / "ca.pem").string();
    const Ended fetched = run_program({{"curl", "-sS", "-k", "-o", ca, stage.url() + "certificate"}});
    REQUIRE_MESSAGE(fetched.status == 0, fetched.err);
    const Ended listed =
        run_program({{"curl", "-sS", "--fail", "--cacert", ca, stage.url() + "api/host/?limit=0"}});
    REQUIRE_MESSAGE(listed.status == 0, listed.err);
    int managed = 0;
    const Json hosts = Json::parse(listed.out);
    for (const Json& host : hosts["objects"]) managed += host["state"] == "managed";
    CHECK(managed == servers);
}

/// The one cipher that the oldest agents have in common with the manager.
void check_openssl(const Stage& stage) {
    const Ended shaken = run_program(
        {{"openssl", "s_client", "-connect", "127.0.0.1:" + std::to_string(stage.port()), "-tls1_2",
          "-cipher", "ECDHE-RSA-AES128-GCM-SHA256", "-CAfile", (stage.folder / "ca.pem").string()}}
    );
    CHECK(shaken.status == 0);
    CHECK(shaken.out.find("ECDHE-RSA-AES128-GCM-SHA256") != std::string::npos);
    CHECK(shaken.out.find("Verify return code: 0 (ok)") != std::string::npos);
}

}  // namespace

// Proves: defect 11.
TEST_CASE("eight servers and a worker register and become managed for every onlooker") {
    Stage stage;
    stage.start_manager();
    stage.setup(servers, 1);
    Program simulator = stage.serve(stage.register_words());
    const Ended watched = stage.watch_ready();
    REQUIRE_MESSAGE(watched.status == 0, watched.err);

    CHECK(eventually([&] { return stage.sessions_open() >= servers * sessions_of_a_server; }));
    const Ended table = stage.run_sim({"status"});
    CHECK(table.status == 0);
    CHECK(table.out.find("test007.localdomain") != std::string::npos);
    CHECK(table.out.find("9 nodes, 9 registered, 9 agents running") != std::string::npos);
    const Ended status = stage.run_sim({"status", "--json"});
    check_status_keys(Json::parse(status.out));
    check_curl(stage);
    check_openssl(stage);

    simulator.signal(SIGTERM);
    const Ended ended = simulator.wait();
    CHECK_MESSAGE(ended.status == 0, ended.err);
    const Json rest = Json::parse(stage.run_sim({"status", "--json"}).out);
    CHECK(rest["running"] == false);
    CHECK(rest["servers"][0]["registered"] == true);
}

TEST_SUITE_END();
