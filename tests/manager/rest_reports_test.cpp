// What agents report, as the REST API shows it.
#include "core/utc.hpp"
#include "tests/manager/manager_fixture.hpp"

#include <doctest/doctest.h>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/rest/reports");

namespace {

Json shared_devices(int count) {
    Json devices = Json::object();
    for (int i = 0; i < count; ++i) {
        const std::string serial = "FAKEDEVICE00" + std::to_string(i), number = "0:" + std::to_string(i);
        devices[number] = Json{{"major_minor", number}, {"path", "/dev/disk/by-id/scsi-" + serial},
                               {"serial_80", serial},   {"serial_83", serial},
                               {"size", 1073741824000}, {"filesystem_type", nullptr},
                               {"parent", nullptr},     {"partition_number", nullptr}};
    }
    return devices;
}

Json corosync_report(ManagerFixture& f, const std::vector<std::string>& nodes, bool second_online = true) {
    Json members = Json::object();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        members[nodes[i]] = Json{{"name", nodes[i]}, {"online", i == 1 && !second_online ? "false" : "true"}};
    }
    return Json{
        {"state", {{"corosync", "started"}, {"pacemaker", "started"}}},
        {"crm_info",
         {{"nodes", members},
          {"options", {{"stonith_enabled", true}}},
          {"datetime", utc_text(f.timeline.now())}}}};
}

struct Pair {
    Pair() : first(f, "test000.localdomain"), second(f, "test001.localdomain") {
        second.nid_address = "10.0.0.2";
        for (ScriptedAgent* agent : {&first, &second}) {
            agent->devices = shared_devices(4);
            const std::int64_t command = agent->join("base_managed_rh7");
            f.run_until([&] { return f.command_done(command); });
        }
    }
    ManagerFixture f;
    ScriptedAgent first, second;
};

}  // namespace

TEST_CASE("volumes are there when set-up is done and are spread over a pair once it is known") {
    Pair p;
    Json volumes = p.f.rest("GET", "/api/volume/?limit=0").body["objects"];
    REQUIRE(volumes.size() == 4);
    CHECK(volumes[0]["size"] == "1073741824000");
    CHECK(volumes[0]["kind"] == "SCSI device");
    p.f.advance(std::chrono::seconds(1));
    p.first.report("corosync", corosync_report(p.f, {"test000", "test001"}));
    p.f.advance(std::chrono::seconds(1));
    volumes = p.f.rest("GET", "/api/volume/?category=usable&limit=0").body["objects"];
    std::map<std::int64_t, int> primaries;
    for (const Json& volume : volumes) {
        CHECK(volume["status"] == "configured-ha");
        REQUIRE(volume["volume_nodes"].size() == 2);
        for (const Json& node : volume["volume_nodes"]) {
            CHECK(node["use"] == true);
            if (node["primary"] == true) ++primaries[node["host_id"].get<std::int64_t>()];
        }
    }
    CHECK(primaries == std::map<std::int64_t, int>{{1, 2}, {2, 2}});
    CHECK(p.f.rest("GET", "/api/ha_cluster/").body["objects"].size() == 1);
    const Json nodes{{"id", 1}, {"nodes", {{{"id", 1}, {"primary", true}, {"use", true}}}}};
    CHECK(p.f.rest("PUT", "/api/volume/1/", nodes).status == 200);
    CHECK(p.f.rest("GET", "/api/volume/").body["objects"][0]["status"] == "configured-noha");
}

TEST_CASE("corosync reports raise and clear alerts") {
    Pair p;
    auto active = [&](const char* type) {
        return p.f.rest("GET", std::string("/api/alert/?active=True&alert_type=") + type)
            .body["objects"]
            .size();
    };
    p.f.advance(std::chrono::seconds(1));
    p.first.report("corosync", corosync_report(p.f, {"test000"}));
    p.f.advance(std::chrono::seconds(1));
    CHECK(active("CorosyncNoPeersAlert") == 1);
    p.first.report("corosync", corosync_report(p.f, {"test000", "test001"}, false));
    p.f.advance(std::chrono::seconds(1));
    CHECK(active("CorosyncNoPeersAlert") == 0);
    CHECK(active("HostOfflineAlert") == 1);
    CHECK(p.f.rest("GET", "/api/corosync_configuration/1/").body["corosync_reported_up"] == true);
    CHECK(p.f.rest("GET", "/api/corosync_configuration/2/").body["corosync_reported_up"] == false);
    Json stale = corosync_report(p.f, {"test000", "test001"});
    stale["crm_info"]["datetime"] = "2026-11-21T08:00:00+00:00";
    p.second.report("corosync", stale);
    p.f.advance(std::chrono::seconds(1));
    CHECK(active("HostOfflineAlert") == 1);
    p.second.report("corosync", corosync_report(p.f, {"test000", "test001"}));
    p.f.advance(std::chrono::seconds(1));
    CHECK(active("HostOfflineAlert") == 0);
}

