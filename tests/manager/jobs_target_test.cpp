// Targets and filesystems through the manager: what agents are asked, in which order, and what fails how.
#include "tests/manager/lustre_cluster.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/jobs/target");

namespace {

using Names = std::vector<std::string>;

const ObjectRef filesystem{Kind::filesystem, 1};
const ObjectRef mgt{Kind::target, 1}, mdt{Kind::target, 2}, ost0{Kind::target, 3}, ost1{Kind::target, 4};

const Json& arguments_of(const ScriptedAgent& agent, const std::string& action) {
    auto at = std::find(agent.actions.begin(), agent.actions.end(), action);
    REQUIRE_MESSAGE(at != agent.actions.end(), action);
    return agent.arguments[static_cast<std::size_t>(at - agent.actions.begin())];
}

}  // namespace

TEST_CASE("a filesystem is formatted and registered and configured and started in order") {
    LustreCluster c(4, 4);
    const RestAnswer reply = c.f.rest("POST", "/api/filesystem/", c.body("testfs", 2, Json::object()));
    REQUIRE_MESSAGE(reply.status == 202, reply.text);
    CHECK(reply.body["filesystem"]["state"] == "unavailable");
    const std::int64_t command = c.command_of(reply);
    CHECK(reply.body["command"]["message"] == "Creating filesystem testfs");
    REQUIRE(c.succeeds(command));
    CHECK(c.job_classes(command).size() == 17);
    CHECK(c.state(filesystem) == "available");
    // The server of the MGT also exports the three other volumes around their formatting, registering and
    // starting.
    const Names mine = [&] {
        Names names;
        for (const std::string& name : c.agents[0]->actions) {
            if (name != "export_target") names.push_back(name);
        }
        return names;
    }();
    CHECK(
        mine ==
        Names{
            "import_target", "check_block_device", "format_target", "open_firewall", "configure_target_store",
            "configure_target_ha", "import_target", "start_target",
            // the secondary server of the MDT
            "open_firewall", "configure_target_store", "configure_target_ha"}
    );
    const ScriptedAgent& second = *c.agents[1];
    CHECK(
        arguments_of(second, "format_target") ==
        Json{
            {"target_types", "mdt"},
            {"target_name", "testfs-MDT0000"},
            {"device", "/dev/disk/by-id/LUN1001"},
            {"device_type", "linux"},
            {"backfstype", "ldiskfs"},
            {"fsname", "testfs"},
            {"index", 0},
            {"mgsnode", {{"10.0.0.1@tcp0"}, {"10.0.0.2@tcp0"}}},
            {"failnode", {"10.0.0.1@tcp0"}},
            {"reformat", true},
            {"mkfsoptions", "-J size=2048"}}
    );
    CHECK(
        arguments_of(second, "register_target") ==
        Json{
            {"device_path", "/dev/disk/by-id/LUN1001"},
            {"mount_point", "/mnt/testfs-MDT0000"},
            {"backfstype", "ldiskfs"}}
    );
    const TargetRow& row = c.target(3);
    CHECK(row.name == "testfs-OST0000");
    CHECK(row.active_host == c.agents[2]->host_id);
    REQUIRE(row.ha_label);
    CHECK(row.ha_label->size() == std::string("testfs-OST0000_").size() + 6);
    const Json shown = c.f.rest("GET", "/api/filesystem/1/").body;
    CHECK(shown["mount_path"] == "10.0.0.1@tcp0:10.0.0.2@tcp0:/testfs");
    CHECK(shown["osts"] == Json{"/api/target/3/", "/api/target/4/"});
    CHECK(c.f.rest("GET", "/api/alert/?active=True&severity=ERROR").body["objects"].empty());
}

TEST_CASE("all other servers let go of a volume before its primary takes it") {
    LustreCluster c(4, 4);
    REQUIRE(c.succeeds(c.create()));
    // Four targets: three moves of MGT volume (format, start) and so on; each export names the volume it is
    // about.
    for (const auto& agent : c.agents) {
        const auto imports = std::count(agent->actions.begin(), agent->actions.end(), "import_target");
        CHECK(imports == (agent == c.agents[0] ? 2 : 3));
    }
    const Json& import = arguments_of(*c.agents[2], "import_target");
    CHECK(
        import ==
        Json{
            {"device_type", "linux"},
            {"path", "/dev/disk/by-id/LUN1002"},
            {"pacemaker_ha_operation", false},
            {"validate_importable", false}}
    );
}

