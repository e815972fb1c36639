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

}  // namespace

TEST_CASE("what may be asked of a target depends on its kind") {
    LustreCluster c;
    c.created();
    const RestAnswer mdt_removal = c.f.rest("DELETE", "/api/target/2/");
    CHECK(mdt_removal.status == 400);
    CHECK(mdt_removal.body["__all__"].get<std::string>().find("State 'removed' is invalid for") == 0);
    CHECK(c.f.rest("DELETE", "/api/target/1/").status == 400);
    auto states = [&](int id) {
        Names names;
        const Json target = c.f.rest("GET", "/api/target/" + std::to_string(id) + "/").body;
        for (const Json& entry : target["available_transitions"]) {
            names.push_back(entry["state"].get<std::string>());
        }
        return names;
    };
    CHECK(states(1) == Names{"unmounted"});
    CHECK(states(2) == Names{"unmounted"});
    CHECK(states(3) == Names{"unmounted", "removed"});
    REQUIRE(c.succeeds(c.command_of(c.f.rest("DELETE", "/api/target/4/"))));
    CHECK(c.state(ost1) == "gone");
    CHECK(c.state(filesystem) == "available");
}

TEST_CASE("stopping LNet stops exactly the targets that run there") {
    LustreCluster c(4, 4);
    c.created();
    auto dry = [&](const std::string& resource, const std::string& state) {
        const std::string uri = "/api/" + resource + "/1/";
        const Json plan = c.f.rest("PUT", uri, Json{{"state", state}, {"dry_run", true}}).body;
        Names names;
        for (const Json& job : plan["dependency_jobs"]) names.push_back(job["class"].get<std::string>());
        std::sort(names.begin(), names.end());
        return names;
    };
    CHECK(dry("lnet_configuration", "lnet_down") == Names{"StopTargetJob"});
    CHECK(dry("pacemaker_configuration", "stopped") == Names{"StopTargetJob"});
    CHECK(dry("corosync_configuration", "stopped") == Names{"StopPacemakerJob", "StopTargetJob"});
    REQUIRE(
        c.succeeds(c.command_of(c.f.rest("PUT", "/api/lnet_configuration/1/", Json{{"state", "lnet_down"}})))
    );
    CHECK(c.state(mgt) == "unmounted");
    CHECK(c.state(mdt) == "mounted");
    CHECK(c.state(filesystem) == "unavailable");
}

TEST_CASE("removing the server of the MGT removes the filesystem before the MGS stops") {
    LustreCluster c;
    c.created();
    const std::int64_t command = c.command_of(c.f.rest("DELETE", "/api/host/1/"));
    REQUIRE(c.succeeds(command));
    CHECK(c.f.rest("GET", "/api/filesystem/").body["objects"].empty());
    CHECK(c.f.rest("GET", "/api/target/").body["objects"].empty());
    const auto& actions = c.agents[0]->actions;
    CHECK(std::count(actions.begin(), actions.end(), "purge_configuration") == 1);
    CHECK(actions.back() == "deregister_server");
}

TEST_CASE("force removal forgets a dead server with its targets and their filesystem") {
    LustreCluster c;
    c.created();
    c.agents[0]->stop();
    const Json job{{"class_name", "ForceRemoveHostJob"}, {"args", {{"host_id", 1}}}};
    const RestAnswer reply =
        c.f.rest("POST", "/api/command/", Json{{"message", "away"}, {"jobs", Json::array({job})}});
    REQUIRE(c.succeeds(c.command_of(reply)));
    CHECK(c.f.rest("GET", "/api/filesystem/").body["objects"].empty());
    CHECK(c.f.rest("GET", "/api/target/").body["objects"].empty());
    CHECK(c.f.rest("GET", "/api/alert/?active=True&alert_type__startswith=Target").body["objects"].empty());
    CHECK(c.agents[1]->actions.empty());
}

TEST_CASE("a restart of the manager in the middle ends the command and the work can be taken up again") {
    LustreCluster c;
    c.agents[0]->silent.insert("start_target");
    const std::int64_t command = c.create();
    c.f.advance(std::chrono::seconds(5));
    CHECK_FALSE(c.f.command_done(command));
    c.f.restart();
    CHECK(c.f.manager->model().commands.at(command).errored);
    CHECK(c.state(mgt) == "unmounted");
    const std::string label = *c.target(1).ha_label;
    CHECK(c.f.manager->model().target_index.of_ha_label(label) == 1);
    for (auto& agent : c.agents) {
        agent->stop();
        agent->silent.clear();
        agent->start();
    }
    c.f.advance(std::chrono::seconds(1));
    c.f.log_in("admin");
    REQUIRE(c.succeeds(c.command_of(c.f.rest("PUT", "/api/filesystem/1/", Json{{"state", "available"}}))));
    CHECK(*c.target(1).ha_label == label);
    CHECK(c.state(filesystem) == "available");
}

TEST_CASE("several targets join one command and alternate over the primary servers") {
    LustreCluster c(2, 8);
    c.created("testfs", 1);
    Json wishes = Json::array();
    for (int volume : {5, 7, 4, 6, 8})
        wishes.push_back({{"volume_id", volume}, {"kind", "OST"}, {"filesystem_id", 1}});
    const RestAnswer reply =
        c.f.rest("PATCH", "/api/target/", Json{{"objects", wishes}, {"deletions", Json::array()}});
    REQUIRE_MESSAGE(reply.status == 202, reply.text);
    CHECK(reply.body["targets"].size() == 5);
    CHECK(reply.body["command"]["message"] == "Creating 5 targets");
    REQUIRE(c.succeeds(c.command_of(reply)));
    std::vector<std::int64_t> volumes;
    for (std::int64_t id = 4; id <= 8; ++id) volumes.push_back(c.target(id).volume_id);
    CHECK(volumes == std::vector<std::int64_t>{5, 4, 7, 6, 8});
    CHECK(c.target(8).name == "testfs-OST0005");
    CHECK(c.state(filesystem) == "available");
}

TEST_SUITE_END();
