// What particular actions answer and do.
#include "core/json_codec.hpp"
#include "fakes/hsm_port.hpp"
#include "tests/fakes/small_world.hpp"

#include <doctest/doctest.h>

using namespace csim;

TEST_SUITE_BEGIN("fakes/action_results");

namespace {

Json parsed(const char* text) {
    return *parse_json(text);
}

}  // namespace

// Proves: defect 33.
TEST_CASE("an unknown action is answered as real agents do") {
    SmallWorld world;
    const auto reply = world.run(world.server(0), "frobnicate", {{"a", 1}});
    REQUIRE(reply.has_value());
    CHECK(reply->result == parsed(R"({"wrapper_version": 1,
        "error": "Requested command frobnicate was unknown to the agent"})"));
}

TEST_CASE("wrapped and raw results look as captured") {
    SmallWorld world;
    FakeServer& server = world.server(0);
    const auto result = [&](const char* name, const char* args) {
        const auto reply = world.run(server, name, parsed(args));
        REQUIRE(reply.has_value());
        return reply->result;
    };
    const Json success = parsed(R"({"wrapper_version": 1, "result": true})");
    CHECK(result("load_lnet", "{}") == success);
    CHECK(result("configure_network", R"({"ring0_name": "eth0", "ring1_name": "eth1",
        "ring1_ipaddr": "10.1.0.0", "ring1_prefix": 24})") == success);
    CHECK(result("open_firewall", R"({"port": 988, "address": null, "proto": "tcp", "description": "lustre",
        "persist": true})") == success);
    CHECK(result("configure_pacemaker", "{}") == Json(nullptr));
    CHECK(result("enable_pacemaker", "{}") == Json(nullptr));
    CHECK(result("host_corosync_config", "{}") == Json::object());
    CHECK(result("kernel_status", "{}") == parsed(R"({"available": ["fake_kernel-0.1"],
        "running": "fake_kernel-0.1", "required": "fake_kernel-0.1"})"));
    CHECK(result("check_block_device", R"({"device_type": "linux",
        "path": "/dev/disk/by-id/scsi-FAKEDEVICE003-scsi0-0-0"})") == Json(nullptr));
    CHECK(
        result("get_package_version", R"({"package": "chroma-agent"})") ==
        parsed(R"([0, "3.0.1", "1", "x86_64"])")
    );
    CHECK(
        result(
            "install_packages", R"({"repos": [], "packages": ["lustre"]})"
        )["result"]["external"]["lustre"] ==
        parsed(R"({"available": [[0, "2.1.4", "1", "x86_64"]], "installed": [[0, "2.1.4", "1", "x86_64"]]})")
    );
    CHECK(result("shutdown_server", "{}") == Json(nullptr));
}

// Proves: defect 38, 39; action get_corosync_autoconfig.
TEST_CASE("autoconfiguration takes the rings in order of interfaces") {
    SmallWorld world;
    CHECK(
        world.ok(world.server(0), "get_corosync_autoconfig") == parsed(R"({"mcast_port": 3000, "interfaces": {
        "eth0": {"dedicated": false, "ipaddr": "10.0.0.1", "prefix": 24},
        "ib1": {"dedicated": true, "ipaddr": "10.1.0.1", "prefix": 24}}})")
    );
    SmallWorld narrow({.nids = 1});
    CHECK(narrow.ok(narrow.server(0), "get_corosync_autoconfig")["interfaces"].size() == 1);
}

TEST_CASE("a target is formatted and registered and configured and started and moved and removed") {
    SmallWorld world;
    world.make_filesystem();
    CHECK(world.wrong().empty());
    CHECK(world.storage.find("testfs-OST0000")->started_on == "test000");
    CHECK(world.ok(world.server(1), "failover_target", {{"ha_label", "testfs-OST0000"}}) == true);
    CHECK(world.ok(world.server(0), "start_target", {{"ha_label", "testfs-OST0000"}}) == "test001");
    CHECK(world.ok(world.server(0), "failback_target", {{"ha_label", "testfs-OST0000"}}) == true);
    CHECK(
        world.ok(
            world.server(0), "read_proc", {{"path", "/proc/fs/lustre/obdfilter/testfs-OST0000/sync_journal"}}
        ) == "0"
    );
    CHECK(world.ok(world.server(0), "get_lustre_stats").size() == 3);
    const Json gone{{"ha_label", "testfs-OST0000"}, {"uuid", "u"}, {"primary", true}};
    CHECK(
        world.refusal(world.server(0), "unconfigure_target_ha", gone) ==
        "cannot unconfigure-ha: testfs-OST0000 is still running"
    );
    CHECK(world.ok(world.server(0), "stop_target", {{"ha_label", "testfs-OST0000"}}) == true);
    CHECK(world.ok(world.server(0), "unconfigure_target_ha", gone) == nullptr);
    CHECK(world.ok(world.server(0), "get_lustre_stats").size() == 2);
}