TEST_CASE("wherever making a target fails the command tells the text and a second attempt finishes the work"
) {
    for (const char* action :
         {"import_target", "check_block_device", "format_target", "register_target", "open_firewall",
          "configure_target_store", "configure_target_ha", "start_target"}) {
        CAPTURE(action);
        LustreCluster c;
        auto kept = c.agents[1]->answers;
        c.agents[1]->answers[action] = [](const Json&) -> Json { throw std::runtime_error("disk on fire"); };
        const std::int64_t command = c.create();
        CHECK_FALSE(c.succeeds(command));
        CHECK(c.f.manager->model().commands.at(command).errored);
        CHECK(c.state(filesystem) == "unavailable");
        bool told = false;
        c.f.manager->model().jobs.each([&](const JobRow& job) {
            for (const StepPart& step : job.steps) told = told || step.backtrace == "disk on fire";
        });
        CHECK(told);
        c.agents[1]->answers = kept;
        CHECK(c.succeeds(c.command_of(c.f.rest("PUT", "/api/filesystem/1/", Json{{"state", "available"}}))));
        CHECK(c.state(filesystem) == "available");
    }
}

TEST_CASE("a volume that holds a file system is refused unless it may be formatted again") {
    LustreCluster c;
    for (auto& agent : c.agents)
        agent->answers["check_block_device"] = [](const Json&) { return Json("ext2"); };
    CHECK_FALSE(c.succeeds(c.create()));
    const Json steps = c.f.rest("GET", "/api/step/?limit=0").body["objects"];
    const bool refused = std::any_of(steps.begin(), steps.end(), [](const Json& step) {
        return step["class_name"] == "PreFormatCheck" && step["state"] == "failed";
    });
    CHECK(refused);
    CHECK(std::count(c.agents[0]->actions.begin(), c.agents[0]->actions.end(), "format_target") == 0);
}

TEST_CASE("stopping and starting a filesystem leaves its MGT alone") {
    LustreCluster c;
    c.created();
    const std::int64_t stop = c.command_of(c.f.rest("PUT", "/api/filesystem/1/", Json{{"state", "stopped"}}));
    CHECK(
        c.job_classes(stop) ==
        Names{
            "MakeAvailableFilesystemUnavailable", "StopTargetJob", "StopTargetJob", "StopTargetJob",
            "StopUnavailableFilesystemJob"}
    );
    REQUIRE(c.succeeds(stop));
    CHECK(c.state(filesystem) == "stopped");
    CHECK(c.state(mgt) == "mounted");
    CHECK(c.state(ost0) == "unmounted");
    CHECK_FALSE(c.target(3).active_host);
    CHECK(c.f.rest("GET", "/api/alert/?active=True&severity=ERROR").body["objects"].empty());
    CHECK(c.f.rest("PUT", "/api/filesystem/1/", Json{{"state", "stopped"}}).status == 204);
    REQUIRE(c.succeeds(c.command_of(c.f.rest("PUT", "/api/filesystem/1/", Json{{"state", "available"}}))));
    CHECK(c.state(filesystem) == "available");
    CHECK(c.f.rest("GET", "/api/alert/?active=True&alert_type=TargetOfflineAlert").body["objects"].empty());
}

TEST_CASE("removing a filesystem removes its MDTs and OSTs and purges the MGS and leaves the MGT running") {
    LustreCluster c;
    c.created();
    const std::int64_t removal = c.command_of(c.f.rest("DELETE", "/api/filesystem/1/"));
    CHECK(
        c.job_classes(removal) ==
        Names{
            "MakeAvailableFilesystemUnavailable", "RemoveConfiguredTargetJob", "RemoveConfiguredTargetJob",
            "RemoveConfiguredTargetJob", "RemoveFilesystemJob", "StopTargetJob", "StopTargetJob",
            "StopTargetJob", "StopUnavailableFilesystemJob"}
    );
    REQUIRE(c.succeeds(removal));
    CHECK(c.state(filesystem) == "gone");
    CHECK(c.state(mdt) == "gone");
    CHECK(c.state(mgt) == "mounted");
    CHECK(c.agents[0]->actions.back() == "purge_configuration");
    CHECK(
        c.agents[0]->arguments.back() ==
        Json{
            {"mgs_device_path", "/dev/disk/by-id/LUN1000"},
            {"mgs_device_type", "linux"},
            {"filesystem_name", "testfs"}}
    );
    CHECK(c.f.rest("GET", "/api/volume/?category=usable&limit=0").body["objects"].size() == 3);
    c.forget_actions();
    REQUIRE(c.succeeds(c.command_of(c.f.rest("DELETE", "/api/target/1/"))));
    CHECK(
        c.agents[0]->actions ==
        Names{"stop_target", "export_target", "unconfigure_target_ha", "unconfigure_target_store"}
    );
    CHECK(
        c.agents[1]->actions == Names{"export_target", "unconfigure_target_ha", "unconfigure_target_store"}
    );
    CHECK(c.f.rest("GET", "/api/target/").body["objects"].empty());
    CHECK(c.f.rest("GET", "/api/volume/?category=usable&limit=0").body["objects"].size() == 4);
}

TEST_SUITE_END();
