// Properties of every row of the operation table.
#include "tests/sim/live_cluster.hpp"

#include <doctest/doctest.h>

#include <map>

TEST_SUITE_BEGIN("sim/control/operations");

using namespace csim;

namespace {

struct Small : LiveCluster {
    Small()
        : LiveCluster({.su_size = 2, .cluster_size = 2, .server_count = 2, .worker_count = 1, .nid_count = 2}
          ) {
        certify_all();
        documents.save_all();
    }
};

/// A value of the type that a parameter does not have.
Json wrong_value(const Parameter& parameter) {
    if (parameter.type == "string") return 7;
    return parameter.type == "any" ? Json::array() : Json("seven");
}

/// A value that the operation accepts, at least as far as its type goes.
Json right_value(const Parameter& parameter) {
    static const std::map<std::string_view, Json> known = {
        {"fqdn", "test000.localdomain"},
        {"address", "client"},
        {"node_type", "server"},
        {"mode", "none"},
        {"controller_id", 1},
        {"package", "chroma-agent"},
        {"path", "/proc/fs/lustre/version"}};
    const auto found = known.find(parameter.name);
    if (found != known.end()) return found->second;
    static const std::map<std::string_view, Json> by_type = {
        {"string", "text"},       {"int", 1}, {"boolean", true},         {"double", 1.5},
        {"array", Json::array()}, {"any", 1}, {"struct", Json::object()}};
    return by_type.at(parameter.type);
}

/// Values that a parameter's type alone does not tell.
const Json special_values{
    {"action", "on"},
    {"direction", "both"},
    {"latency", "250ms"},
    {"jitter", "50ms"},
    {"settings",
     {{"id", "1"},
      {"index", 0},
      {"bin_path", "/usr/sbin/lhsmtool_posix"},
      {"archive_number", 1},
      {"filesystem", "testfs"},
      {"mountpoint", "/mnt/testfs"},
      {"hsm_arguments", ""}}}};

Json right_arguments(const Operation& row) {
    Json named = Json::object();
    for (const Parameter& each : row.parameters()) {
        const std::string name(each.name);
        const bool special = special_values.contains(name) && row.name != "server_action";
        named[name] = special ? special_values[name] : right_value(each);
    }
    return named;
}

}  // namespace

TEST_CASE("names are unique and every row tells what it does") {
    std::set<std::string_view> names;
    for (const Operation& row : operations()) {
        CAPTURE(row.name);
        CHECK(names.insert(row.name).second);
        CHECK(row.help.size() > 10);
        CHECK(row.help.back() == '.');
        const std::set<std::string_view> types = {"int",   "double", "boolean", "string",
                                                  "array", "struct", "nil",     "any"};
        CHECK(types.contains(row.result));
        bool optional = false;
        for (const Parameter& each : row.parameters()) {
            CAPTURE(each.name);
            CHECK(types.contains(each.type));
            // Arguments are given by position, so only the last ones can be left out.
            CHECK(each.optional >= optional);
            optional = each.optional;
        }
    }
}

// Proves: defect 25.
TEST_CASE("the methods that existing callers use take their parameters in the known order") {
    const std::map<std::string_view, std::vector<std::string>> known = {
        {"setup",
         {"server_count", "worker_count", "volume_count", "nid_count", "cluster_size", "pdu_count",
          "su_size"}},
        {"add_server", {"nid_count"}},
        {"add_su", {"server_count", "volume_count", "nid_count"}},
        {"remove_server", {"fqdn"}},
        {"remove_all_servers", {}},
        {"register", {"fqdn", "secret"}},
        {"register_all", {"server_secret", "worker_secret"}},
        {"start_server", {"fqdn", "simulate_bootup"}},
        {"stop_server", {"fqdn", "shutdown", "simulate_shutdown"}},
        {"reboot_server", {"fqdn"}},
        {"poweroff_server", {"fqdn"}},
        {"poweron_server", {"fqdn"}},
        {"update_packages", {"packages", "node_type"}},
        {"available_packages", {"node_type"}},
        {"set_log_rate", {"fqdn", "rate"}},
        {"format_block_device", {"fqdn", "path", "filesystem_type"}},
        {"poll_fake_controller", {"controller_id"}},
        {"clear_clusters", {}},
        {"get_cluster", {"fqdn"}},
        {"get_lustre_client", {"address"}},
        {"unmount_lustre_clients", {}}};
    for (const auto& [name, parameters] : known) {
        CAPTURE(name);
        const Operation* const row = find_operation(name);
        REQUIRE(row != nullptr);
        std::vector<std::string> names;
        for (const Parameter& each : row->parameters()) names.emplace_back(each.name);
        CHECK(names == parameters);
    }
    for (const char* accident : {"save", "delete", "reset_state", "join"})
        CHECK(find_operation(accident) == nullptr);
}

TEST_CASE_FIXTURE(
    Small, "unknown and missing and mistyped arguments are refused by name and change nothing"
) {
    const auto before = store.writes;
    for (const Operation& row : operations()) {
        const auto parameters = row.parameters();
        const auto refused = [&](const Json& params, const std::string& where) {
            CAPTURE(row.name);
            CAPTURE(params.dump());
            const auto answer = ask(std::string(row.name), params);
            REQUIRE(answer.has_error());
            CHECK(answer.error().code == Errc::bad_argument);
            CAPTURE(answer.error().detail);
            CHECK(answer.error().detail.find(where) != std::string::npos);
        };
        Json extra = right_arguments(row);
        extra["surplus"] = 1;
        refused(extra, "/surplus");
        Json many = Json::array();
        for (std::size_t i = 0; i <= parameters.size(); ++i) many.push_back("x");
        refused(many, "at most");
        for (const Parameter& each : parameters) {
            const std::string name(each.name);
            Json wrong = right_arguments(row);
            wrong[name] = wrong_value(each);
            refused(wrong, "/" + name);
            if (each.optional || each.type == "any") continue;
            Json without = right_arguments(row);
            without.erase(name);
            refused(without, "/" + name);
        }
    }
    documents.save_all();
    CHECK(store.writes == before);
}

