// Targets and filesystems as clients see them: refusals, places, parameters, figures.
#include "core/utc.hpp"
#include "tests/manager/lustre_cluster.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/rest/target");

namespace {

const ObjectRef filesystem{Kind::filesystem, 1};

std::int64_t post_job(LustreCluster& c, const char* name, std::int64_t target) {
    const Json job{{"class_name", name}, {"args", {{"target_id", target}}}};
    return c.command_of(
        c.f.rest("POST", "/api/command/", Json{{"message", name}, {"jobs", Json::array({job})}})
    );
}

Json with(Json body, const std::string& pointer, const Json& value) {
    body[Json::json_pointer(pointer)] = value;
    return body;
}

std::size_t active(LustreCluster& c, const std::string& type) {
    return c.f.rest("GET", "/api/alert/?active=True&alert_type=" + type).body["objects"].size();
}

}  // namespace

TEST_CASE("a filesystem that cannot be made is refused with the place of the fault and nothing is left behind"
) {
    LustreCluster c;
    const Json good = c.body("testfs", 1, Json::object());
    struct Case {
        const char* pointer;
        Json value;
        const char* at;
        const char* text;
    };
    const std::vector<Case> cases{
        {"/name", "ninechars", "/name/0", "Name 'ninechars' too long (max 8 characters)"},
        {"/name", "", "/name/0", "Name '' too short (min 1 character)"},
        {"/name", "a b", "/name/0", "Name may not contain spaces"},
        {"/mgt/id", 7, "/mgt/0", "id and volume_id are mutually exclusive"},
        {"/mgt", {{"id", 9}}, "/mgt/id/0", "MGT with ID 9 not found"},
        {"/mgt", Json::object(), "/mgt/id/0", "One of id or volume_id must be set"},
        {"/mgt/volume_id", 77, "/mgt/volume_id/0", "Volume with ID 77 not found"},
        {"/osts/0/volume_id", 2, "/osts/volume_id/0", "Volume ID 2 specified for multiple targets!"},
        {"/osts/0/inode_size", "big", "/osts/inode_size/0", "Must be an integer"},
        {"/mdts/0/conf_params",
         {{"osc.active", "1"}},
         "/mdts/conf_params/osc.active/0",
         "Only valid for OST"},
        {"/conf_params",
         {{"llite.max_cached_mb", 16}},
         "/conf_params/llite.max_cached_mb/0",
         "Must be a string"},
        {"/conf_params", {{"no.such", "1"}}, "/conf_params/no.such/0", "Unknown parameter"},
        {"/conf_params",
         {{"llite.statahead_max", "9000"}},
         "/conf_params/llite.statahead_max/0",
         "Must be less than or equal to 8192"},
    };
    for (const Case& given : cases) {
        CAPTURE(given.text);
        const RestAnswer reply = c.f.rest("POST", "/api/filesystem/", with(good, given.pointer, given.value));
        CHECK(reply.status == 400);
        const Json::json_pointer at(given.at);
        REQUIRE_MESSAGE(reply.body.contains(at), reply.text);
        CHECK(reply.body[at] == given.text);
    }
    CHECK(c.f.rest("POST", "/api/filesystem/", Json{{"name", "x"}}).body.size() == 4);
    CHECK(c.f.manager->model().targets.size() == 0);
    CHECK(c.f.manager->model().filesystems.size() == 0);
    REQUIRE(c.succeeds(c.create("testfs", 1)));
    const RestAnswer again =
        c.f.rest("POST", "/api/filesystem/", with(c.body("other", 1, Json::object()), "/mgt", {{"id", 1}}));
    CHECK(
        again.body["mdts"]["volume_id"][0] == "Volume with ID 2 is already in use by target testfs-MDT0000"
    );
    const RestAnswer target = c.f.rest("POST", "/api/target/", Json{{"kind", "MGT"}, {"volume_id", 4}});
    CHECK(
        target.body["mgt"][0] == "Volume LUN1003 cannot be used for MGS (only one MGS is allowed per server)"
    );
    CHECK(
        c.f.rest("POST", "/api/target/", Json{{"kind", "OST"}, {"volume_id", 4}}).body["filesystem_id"][0] ==
        "Mandatory for targets of kind 'OST'"
    );
    CHECK(c.f.rest("PUT", "/api/volume/1/", Json{{"nodes", Json::array()}}).status == 400);
}

