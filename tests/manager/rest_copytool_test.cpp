// Copytools from their records to the actions on workers, and what they report back.
#include "manager/copytool_records.hpp"
#include "manager/model/table_of.hpp"
#include "tests/manager/manager_fixture.hpp"

#include <doctest/doctest.h>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/rest/copytool");

namespace {

struct CopytoolFixture : ManagerFixture {
    ScriptedAgent worker{*this, "worker000.localdomain"};
    std::int64_t id = 0;

    CopytoolFixture() {
        const std::int64_t command = worker.join("posix_copytool_worker");
        REQUIRE(run_until([&] { return command_done(command); }));
        Model& model = manager->model();
        // An MGS on the worker itself: what matters is that it has a NID.
        TargetRow mgt;
        mgt.id = model.next_id("target");
        mgt.status.state = "mounted";
        mgt.kind = "MGT";
        mgt.name = "MGS";
        mgt.mounts = {{worker.host_id, 0, "/dev/none", true}};
        mgt.active_host = worker.host_id;
        FilesystemRow filesystem;
        filesystem.id = model.next_id("filesystem");
        filesystem.status.state = "available";
        filesystem.name = "testfs";
        filesystem.mgt_id = model.add_target(mgt).id;
        model.add_filesystem(filesystem);
        ClientMountRow mount;
        mount.id = model.next_id("client_mount");
        mount.host_id = worker.host_id;
        mount.filesystem_id = filesystem.id;
        mount.mountpoint = "/mnt/testfs";
        CopytoolRow row;
        row.client_mount_id = model.client_mounts.insert(mount).id;
        row.id = model.next_id("copytool");
        row.host_id = worker.host_id;
        row.filesystem_id = filesystem.id;
        row.bin_path = "/usr/sbin/lhsmtool_posix";
        row.hsm_arguments = "-p /tmp";
        id = model.copytools.insert(row).id;
        worker.actions.clear();
        worker.arguments.clear();
    }
    std::string uri() const { return "/api/copytool/" + std::to_string(id) + "/"; }
    void set_state(const char* state) {
        const RestAnswer reply = rest("PUT", uri(), Json{{"state", state}});
        REQUIRE(reply.status == 202);
        const auto command = reply.body["command"]["id"].get<std::int64_t>();
        REQUIRE(run_until([&] { return command_done(command); }));
        CHECK_FALSE(manager->model().commands.at(command).errored);
    }
};

CopytoolEvent event(SimTime at, CopytoolEvent::Phase phase) {
    CopytoolEvent made;
    made.time = at;
    made.kind = CopytoolEvent::Kind::operation;
    made.phase = phase;
    made.lustre_path = "a/b";
    made.data_fid = "0x1:0x2:0x0";
    made.current_bytes = 10;
    made.total_bytes = 100;
    return made;
}

}  // namespace

TEST_CASE("starting a copytool sets it up and mounts its file system first") {
    CopytoolFixture f;
    f.set_state("started");
    REQUIRE(f.worker.actions.size() == 3);
    CHECK(f.worker.actions.back() == "start_monitored_copytool");
    CHECK(f.worker.arguments.back() == Json{{"id", std::to_string(f.id)}});
    const auto configured = std::find(f.worker.actions.begin(), f.worker.actions.end(), "configure_copytool");
    REQUIRE(configured != f.worker.actions.end());
    const Json& args = f.worker.arguments[static_cast<std::size_t>(configured - f.worker.actions.begin())];
    CHECK(args["archive_number"] == 1);
    CHECK(args["mountpoint"] == "/mnt/testfs");
    CHECK(f.rest("GET", "/api/client_mount/").body["objects"][0]["state"] == "mounted");
    CHECK(f.rest("GET", f.uri()).body["state"] == "started");
}

TEST_CASE("operations appear while they run and end with the copytool") {
    CopytoolFixture f;
    f.set_state("started");
    CopytoolRecords records(f.manager->model(), f.manager->jobs());
    const std::string copytool = std::to_string(f.id);
    records.copytool_started(copytool, "11111111-2222-3333-4444-555555555555");
    CHECK(records.copytool_is_started(copytool));
    CHECK(records.copytool_host(copytool) == "worker000.localdomain");
    CHECK_FALSE(records.copytool_host("99"));
    const SimTime now = f.timeline.now();
    const std::int64_t first = records.operation_started(copytool, event(now, CopytoolEvent::Phase::start));
    const std::int64_t second = records.operation_started(copytool, event(now, CopytoolEvent::Phase::start));
    CHECK(records.knows_operation(copytool, first));
    CHECK_FALSE(records.knows_operation(copytool, 99));
    records.operation_changed(copytool, first, event(now, CopytoolEvent::Phase::finish));
    const Json active = f.rest("GET", "/api/copytool_operation/?active=true").body["objects"];
    REQUIRE(active.size() == 1);
    CHECK(active[0]["id"] == second);
    CHECK(active[0]["state"] == "STARTED");
    CHECK(active[0]["total_bytes"] == "100");
    CHECK(f.rest("GET", f.uri()).body["active_operations_count"] == 1);
    f.set_state("stopped");
    CHECK(f.rest("GET", "/api/copytool_operation/?active=true").body["meta"]["total_count"] == 0);
    CHECK(f.manager->model().copytool_operations.at(second).state == "ERRORED");
}

TEST_CASE("removing the last copytool of a worker unmounts first and leaves no record") {
    CopytoolFixture f;
    f.set_state("started");
    f.worker.actions.clear();
    f.set_state("removed");
    const auto at = [&](const char* action) {
        return std::find(f.worker.actions.begin(), f.worker.actions.end(), action) - f.worker.actions.begin();
    };
    CHECK(at("stop_monitored_copytool") < at("unmount_lustre_filesystems"));
    CHECK(at("unmount_lustre_filesystems") < at("unconfigure_copytool"));
    CHECK(f.rest("GET", "/api/copytool/").body["meta"]["total_count"] == 0);
}

TEST_CASE("a request for a copytool says which member is wrong") {
    CopytoolFixture f;
    CHECK(f.rest("POST", "/api/copytool/", Json::object()).body.contains("filesystem"));
    CHECK(f.rest("POST", "/api/client_mount/", Json{{"host", "/api/host/99/"}}).body.contains("host"));
}

TEST_CASE("copytools survive a restart and go with their host") {
    CopytoolFixture f;
    f.set_state("stopped");
    f.restart();
    CHECK(f.rest("GET", f.uri()).body["state"] == "stopped");
    const Json body{
        {"message", "gone"},
        {"jobs", Json::array({Json{
                     {"class_name", "ForceRemoveHostJob"}, {"args", {{"host_id", f.worker.host_id}}}}})}};
    CHECK(f.rest("POST", "/api/command/", body).status == 201);
    f.advance(std::chrono::seconds(1));
    CHECK(f.rest("GET", "/api/copytool/").body["meta"]["total_count"] == 0);
    CHECK(f.rest("GET", "/api/client_mount/").body["meta"]["total_count"] == 0);
}

TEST_SUITE_END();
