// What the planner must produce, request by request.
// Source: the manager API, §3.5; each case is named after its row.
#include "manager/jobs/job_engine.hpp"
#include "manager/model/table_of.hpp"
#include "tests/manager/lustre_cluster.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/jobs/plan");

namespace {

using Names = std::vector<std::string>;

Names sorted(Names names) {
    std::sort(names.begin(), names.end());
    return names;
}

/// Registers a server with `profile` and returns the classes of the jobs of its set-up.
Names registration(const std::string& profile) {
    ManagerFixture f;
    ScriptedAgent agent(f, "test000.localdomain");
    const std::int64_t command = agent.join(profile);
    REQUIRE(f.run_until([&] { return f.command_done(command); }));
    Names names;
    for (std::int64_t job : f.manager->model().commands.at(command).jobs)
        names.push_back(f.manager->model().jobs.at(job).class_name);
    return sorted(names);
}

/// Four servers, each the primary of one target: the MGT, an MDT and two OSTs.
struct FourTargets : LustreCluster {
    ManagerFixture& fixture = f;  ///< doctest calls the test itself f
    FourTargets() : LustreCluster(4, 4) { created(); }

    struct Dry {
        std::string transition;
        Names dependencies;
    };
    Dry dry(const std::string& uri, const std::string& state) {
        const Json plan = f.rest("PUT", uri, Json{{"state", state}, {"dry_run", true}}).body;
        REQUIRE(plan.contains("transition_job"));
        Names names;
        for (const Json& job : plan["dependency_jobs"]) names.push_back(job["class"].get<std::string>());
        return {plan["transition_job"]["class"].get<std::string>(), sorted(names)};
    }
};

/// Two servers with a file system, and a worker with a copytool for it.
struct WorkerCluster : LustreCluster {
    ManagerFixture& fixture = f;  ///< doctest calls the test itself f
    ScriptedAgent worker{f, "worker000.localdomain"};
    std::string uri;

    WorkerCluster() {
        created();
        worker.nid_address = "10.0.0.200";
        REQUIRE(succeeds(worker.join("posix_copytool_worker")));
        const RestAnswer made = f.rest(
            "POST", "/api/copytool/",
            Json{
                {"filesystem", "/api/filesystem/1/"},
                {"host", "/api/host/" + std::to_string(worker.host_id) + "/"},
                {"bin_path", "/usr/sbin/lhsmtool_posix"},
                {"archive", 1},
                {"mountpoint", "/mnt/testfs"},
                {"hsm_arguments", "-p /tmp"}}
        );
        REQUIRE_MESSAGE(made.status == 202, made.text);
        uri = made.body["copytool"]["resource_uri"].get<std::string>();
        worker.actions.clear();
        worker.arguments.clear();
    }
    std::int64_t put(const char* state) { return command_of(f.rest("PUT", uri, Json{{"state", state}})); }
};

const Names stop_filesystem{
    "MakeAvailableFilesystemUnavailable", "StopTargetJob", "StopTargetJob", "StopTargetJob",
    "StopUnavailableFilesystemJob"};

}  // namespace

TEST_CASE("registration with base_managed_rh7: ten jobs") {
    CHECK(
        registration("base_managed_rh7") ==
        sorted(
            {"InstallHostPackagesJob", "EnableLNetJob", "LoadLNetJob", "StartLNetJob",
             "AutoConfigureCorosync2Job", "StartCorosync2Job", "ConfigurePacemakerJob", "StartPacemakerJob",
             "ConfigureNTPJob", "SetupHostJob"}
        )
    );
}

TEST_CASE("registration with a worker profile: six jobs") {
    const Names six = sorted(
        {"InstallHostPackagesJob", "EnableLNetJob", "LoadLNetJob", "StartLNetJob", "ConfigureNTPJob",
         "SetupWorkerJob"}
    );
    CHECK(registration("posix_copytool_worker") == six);
    CHECK(registration("robinhood_server") == six);
}

TEST_CASE("registration with base_monitored: packages, LNet enabled, monitored") {
    CHECK(
        registration("base_monitored") ==
        sorted({"InstallHostPackagesJob", "EnableLNetJob", "SetupMonitoredHostJob"})
    );
}

TEST_CASE("registration with the default profile: no job, complete at once") {
    CHECK(registration("default").empty());
}

