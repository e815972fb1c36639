// Removal by force waits for nobody, and the test of a host's contact tells what is known of it.
#include "tests/manager/lustre_cluster.hpp"

#include <doctest/doctest.h>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/jobs/force");

namespace {

RestAnswer force_remove(ManagerFixture& f, std::vector<std::int64_t> hosts) {
    Json jobs = Json::array();
    for (const std::int64_t host : hosts)
        jobs.push_back(Json{{"class_name", "ForceRemoveHostJob"}, {"args", {{"host_id", host}}}});
    return f.rest("POST", "/api/command/", Json{{"message", "away"}, {"jobs", jobs}});
}

Json step_result(ManagerFixture& f, const Json& command) {
    const std::int64_t id = command["id"];
    REQUIRE(f.run_until([&] { return f.command_done(id); }));
    const Json done = f.rest("GET", "/api/command/" + std::to_string(id) + "/").body;
    CHECK(done["errored"] == false);
    const std::string job = done["jobs"][0];
    const Json results = f.rest("GET", job).body["step_results"];
    REQUIRE(results.size() == 1);
    return results.front();
}

}  // namespace

TEST_CASE("a host that is being set up and does not answer is removed at once") {
    ManagerFixture f;
    ScriptedAgent agent(f, "test000.localdomain");
    agent.silent.insert("install_packages");
    const std::int64_t deploying = agent.join("base_managed_rh7");
    f.advance(std::chrono::seconds(5));
    REQUIRE_FALSE(f.command_done(deploying));
    const RestAnswer reply = force_remove(f, {agent.host_id});
    REQUIRE_MESSAGE(reply.status == 201, reply.text);
    const SimTime asked = f.timeline.now();
    REQUIRE(f.run_until([&] { return f.command_done(reply.body["id"]); }));
    CHECK(f.timeline.now() - asked < std::chrono::seconds(1));
    CHECK(f.rest("GET", "/api/host/").body["meta"]["total_count"] == 0);
    // What it interrupted has ended with it, and says so.
    REQUIRE(f.command_done(deploying));
    CHECK(f.manager->model().commands.at(deploying).cancelled);
    CHECK(f.manager->jobs().pending() == 0);
    CHECK(f.manager->jobs().running() == 0);
}

TEST_CASE("hosts of a filesystem that is busy with a silent server are removed together") {
    LustreCluster cluster;
    cluster.created();
    cluster.agents[0]->silent.insert("stop_target");
    const RestAnswer stop = cluster.f.rest("PUT", "/api/filesystem/1/", Json{{"state", "stopped"}});
    const std::int64_t stopping = cluster.command_of(stop);
    cluster.f.advance(std::chrono::seconds(1));
    REQUIRE_FALSE(cluster.f.command_done(stopping));
    const RestAnswer reply = force_remove(cluster.f, {1, 2});
    REQUIRE_MESSAGE(reply.status == 201, reply.text);
    cluster.f.advance(std::chrono::milliseconds(100));
    CHECK(cluster.f.command_done(reply.body["id"]));
    CHECK_FALSE(cluster.f.manager->model().commands.at(reply.body["id"]).cancelled);
    CHECK(cluster.f.manager->model().commands.at(stopping).cancelled);
    for (const char* list : {"host", "target", "filesystem", "volume"}) {
        CAPTURE(list);
        CHECK(cluster.f.rest("GET", "/api/" + std::string(list) + "/").body["meta"]["total_count"] == 0);
    }
}

TEST_CASE("the contact of a host can be tested, and a host that nobody knows cannot") {
    ManagerFixture f;
    ScriptedAgent agent(f, "test000.localdomain");
    const std::int64_t command = agent.join("base_managed_rh7");
    REQUIRE(f.run_until([&] { return f.command_done(command); }));

    const RestAnswer good = f.rest("POST", "/api/test_host/", Json{{"address", "test000.localdomain"}});
    REQUIRE_MESSAGE(good.status == 202, good.text);
    const Json told = step_result(f, good.body);
    CHECK(told["address"] == "test000.localdomain");
    CHECK(told["valid"] == true);
    CHECK(told["status"].size() == 5);

    const Json both =
        Json::array({Json{{"address", "test000"}}, Json{{"address", "elsewhere"}}, Json::object()});
    const RestAnswer mixed = f.rest("POST", "/api/test_host/", Json{{"objects", both}});
    CHECK(mixed.status == 400);
    REQUIRE(mixed.body["objects"].size() == 3);
    CHECK(mixed.body["objects"][0]["command"].is_object());
    CHECK(mixed.body["objects"][0]["error"].is_null());
    CHECK(mixed.body["objects"][1]["command"].is_null());
    CHECK(mixed.body["objects"][1]["error"].get<std::string>().find("elsewhere") != std::string::npos);
    CHECK(mixed.body["objects"][2]["error"].contains("address"));
    CHECK(f.rest("POST", "/api/test_host/", Json{{"address", "elsewhere"}}).status == 400);

    agent.stop();
    f.advance(std::chrono::minutes(2));
    const RestAnswer lost = f.rest("POST", "/api/test_host/", Json{{"address", "test000.localdomain"}});
    const Json why = step_result(f, lost.body);
    CHECK(why["valid"] == false);
    for (const Json& check : why["status"])
        CHECK(check["value"] == (check["name"] != "contact" && check["name"] != "agent"));

    f.log_in("user");
    CHECK(f.rest("POST", "/api/test_host/", Json{{"address", "test000.localdomain"}}).status == 401);
}

TEST_SUITE_END();