// Proves: invariant I-24; method simulator_status, server_get, hsm_copytool_list, pdu_list.
TEST_CASE_FIXTURE(Small, "queries change no document") {
    const auto before = store.writes;
    std::size_t queries = 0;
    for (const Operation& row : operations()) {
        if (row.kind != OperationKind::query) continue;
        CAPTURE(row.name);
        ++queries;
        (void)ask(std::string(row.name), right_arguments(row));
        documents.save_all();
        CHECK(store.writes == before);
    }
    CHECK(queries >= 10);
}

// Proves: method client_mount, client_unmount, client_unmount_all, get_lustre_client.
// Proves: method unmount_lustre_clients.
TEST_CASE_FIXTURE(Small, "clients mount what exists and tell what they have mounted") {
    CHECK(tell("get_lustre_client", {"client"}) == Json{{"address", "client"}, {"mounts", Json::array()}});
    CHECK(ask("client_mount", {"client", "10.0.0.1@tcp0", "nofs"}).error().code == Errc::not_found);
    CHECK(ask("client_unmount_all", {"stranger"}).error().code == Errc::not_found);
    CHECK(ask("client_read_proc", {"client", "/proc/fs/lustre/llite/*/max_cached_mb"}).has_error());
    tell("unmount_lustre_clients");
}

// Proves: method cluster_start, cluster_stop, cluster_failover, cluster_failback, cluster_get.
// Proves: method get_cluster, clear_clusters, start_corosync, start_pacemaker.
TEST_CASE_FIXTURE(Small, "resources start and move and stop and clearing forgets them") {
    simulator->start_everything();
    run_for(20s);
    for (const char* fqdn : {"test000.localdomain", "test001.localdomain"}) {
        tell("start_corosync", {fqdn});
        tell("start_pacemaker", {fqdn});
    }
    const auto& first = node("test000.localdomain");
    FakeCluster& cluster = first.cluster();
    const ResourceSettings settings{"fs-OST0000_abcdef", "/dev/x", "uuid", "/mnt/x"};
    REQUIRE(cluster.configure("test000", settings, true).has_value());
    REQUIRE(cluster.configure("test001", settings, false).has_value());
    const std::string fqdn = "test000.localdomain";
    const std::string label = settings.ha_label;
    CHECK(tell("cluster_start", {fqdn, label})["started_on"] == "test000");
    CHECK(tell("cluster_failover", {fqdn, label})["started_on"] == "test001");
    CHECK(tell("cluster_get", {fqdn})["resource_locations"] == Json{{label, "test001"}});
    CHECK(tell("cluster_failback", {fqdn, label})["started_on"] == "test000");
    CHECK(tell("cluster_stop", {fqdn, label})["started_on"].is_null());
    CHECK(ask("cluster_start", {fqdn, "nothing"}).error().code == Errc::not_found);
    tell("clear_clusters");
    CHECK(tell("get_cluster", {fqdn})["resources"].empty());
    CHECK(tell("server_get", {fqdn})["corosync"]["state"] == "stopped");
    CHECK(wrong() == std::vector<std::string>{});
}

// Proves: method start_lnet, stop_lnet, unconfigure_lnet, get_corosync_port, get_package_version.
// Proves: method format_block_device, server_inject_log_message, set_log_rate.
TEST_CASE_FIXTURE(Small, "a node's network and packages and devices are reached past its agent") {
    const std::string fqdn = "test000.localdomain";
    CHECK(ask("start_lnet", {fqdn}).error().detail.find("not up") != std::string::npos);
    simulator->start_everything();
    run_for(20s);
    tell("start_lnet", {fqdn});
    CHECK(tell("server_get", {fqdn})["lnet_state"] == "lnet_up");
    tell("stop_lnet", {fqdn});
    CHECK(tell("server_get", {fqdn})["lnet_state"] == "lnet_down");
    tell("unconfigure_lnet", {fqdn});
    CHECK(tell("server_get", {fqdn})["nids"].empty());
    CHECK(tell("get_corosync_port", {fqdn}) == 3000);
    CHECK(tell("get_package_version", {fqdn, "chroma-agent"}) == Json{0, "3.0.1", "1", "x86_64"});
    CHECK(ask("get_package_version", {fqdn, "zfs"}).error().code == Errc::not_found);
    const std::string path = device_path(simulator->world().devices().presented_to(fqdn).front());
    tell("format_block_device", {fqdn, path, "ext4"});
    CHECK(
        tell("server_action", {fqdn, "check_block_device", {{"path", path}, {"device_type", "linux"}}}) ==
        "ext4"
    );
    CHECK(ask("format_block_device", {fqdn, "/dev/nothing", "ext4"}).error().code == Errc::not_found);
    tell("server_inject_log_message", {fqdn, "hello"});
    CHECK(node(fqdn).take_log_lines().front().message == "hello");
    CHECK(ask("set_log_rate", {fqdn, -1}).error().code == Errc::bad_argument);
    CHECK(ask("poll_fake_controller", {"1x"}).error().code == Errc::bad_argument);
    CHECK(ask("poll_fake_controller", {"99"}).error().code == Errc::not_found);
}
