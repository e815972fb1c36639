#include "core/json_codec.hpp"
#include "tests/fakes/small_world.hpp"
#include "wire/body_of.hpp"
#include "wire/reports/corosync.hpp"
#include "wire/reports/systemd_journal.hpp"

#include <doctest/doctest.h>

using namespace csim;

TEST_SUITE_BEGIN("fakes/plugins");

namespace {

ServerReports& reports(SmallWorld& world, int id) {
    return *world.reports.at(SmallWorld::node_of(id, false));
}

Json first(SmallWorld& world, const char* plugin) {
    return reports(world, 0).first(plugin)->bodies.at(0).to_json();
}

}  // namespace

TEST_CASE("there are seven plugins and the runner of actions reports nothing") {
    CHECK(ServerReports::plugins().size() == 7);
    SmallWorld world;
    CHECK(reports(world, 0).first("action_runner")->bodies.empty());
    CHECK(!reports(world, 0).first("nonexistent").has_value());
}

// Proves: defect 42.
TEST_CASE("the linux report is repeated only when it changed or is asked for in full") {
    SmallWorld world;
    ServerReports& of = reports(world, 0);
    CHECK(first(world, "linux")["devs"].size() == 4);
    CHECK(of.next("linux", false)->bodies.empty());
    CHECK(of.next("linux", true)->bodies.size() == 1);
    REQUIRE(world.devices.present("all", {"test000.localdomain"}, world.devices.add_volumes(1)).has_value());
    CHECK(of.next("linux", false)->bodies.size() == 1);
    CHECK(of.next("linux", false)->bodies.empty());
    of.session_ended("linux");
    CHECK(of.first("linux")->bodies.size() == 1);
}

TEST_CASE("workers see no devices and no resources of storage clusters") {
    SmallWorld world;
    world.make_filesystem();
    ServerReports& of = *world.reports.at("worker000.localdomain");
    CHECK(of.first("linux")->bodies.at(0).to_json()["devs"] == Json::object());
    CHECK(of.first("lustre")->bodies.at(0).to_json()["resource_locations"] == Json::object());
}

TEST_CASE("packages come with the first lustre report and are null afterwards") {
    SmallWorld world;
    CHECK(first(world, "lustre")["packages"]["external"].size() == 11);
    CHECK(reports(world, 0).next("lustre", false)->bodies.at(0).to_json()["packages"].is_null());
    CHECK(reports(world, 0).next("lustre", true)->bodies.at(0).to_json()["packages"].is_object());
}

// Proves: invariant I-27.
TEST_CASE("resources and mounts and metrics of one instant agree") {
    SmallWorld world;
    world.make_filesystem();
    world.ok(world.server(0), "failover_target", {{"ha_label", "testfs-OST0000"}});
    const Json report = first(world, "lustre");
    CHECK(
        report["resource_locations"] ==
        Json{{"MGS", "test000"}, {"testfs-MDT0000", "test000"}, {"testfs-OST0000", "test001"}}
    );
    CHECK(report["mounts"].size() == 2);
    CHECK(report["metrics"]["raw"]["lustre"]["target"].size() == 2);
    CHECK(report["metrics"]["raw"]["lustre"]["target"]["MGS"] == Json::object());
    CHECK(
        reports(world, 1).first("lustre")->bodies.at(0).to_json()["resource_locations"] ==
        report["resource_locations"]
    );
}

// Proves: defect 43.
TEST_CASE("corosync reports nothing of a cluster that its node is not in") {
    SmallWorld world;
    const Json report = first(world, "corosync");
    CHECK(report["crm_info"]["nodes"]["test001"]["online"] == "true");
    CHECK(report["crm_info"]["options"]["stonith_enabled"] == true);
    world.server(0).stop(Service::pacemaker);
    CHECK(
        first(world, "corosync") ==
        *parse_json(R"({"state": {"corosync": "started", "pacemaker": "stopped"}, "crm_info": {}})")
    );
}

// Proves: defect 79; method server_inject_log_message, set_log_rate.
TEST_CASE("log lines are injected ones and generated ones in messages of at most 64") {
    SmallWorld world;
    FakeServer& server = world.server(0);
    CHECK(reports(world, 0).next("systemd_journal", false)->bodies.empty());
    server.inject_log_message("LustreError: something");
    CHECK(first(world, "systemd_journal")["log_lines"].size() == 1);
    server.set_log_rate(130);
    const auto report = *reports(world, 0).next("systemd_journal", false);
    CHECK(report.low_priority);
    REQUIRE(report.bodies.size() == 3);
    CHECK(report.bodies[0].to_json()["log_lines"].size() == 64);
    CHECK(report.bodies[2].to_json()["log_lines"].size() == 3);
    CHECK(report.bodies[0].to_json()["log_lines"][0]["message"] == "LustreError: something");
    CHECK(
        report.bodies[0].to_json()["log_lines"][1]["message"] == "test000.localdomain 2026-11-18 11:06:40 0"
    );
    server.set_log_rate(0);
    CHECK(reports(world, 0).next("systemd_journal", false)->bodies.empty());
}

TEST_CASE("the unchanging parts of successive reports are shared") {
    SmallWorld world;
    world.make_filesystem();
    const auto report = [&] {
        return reports(world, 0).next("lustre", false)->bodies[0].get_if<LustreReport>();
    };
    const auto one = report();
    world.pass(10s);
    const auto two = report();
    REQUIRE(one != nullptr);
    CHECK(one->mounts == two->mounts);
    CHECK(one->resource_locations == two->resource_locations);
    CHECK(one->metrics.raw.lustre_client_mounts == two->metrics.raw.lustre_client_mounts);
    CHECK(one->started_at.at != two->started_at.at);
}

// Proves: invariant I-24; defect 88.
TEST_CASE("reading reports changes nothing and repeats itself") {
    SmallWorld world;
    world.make_filesystem();
    const std::string before = world.everything();
    const auto events = world.trace.digest();
    for (const PluginSpec& plugin : plugin_table()) {
        CAPTURE(plugin.name);
        const auto once = reports(world, 0).snapshot(plugin.name)->bodies.at(0).to_json();
        CHECK(reports(world, 0).snapshot(plugin.name)->bodies.at(0).to_json() == once);
        (void)reports(world, 0).first(plugin.name);
        (void)reports(world, 0).next(plugin.name, true);
    }
    CHECK(world.everything() == before);
    CHECK(world.trace.digest() == events);
}

TEST_SUITE_END();
