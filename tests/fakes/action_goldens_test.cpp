// Every action once, in an order that a manager could use: its answer and exactly what it changed on disk.
#include "core/json_codec.hpp"
#include "fakes/fake_hsm.hpp"
#include "tests/fakes/small_world.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/proofs.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace csim;

TEST_SUITE_BEGIN("fakes/action_goldens");

namespace {

/// `$0` and so on are the paths of volumes, `$mgs` and so on the uuids of what was formatted.
struct Call {
    const char* node;
    const char* action;
    const char* args;
};

const std::vector<Call>& calls() {
    static const std::vector<Call> all = {
        {"test000", "update_profile", R"({"profile": {"name": "base_managed_rh7", "managed": true}})"},
        {"test000", "scan_packages", "{}"},
        {"test000", "install_packages", R"({"repos": [], "packages": ["lustre", "zfs"]})"},
        {"test000", "get_package_version", R"({"package": "lustre"})"},
        {"test000", "kernel_status", "{}"},
        {"test000", "configure_repo", R"({"filename": "lustre.repo", "file_contents": "[lustre]"})"},
        {"test000", "initialise_block_device_drivers", "{}"},
        {"test000", "configure_ntp", R"({"ntp_server": "manager"})"},
        {"test000", "unconfigure_ntp", "{}"},
        {"test000", "unload_lnet", "{}"},
        {"test000", "load_lnet", "{}"},
        {"test000", "configure_lnet",
         R"({"lnet_configuration": {"state": "lnet_down", "modprobe_entries": [],
             "network_interfaces": [["10.0.0.1", "tcp", 0], ["10.1.0.1", "o2ib", 3]]}})"},
        {"test000", "start_lnet", "{}"},
        {"test001", "unconfigure_lnet", "{}"},
        {"test001", "stop_lnet", "{}"},
        {"test001", "start_lnet", "{}"},
        {"test000", "host_corosync_config", "{}"},
        {"test000", "get_corosync_autoconfig", "{}"},
        {"test000", "open_firewall",
         R"({"port": 988, "address": null, "proto": "tcp", "description": "lustre", "persist": true})"},
        {"test000", "close_firewall",
         R"({"port": 988, "address": null, "proto": "tcp", "description": "lustre", "persist": true})"},
        {"test000", "configure_network",
         R"({"ring0_name": "eth0", "ring1_name": "ib1", "ring1_ipaddr": "10.1.0.1", "ring1_prefix": 24})"},
        {"test000", "configure_corosync", R"({"ring0_name": "eth0", "old_mcast_port": 3000,
             "new_mcast_port": 4000})"},
        {"test000", "change_mcast_port", R"({"old_mcast_port": 4000, "new_mcast_port": 4001})"},
        {"test000", "configure_corosync2_stage_1", R"({"mcast_port": 4242, "pcs_password": "p"})"},
        {"test001", "configure_corosync2_stage_1", R"({"mcast_port": 4242, "pcs_password": "p"})"},
        {"test000", "configure_corosync2_stage_2",
         R"({"ring0_name": "eth0", "ring1_name": "ib1", "new_node_fqdn": "test001.localdomain",
             "create_cluster": true, "mcast_port": 4242, "pcs_password": "p"})"},
        {"test001", "stop_pacemaker", "{}"},
        {"test001", "stop_corosync2", "{}"},
        {"test001", "start_corosync2", "{}"},
        {"test001", "start_pacemaker", "{}"},
        {"test001", "stop_corosync", "{}"},
        {"test001", "start_corosync", "{}"},
        {"test001", "configure_pacemaker", "{}"},
        {"test001", "start_pacemaker", "{}"},
        {"test001", "enable_pacemaker", "{}"},
        {"test000", "configure_fencing",
         R"({"agents": [{"agent": "fence_apc", "plug": "1", "ipaddr": "127.0.0.1", "ipport": 2300}]})"},
        {"worker000", "configure_fencing", R"({"agents": []})"},
        {"test000", "unconfigure_fencing", "{}"},
        {"test000", "check_block_device", R"({"device_type": "linux", "path": "$0"})"},
        {"test000", "format_target",
         R"({"device_type": "linux", "target_name": "MGS", "device": "$0", "backfstype": "ldiskfs",
             "target_types": ["mgs"], "failnode": ["10.0.0.2@tcp0"]})"},
        {"test000", "export_target", R"({"device_type": "linux", "path": "$0"})"},
        {"test000", "import_target", R"({"device_type": "linux", "path": "$0",
             "pacemaker_ha_operation": false, "validate_importable": false})"},
        {"test000", "register_target", R"({"device_path": "$0", "mount_point": "/mnt/MGS",
             "backfstype": "ldiskfs"})"},
        {"test000", "configure_target_store",
         R"({"device": "$0", "uuid": "u-1", "mount_point": "/mnt/MGS", "backfstype": "ldiskfs",
             "device_type": "linux"})"},
        {"test000", "configure_target_ha",
         R"({"primary": true, "device": "$0", "ha_label": "MGS_1", "uuid": "$MGS", "mount_point": "/mnt/MGS"})"},
        {"test001", "configure_target_ha",
         R"({"primary": false, "device": "$0", "ha_label": "MGS_1", "uuid": "$MGS",
             "mount_point": "/mnt/MGS"})"},
        {"test000", "start_target", R"({"ha_label": "MGS_1"})"},
        {"test000", "format_target",
         R"({"device_type": "linux", "target_name": "fs-MDT0000", "device": "$1", "backfstype": "ldiskfs",
             "target_types": "mdt", "fsname": "fs", "index": 0, "mgsnode": [["10.0.0.1@tcp0"]],
             "mkfsoptions": "-i 2048 -I 512"})"},
        {"test000", "register_target", R"({"device_path": "$1", "mount_point": "/mnt/MDT",
             "backfstype": "ldiskfs"})"},
        {"test000", "format_target",
         R"({"device_type": "linux", "target_name": "fs-OST0000", "device": "$2", "backfstype": "ldiskfs",
             "target_types": ["ost"], "fsname": "fs", "index": 0, "mgsnode": [["10.0.0.1@tcp0"]]})"},
        {"test000", "register_target", R"({"device_path": "$2", "mount_point": "/mnt/OST",
             "backfstype": "ldiskfs"})"},
        {"test000", "configure_target_ha",
         R"({"primary": true, "device": "$1", "ha_label": "MDT_1", "uuid": "$fs-MDT0000",
             "mount_point": "/mnt/MDT"})"},
        {"test000", "start_target", R"({"ha_label": "MDT_1"})"},
        {"test001", "failover_target", R"({"ha_label": "MGS_1"})"},
        {"test001", "failover_target", R"({"ha_label": "MDT_1"})"},
        {"test000", "failback_target", R"({"ha_label": "MGS_1"})"},
        {"test000", "set_conf_param", R"({"key": "fs-MDT0000.mdt.hsm_control", "value": "enabled"})"},
        {"test000", "set_conf_param", R"({"key": "fs.llite.max_cached_mb", "value": "16"})"},
        {"test000", "set_conf_param", R"({"key": "fs.llite.max_cached_mb"})"},
        {"test000", "read_proc", R"({"path": "/proc/fs/lustre/mdt/fs-MDT0000/hsm_control"})"},
        {"test000", "detect_scan", R"({"target_devices": [{"path": "$0"}, {"path": "$1"}, {"path": "$3"}]})"},
        {"test000", "get_lustre_stats", "{}"},
        {"test000", "get_node_stats", "{}"},
        {"test000", "device_plugin", R"({"plugin": "linux_network"})"},
        {"test000", "trigger_plugin_update", R"({"plugin_names": []})"},
        {"worker000", "mount_lustre_filesystems", R"({"filesystems": [["10.0.0.1@tcp0:/fs", "/mnt/fs"]]})"},
        {"worker000", "configure_copytool",
         R"({"id": "1", "index": 0, "bin_path": "/usr/sbin/lhsmtool_posix", "archive_number": 1,
             "filesystem": "fs", "mountpoint": "/mnt/fs", "hsm_arguments": ""})"},
        {"worker000", "start_monitored_copytool", R"({"id": "1"})"},
        {"worker000", "stop_monitored_copytool", R"({"id": "1"})"},
        {"worker000", "stop_monitored_copytool", R"({"id": "unknown"})"},
        {"worker000", "unconfigure_copytool", R"({"id": "1"})"},
        {"worker000", "unmount_lustre_filesystems", R"({"filesystems": [["10.0.0.1@tcp0:/fs", "/mnt/fs"]]})"},
        {"test000", "unconfigure_target_ha", R"({"primary": true, "ha_label": "MDT_1", "uuid": "u"})"},
        {"test000", "stop_target", R"({"ha_label": "MDT_1"})"},
        {"test000", "unconfigure_target_ha", R"({"primary": true, "ha_label": "MDT_1", "uuid": "u"})"},
        {"test000", "unconfigure_target_store", R"({"uuid": "u-1"})"},
        {"test000", "purge_configuration",
         R"({"mgs_device_path": "$0", "mgs_device_type": "linux", "filesystem_name": "fs"})"},
        {"test000", "writeconf_target", R"({"device": "$0", "writeconf": true, "erase_params": true})"},
        {"test001", "unconfigure_pacemaker", "{}"},
        {"test001", "unconfigure_corosync", "{}"},
        {"test000", "unconfigure_corosync2", R"({"host_fqdn": "test000.localdomain", "mcast_port": 4242})"},
        {"test001", "restart_agent", "{}"},
        {"test001", "reboot_server", "{}"},
        {"test001", "shutdown_server", "{}"},
        {"test001", "deregister_server", "{}"},
    };
    return all;
}

