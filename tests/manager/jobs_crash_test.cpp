// The manager dies in the middle of a command, at every stage of it: what was under way has ended with a
// sentence when it is back, nothing is held, and asking again finishes the work.
#include "manager/jobs/job_engine.hpp"
#include "tests/manager/lustre_cluster.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/jobs/crash");

namespace {

constexpr int stages = 12;  ///< moments of death over the length of a command

struct Crashing : LustreCluster {
    /// Runs so many events, as long as the command is not done. Returns how many ran.
    int run_events(std::int64_t command, int count) {
        int ran = 0;
        f.run_until([&] { return ran++ >= count || f.command_done(command); });
        return ran;
    }
    void die() {
        f.restart();
        for (auto& agent : agents) {
            agent->stop();
            agent->start();
        }
        f.advance(std::chrono::seconds(1));
        f.log_in("admin");
    }
    /// Nothing is half done and silent.
    void check_order() {
        Model& model = f.manager->model();
        model.jobs.each([&](const JobRow& job) {
            CHECK_MESSAGE(job.state == "complete", job.class_name);
            bool told = false;
            for (const StepPart& step : job.steps) {
                CHECK_MESSAGE(step.state != "incomplete", job.class_name << " " << step.class_name);
                told = told || !step.backtrace.empty();
            }
            if (job.errored) CHECK_MESSAGE(told, job.class_name << " failed without a word");
        });
        model.commands.each([&](const CommandRow& command) {
            CHECK_MESSAGE(command.complete, command.message);
            bool errored = false, cancelled = false;
            for (std::int64_t id : command.jobs) {
                errored = errored || model.jobs.at(id).errored;
                cancelled = cancelled || model.jobs.at(id).cancelled;
            }
            CHECK(command.errored == errored);
            CHECK(command.cancelled == cancelled);
            int alerts = 0;
            model.alerts.each([&](const AlertRow& alert) {
                if (alert.item != ObjectRef{Kind::command, command.id}) return;
                ++alerts;
                CHECK_FALSE(alert.active);
                CHECK(alert.type != "CommandRunningAlert");
            });
            CHECK_MESSAGE(alerts == 1, command.message);
        });
        for (const char* list : {"target", "filesystem", "host", "lnet_configuration"}) {
            const Json objects = f.rest("GET", "/api/" + std::string(list) + "/?limit=0").body["objects"];
            for (const Json& object : objects)
                CHECK(object["locks"] == Json{{"read", Json::array()}, {"write", Json::array()}});
        }
        CHECK(f.manager->jobs().running() == 0);
        CHECK(f.manager->jobs().pending() == 0);
    }
    /// Asks for it again. There may be nothing left to do.
    void again(const std::string& method, const std::string& uri, const Json& body = Json()) {
        const RestAnswer reply = f.rest(method, uri, body);
        if (reply.status == 204 || reply.status == 404) return;
        REQUIRE_MESSAGE(reply.status == 202, reply.text);
        CHECK(succeeds(command_of(reply)));
    }
};

/// Runs `begin` on a fresh cluster, kills the manager at each stage of the command and calls `check`
/// afterwards.
template <class Begin, class Check>
void at_each_stage(Begin begin, Check check) {
    int events = 0;
    {
        Crashing whole;
        events = whole.run_events(begin(whole), 1'000'000);
    }
    REQUIRE(events > stages);
    for (int stage = 0; stage < stages; ++stage) {
        CAPTURE(stage);
        Crashing c;
        c.run_events(begin(c), 1 + events * stage / stages);
        c.die();
        c.check_order();
        check(c);
        c.check_order();
    }
}

const ObjectRef filesystem{Kind::filesystem, 1};

}  // namespace

TEST_CASE("a manager that dies while a filesystem is made can make it afterwards") {
    at_each_stage(
        [](Crashing& c) { return c.create(); },
        [](Crashing& c) {
            c.again("PUT", "/api/filesystem/1/", Json{{"state", "available"}});
            CHECK(c.state(filesystem) == "available");
            for (int target = 1; target <= 4; ++target) CHECK(c.state({Kind::target, target}) == "mounted");
        }
    );
}

TEST_CASE("a manager that dies while a filesystem is removed can remove it afterwards") {
    at_each_stage(
        [](Crashing& c) {
            c.created();
            return c.command_of(c.f.rest("DELETE", "/api/filesystem/1/"));
        },
        [](Crashing& c) {
            c.again("DELETE", "/api/filesystem/1/");
            CHECK(c.state(filesystem) == "gone");
            CHECK(c.f.rest("GET", "/api/target/").body["objects"].size() == 1);
            CHECK(c.f.rest("GET", "/api/volume/?category=usable").body["objects"].size() == 3);
        }
    );
}

TEST_CASE("a manager that dies while LNet is stopped leaves it where a report or a request finds it") {
    at_each_stage(
        [](Crashing& c) {
            c.created();
            return c.command_of(
                c.f.rest("PUT", "/api/lnet_configuration/1/", Json{{"state", "lnet_unloaded"}})
            );
        },
        [](Crashing& c) {
            c.again("PUT", "/api/lnet_configuration/1/", Json{{"state", "lnet_unloaded"}});
            CHECK(c.state({Kind::lnet_configuration, 1}) == "lnet_unloaded");
            CHECK(c.state({Kind::target, 1}) == "unmounted");
            c.again("PUT", "/api/filesystem/1/", Json{{"state", "available"}});
            CHECK(c.state(filesystem) == "available");
        }
    );
}

TEST_SUITE_END();