// Proves: defect 54, 90.
TEST_CASE("what the world forbids is a wrapped error and what does not exist an exception") {
    SmallWorld world;
    world.make_filesystem();
    world.cut_power(world.server(1));
    const auto moved = world.run(world.server(0), "failover_target", {{"ha_label", "MGS"}});
    REQUIRE(moved.has_value());
    CHECK(moved->result["error"] == "cannot move MGS to its secondary node: test001 is offline");
    CHECK(!world.run(world.server(0), "start_target", {{"ha_label", "nope"}}).has_value());
    CHECK(!world.run(
                    world.server(0), "install_packages", {{"repos", Json::array()}, {"packages", {"nope"}}}
    ).has_value());
}

TEST_CASE("fencing devices are remembered on servers and refused on workers") {
    SmallWorld world;
    const Json agents{{"agents", {{{"agent", "fence_apc"}, {"plug", "1"}}}}};
    CHECK(world.ok(world.server(0), "configure_fencing", agents) == nullptr);
    CHECK(world.server(0)->fencing_agents.size() == 1);
    CHECK(
        world.refusal(world.worker(0), "configure_fencing", agents).find("not started on") !=
        std::string::npos
    );
    world.ok(world.server(0), "unconfigure_fencing");
    CHECK(world.server(0)->fencing_agents.empty());
}

// Proves: defect 78; action mount_lustre_filesystems, unmount_lustre_filesystems.
TEST_CASE("clients mount what exists and nothing of a list with a wrong entry") {
    SmallWorld world;
    world.make_filesystem();
    FakeServer& worker = world.worker(0);
    worker.unload_lnet();
    const std::string spec = world.server(0).nids().front() + ":/testfs";
    const auto list = [](std::initializer_list<std::string> specs) {
        Json filesystems = Json::array();
        for (const auto& one : specs) filesystems.push_back({one, "/mnt/testfs"});
        return Json{{"filesystems", filesystems}};
    };
    world.refusal(worker, "mount_lustre_filesystems", list({spec, spec + "2"}));
    world.refusal(worker, "mount_lustre_filesystems", list({"nonsense"}));
    CHECK(worker->client_mounts.empty());
    CHECK(worker.lnet_state() == "lnet_unloaded");
    CHECK(world.ok(worker, "mount_lustre_filesystems", list({spec})) == nullptr);
    CHECK(worker->client_mounts.at(spec) == "/mnt/testfs/testfs");
    CHECK(worker.lnet_state() == "lnet_up");
    CHECK(world.ok(worker, "unmount_lustre_filesystems", list({spec, "unknown"})) == nullptr);
    CHECK(worker->client_mounts.empty());
}

// Proves: defect 34; action device_plugin.
TEST_CASE("device plugins are listed by name or all at once") {
    SmallWorld world;
    CHECK(world.ok(world.server(0), "device_plugin", {{"plugin", nullptr}}).size() == plugin_table().size());
    CHECK(world.ok(world.server(0), "device_plugin", {{"plugin", "linux"}})["linux"]["devs"].size() == 4);
    CHECK(world.ok(world.server(0), "device_plugin", {{"plugin", ""}}) == Json::object());
    world.refusal(world.server(0), "device_plugin", {{"plugin", "nonexistent"}});
}

// Proves: action reboot_server, shutdown_server, deregister_server.
TEST_CASE("aftermaths reboot and shut down and deregister the server") {
    struct Case {
        const char* action;
        Phase after;
    };
    const Case cases[] = {
        {"reboot_server", Phase::up}, {"shutdown_server", Phase::off}, {"deregister_server", Phase::off}};
    for (const Case& one : cases) {
        SmallWorld world;
        const auto reply = world.run(world.server(0), one.action);
        REQUIRE(reply.has_value());
        CHECK(world.server(0).up());
        apply_aftermath(world.server(0), reply->aftermath);
        world.pass(10s);
        CHECK(world.server(0).phase() == one.after);
    }
}

TEST_CASE("copytools without HSM in the world are refused clearly") {
    SmallWorld world;
    CHECK(
        world.refusal(world.worker(0), "start_monitored_copytool", {{"id", "1"}}) ==
        "this simulation has no HSM"
    );
}

TEST_SUITE_END();
