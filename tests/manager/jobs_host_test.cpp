// Hosts through the manager: set-up, failures, removal.
#include "tests/manager/manager_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/jobs/host");

namespace {

/// Positions of `wanted` in `actions` rise; each is there.
bool in_order(const std::vector<std::string>& actions, const std::vector<std::string>& wanted) {
    auto at = actions.begin();
    for (const std::string& name : wanted) {
        at = std::find(at, actions.end(), name);
        if (at == actions.end()) return false;
        ++at;
    }
    return true;
}

std::vector<std::string> class_names(ManagerFixture& f, std::int64_t command) {
    std::vector<std::string> names;
    for (std::int64_t job : f.manager->model().commands.at(command).jobs) {
        names.push_back(f.manager->model().jobs.at(job).class_name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> sorted(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    return names;
}

std::string state(ManagerFixture& f, ObjectRef object) {
    const Status* status = f.manager->model().status(object);
    return status == nullptr ? "gone" : status->state;
}

struct ManagedHost {
    explicit ManagedHost(const std::string& name = "test000.localdomain") : agent(f, name) {
        command = agent.join("base_managed_rh7");
        f.run_until([&] { return f.command_done(command); });
        REQUIRE(state(f, {Kind::host, agent.host_id}) == "managed");
        agent.actions.clear();
        agent.arguments.clear();
    }
    ManagerFixture f;
    ScriptedAgent agent;
    std::int64_t command = 0;
};

}  // namespace

TEST_CASE("a registered server with the managed profile is set up by ten jobs and their actions in order") {
    ManagerFixture f;
    ScriptedAgent agent(f, "test000.localdomain");
    const std::int64_t command = agent.join("base_managed_rh7");
    CHECK(
        class_names(f, command) ==
        sorted(
            {"InstallHostPackagesJob", "EnableLNetJob", "LoadLNetJob", "StartLNetJob",
             "AutoConfigureCorosync2Job", "StartCorosync2Job", "ConfigurePacemakerJob", "StartPacemakerJob",
             "ConfigureNTPJob", "SetupHostJob"}
        )
    );
    REQUIRE(f.run_until([&] { return f.command_done(command); }));
    const CommandRow& row = f.manager->model().commands.at(command);
    CHECK_FALSE(row.errored);
    CHECK_FALSE(row.cancelled);
    CHECK(row.message == "Deploying agent to host test000");
    CHECK(state(f, {Kind::host, agent.host_id}) == "managed");
    const std::vector<std::string> first{
        "update_profile",
        "restart_agent",
        "device_plugin:linux",
        "device_plugin:linux_network",
        "device_plugin:simulator_controller",
        "install_packages",
        "kernel_status",
    };
    REQUIRE(agent.actions.size() == 22);
    CHECK(std::vector(agent.actions.begin(), agent.actions.begin() + 7) == first);
    CHECK(in_order(
        agent.actions,
        {"load_lnet", "device_plugin:linux_network", "start_lnet", "device_plugin:linux_network"}
    ));
    CHECK(in_order(
        agent.actions, {"get_corosync_autoconfig", "configure_network", "configure_corosync2_stage_1",
                        "configure_corosync2_stage_2", "start_corosync2", "start_pacemaker",
                        "configure_pacemaker", "stop_pacemaker", "start_pacemaker"}
    ));
    CHECK(in_order(agent.actions, {"kernel_status", "configure_ntp"}));
    CHECK(agent.actions.back() == "initialise_block_device_drivers");
}

TEST_CASE("each profile plans its own jobs and ends in its own state") {
    struct Case {
        const char* profile;
        std::vector<std::string> jobs;
        const char* state;
    };
    const std::vector<Case> cases{
        {"posix_copytool_worker",
         {"InstallHostPackagesJob", "EnableLNetJob", "LoadLNetJob", "StartLNetJob", "ConfigureNTPJob",
          "SetupWorkerJob"},
         "working"},
        {"base_monitored", {"InstallHostPackagesJob", "EnableLNetJob", "SetupMonitoredHostJob"}, "monitored"},
        {"default", {}, "unconfigured"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.profile);
        ManagerFixture f;
        ScriptedAgent agent(f, "test000.localdomain");
        const std::int64_t command = agent.join(c.profile);
        CHECK(class_names(f, command) == sorted(c.jobs));
        REQUIRE(f.run_until([&] { return f.command_done(command); }));
        CHECK_FALSE(f.manager->model().commands.at(command).errored);
        CHECK_FALSE(f.manager->model().commands.at(command).cancelled);
        CHECK(state(f, {Kind::host, agent.host_id}) == c.state);
    }
}

TEST_CASE("wherever set-up fails the command tells the agent's text and the host stays behind") {
    const std::vector<std::string> failing{
        "update_profile",
        "restart_agent",
        "install_packages",
        "kernel_status",
        "load_lnet",
        "start_lnet",
        "get_corosync_autoconfig",
        "configure_network",
        "configure_corosync2_stage_1",
        "configure_corosync2_stage_2",
        "start_corosync2",
        "start_pacemaker",
        "configure_pacemaker",
        "stop_pacemaker",
        "configure_ntp",
        "initialise_block_device_drivers",
    };
    for (const std::string& action : failing) {
        CAPTURE(action);
        ManagerFixture f;
        ScriptedAgent agent(f, "test000.localdomain");
        agent.answers[action] = [](const Json&) -> Json { throw std::runtime_error("disk on fire"); };
        const std::int64_t command = agent.join("base_managed_rh7");
        REQUIRE(f.run_until([&] { return f.command_done(command); }));
        CHECK(f.manager->model().commands.at(command).errored);
        CHECK(state(f, {Kind::host, agent.host_id}) != "managed");
        const RestAnswer steps = f.rest("GET", "/api/step/?limit=0");
        std::vector<std::string> failed;
        for (const Json& step : steps.body["objects"]) {
            if (step["state"] == "failed") failed.push_back(step["backtrace"].get<std::string>());
        }
        REQUIRE(failed.size() == 1);
        CHECK(failed[0].find("disk on fire") != std::string::npos);
        const RestAnswer host = f.rest("GET", "/api/host/" + std::to_string(agent.host_id) + "/");
        CHECK(host.body["locks"] == Json{{"read", Json::array()}, {"write", Json::array()}});
    }
}

TEST_CASE("an error in a wrapped result fails the step as an exception would") {
    ManagerFixture f;
    ScriptedAgent agent(f, "test000.localdomain");
    agent.answers["load_lnet"] = [](const Json&) {
        return Json{{"wrapper_version", 1}, {"error", "no such module"}};
    };
    const std::int64_t command = agent.join("base_managed_rh7");
    REQUIRE(f.run_until([&] { return f.command_done(command); }));
    CHECK(f.manager->model().commands.at(command).errored);
    CHECK(f.manager->model().commands.at(command).cancelled);
}

TEST_CASE("removing a managed host stops and unconfigures what runs there and then forgets it") {
    ManagedHost h;
    const RestAnswer reply = h.f.rest("DELETE", "/api/host/1/");
    REQUIRE(reply.status == 202);
    const std::int64_t command = reply.body["command"]["id"].get<std::int64_t>();
    REQUIRE(h.f.run_until([&] { return h.f.command_done(command); }));
    CHECK_FALSE(h.f.manager->model().commands.at(command).errored);
    const auto& actions = h.agent.actions;
    CHECK(in_order(actions, {"stop_pacemaker", "stop_corosync2", "unconfigure_corosync2"}));
    CHECK(in_order(
        actions, {"stop_lnet", "device_plugin:linux_network", "unload_lnet", "device_plugin:linux_network",
                  "unconfigure_lnet"}
    ));
    CHECK(in_order(actions, {"unconfigure_ntp", "deregister_server"}));
    CHECK(actions.back() == "deregister_server");
    CHECK(actions.size() == 10);
    CHECK(h.f.rest("GET", "/api/host/").body["meta"]["total_count"] == 0);
    CHECK(h.f.rest("GET", "/api/lnet_configuration/").body["meta"]["total_count"] == 0);
    CHECK_FALSE(h.f.manager->agents().knows("test000.localdomain"));
    CHECK(h.f.rest("GET", "/api/alert/?active=True").body["meta"]["total_count"] == 0);
}

TEST_CASE("force removal asks no agent and lets the name be registered again") {
    ManagedHost h;
    h.agent.stop();
    const Json body{
        {"message", "gone"}, {"jobs", {{{"class_name", "ForceRemoveHostJob"}, {"args", {{"host_id", 1}}}}}}};
    const RestAnswer reply = h.f.rest("POST", "/api/command/", body);
    REQUIRE(reply.status == 201);
    CHECK(h.f.command_done(reply.body["id"].get<std::int64_t>()));
    CHECK(h.agent.actions.empty());
    CHECK(h.f.rest("GET", "/api/host/").body["meta"]["total_count"] == 0);
    ScriptedAgent again(h.f, "test000.localdomain");
    const std::int64_t command = again.join("base_managed_rh7");
    REQUIRE(h.f.run_until([&] { return h.f.command_done(command); }));
    CHECK(state(h.f, {Kind::host, again.host_id}) == "managed");
}

TEST_CASE("a fresh managed host offers removal and exactly three jobs") {
    ManagedHost h;
    const Json host = h.f.rest("GET", "/api/host/1/").body;
    REQUIRE(host["available_transitions"].size() == 1);
    CHECK(host["available_transitions"][0]["verb"] == "Remove");
    CHECK(host["available_transitions"][0]["display_order"] == 120);
    std::vector<std::string> jobs;
    for (const Json& job : host["available_jobs"]) jobs.push_back(job["class_name"].get<std::string>());
    CHECK(sorted(jobs) == sorted({"ForceRemoveHostJob", "RebootHostJob", "ShutdownHostJob"}));
    CHECK(host["available_actions"].size() == 4);
    CHECK(host["nids"] == Json::array({"10.0.0.1@tcp0"}));
    CHECK(host["boot_time"].is_string());
}

TEST_CASE("an offered job can be posted back as it is") {
    ManagedHost h;
    const Json host = h.f.rest("GET", "/api/host/1/").body;
    for (const Json& job : host["available_jobs"]) {
        if (job["class_name"] != "RebootHostJob") continue;
        const RestAnswer reply =
            h.f.rest("POST", "/api/command/", Json{{"message", "reboot"}, {"jobs", {job}}});
        REQUIRE(reply.status == 201);
        const std::int64_t command = reply.body["id"].get<std::int64_t>();
        CHECK(h.f.run_until([&] { return h.f.command_done(command); }));
        CHECK(h.agent.actions == std::vector<std::string>{"reboot_server"});
    }
}

TEST_CASE("a host that loses contact has an alert until it polls again") {
    ManagedHost h;
    h.agent.stop();
    h.f.advance(std::chrono::seconds(95));
    RestAnswer alerts = h.f.rest("GET", "/api/alert/?active=True&alert_type=HostContactAlert");
    REQUIRE(alerts.body["objects"].size() == 1);
    CHECK(alerts.body["objects"][0]["message"] == "Lost contact with host test000");
    CHECK(h.f.rest("GET", "/api/host/1/").body["available_jobs"].size() == 1);
    h.agent.start();
    h.f.advance(std::chrono::seconds(5));
    alerts = h.f.rest("GET", "/api/alert/?active=True&alert_type=HostContactAlert");
    CHECK(alerts.body["objects"].empty());
}

TEST_SUITE_END();
