// Every type of alert: its texts, its severity, and what its end tells.
#include "manager/model/alerts.hpp"
#include "tests/manager/full_world.hpp"

#include <doctest/doctest.h>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/alerts");

namespace {

struct Case {
    const char* type;
    ObjectRef item;
    const char* severity;
    const char* message;
    const char* end_severity;  ///< empty: it ends without an event
    const char* end_message;
    const char* end_item;
};

// Source: the manager API, §4.8.
const std::vector<Case>& cases() {
    static const std::vector<Case> table{
        {"HostContactAlert",
         {Kind::host, 1},
         "WARNING",
         "Lost contact with host test000",
         "INFO",
         "Re-established contact with host test000",
         "/api/host/1/"},
        {"HostOfflineAlert",
         {Kind::host, 1},
         "WARNING",
         "Host is offline test000",
         "INFO",
         "Host is back online test000",
         "/api/host/1/"},
        {"UpdatesAvailableAlert",
         {Kind::host, 3},
         "INFO",
         "Updates are ready for server worker000",
         "",
         "",
         ""},
        {"LNetOfflineAlert",
         {Kind::lnet_configuration, 1},
         "INFO",
         "LNet offline on server test000 LNet configuration",
         "WARNING",
         "LNet started on server 'test000'",
         "/api/host/1/"},
        {"LNetNidsChangedAlert",
         {Kind::host, 1},
         "WARNING",
         "NIDs changed on server test000 - see manual for details.",
         "INFO",
         "LNet NIDs updated for server test000",
         "/api/host/1/"},
        {"CorosyncStoppedAlert",
         {Kind::corosync_configuration, 1},
         "INFO",
         "Corosync stopped on server test000",
         "WARNING",
         "Corosync started on server 'test000'",
         "/api/host/1/"},
        {"PacemakerStoppedAlert",
         {Kind::pacemaker_configuration, 1},
         "INFO",
         "Pacemaker stopped on server test000",
         "WARNING",
         "Pacemaker started on server 'test000'",
         "/api/host/1/"},
        {"CorosyncNoPeersAlert",
         {Kind::corosync_configuration, 1},
         "WARNING",
         "Host test000 no failover peers",
         "",
         "",
         ""},
        {"StonithNotEnabledAlert",
         {Kind::corosync_configuration, 1},
         "ERROR",
         "Fencing is switched off on server test000: stonith-enabled is false",
         "INFO",
         "stonith-enabled set to true on test000",
         "/api/host/1/"},
        {"TargetOfflineAlert",
         {Kind::target, 3},
         "ERROR",
         "Target testfs-OST0000 offline",
         "INFO",
         "testfs-OST0000 started",
         "/api/host/1/"},
        {"TargetFailoverAlert",
         {Kind::target, 3},
         "WARNING",
         "Target testfs-OST0000 running on secondary server",
         "INFO",
         "testfs-OST0000 failover unmounted",
         "/api/host/1/"},
        {"TargetRecoveryAlert",
         {Kind::target, 3},
         "WARNING",
         "Target testfs-OST0000 in recovery",
         "INFO",
         "Target 'testfs-OST0000' completed recovery",
         "/api/host/1/"},
        {"PowerControlDeviceUnavailableAlert",
         {Kind::power_control_device, 1},
         "WARNING",
         "Unable to monitor power control device 127.0.0.1",
         "INFO",
         "Monitoring resumed for power control device 127.0.0.1",
         "/api/power_control_device/1/"},
        {"IpmiBmcUnavailableAlert",
         {Kind::power_control_device_outlet, 1},
         "WARNING",
         "Unable to monitor BMC 1 on server test000",
         "INFO",
         "Monitoring resumed for BMC 1 on server test000",
         "/api/host/1/"},
        {"StorageResourceOffline",
         {Kind::storage_resource, 1},
         "WARNING",
         "Controller 3 not contactable",
         "",
         "",
         ""},
    };
    return table;
}

std::string about(const Case& c) {
    return std::string("/api/alert/?alert_type=") + c.type + "&alert_item_id=" + std::to_string(c.item.id);
}

}  // namespace

TEST_CASE("each type of alert begins once, ends once, and tells of its end as it should") {
    FullWorld w;
    Alerts alerts(w.model());
    for (const Case& c : cases()) {
        CAPTURE(c.type);
        alerts.set(c.type, c.item, false);
        w.f().advance(std::chrono::seconds(1));
        const Json before = w.get(about(c)).body["meta"]["total_count"];
        const std::int64_t last = w.model().alerts.last_id();

        alerts.set(c.type, c.item, true);
        alerts.set(c.type, c.item, true);
        const Json begun = w.get(about(c) + "&active=true").body["objects"];
        REQUIRE(begun.size() == 1);
        const Json alert = begun[0];
        CHECK(alert["id"] == last + 1);
        CHECK(alert["severity"] == c.severity);
        CHECK(alert["message"] == c.message);
        CHECK(alert["_message"] == c.message);
        CHECK(alert["record_type"] == c.type);
        CHECK(alert["alert_item"] == resource_uri(c.item));
        CHECK(alert["end"].is_null());
        CHECK(alert["affected"][0] == resource_uri(c.item));

        w.f().advance(std::chrono::milliseconds(1));
        alerts.set(c.type, c.item, false);
        alerts.set(c.type, c.item, false);
        const Json over = w.get("/api/alert/" + std::to_string(last + 1) + "/").body;
        CHECK(over["active"].is_null());
        CHECK(over["end"].get<std::string>() > over["begin"].get<std::string>());
        CHECK(w.get(about(c)).body["meta"]["total_count"] == before.get<int>() + 1);
        const bool tells = *c.end_severity != '\0';
        REQUIRE(w.model().alerts.last_id() == last + (tells ? 2 : 1));
        if (!tells) continue;
        const Json event = w.get("/api/alert/" + std::to_string(last + 2) + "/").body;
        CHECK(event["alert_type"] == "AlertEvent");
        CHECK(event["severity"] == c.end_severity);
        CHECK(event["message"] == c.end_message);
        CHECK(event["alert_item"] == c.end_item);
        CHECK(event["begin"] == event["end"]);
        CHECK(event["active"].is_null());
    }
}