struct Recorder : SmallWorld {
    Recorder() : hsm(context) { hsm.worker_up(node_of(0, true)); }

    std::string play(const Call& call) {
        const std::string args = filled_in(call.args);
        const std::string fqdn = std::string(call.node) + ".localdomain";
        FakeServer& on = *servers.at(fqdn);
        ActionScope of = scope(on);
        of.hsm = &hsm;
        const Json before = documents_now();
        const auto reply = run_action(of, call.action, *parse_json(args));
        std::string text = "\n" + std::string(call.node) + " " + call.action + " " + args + "\n";
        text +=
            reply ? "  -> " + shortened(reply->result).dump() + "\n" : "  !! " + reply.error().detail + "\n";
        for (const Json& change : Json::diff(before, documents_now())) text += "  " + told(change) + "\n";
        return text;
    }

  private:
    std::string filled_in(std::string args) const {
        std::string flat;
        for (const char each : args) {
            if (each != '\n') flat += each;
        }
        std::size_t at = 0;
        while ((at = flat.find('$', at)) != std::string::npos) {
            const std::size_t end = flat.find('"', at);
            const std::string name = flat.substr(at + 1, end - at - 1);
            flat.replace(at, end - at, name.size() == 1 ? path(std::stoi(name)) : uuid_of(name));
        }
        return parse_json(flat)->dump();
    }
    std::string uuid_of(const std::string& label) const {
        for (const std::string& serial : targets.serials()) {
            if (targets.find(serial)->label == label) return targets.find(serial)->uuid;
        }
        return "no target " + label;
    }
    Json documents_now() {
        documents.save_all();
        Json all = Json::object();
        for (const auto& name : store.documents("")) {
            if (const auto value = store.load({name, ""})) all[name] = *value;
        }
        return all;
    }
    static std::string told(const Json& change) {
        const std::string value = change.contains("value") ? " " + change["value"].dump() : "";
        return change["op"].get<std::string>() + " " + change["path"].get<std::string>() + value;
    }
    /// Long lists of figures have tests of their own; here it is their keys that count.
    static Json shortened(const Json& result) {
        Json keys = result;
        for (const char* figures : {"cpustats", "meminfo"}) {
            if (keys.is_object() && keys.contains(figures)) keys[figures] = keys[figures].size();
        }
        if (keys.is_object() && keys.contains("fs-MDT0000")) keys["fs-MDT0000"] = "figures";
        return keys;
    }

