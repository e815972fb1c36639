// Commands and jobs: cancellation, restarts of the manager, dry runs, state changes and their locks.
#include "tests/manager/manager_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/jobs/command");

namespace {

struct OneHost {
    OneHost() : agent(f, "test000.localdomain") {
        const std::int64_t command = agent.join("base_managed_rh7");
        f.run_until([&] { return f.command_done(command); });
        agent.actions.clear();
    }
    std::int64_t put(const std::string& target, const Json& body) {
        const RestAnswer reply = f.rest("PUT", target, body);
        REQUIRE_MESSAGE(reply.status == 202, reply.text);
        return reply.body["command"]["id"].get<std::int64_t>();
    }
    ManagerFixture f;
    ScriptedAgent agent;
};

}  // namespace

TEST_CASE("stopping LNet runs one job and unloading from up runs two") {
    OneHost h;
    const std::int64_t stop = h.put("/api/lnet_configuration/1/", {{"state", "lnet_down"}});
    REQUIRE(h.f.run_until([&] { return h.f.command_done(stop); }));
    CHECK(h.agent.actions == std::vector<std::string>{"stop_lnet", "device_plugin:linux_network"});
    const std::int64_t up = h.put("/api/lnet_configuration/1/", {{"state", "lnet_up"}});
    REQUIRE(h.f.run_until([&] { return h.f.command_done(up); }));
    const std::int64_t unload = h.put("/api/lnet_configuration/1/", {{"state", "lnet_unloaded"}});
    CHECK(h.f.manager->model().commands.at(unload).jobs.size() == 2);
    REQUIRE(h.f.run_until([&] { return h.f.command_done(unload); }));
    CHECK(h.f.rest("GET", "/api/lnet_configuration/1/").body["state"] == "lnet_unloaded");
}

TEST_CASE("a state that is there already needs no command and an impossible one is refused with the reason") {
    OneHost h;
    CHECK(h.f.rest("PUT", "/api/lnet_configuration/1/", {{"state", "lnet_up"}}).status == 204);
    const RestAnswer unknown = h.f.rest("PUT", "/api/lnet_configuration/1/", {{"state", "nonsense"}});
    CHECK(unknown.status == 400);
    CHECK(unknown.body["state"].get<std::string>().find("nonsense not legal state for") == 0);
    const RestAnswer host = h.f.rest("PUT", "/api/host/1/", {{"state", "unconfigured"}});
    CHECK(host.status == 400);
    CHECK(host.body["error"].contains("state"));
    CHECK(host.body["traceback"].is_null());
    CHECK(
        h.f.rest("PUT", "/api/host/1/", Json::object()).body["error"] ==
        "State data not present for host test000"
    );
}

TEST_CASE("a dry run tells the plan and starts nothing") {
    OneHost h;
    const auto before = h.f.manager->model().commands.size();
    const RestAnswer plan =
        h.f.rest("PUT", "/api/corosync_configuration/1/", {{"state", "stopped"}, {"dry_run", true}});
    REQUIRE(plan.status == 200);
    CHECK(plan.body["transition_job"]["class"] == "StopCorosync2Job");
    REQUIRE(plan.body["dependency_jobs"].size() == 1);
    CHECK(plan.body["dependency_jobs"][0]["class"] == "StopPacemakerJob");
    CHECK(h.f.rest("PUT", "/api/host/1/", {{"state", "managed"}, {"dry_run", true}}).body == Json::array());
    CHECK(h.f.manager->model().commands.size() == before);
    CHECK(h.agent.actions.empty());
}

TEST_CASE("locks show on objects and jobs while a job runs and offers vanish") {
    OneHost h;
    h.agent.silent.insert("stop_lnet");
    const std::int64_t command = h.put("/api/lnet_configuration/1/", {{"state", "lnet_down"}});
    const Json lnet = h.f.rest("GET", "/api/lnet_configuration/1/").body;
    const std::int64_t job = h.f.manager->model().commands.at(command).jobs.at(0);
    CHECK(lnet["locks"]["write"] == Json::array({job}));
    CHECK(lnet["available_transitions"].empty());
    const Json shown = h.f.rest("GET", "/api/job/" + std::to_string(job) + "/").body;
    CHECK(shown["state"] == "tasked");
    CHECK(shown["write_locks"][0]["locked_item_uri"] == "/api/lnet_configuration/1/");
    CHECK(shown["available_transitions"][0]["state"] == "cancelled");
}