TEST_CASE("reports move targets and stop them and start them") {
    LustreCluster c;
    c.created();
    c.report_places(1, {{"MGS", "test001"}});
    Json mgs = c.f.rest("GET", "/api/target/1/").body;
    CHECK(mgs["active_host_name"] == "test001");
    CHECK(mgs["available_jobs"][0]["class_name"] == "FailbackTargetJob");
    CHECK(active(c, "TargetFailoverAlert") == 1);
    c.report_places(1, {{"MGS", "test000.localdomain"}});
    CHECK(active(c, "TargetFailoverAlert") == 0);
    c.report_places(0, {{"testfs-OST0000", nullptr}});
    CHECK(c.state({Kind::target, 3}) == "unmounted");
    CHECK(c.state(filesystem) == "unavailable");
    const Json alerts = c.f.rest("GET", "/api/alert/?active=True&severity=ERROR").body["objects"];
    REQUIRE(alerts.size() == 1);
    CHECK(alerts[0]["alert_item"] == "/api/target/3/");
    CHECK(alerts[0]["message"] == "Target testfs-OST0000 offline");
    const Json affected = alerts[0]["affected"];
    CHECK(std::find(affected.begin(), affected.end(), Json("/api/filesystem/1/")) != affected.end());
    c.report_places(0, {{"testfs-OST0000", "test000"}});
    CHECK(c.state(filesystem) == "available");
    CHECK(active(c, "TargetOfflineAlert") == 0);
    c.report_places(
        0, {{"testfs-MDT0000", nullptr},
            {"testfs-OST0000", nullptr},
            {"testfs-OST0001", nullptr},
            {"MGS", nullptr}}
    );
    CHECK(c.state(filesystem) == "stopped");
}

TEST_CASE("failover and failback ask the destination and are believed") {
    LustreCluster c;
    c.created();
    REQUIRE(c.succeeds(post_job(c, "FailoverTargetJob", 3)));
    CHECK(c.agents[1]->actions == std::vector<std::string>{"failover_target"});
    CHECK(c.target(3).active_host == c.agents[1]->host_id);
    CHECK(active(c, "TargetFailoverAlert") == 1);
    REQUIRE(c.succeeds(post_job(c, "FailbackTargetJob", 3)));
    CHECK(c.agents[0]->actions == std::vector<std::string>{"failback_target"});
    CHECK(active(c, "TargetFailoverAlert") == 0);
    // Not offered, asked for all the same.
    REQUIRE(c.succeeds(post_job(c, "FailbackTargetJob", 3)));
    CHECK(c.target(3).active_host == c.agents[0]->host_id);
}

TEST_CASE("parameters given at creation are applied within the creation and later ones by their own command"
) {
    LustreCluster c;
    Json body = c.body("testfs", 1, Json{{"llite.max_cached_mb", "16"}});
    body["osts"][0]["conf_params"] = {{"ost.sync_journal", "1"}};
    const std::int64_t creation = c.command_of(c.f.rest("POST", "/api/filesystem/", body));
    REQUIRE(c.succeeds(creation));
    auto told = [&] {
        std::vector<Json> found;
        for (auto& agent : c.agents) {
            for (std::size_t i = 0; i < agent->actions.size(); ++i) {
                if (agent->actions[i] == "set_conf_param") found.push_back(agent->arguments[i]);
            }
        }
        c.forget_actions();
        return found;
    };
    CHECK(
        told() ==
        std::vector<Json>{
            {{"key", "testfs-OST0000.ost.sync_journal"}, {"value", "1"}},
            {{"key", "testfs.llite.max_cached_mb"}, {"value", "16"}}}
    );
    const auto classes = c.job_classes(creation);
    CHECK(std::count(classes.begin(), classes.end(), "ApplyConfParams") == 1);

    Json object = c.f.rest("GET", "/api/filesystem/1/").body;
    CHECK(object["conf_params"]["llite.max_cached_mb"] == "16");
    CHECK(c.f.rest("PUT", "/api/filesystem/1/", object).status == 200);
    object["conf_params"]["llite.max_cached_mb"] = nullptr;
    object["conf_params"]["sys.timeout"] = "30";
    const RestAnswer reply = c.f.rest("PUT", "/api/filesystem/1/", object);
    REQUIRE(reply.status == 202);
    CHECK(reply.body["filesystem"]["conf_params"]["sys.timeout"] == "30");
    REQUIRE(c.succeeds(c.command_of(reply)));
    CHECK(
        told() ==
        std::vector<Json>{
            {{"key", "testfs.llite.max_cached_mb"}, {"value", nullptr}},
            {{"key", "testfs.sys.timeout"}, {"value", "30"}}}
    );
    object = c.f.rest("GET", "/api/filesystem/1/").body;
    object["state"] = "stopped";
    REQUIRE(c.succeeds(c.command_of(c.f.rest("PUT", "/api/filesystem/1/", object))));
    CHECK(c.state(filesystem) == "stopped");
}

