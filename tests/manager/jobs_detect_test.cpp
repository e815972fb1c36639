// File systems that somebody else made: found by scans, watched, and forgotten again.
#include "core/utc.hpp"
#include "tests/manager/lustre_cluster.hpp"

#include <doctest/doctest.h>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/jobs/detect");

namespace {

Json device(int number) {
    const std::string serial = "LUN100" + std::to_string(number), at = "8:" + std::to_string(number);
    return Json{{"major_minor", at},   {"path", "/dev/" + serial},   {"serial_80", serial},
                {"serial_83", serial}, {"size", 1'000'000'000'000},  {"filesystem_type", nullptr},
                {"parent", nullptr},   {"partition_number", nullptr}};
}

Json local(const char* name, int number, bool mounted) {
    const std::string text = std::to_string(number);
    return Json{
        {"name", name},
        {"uuid", "uuid-" + text},
        {"type", "linux"},
        {"params", Json::object()},
        {"device_paths", Json::array({"/dev/LUN100" + text})},
        {"mounted", mounted}};
}

/// Two servers that are only watched; the first runs the MGS and the MDT, the second the OST.
struct Watching : ManagerFixture {
    ScriptedAgent first{*this, "oss0.example.com"}, second{*this, "oss1.example.com"};

    Watching() {
        for (ScriptedAgent* agent : {&first, &second}) {
            for (int i = 0; i < 3; ++i) agent->devices["8:" + std::to_string(i)] = device(i);
            const std::int64_t command = agent->join("base_monitored");
            REQUIRE(run_until([&] { return command_done(command); }));
        }
        const Json members = Json::array(
            {Json{{"uuid", "uuid-1"}, {"name", "their-MDT0000"}, {"nid", "10.0.0.1@tcp"}},
             Json{{"uuid", "uuid-2"}, {"name", "their-OST0000"}, {"nid", "10.0.0.2@tcp"}},
             Json{{"uuid", "uuid-9"}, {"name", "their-OST0001"}, {"nid", "10.0.0.9@tcp"}}}
        );
        first.answers["detect_scan"] = [members](const Json&) {
            return Json{
                {"local_targets",
                 {local("MGS", 0, true), local("their-MDT0000", 1, true), local("their-OST0000", 2, false),
                  local("nonsense", 2, true)}},
                {"mgs_targets", {{"their", members}}},
                {"mgs_conf_params", Json::object()}};
        };
        second.answers["detect_scan"] = [](const Json&) {
            return Json{
                {"local_targets", {local("MGS", 0, false), local("their-OST0000", 2, true)}},
                {"mgs_targets", Json::object()}};
        };
    }
    std::int64_t detect(const Json& args = Json::object()) {
        const Json job{{"class_name", "DetectTargetsJob"}, {"args", args}};
        const RestAnswer reply =
            rest("POST", "/api/command/", Json{{"message", "look"}, {"jobs", Json::array({job})}});
        REQUIRE_MESSAGE(reply.status == 201, reply.text);
        const std::int64_t command = reply.body["id"];
        REQUIRE(run_until([&] { return command_done(command); }));
        CHECK_FALSE(manager->model().commands.at(command).errored);
        CHECK_FALSE(manager->model().commands.at(command).cancelled);
        return command;
    }
    Json list(const std::string& path) { return rest("GET", "/api/" + path).body["objects"]; }
    void report_mounts(ScriptedAgent& agent, const Json& uuids) {
        advance(std::chrono::seconds(1));
        Json mounts = Json::array();
        for (const Json& uuid : uuids)
            mounts.push_back(
                {{"device", "/dev/x"},
                 {"fs_uuid", uuid},
                 {"mount_point", "/mnt/x"},
                 {"recovery_status", Json::object()}}
            );
        agent.report(
            "lustre",
            Json{
                {"started_at", utc_text(timeline.now())},
                {"agent_version", "1"},
                {"capabilities", Json::array()},
                {"properties", nullptr},
                {"packages", nullptr},
                {"resource_locations", nullptr},
                {"mounts", mounts},
                {"metrics", {{"raw", Json::object()}}}}
        );
        advance(std::chrono::milliseconds(10));
    }
};

}  // namespace

