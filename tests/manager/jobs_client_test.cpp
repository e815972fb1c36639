// Client mounts: what they need, what goes with them, and what agents say of them.
#include "core/utc.hpp"
#include "manager/jobs/job_engine.hpp"
#include "tests/manager/lustre_cluster.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/jobs/client");

namespace {

const ObjectRef filesystem{Kind::filesystem, 1}, mount{Kind::client_mount, 1};
const std::string spec = "10.0.0.1@tcp0:10.0.0.2@tcp0:/testfs";

/// A file system, and a worker that is to mount it.
struct ClientCluster : LustreCluster {
    ManagerFixture& fixture = f;  ///< doctest calls the test itself f
    ScriptedAgent worker{f, "worker000.localdomain"};

    ClientCluster() {
        created();
        worker.nid_address = "10.0.0.200";
        REQUIRE(succeeds(worker.join("robinhood_server")));
        const Json wish{
            {"host", host_uri()}, {"filesystem", "/api/filesystem/1/"}, {"mountpoint", "/mnt/testfs"}};
        REQUIRE(f.rest("POST", "/api/client_mount/", wish).status == 202);
        worker.actions.clear();
        worker.arguments.clear();
    }
    std::string host_uri() const { return "/api/host/" + std::to_string(worker.host_id) + "/"; }
    std::int64_t post(const char* job) {
        const Json made{{"class_name", job}, {"args", {{"host_id", worker.host_id}}}};
        return command_of(
            f.rest("POST", "/api/command/", Json{{"message", job}, {"jobs", Json::array({made})}})
        );
    }
    void bring(ObjectRef object, const char* state) {
        const auto command = f.manager->jobs().bring("wanted by the test", {{object, state}});
        REQUIRE(command.has_value());
        REQUIRE(succeeds(*command));
    }
    /// What the worker says it has mounted; null: it does not say.
    void report_mounts(const Json& mounts) {
        f.advance(std::chrono::seconds(1));
        worker.report(
            "lustre",
            Json{
                {"started_at", utc_text(f.timeline.now())},
                {"agent_version", "1"},
                {"capabilities", Json::array()},
                {"properties", nullptr},
                {"packages", nullptr},
                {"resource_locations", nullptr},
                {"mounts", nullptr},
                {"metrics", {{"raw", {{"lustre_client_mounts", mounts}}}}}}
        );
        f.advance(std::chrono::milliseconds(10));
    }
    static Json filesystems() {
        return Json{{"filesystems", Json::array({Json::array({spec, "/mnt/testfs"})})}};
    }
    Json listed(const char* place = "/mnt/testfs/testfs") const {
        return Json::array({Json{{"mountspec", spec}, {"mountpoint", place}}});
    }
    Json offered() {
        Json names = Json::array();
        const Json jobs = f.rest("GET", host_uri()).body["available_jobs"];
        for (const Json& job : jobs) names.push_back(job["class_name"]);
        return names;
    }
    bool offers(const char* name) {
        const Json names = offered();
        return std::find(names.begin(), names.end(), Json(name)) != names.end();
    }
};

}  // namespace

TEST_CASE_FIXTURE(ClientCluster, "a worker mounts by job and counts as mounted once it says so") {
    CHECK(offers("MountLustreFilesystemsJob"));
    CHECK_FALSE(offers("UnmountLustreFilesystemsJob"));
    REQUIRE(succeeds(post("MountLustreFilesystemsJob")));
    CHECK(worker.actions == std::vector<std::string>{"mount_lustre_filesystems"});
    CHECK(worker.arguments[0] == filesystems());
    CHECK(state(mount) == "unmounted");
    report_mounts(listed());
    CHECK(state(mount) == "mounted");
    const Json shown = fixture.rest("GET", host_uri()).body["client_mounts"];
    CHECK(
        shown ==
        Json::array({{{"filesystem_name", "testfs"}, {"mountpoint", "/mnt/testfs"}, {"state", "mounted"}}})
    );
    CHECK(offers("UnmountLustreFilesystemsJob"));
    worker.actions.clear();
    REQUIRE(succeeds(post("UnmountLustreFilesystemsJob")));
    CHECK(worker.actions == std::vector<std::string>{"unmount_lustre_filesystems"});
    CHECK(worker.arguments.back() == filesystems());
    report_mounts(Json::array());
    CHECK(state(mount) == "unmounted");
}