TEST_CASE(
    "writing NIDs anew stops everything and leaves it stopped and parameters are applied at the next start"
) {
    LustreCluster c;
    REQUIRE(c.succeeds(c.create("testfs", 1, Json{{"sys.timeout", "30"}})));
    c.forget_actions();
    const Json job{{"class_name", "UpdateNidsJob"}, {"args", {{"hosts", {"/api/host/1/"}}}}};
    const RestAnswer reply =
        c.f.rest("POST", "/api/command/", Json{{"message", "nids"}, {"jobs", Json::array({job})}});
    REQUIRE(reply.status == 201);
    REQUIRE(c.succeeds(c.command_of(reply)));
    CHECK(c.state(filesystem) == "stopped");
    CHECK(c.state({Kind::target, 1}) == "unmounted");
    std::vector<Json> written;
    for (auto& agent : c.agents) {
        for (std::size_t i = 0; i < agent->actions.size(); ++i) {
            if (agent->actions[i] == "writeconf_target") written.push_back(agent->arguments[i]);
        }
    }
    CHECK(written.size() == 3);
    CHECK(
        written[0] ==
        Json{{"erase_params", true}, {"device", "/dev/disk/by-id/LUN1000"}, {"failnode", {"10.0.0.2@tcp0"}}}
    );
    c.forget_actions();
    REQUIRE(c.succeeds(c.command_of(c.f.rest("PUT", "/api/filesystem/1/", Json{{"state", "available"}}))));
    const auto& actions = c.agents[0]->actions;
    CHECK(std::count(actions.begin(), actions.end(), "set_conf_param") == 1);
}

TEST_CASE("figures of targets add up to those of their filesystem") {
    LustreCluster c;
    c.created();
    c.f.advance(std::chrono::seconds(1));
    const Json ost{{"kbytestotal", 1000}, {"kbytesfree", 400}, {"stats", Json::object()}};
    const Json mdt{{"filestotal", 50}, {"filesfree", 20}, {"client_count", 3}, {"stats", Json::object()}};
    const Json targets{
        {"testfs-OST0000", ost}, {"testfs-OST0001", ost}, {"testfs-MDT0000", mdt}, {"MGS", Json::object()}};
    c.agents[0]->report(
        "lustre",
        Json{
            {"started_at", utc_text(c.f.timeline.now())},
            {"agent_version", "1"},
            {"capabilities", Json::array()},
            {"metrics", {{"raw", {{"lustre", {{"target", targets}}}}}}}}
    );
    c.f.advance(std::chrono::milliseconds(10));
    const Json shown = c.f.rest("GET", "/api/filesystem/1/").body;
    CHECK(shown["bytes_total"] == 2000 * 1024.0);
    CHECK(shown["bytes_free"] == 800 * 1024.0);
    CHECK(shown["files_free"] == 20.0);
    CHECK(shown["client_count"] == 3.0);
    const RestAnswer all =
        c.f.rest("GET", "/api/target/metric/?metrics=kbytestotal,kbytesfree&latest=true&kind=OST");
    CHECK(all.body.size() == 2);
    CHECK(all.body["3"][0]["data"] == Json{{"kbytesfree", 400.0}, {"kbytestotal", 1000.0}});
    const RestAnswer total =
        c.f.rest("GET", "/api/target/metric/?metrics=kbytesfree&latest=true&kind=OST&reduce_fn=sum");
    CHECK(total.body[0]["data"]["kbytesfree"] == 800.0);
    CHECK(c.f.rest("GET", "/api/target/metric/?metrics=kbytesfree").status == 400);
}

TEST_CASE("lists of targets are narrowed by kind and filesystem and host") {
    LustreCluster c(4, 4);
    c.created();
    auto count = [&](const std::string& query) {
        return c.f.rest("GET", "/api/target/?" + query).body["objects"].size();
    };
    CHECK(count("filesystem_id=1") == 4);
    CHECK(count("filesystem_id=9") == 0);
    CHECK(count("kind=OST") == 2);
    CHECK(count("host_id=1") == 2);
    CHECK(count("host_id=1&primary=true") == 1);
    CHECK(c.f.rest("GET", "/api/host/?filesystem_id=1").body["objects"].size() == 4);
    CHECK(c.f.rest("GET", "/api/host/?role=OSS").body["objects"].size() == 2);
    CHECK(c.f.rest("GET", "/api/volume/?filesystem_id=1").body["objects"].size() == 4);
}

TEST_SUITE_END();