TEST_CASE("LNet stopped behind the manager raises an alert that its return ends with an event") {
    Pair p;
    p.first.lnet_state = "lnet_down";
    p.first.report("linux_network", p.first.network_report());
    p.f.advance(std::chrono::seconds(1));
    CHECK(p.f.rest("GET", "/api/lnet_configuration/1/").body["state"] == "lnet_down");
    Json alerts = p.f.rest("GET", "/api/alert/?active=True&alert_type=LNetOfflineAlert").body["objects"];
    REQUIRE(alerts.size() == 1);
    CHECK(alerts[0]["severity"] == "INFO");
    CHECK(alerts[0]["alert_item"] == "/api/lnet_configuration/1/");
    p.first.lnet_state = "lnet_up";
    p.first.report("linux_network", p.first.network_report());
    p.f.advance(std::chrono::seconds(1));
    alerts = p.f.rest("GET", "/api/alert/?active=True&alert_type=LNetOfflineAlert").body["objects"];
    CHECK(alerts.empty());
    const Json events =
        p.f.rest("GET", "/api/alert/?alert_type=AlertEvent&message__contains=LNet started").body["objects"];
    CHECK_FALSE(events.empty());
}

TEST_CASE("log lines wait in their queue and are found by their text") {
    ManagerOptions options;
    options.journal.messages_per_second = 1;
    ManagerFixture f(options);
    ScriptedAgent agent(f, "test000.localdomain");
    const std::int64_t command = agent.join("base_managed_rh7");
    f.run_until([&] { return f.command_done(command); });
    for (int i = 0; i < 5; ++i) {
        const Json line{
            {"source", "kernel"},
            {"severity", 1},
            {"facility", 1},
            {"datetime", utc_text(f.timeline.now())},
            {"message", "Lustre: hello " + std::to_string(i)}};
        agent.report("systemd_journal", Json{{"log_lines", {line}}});
    }
    f.advance(std::chrono::milliseconds(500));
    auto waiting = [&] {
        const Json status = f.rest("GET", "/api/system_status/").body;
        for (const Json& queue : status["rabbitmq"]["queues"]) {
            if (queue["name"] == "agent_systemd_journal_rx") return queue["messages"].get<int>();
        }
        return -1;
    };
    CHECK(waiting() == 4);
    f.advance(std::chrono::seconds(10));
    CHECK(waiting() == 0);
    const Json found = f.rest("GET", "/api/log/?message__contains=hello 3").body["objects"];
    REQUIRE(found.size() == 1);
    CHECK(found[0]["message"] == "Lustre: hello 3");
    CHECK(found[0]["message_class"] == "LUSTRE");
    CHECK(found[0]["fqdn"] == "test000.localdomain");
}

TEST_CASE("newer packages show as an update and rpm knows which is newer") {
    struct Case {
        const char* left;
        const char* right;
        int order;
    };
    for (const Case& c :
         {Case{"1.0", "1.0", 0}, Case{"1.10", "1.9", 1}, Case{"1.0a", "1.0", 1}, Case{"2.0~rc1", "2.0", -1},
          Case{"1.a", "1.1", -1}, Case{"007", "7", 0}}) {
        CAPTURE(c.left);
        CHECK(compare_rpm(c.left, c.right) == c.order);
        CHECK(compare_rpm(c.right, c.left) == -c.order);
    }
    const PackageVersion old{0, "1.0", "1", "x86_64"}, recent{0, "1.1", "1", "x86_64"};
    CHECK(needs_update({{"lustre", {{recent}, {old}}}}, {}));
    CHECK_FALSE(needs_update({{"lustre", {{old}, {recent}}}}, {}));
    CHECK(needs_update({{"lustre", {{old}, {}}}}, {"lustre"}));
    CHECK_FALSE(needs_update({{"lustre", {{old}, {}}}}, {}));
}

TEST_SUITE_END();
