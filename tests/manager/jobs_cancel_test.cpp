// Cancelling: what was running is given up at once, what waited never runs, what depended on either is
// cancelled too, and the objects can be asked for again.
#include "manager/jobs/job_class.hpp"
#include "tests/manager/lustre_cluster.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/jobs/cancel");

namespace {

struct Cancelling : LustreCluster {
    ManagerFixture& fixture = f;  ///< doctest calls the test itself f
    Cancelling() { created(); }

    std::int64_t post(const std::string& name, std::int64_t target) {
        const Json job{{"class_name", name}, {"args", {{"target_id", target}}}};
        return command_of(
            f.rest("POST", "/api/command/", Json{{"message", name}, {"jobs", Json::array({job})}})
        );
    }
    /// The first job of that class in the command.
    std::int64_t job_of(std::int64_t command, const std::string& name) {
        for (std::int64_t id : f.manager->model().commands.at(command).jobs) {
            if (f.manager->model().jobs.at(id).class_name == name) return id;
        }
        FAIL("the command has no " << name);
        return 0;
    }
    /// As clients do it: the whole object, with its state changed.
    RestAnswer cancel(std::int64_t job) {
        const std::string uri = "/api/job/" + std::to_string(job) + "/";
        Json body = f.rest("GET", uri).body;
        body["state"] = "cancelled";
        return f.rest("PUT", uri, body);
    }
    const CommandRow& command(std::int64_t id) { return f.manager->model().commands.at(id); }
    void check_no_locks() {
        for (const char* list : {"target", "filesystem", "host", "lnet_configuration"}) {
            const Json objects = f.rest("GET", "/api/" + std::string(list) + "/?limit=0").body["objects"];
            for (const Json& object : objects)
                CHECK(object["locks"] == Json{{"read", Json::array()}, {"write", Json::array()}});
        }
    }
};

}  // namespace

TEST_CASE_FIXTURE(Cancelling, "a running failover that is cancelled leaves the target where it was") {
    agents[1]->silent.insert("failover_target");
    const std::int64_t moving = post("FailoverTargetJob", 3);
    fixture.advance(std::chrono::seconds(1));
    const std::int64_t job = job_of(moving, "FailoverTargetJob");
    const Json running = fixture.rest("GET", "/api/job/" + std::to_string(job) + "/").body;
    CHECK(running["state"] == "tasked");
    CHECK(running["available_transitions"][0]["state"] == "cancelled");
    CHECK(fixture.rest("GET", "/api/target/3/").body["available_actions"].empty());

    const RestAnswer reply = cancel(job);
    REQUIRE_MESSAGE(reply.status == 200, reply.text);
    CHECK(reply.body["state"] == "complete");
    CHECK(reply.body["cancelled"] == true);
    CHECK(reply.body["errored"] == false);
    CHECK(reply.body["available_transitions"].empty());
    CHECK(command(moving).complete);
    CHECK(command(moving).cancelled);
    CHECK_FALSE(command(moving).errored);
    fixture.advance(std::chrono::seconds(1));
    CHECK(agents[1]->cancelled.size() == 1);
    CHECK(state({Kind::target, 3}) == "mounted");
    CHECK(target(3).active_host == agents[0]->host_id);
    check_no_locks();

    // Cancelled again, nothing happens; asked for again, it is done.
    CHECK(cancel(job).status == 200);
    agents[1]->silent.clear();
    REQUIRE(succeeds(post("FailoverTargetJob", 3)));
    CHECK(target(3).active_host == agents[1]->host_id);
}

TEST_CASE_FIXTURE(Cancelling, "a failover that waits for another job is cancelled without ever asking") {
    agents[0]->silent.insert("failback_target");
    const std::int64_t first = post("FailbackTargetJob", 3);
    const std::int64_t second = post("FailoverTargetJob", 3);
    fixture.advance(std::chrono::seconds(1));
    const std::int64_t waiting = job_of(second, "FailoverTargetJob");
    CHECK(fixture.rest("GET", "/api/job/" + std::to_string(waiting) + "/").body["state"] == "pending");
    CHECK(cancel(waiting).status == 200);
    CHECK(command(second).cancelled);
    CHECK_FALSE(command(first).complete);
    CHECK(cancel(job_of(first, "FailbackTargetJob")).status == 200);
    fixture.advance(std::chrono::seconds(1));
    CHECK(std::count(agents[1]->actions.begin(), agents[1]->actions.end(), "failover_target") == 0);
    check_no_locks();
}

TEST_CASE_FIXTURE(Cancelling, "what depended on a cancelled job is cancelled and the rest of the plan ends") {
    agents[1]->silent.insert("stop_target");
    const std::int64_t stop =
        command_of(fixture.rest("PUT", "/api/filesystem/1/", Json{{"state", "stopped"}}));
    fixture.advance(std::chrono::seconds(1));
    CHECK_FALSE(command(stop).complete);
    for (std::int64_t id : std::vector(command(stop).jobs)) {
        const JobRow& job = fixture.manager->model().jobs.at(id);
        if (job.class_name == "StopTargetJob" && job.state == "tasked") CHECK(cancel(id).status == 200);
    }
    CHECK(command(stop).complete);
    CHECK(command(stop).cancelled);
    const JobRow& last = fixture.manager->model().jobs.at(job_of(stop, "StopUnavailableFilesystemJob"));
    CHECK(last.cancelled);
    CHECK(state({Kind::filesystem, 1}) == "unavailable");
    check_no_locks();
    agents[1]->silent.clear();
    REQUIRE(succeeds(command_of(fixture.rest("PUT", "/api/filesystem/1/", Json{{"state", "available"}}))));
}

TEST_CASE_FIXTURE(Cancelling, "a late answer to an action that was called off changes nothing") {
    agents[1]->silent.insert("failover_target");
    const std::int64_t moving = post("FailoverTargetJob", 3);
    fixture.advance(std::chrono::seconds(1));
    REQUIRE(cancel(job_of(moving, "FailoverTargetJob")).status == 200);
    fixture.advance(std::chrono::seconds(1));
    REQUIRE(agents[1]->cancelled.size() == 1);
    agents[1]->report(
        "action_runner",
        Json{
            {"type", "ACTION_COMPLETE"},
            {"id", agents[1]->cancelled.front()},
            {"result", nullptr},
            {"exception", nullptr},
            {"subprocesses", Json::array()}}
    );
    fixture.advance(std::chrono::seconds(1));
    CHECK(target(3).active_host == agents[0]->host_id);
    CHECK(command(moving).cancelled);
}

TEST_CASE("formatting cannot be cancelled and says so") {
    LustreCluster c;
    for (auto& agent : c.agents) agent->silent.insert("format_target");
    const std::int64_t command = c.create();
    c.f.advance(std::chrono::seconds(1));
    for (std::int64_t id : c.f.manager->model().commands.at(command).jobs) {
        const JobRow& job = c.f.manager->model().jobs.at(id);
        if (job.class_name != "FormatTargetJob") continue;
        const std::string uri = "/api/job/" + std::to_string(id) + "/";
        CHECK(c.f.rest("GET", uri).body["available_transitions"].empty());
        const RestAnswer reply = c.f.rest("PUT", uri, Json{{"id", id}, {"state", "cancelled"}});
        CHECK(reply.status == 400);
        CHECK(reply.body["state"] == "FormatTargetJob cannot be cancelled");
        CHECK(c.f.rest("GET", uri).body["state"] == "tasked");
    }
}

TEST_SUITE_END();