TEST_CASE("every type that can be raised is in the list of types") {
    FullWorld w;
    std::set<std::string> known;
    for (const std::string& name : alert_type_names()) CHECK(known.insert(name).second);
    for (const Case& c : cases()) CHECK(known.contains(c.type));
    for (const char* name :
         {"HostRebootEvent", "SyslogEvent", "ClientConnectEvent", "AlertEvent", "CommandRunningAlert",
          "CommandSuccessfulAlert", "CommandCancelledAlert", "CommandErroredAlert"})
        CHECK(known.contains(name));
    CHECK(w.get("/api/alert_type/?limit=0").body["objects"].size() == known.size());
}

TEST_CASE("what the user asked for is no error") {
    FullWorld w;
    Alerts alerts(w.model());
    alerts.set("TargetOfflineAlert", {Kind::target, 3}, true, true);
    CHECK(
        w.get("/api/alert/?active=true&alert_type=TargetOfflineAlert").body["objects"][0]["severity"] ==
        "WARNING"
    );
}

TEST_CASE("alerts of an object that goes away end without a word") {
    FullWorld w;
    Alerts alerts(w.model());
    alerts.set("TargetOfflineAlert", {Kind::target, 3}, true);
    alerts.set("TargetRecoveryAlert", {Kind::target, 3}, true);
    const std::int64_t last = w.model().alerts.last_id();
    alerts.object_removed({Kind::target, 3});
    CHECK(w.model().alerts.last_id() == last);
    CHECK(w.model().active_alerts({Kind::target, 3}).empty());
    for (std::int64_t id : {last - 1, last}) CHECK(w.model().alerts.at(id).end.has_value());
}

TEST_CASE("a command has one alert all its life") {
    FullWorld w;
    auto start = [&] {
        return w.cluster.command_of(
            w.f().rest("PUT", "/api/lnet_configuration/1/", Json{{"state", "lnet_down"}})
        );
    };
    auto types = [&](std::int64_t command) {
        Json found = Json::array();
        const std::string item = "/api/command/" + std::to_string(command) + "/";
        const std::string query =
            "/api/alert/?alert_type__in=CommandRunningAlert,CommandSuccessfulAlert&alert_type__in="
            "CommandCancelledAlert,CommandErroredAlert&alert_item_id=" +
            std::to_string(command);
        const Json alerts = w.get(query).body["objects"];
        for (const Json& alert : alerts) {
            if (alert["alert_item"] == item)
                found.push_back({alert["alert_type"], alert["active"], alert["severity"]});
        }
        return found;
    };
    w.cluster.agents[0]->answers["stop_lnet"] = [](const Json&) -> Json { throw std::runtime_error("no"); };
    const std::int64_t failing = start();
    CHECK(types(failing) == Json::array({Json{"CommandRunningAlert", true, "INFO"}}));
    REQUIRE_FALSE(w.cluster.succeeds(failing));
    CHECK(types(failing) == Json::array({Json{"CommandErroredAlert", nullptr, "ERROR"}}));
    w.cluster.agents[0]->answers.erase("stop_lnet");
    const std::int64_t good = start();
    REQUIRE(w.cluster.succeeds(good));
    CHECK(types(good) == Json::array({Json{"CommandSuccessfulAlert", nullptr, "INFO"}}));
}

TEST_CASE("contact that is lost, a reboot and a return are told in this order") {
    FullWorld w;
    ScriptedAgent& agent = *w.cluster.agents[1];
    agent.stop();
    w.f().advance(std::chrono::seconds(70));
    auto active = [&] {
        return w.get("/api/alert/?active=true&alert_type=HostContactAlert&alert_item_id=2")
            .body["objects"]
            .size();
    };
    CHECK(active() == 1);
    agent.start();
    w.f().advance(std::chrono::seconds(1));
    CHECK(active() == 0);
    CHECK(w.get("/api/alert/?message=Re-established contact with host test001").body["objects"].size() == 1);
}

TEST_CASE("after a restart of the manager a host that stays silent is reported, one that comes is not") {
    FullWorld w;
    w.cluster.agents[1]->stop();
    w.restart();
    w.cluster.agents[0]->start();
    w.f().advance(std::chrono::seconds(150));
    auto active = [&](int host) {
        return w
            .get("/api/alert/?active=true&alert_type=HostContactAlert&alert_item_id=" + std::to_string(host))
            .body["objects"]
            .size();
    };
    CHECK(active(1) == 0);
    CHECK(active(2) == 1);
}

TEST_SUITE_END();