TEST_CASE("a cancelled running job is over at once and its action is called off") {
    OneHost h;
    h.agent.silent.insert("stop_lnet");
    const std::int64_t command = h.put("/api/lnet_configuration/1/", {{"state", "lnet_unloaded"}});
    h.f.advance(std::chrono::seconds(1));
    const std::string job = std::to_string(h.f.manager->model().commands.at(command).jobs.at(0));
    CHECK(h.f.rest("PUT", "/api/job/" + job + "/", {{"id", 1}, {"state", "tasked!"}}).status == 400);
    const RestAnswer reply = h.f.rest("PUT", "/api/job/" + job + "/", {{"id", 1}, {"state", "cancelled"}});
    CHECK(reply.status == 200);
    CHECK(reply.body["cancelled"] == true);
    CHECK(h.f.command_done(command));
    CHECK(h.f.manager->model().commands.at(command).cancelled);
    h.f.advance(std::chrono::seconds(1));
    CHECK(h.agent.cancelled.size() == 1);
    CHECK(h.f.rest("GET", "/api/lnet_configuration/1/").body["state"] == "lnet_up");
    const Json alerts = h.f.rest(
                               "GET", "/api/alert/?alert_item_id=" + std::to_string(command) +
                                          "&alert_type=CommandCancelledAlert"
    )
                            .body;
    CHECK(alerts["objects"].size() == 1);
}

TEST_CASE("a command has exactly one alert from its start to its end") {
    OneHost h;
    h.agent.silent.insert("stop_lnet");
    const std::int64_t command = h.put("/api/lnet_configuration/1/", {{"state", "lnet_down"}});
    const std::string target =
        "/api/alert/?alert_item_id=" + std::to_string(command) +
        "&alert_type__in=CommandRunningAlert,CommandSuccessfulAlert,CommandErroredAlert";
    Json alerts = h.f.rest("GET", target).body["objects"];
    REQUIRE(alerts.size() == 1);
    CHECK(alerts[0]["active"] == true);
    h.agent.stop();
    REQUIRE(h.f.run_until([&] { return h.f.command_done(command); }));
    alerts = h.f.rest("GET", target).body["objects"];
    REQUIRE(alerts.size() == 1);
    CHECK(alerts[0]["active"].is_null());
    CHECK(alerts[0]["alert_type"] == "CommandErroredAlert");
}

TEST_CASE("a restart of the manager ends unfinished commands with a sentence and set-up goes on in a new one"
) {
    ManagerFixture f;
    ScriptedAgent agent(f, "test000.localdomain");
    agent.silent.insert("install_packages");
    const std::int64_t command = agent.join("base_managed_rh7");
    f.run_until([&] { return !agent.actions.empty() && agent.actions.back() == "install_packages"; });
    agent.stop();
    f.restart();
    const CommandRow& row = f.manager->model().commands.at(command);
    CHECK(row.complete);
    CHECK(row.errored);
    const Json steps = f.rest("GET", "/api/step/?limit=0").body["objects"];
    CHECK(steps.back()["backtrace"].get<std::string>().find("The manager was stopped") == 0);
    CHECK(f.rest("GET", "/api/session/").body["user"]["username"] == "admin");
    agent.silent.clear();
    agent.start();
    REQUIRE(f.run_until([&] { return f.rest("GET", "/api/host/1/").body["state"] == "managed"; }));
    const Json commands = f.rest("GET", "/api/command/?limit=0").body["objects"];
    REQUIRE(commands.size() == 2);
    CHECK(commands[1]["message"] == "Deploying agent to host test000");
    CHECK(commands[1]["errored"] == false);
}

