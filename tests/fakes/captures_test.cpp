// Compares reports with what the original really sent: same keys, same types. Needs the captures.
#include "core/json_codec.hpp"
#include "tests/fakes/small_world.hpp"
#include "wire/reports/lustre.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>

using namespace csim;

TEST_SUITE_BEGIN("fakes/captures");

namespace {

std::optional<Json> capture(const std::string& path) {
    const char* folder = std::getenv("CSIM_CAPTURES");
    std::ifstream file(folder == nullptr ? "" : std::string(folder) + "/wire/" + path);
    if (!file) {
        MESSAGE("skipped: CSIM_CAPTURES names no folder with wire/" << path);
        return std::nullopt;
    }
    std::ostringstream text;
    text << file.rdbuf();
    return *parse_json(text.str());
}

bool same_kind(const Json& ours, const Json& theirs) {
    if (ours.is_number_integer() && theirs.is_number_integer()) return true;
    return ours.type() == theirs.type();
}

/// Every key and type of `theirs` in `ours`, and no other key. Objects keyed by names are compared by their
/// elements.
void compare(const Json& ours, const Json& theirs, const std::string& path) {
    INFO(path << ": " << ours.dump().substr(0, 200) << " against " << theirs.dump().substr(0, 200));
    REQUIRE(same_kind(ours, theirs));
    if (theirs.is_array() && !theirs.empty() && !ours.empty())
        return compare(ours[0], theirs[0], path + "/0");
    if (!theirs.is_object()) return;
    const bool by_name = path.ends_with("devs") || path.ends_with("nodes") || path.ends_with("interfaces") ||
                         path.ends_with("nids") || path.ends_with("resource_locations");
    if (by_name && !theirs.empty() && !ours.empty())
        return compare(*ours.begin(), *theirs.begin(), path + "/*");
    for (const auto& [key, value] : theirs.items()) {
        REQUIRE(ours.contains(key));
        compare(ours[key], value, path + "/" + key);
    }
    for (const auto& [key, value] : ours.items()) CHECK(theirs.contains(key));
}

struct Case {
    const char* file;
    const char* plugin;
    bool later;
};

}  // namespace

TEST_CASE("reports have the keys and types of captured ones") {
    const Case cases[] = {
        {"corosync-server-running-update.json", "corosync", true},
        {"linux-server-start_session.json", "linux", false},
        {"linux_network-server-start_session.json", "linux_network", false},
        {"lustre-server-with-ost-update.json", "lustre", true},
        {"simulator_controller-server-start_session.json", "simulator_controller", false},
        {"systemd_journal-server-start_session.json", "systemd_journal", false},
    };
    SmallWorld world;
    world.make_filesystem();
    world.ok(world.server(0), "failover_target", {{"ha_label", "testfs-OST0000"}});
    ServerReports& of = *world.reports.at("test001.localdomain");
    for (const Case& one : cases) {
        const auto captured = capture("03-plugin-data/" + std::string(one.file));
        if (!captured) return;
        const auto report = one.later ? of.next(one.plugin, false) : of.first(one.plugin);
        compare(report->bodies.at(0).to_json(), (*captured)["body"], one.file);
    }
}

TEST_CASE("captured reports decode and encode to themselves") {
    for (const char* name :
         {"lustre-server-with-ost-update.json", "lustre-server-with-mdt-hsm-update.json",
          "lustre-worker-client-mount-update.json"}) {
        const auto captured = capture("03-plugin-data/" + std::string(name));
        if (!captured) return;
        const auto report = decode_lustre_report((*captured)["body"]);
        REQUIRE(report.has_value());
        CHECK(to_json_value(*report) == (*captured)["body"]);
    }
}

TEST_CASE("actions answer captured requests in the captured shape") {
    SmallWorld world;
    for (const char* file :
         {"009-kernel_status", "016-load_lnet", "025-configure_network", "029-configure_pacemaker",
          "026-configure_corosync2_stage_1", "027-configure_corosync2_stage_2", "032-host_corosync_config",
          "033-configure_ntp", "038-update_profile", "039-configure_repo", "040-open_firewall",
          "041-check_block_device", "042-format_target_mgs", "046-register_target_mgs",
          "049-import_target_mgs", "072-export_target", "010-install_packages"}) {
        const auto captured = capture("04-actions/" + std::string(file) + ".json");
        if (!captured) return;
        const Json& request = (*captured)["manager_to_agent"]["body"];
        if (std::string(file) == "046-register_target_mgs") world.server(0).start_lnet();
        const auto reply = world.run(world.server(0), request["action"].get<std::string>(), request["args"]);
        INFO(file << ": " << (reply ? "" : reply.error().detail));
        REQUIRE(reply.has_value());
        compare(reply->result, (*captured)["agent_to_manager"]["body"]["result"], file);
    }
}

TEST_SUITE_END();