    FakeHsm hsm;
};

}  // namespace

// Proves: action change_mcast_port, check_block_device, close_firewall, configure_copytool.
// Proves: action configure_corosync, configure_corosync2_stage_1, configure_corosync2_stage_2.
// Proves: action configure_fencing, configure_lnet, configure_network, configure_ntp, configure_pacemaker.
// Proves: action configure_repo, configure_target_ha, configure_target_store, deregister_server.
// Proves: action detect_scan, device_plugin, enable_pacemaker, export_target, failback_target.
// Proves: action failover_target, format_target, get_corosync_autoconfig, get_lustre_stats.
// Proves: action get_node_stats, get_package_version, host_corosync_config, import_target.
// Proves: action initialise_block_device_drivers, install_packages, kernel_status, load_lnet.
// Proves: action mount_lustre_filesystems, open_firewall, purge_configuration, read_proc, reboot_server.
// Proves: action register_target, restart_agent, scan_packages, set_conf_param, shutdown_server.
// Proves: action start_corosync, start_corosync2, start_lnet, start_monitored_copytool, start_pacemaker.
// Proves: action start_target, stop_corosync, stop_corosync2, stop_lnet, stop_monitored_copytool.
// Proves: action stop_pacemaker, stop_target, trigger_plugin_update, unconfigure_copytool.
// Proves: action unconfigure_corosync, unconfigure_corosync2, unconfigure_fencing, unconfigure_lnet.
// Proves: action unconfigure_ntp, unconfigure_pacemaker, unconfigure_target_ha, unconfigure_target_store.
// Proves: action unload_lnet, unmount_lustre_filesystems, update_profile, writeconf_target.
TEST_CASE("every action answers and changes what it should and nothing else") {
    Recorder world;
    std::set<std::string> played;
    std::string text;
    for (const Call& call : calls()) {
        text += world.play(call);
        played.insert(call.action);
    }
    for (const ActionSpec& row : action_table())
        CHECK_MESSAGE(played.contains(std::string(row.name)), row.name);
    check_golden("actions.txt", text);
}

TEST_CASE("the rows of actions that tests must prove are those of the table") {
    std::vector<std::string> names;
    std::vector<std::string> rows;
    for (const ActionSpec& row : action_table()) names.emplace_back(row.name);
    for (const ProofRow& row : proof_rows("action")) rows.push_back(row.id);
    CHECK(rows == names);
}

TEST_SUITE_END();