TEST_CASE_FIXTURE(FourTargets, "dry run of lnet_down on a host running one target: its StopTargetJob") {
    for (const char* uri : {"/api/lnet_configuration/1/", "/api/lnet_configuration/3/"}) {
        CAPTURE(uri);
        const Dry plan = dry(uri, "lnet_down");
        CHECK(plan.transition == "StopLNetJob");
        CHECK(plan.dependencies == Names{"StopTargetJob"});
    }
}

TEST_CASE_FIXTURE(FourTargets, "dry run of pacemaker stopped there: exactly StopTargetJob") {
    const Dry plan = dry("/api/pacemaker_configuration/1/", "stopped");
    CHECK(plan.transition == "StopPacemakerJob");
    CHECK(plan.dependencies == Names{"StopTargetJob"});
}

TEST_CASE_FIXTURE(FourTargets, "dry run of corosync stopped there: StopTargetJob and StopPacemakerJob") {
    const Dry plan = dry("/api/corosync_configuration/1/", "stopped");
    CHECK(plan.transition == "StopCorosync2Job");
    CHECK(plan.dependencies == Names{"StopPacemakerJob", "StopTargetJob"});
}

TEST_CASE_FIXTURE(FourTargets, "dry run of lnet_unloaded from lnet_up: StopLNetJob and StopTargetJobs") {
    const Dry plan = dry("/api/lnet_configuration/1/", "lnet_unloaded");
    CHECK(plan.transition == "UnloadLNetJob");
    CHECK(plan.dependencies == Names{"StopLNetJob", "StopTargetJob"});
}

TEST_CASE_FIXTURE(FourTargets, "filesystem stopped: unavailable, three targets stopped, stopped") {
    const std::int64_t stop =
        command_of(fixture.rest("PUT", "/api/filesystem/1/", Json{{"state", "stopped"}}));
    CHECK(job_classes(stop) == stop_filesystem);
    CHECK(succeeds(stop));
}

TEST_CASE_FIXTURE(FourTargets, "filesystem removed from available: stopped, targets removed, removed") {
    const std::int64_t removal = command_of(fixture.rest("DELETE", "/api/filesystem/1/"));
    Names expected = stop_filesystem;
    for (int i = 0; i < 3; ++i) expected.emplace_back("RemoveConfiguredTargetJob");
    expected.emplace_back("RemoveFilesystemJob");
    CHECK(job_classes(removal) == sorted(expected));
    CHECK(succeeds(removal));
}

TEST_CASE_FIXTURE(WorkerCluster, "copytool started, fresh: configured, client mounted, started") {
    const std::int64_t start = put("started");
    CHECK(job_classes(start) == Names{"ConfigureCopytoolJob", "MountLustreClientJob", "StartCopytoolJob"});
    REQUIRE(succeeds(start));
    const Json mounted = Json::array({"10.0.0.1@tcp0:10.0.0.2@tcp0:/testfs", "/mnt/testfs"});
    const auto mount = std::find(worker.actions.begin(), worker.actions.end(), "mount_lustre_filesystems");
    REQUIRE(mount != worker.actions.end());
    CHECK(
        worker.arguments[static_cast<std::size_t>(mount - worker.actions.begin())] ==
        Json{{"filesystems", Json::array({mounted})}}
    );
}

TEST_CASE_FIXTURE(WorkerCluster, "worker host removed with a started copytool: nine jobs") {
    REQUIRE(succeeds(put("started")));
    worker.actions.clear();
    const std::string host = "/api/host/" + std::to_string(worker.host_id) + "/";
    const std::int64_t removal = command_of(fixture.rest("DELETE", host));
    CHECK(
        job_classes(removal) == sorted(
                                    {"StopCopytoolJob", "RemoveCopytoolJob", "UnmountLustreClientMountJob",
                                     "RemoveLustreClientJob", "StopLNetJob", "UnloadLNetJob",
                                     "UnconfigureLNetJob", "UnconfigureNTPJob", "RemoveManagedHostJob"}
                                )
    );
    REQUIRE(succeeds(removal));
    CHECK(worker.actions.back() == "deregister_server");
    CHECK(fixture.rest("GET", "/api/copytool/").body["objects"].empty());
    CHECK(fixture.rest("GET", "/api/client_mount/").body["objects"].empty());
    CHECK(fixture.rest("GET", host).status == 404);
}

TEST_SUITE_END();