TEST_CASE_FIXTURE(ClientCluster, "reports that say nothing, repeat or are older than a job change nothing") {
    bring(mount, "mounted");
    report_mounts(nullptr);
    CHECK(state(mount) == "mounted");
    report_mounts(listed());
    const SimTime modified = fixture.manager->model().client_mounts.at(1).status.modified_at;
    report_mounts(listed());
    CHECK(fixture.manager->model().client_mounts.at(1).status.modified_at == modified);
    report_mounts(Json::array({Json{{"mountspec", "nonsense"}, {"mountpoint", "/x"}}, listed()[0]}));
    CHECK(state(mount) == "mounted");
    CHECK(fixture.manager->model().client_mounts.size() == 1);
}

TEST_CASE_FIXTURE(ClientCluster, "a mount that nobody asked for becomes known") {
    bring(mount, "removed");
    CHECK(state(mount) == "gone");
    report_mounts(listed("/somewhere/testfs"));
    const Json mounts = fixture.rest("GET", "/api/client_mount/").body["objects"];
    REQUIRE(mounts.size() == 1);
    CHECK(mounts[0]["state"] == "mounted");
    CHECK(mounts[0]["mountpoint"] == "/somewhere/testfs");
}

TEST_CASE_FIXTURE(ClientCluster, "clients unmount before their file system stops or goes") {
    bring(mount, "mounted");
    worker.actions.clear();
    const std::int64_t stop =
        command_of(fixture.rest("PUT", "/api/filesystem/1/", Json{{"state", "stopped"}}));
    REQUIRE(succeeds(stop));
    CHECK(worker.actions == std::vector<std::string>{"unmount_lustre_filesystems"});
    const auto& jobs = fixture.manager->model().commands.at(stop).jobs;
    CHECK(fixture.manager->model().jobs.at(jobs.front()).class_name == "UnmountLustreClientMountJob");
    CHECK(state(mount) == "unmounted");
    REQUIRE(succeeds(command_of(fixture.rest("PUT", "/api/filesystem/1/", Json{{"state", "available"}}))));
    bring(mount, "mounted");
    REQUIRE(succeeds(command_of(fixture.rest("DELETE", "/api/filesystem/1/"))));
    CHECK(state(mount) == "gone");
    CHECK(state(filesystem) == "gone");
    CHECK(worker.actions.back() == "unmount_lustre_filesystems");
}

TEST_CASE_FIXTURE(ClientCluster, "mounting starts a file system that is stopped and LNet that is down") {
    REQUIRE(succeeds(command_of(fixture.rest("PUT", "/api/filesystem/1/", Json{{"state", "stopped"}}))));
    const std::string lnet = fixture.rest("GET", host_uri()).body["lnet_configuration"].get<std::string>();
    REQUIRE(succeeds(command_of(fixture.rest("PUT", lnet, Json{{"state", "lnet_down"}}))));
    bring(mount, "mounted");
    CHECK(state(filesystem) == "available");
    CHECK(fixture.rest("GET", lnet).body["state"] == "lnet_up");
    REQUIRE(succeeds(command_of(fixture.rest("PUT", lnet, Json{{"state", "lnet_down"}}))));
    CHECK(state(mount) == "unmounted");
}

TEST_CASE_FIXTURE(ClientCluster, "force removal of the MGS's server forgets the mounts of its file system") {
    bring(mount, "mounted");
    const Json job{{"class_name", "ForceRemoveHostJob"}, {"args", {{"host_id", 1}}}};
    const Json command{{"message", "away"}, {"jobs", Json::array({job})}};
    REQUIRE(succeeds(command_of(fixture.rest("POST", "/api/command/", command))));
    CHECK(state(mount) == "gone");
    CHECK(fixture.rest("GET", host_uri()).body["client_mounts"].empty());
}

TEST_SUITE_END();