TEST_CASE_FIXTURE(Watching, "a scan of all hosts finds a file system and watches it") {
    detect();
    CHECK(first.arguments.back()["target_devices"].size() == 3);
    const Json filesystems = list("filesystem/");
    REQUIRE(filesystems.size() == 1);
    CHECK(filesystems[0]["name"] == "their");
    CHECK(filesystems[0]["immutable_state"] == true);
    CHECK(filesystems[0]["state"] == "available");
    const Json targets = list("target/");
    REQUIRE(targets.size() == 3);
    CHECK(targets[0]["kind"] == "MGT");
    CHECK(targets[0]["active_host_name"] == "oss0.example.com");
    CHECK(targets[2]["name"] == "their-OST0000");
    CHECK(targets[2]["primary_server_name"] == "oss1.example.com");
    CHECK(targets[2]["failover_servers"].size() == 1);
    CHECK(targets[2]["available_transitions"].empty());
    CHECK(rest("PUT", "/api/filesystem/1/", Json{{"state", "stopped"}}).status == 400);

    const std::int64_t again = detect();
    CHECK(list("target/").size() == 3);
    CHECK(list("filesystem/").size() == 1);
    bool told = false;
    for (std::int64_t job : manager->model().commands.at(again).jobs) {
        for (const StepPart& step : manager->model().jobs.at(job).steps)
            told = told || step.console.find("their-OST0001: left out, no server") != std::string::npos;
    }
    CHECK(told);
}

TEST_CASE_FIXTURE(
    Watching, "what is only watched follows what its servers have mounted and can be forgotten"
) {
    detect();
    report_mounts(second, Json::array());
    CHECK(list("target/")[2]["state"] == "unmounted");
    CHECK(list("filesystem/")[0]["state"] == "unavailable");
    report_mounts(first, {"uuid-0", "uuid-1", "uuid-2"});
    CHECK(list("target/")[2]["active_host_name"] == "oss0.example.com");
    CHECK(list("filesystem/")[0]["state"] == "available");
    const RestAnswer forget = rest("PUT", "/api/filesystem/1/", Json{{"state", "forgotten"}});
    REQUIRE_MESSAGE(forget.status == 202, forget.text);
    REQUIRE(run_until([&] { return command_done(forget.body["command"]["id"]); }));
    CHECK(list("filesystem/").empty());
    CHECK(list("target/").size() == 1);
}

TEST_CASE_FIXTURE(Watching, "DELETE forgets what is only watched and leaves it alone") {
    detect();
    const auto gone = [&](const std::string& uri) {
        const RestAnswer reply = rest("DELETE", uri);
        if (reply.status != 202) return reply.status;
        const std::int64_t command = reply.body["command"]["id"];
        REQUIRE(run_until([&] { return command_done(command); }));
        CHECK_FALSE(manager->model().commands.at(command).errored);
        CHECK_FALSE(manager->model().commands.at(command).cancelled);
        return reply.status;
    };
    for (const char* member : {"/api/target/2/", "/api/target/3/"}) {
        const RestAnswer refused = rest("DELETE", member);
        CHECK(refused.status == 400);
        CHECK(refused.body["__all__"].is_string());
    }
    const std::size_t asked = first.actions.size() + second.actions.size();
    CHECK(gone("/api/filesystem/1/") == 202);
    CHECK(list("filesystem/").empty());
    CHECK(list("target/").size() == 1);
    CHECK(gone("/api/target/1/") == 202);
    CHECK(list("target/").empty());
    CHECK(first.actions.size() + second.actions.size() == asked);
    // What was forgotten can be found again, and goes with the servers that carry it.
    detect();
    CHECK(list("target/").size() == 3);
    CHECK(gone("/api/host/1/") == 202);
    CHECK(list("host/").size() == 1);
    CHECK(list("filesystem/").empty());
    CHECK(gone("/api/host/2/") == 202);
    CHECK(list("host/").empty());
    CHECK(list("target/").empty());
}

TEST_CASE_FIXTURE(Watching, "a scan names hosts that exist or is refused") {
    const auto status = [&](const Json& args) {
        const Json job{{"class_name", "DetectTargetsJob"}, {"args", args}};
        return rest("POST", "/api/command/", Json{{"message", "look"}, {"jobs", Json::array({job})}}).status;
    };
    CHECK(status({{"hosts", {"/api/host/99/"}}}) == 400);
    CHECK(status({{"hosts", Json::array()}}) == 400);
    detect({{"hosts", {"/api/host/1/"}}});
    CHECK(list("filesystem/").size() == 1);
    CHECK(list("filesystem/")[0]["osts"].size() == 1);
}

TEST_SUITE_END();