TEST_CASE("a server that goes away in the middle of its set-up is waited for") {
    for (const std::string action : {"update_profile", "install_packages", "start_lnet", "configure_ntp"}) {
        CAPTURE(action);
        ManagerFixture f;
        ScriptedAgent agent(f, "test000.localdomain");
        agent.silent.insert(action);
        const std::int64_t command = agent.join("base_managed_rh7");
        REQUIRE(f.run_until([&] {
            return std::count(agent.actions.begin(), agent.actions.end(), action) == 1;
        }));
        agent.stop();
        agent.silent.clear();
        f.advance(std::chrono::minutes(3));
        CHECK_FALSE(f.command_done(command));
        agent.start();
        REQUIRE(f.run_until([&] { return f.command_done(command); }));
        CHECK_FALSE(f.manager->model().commands.at(command).errored);
        CHECK(f.rest("GET", "/api/host/1/").body["state"] == "managed");
    }
}

TEST_CASE("a server that stays away for long is set up when it is back") {
    ManagerFixture f;
    ScriptedAgent agent(f, "test000.localdomain");
    agent.silent.insert("install_packages");
    const std::int64_t command = agent.join("base_managed_rh7");
    REQUIRE(f.run_until([&] { return !agent.actions.empty() && agent.actions.back() == "install_packages"; })
    );
    agent.stop();
    agent.silent.clear();
    REQUIRE(f.run_until([&] { return f.command_done(command); }));
    CHECK(f.manager->model().commands.at(command).errored);
    agent.start();
    REQUIRE(f.run_until([&] { return f.rest("GET", "/api/host/1/").body["state"] == "managed"; }));
}

TEST_CASE("changing the multicast port stops and restarts the cluster in one command") {
    OneHost h;
    Json corosync = h.f.rest("GET", "/api/corosync_configuration/1/").body;
    corosync.erase("state");
    corosync["mcast_port"] = 4242;
    const RestAnswer reply = h.f.rest("PUT", "/api/corosync_configuration/1/", corosync);
    REQUIRE(reply.status == 202);
    CHECK(reply.body.contains("complete"));
    const std::int64_t command = reply.body["id"].get<std::int64_t>();
    REQUIRE(h.f.run_until([&] { return h.f.command_done(command); }));
    CHECK_FALSE(h.f.manager->model().commands.at(command).cancelled);
    CHECK(
        h.agent.actions ==
        std::vector<std::string>{
            "stop_pacemaker", "stop_corosync2", "change_mcast_port", "start_corosync2", "start_pacemaker"}
    );
    corosync = h.f.rest("GET", "/api/corosync_configuration/1/").body;
    CHECK(corosync["mcast_port"] == 4242);
    CHECK(corosync["state"] == "started");
}

TEST_CASE("other NIDs are configured with LNet unloaded and LNet comes back as it was") {
    OneHost h;
    const Json nid{
        {"network_interface", "/api/network_interface/1/"}, {"lnd_network", 5}, {"lnd_type", "tcp"}};
    const RestAnswer reply = h.f.rest("POST", "/api/nid/", Json{{"objects", {nid}}});
    REQUIRE_MESSAGE(reply.status == 202, reply.text);
    const std::int64_t command = reply.body["command"]["id"].get<std::int64_t>();
    REQUIRE(h.f.run_until([&] { return h.f.command_done(command); }));
    CHECK(
        h.agent.actions ==
        std::vector<std::string>{
            "stop_lnet", "device_plugin:linux_network", "unload_lnet", "device_plugin:linux_network",
            "configure_lnet", "load_lnet", "start_lnet", "device_plugin:linux_network"}
    );
    CHECK(h.f.rest("GET", "/api/lnet_configuration/1/").body["state"] == "lnet_up");
    Json bad = nid;
    bad["lnd_type"] = "blop";
    const RestAnswer refused = h.f.rest("POST", "/api/nid/", bad);
    CHECK(refused.status == 400);
    CHECK(refused.body["lnd_type"][0] == "lnd_type blop not valid for interface test000-eth0");
}

TEST_SUITE_END();
