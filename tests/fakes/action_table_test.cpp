// Properties that every row of the action table has, whatever it does.
#include "core/json_codec.hpp"
#include "tests/fakes/small_world.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace csim;

TEST_SUITE_BEGIN("fakes/action_table");

namespace {

Json sample(const ActionArgument& argument) {
    const std::string& type = argument.type;
    if (type == "boolean") return true;
    if (type == "integer") return 4242;
    if (type.starts_with("list")) return Json::array();
    if (argument.name == "profile") return {{"name", "p"}};
    if (argument.name == "lnet_configuration") return {{"network_interfaces", Json::array()}};
    if (argument.name == "device" || argument.name == "path" ||
        argument.name.find("device_path") != std::string::npos) {
        return "/dev/disk/by-id/scsi-FAKEDEVICE003-scsi0-0-0";
    }
    if (type == "any") return nullptr;
    return "x";
}

Json sample_arguments(const ActionSpec& row) {
    Json args = Json::object();
    for (const auto& argument : row.arguments()) {
        if (argument.required) args[argument.name] = sample(argument);
    }
    return args;
}

Json of_wrong_type(const ActionArgument& argument) {
    if (argument.type == "text") return 17;
    return "neither of them";
}

}  // namespace

TEST_CASE("rows are in order and unique and documented") {
    std::set<std::string_view> names;
    std::string_view last;
    for (const ActionSpec& row : action_table()) {
        CAPTURE(row.name);
        CHECK(last < row.name);
        CHECK(row.doc.ends_with('.'));
        CHECK(find_action(row.name) == &row);
        CHECK(row.takes >= 0s);
        last = row.name;
    }
    CHECK(find_action("save") == nullptr);
    CHECK(find_action("") == nullptr);
}

// Proves: defect 33.
TEST_CASE("everything that a manager sends has a row") {
    const char* const sent[] = {
        "device_plugin",
        "configure_ntp",
        "unconfigure_ntp",
        "unconfigure_corosync",
        "unconfigure_corosync2",
        "initialise_block_device_drivers",
        "deregister_server",
        "shutdown_server",
        "reboot_server",
        "failover_target",
        "failback_target",
        "set_conf_param",
        "configure_pacemaker",
        "unconfigure_pacemaker",
        "enable_pacemaker",
        "configure_target_store",
        "unconfigure_target_store",
        "configure_repo",
        "kernel_status",
        "configure_fencing",
        "unconfigure_fencing",
        "host_corosync_config",
        "mount_lustre_filesystems",
        "unmount_lustre_filesystems",
        "configure_copytool",
        "unconfigure_copytool",
        "start_monitored_copytool",
        "stop_monitored_copytool",
        "update_profile",
        "restart_agent",
        "scan_packages",
        "install_packages",
        "get_package_version",
        "start_corosync",
        "start_corosync2",
        "stop_corosync",
        "stop_corosync2",
        "start_pacemaker",
        "stop_pacemaker",
        "configure_network",
        "configure_corosync",
        "configure_corosync2_stage_1",
        "configure_corosync2_stage_2",
        "change_mcast_port",
        "get_corosync_autoconfig",
        "start_lnet",
        "stop_lnet",
        "load_lnet",
        "unload_lnet",
        "configure_lnet",
        "unconfigure_lnet",
        "format_target",
        "register_target",
        "writeconf_target",
        "check_block_device",
        "configure_target_ha",
        "unconfigure_target_ha",
        "purge_configuration",
        "start_target",
        "stop_target",
        "import_target",
        "export_target",
        "open_firewall",
        "close_firewall",
        "detect_scan",
        "read_proc",
        "get_lustre_stats",
        "get_node_stats",
        "trigger_plugin_update",
    };
    for (const char* name : sent) {
        CAPTURE(name);
        CHECK(find_action(name) != nullptr);
    }
    CHECK(action_table().size() == std::size(sent));
}

TEST_CASE("an unknown argument is refused with its path and changes nothing") {
    SmallWorld world;
    for (const ActionSpec& row : action_table()) {
        CAPTURE(row.name);
        Json args = sample_arguments(row);
        args["bogus"] = 1;
        const std::string before = world.everything();
        const auto reply = world.run(world.server(0), std::string(row.name), args);
        REQUIRE(!reply.has_value());
        CHECK(reply.error().detail.find("/bogus") != std::string::npos);
        CHECK(world.everything() == before);
    }
}

TEST_CASE("a missing argument and one of the wrong type are refused with their path") {
    SmallWorld world;
    for (const ActionSpec& row : action_table()) {
        for (const auto& argument : row.arguments()) {
            CAPTURE(row.name);
            CAPTURE(argument.name);
            const std::string before = world.everything();
            std::vector<Json> broken;
            if (argument.required) {
                broken.push_back(sample_arguments(row));
                broken.back().erase(argument.name);
            }
            if (argument.type != "any") {
                broken.push_back(sample_arguments(row));
                broken.back()[argument.name] = of_wrong_type(argument);
            }
            for (const Json& args : broken) {
                const auto reply = world.run(world.server(0), std::string(row.name), args);
                REQUIRE(!reply.has_value());
                CHECK(reply.error().code == Errc::bad_argument);
                CHECK(reply.error().detail.find("/" + argument.name) != std::string::npos);
            }
            CHECK(world.everything() == before);
        }
    }
}

TEST_CASE("arguments that are no object are refused") {
    SmallWorld world;
    for (const ActionSpec& row : action_table()) {
        for (const Json& args : {Json(nullptr), Json::array({1}), Json("x"), Json(3)}) {
            CHECK(!world.run(world.server(0), std::string(row.name), args).has_value());
        }
    }
}

// Proves: invariant I-24, I-28.
TEST_CASE("a query changes no document and a failed change changes none either") {
    SmallWorld world;
    world.make_filesystem();
    for (const ActionSpec& row : action_table()) {
        CAPTURE(row.name);
        const std::string before = world.everything();
        const auto reply = world.run(world.server(1), std::string(row.name), sample_arguments(row));
        const bool failed = !reply || (reply->result.is_object() && reply->result.contains("error"));
        if (row.kind == ActionKind::query || failed) CHECK(world.everything() == before);
    }
}

TEST_CASE("every change survives saving and loading") {
    for (const ActionSpec& row : action_table()) {
        CAPTURE(row.name);
        SmallWorld world;
        world.make_filesystem();
        (void)world.run(world.server(0), std::string(row.name), sample_arguments(row));
        const std::string before = world.everything();
        SmallWorld again({.store = &world.store});
        CHECK(again.everything() == before);
    }
}

TEST_CASE("a server that is not up runs no action") {
    SmallWorld world({.booted = false});
    for (const ActionSpec& row : action_table()) {
        CHECK(!world.run(world.server(0), std::string(row.name), sample_arguments(row)).has_value());
    }
}

TEST_CASE("every run is traced with its outcome") {
    SmallWorld world;
    world.ok(world.server(0), "kernel_status");
    world.refusal(world.server(0), "frobnicate");
    CHECK(world.trace.count("action_run") == 2);
}

TEST_SUITE_END();
