// Power control against power strips that are really there: by the fence agent of the system and by our own
// client. Source: the manager API, §3.7.11.
#include "manager/jobs/job_engine.hpp"
#include "manager/model/model.hpp"
#include "tests/live/live_fleet.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <iostream>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("live/power");

namespace {

const std::string first = "test000.localdomain", second = "test001.localdomain";

struct PowerFleet : LiveFleet {
    explicit PowerFleet(FenceBy by)
        : LiveFleet(
              {.cluster_size = 2, .server_count = 2, .worker_count = 1, .volume_count = 2, .psu_count = 2}, by
          ) {
        log_in();
        for (std::int64_t command : register_all()) finish(command);
    }
    Json outlets() { return rest("GET", "api/power_control_device_outlet/?limit=0").json()["objects"]; }
    bool all_known() {
        const Json all = outlets();
        return std::none_of(all.begin(), all.end(), [](const Json& each) {
            return each["has_power"].is_null();
        });
    }
    /// States of the outlets of a host, one letter each: 1, 0 or ? for unknown.
    std::string states(int host) {
        std::string text;
        for (const Json& each : outlets()) {
            if (each["host"] != "/api/host/" + std::to_string(host) + "/") continue;
            text += each["has_power"].is_null() ? '?' : each["has_power"] == true ? '1' : '0';
        }
        return text;
    }
    RestReply post(const char* name, int host) {
        const Json job{{"class_name", name}, {"args", {{"host_id", host}}}};
        return rest("POST", "api/command/", {{"message", name}, {"jobs", Json::array({job})}});
    }
    std::vector<std::string> offers(int host) {
        std::vector<std::string> names;
        const Json jobs = rest("GET", "api/host/" + std::to_string(host) + "/").json()["available_jobs"];
        for (const Json& job : jobs) {
            const std::string name = job["class_name"];
            if (name.starts_with("Power")) names.push_back(name);
        }
        return names;
    }
    /// Simulated time passes a second at a time, as for a client that asks again and again.
    bool comes_true(const std::function<bool()>& condition, int seconds = 120) {
        for (int i = 0; i < seconds && !condition(); ++i) run_for(1s);
        return condition();
    }
    void connect() {
        tell_power_strips();
        REQUIRE(comes_true([&] { return all_known(); }));
        REQUIRE(comes_true([&] {
            return rest("GET", "api/command/?complete=false").json()["objects"].empty();
        }));
    }
    bool alerted() {
        const char* path = "api/alert/?active=True&alert_type=PowerControlDeviceUnavailableAlert";
        return rest("GET", path).json()["meta"]["total_count"] > 0;
    }
};

using Names = std::vector<std::string>;

void switches_and_learns(FenceBy by) {
    PowerFleet f(by);
    MESSAGE(f.fence.describe());
    CHECK(f.offers(1).empty());
    // One outlet is off before the manager hears of the strips: it learns that from the device.
    REQUIRE(f.simulator->world().power().command("pdu001", 2, OutletCommand::off).has_value());
    f.connect();
    CHECK(f.states(1) == "11");
    CHECK(f.states(2) == "10");
    CHECK(f.node(second).up());
    CHECK(f.offers(1) == Names{"PoweroffHostJob", "PowercycleHostJob"});
    CHECK(f.offers(3).empty());
    const Names ran = f.actions(first);
    CHECK(std::count(ran.begin(), ran.end(), "configure_fencing") >= 1);

    f.power.calls.clear();
    f.succeed(f.post("PoweroffHostJob", 1));
    CHECK(f.power.calls == Names{"off 1", "off 1"});
    CHECK(f.states(1) == "00");
    CHECK_FALSE(f.node(first).up());
    CHECK(f.offers(1) == Names{"PoweronHostJob", "PowercycleHostJob"});
    f.power.calls.clear();
    f.succeed(f.post("PoweronHostJob", 1));
    CHECK(f.power.calls == Names{"on 1", "on 1"});
    CHECK(f.states(1) == "11");
    CHECK(f.comes_true([&] { return f.node(first).up(); }));
}

}  // namespace

TEST_CASE("the fence agent of the system learns and switches outlets of a live strip") {
    WorkQueue inbox;
    if (FenceDriver(inbox).program_for("fence_apc").empty()) {
        std::cout << "skipped: fence_apc is not installed; the package fence-agents has it\n";
        return;
    }
    switches_and_learns(FenceBy::program);
}

TEST_CASE("our own client learns and switches outlets of a live strip") {
    switches_and_learns(FenceBy::built_in);
}

TEST_CASE("cycling takes every supply away before it gives any back") {
    PowerFleet f(FenceBy::built_in);
    f.connect();
    const Json before = f.rest("GET", "api/host/1/").json()["boot_time"];
    f.power.calls.clear();
    f.succeed(f.post("PowercycleHostJob", 1));
    CHECK(f.power.calls == Names{"off 1", "off 1", "on 1", "on 1"});
    CHECK(f.states(1) == "11");
    CHECK(f.comes_true([&] {
        return f.rest("GET", "api/host/1/").json()["boot_time"].get<std::string>() >
               before.get<std::string>();
    }));
    CHECK(f.states(2) == "11");
    CHECK(f.node(second).up());
}

TEST_CASE("a strip that does not answer leaves states unknown, raises an alert and fails no job") {
    PowerFleet f(FenceBy::built_in);
    f.connect();
    CHECK_FALSE(f.alerted());
    f.strips.reset();
    f.succeed(f.post("PoweroffHostJob", 1));
    CHECK(f.states(1) == "??");
    CHECK(f.node(first).up());
    CHECK(f.comes_true([&] { return f.alerted(); }));
    CHECK(f.offers(1) == Names{"PowercycleHostJob"});
}

TEST_CASE("a strip that refuses the password counts as one that cannot be watched") {
    PowerFleet f(FenceBy::built_in);
    const Json type{{"agent", "fence_apc"}, {"make", "APC"}, {"model", "7900"}, {"max_outlets", 2}};
    const Json made = f.rest("POST", "api/power_control_type/", type).json();
    const Json device{
        {"device_type", made["resource_uri"]},
        {"address", "127.0.0.1"},
        {"port", f.simulator->world().power().strips().front()->port()},
        {"username", "apc"},
        {"password", "wrong"}};
    const RestReply reply = f.rest("POST", "api/power_control_device/", device);
    REQUIRE_MESSAGE(reply.status == 201, reply.text);
    CHECK(f.comes_true([&] { return f.alerted(); }));
    for (const Json& outlet : f.outlets()) CHECK(outlet["has_power"].is_null());
    // With the right one it can be watched.
    const std::string uri = reply.json()["resource_uri"].get<std::string>().substr(1);
    Json right = reply.json();
    right["password"] = "apc";
    CHECK(f.rest("PUT", uri, right).status == 200);
    CHECK(f.comes_true([&] { return !f.alerted() && f.all_known(); }));
}

TEST_SUITE_END();
