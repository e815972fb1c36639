#include "benchmark/scale/disturbances.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace csim {
namespace {

constexpr double patience_s = 60;

std::string node_of(int server) {
    char digits[16];
    std::snprintf(digits, sizeof digits, "test%03d", server);
    return digits;
}

std::string fqdn_of(int server) {
    return node_of(server) + ".localdomain";
}

}  // namespace

/// Every fourth server is the first of an HA pair; steps through the whole fleet, then over again.
void Disturbances::once() {
    const int server = next_ * 4 % servers_;
    next_ += std::max(servers_ / 4 / 17, 1);
    cut_power(server, server + 1);
    command(server + 2);
}

bool Disturbances::make_resource(
    const std::string& server, const std::string& peer, const std::string& label
) {
    const Json host = stage_.rest("api/host/?limit=1&fqdn=" + server);
    if (!host.is_object() || host["objects"].empty()) return false;
    const std::string id = std::to_string(host["objects"][0]["id"].get<std::int64_t>());
    const Json nodes = stage_.rest("api/volume_node/?limit=1&host=" + id);
    if (!nodes.is_object() || nodes["objects"].empty()) return false;
    Json arguments{
        {"primary", true},
        {"device", nodes["objects"][0]["path"]},
        {"ha_label", label},
        {"uuid", "uuid-" + label},
        {"mount_point", "/mnt/" + label}};
    stage_.try_control("server_action", {server, "configure_target_ha", arguments});
    arguments["primary"] = false;
    stage_.try_control("server_action", {peer, "configure_target_ha", arguments});
    stage_.try_control("cluster_start", {server, label});
    return !location(server, label).empty();
}

std::string Disturbances::location(const std::string& server, const std::string& label) {
    const Json cluster = stage_.try_control("cluster_get", {server});
    if (!cluster.is_object() || !cluster["resource_locations"].contains(label)) return "";
    const Json& at = cluster["resource_locations"][label];
    return at.is_string() ? at.get<std::string>() : "";
}

void Disturbances::cut_power(int server, int peer) {
    const std::string fqdn = fqdn_of(server);
    const std::string label = "scale-OST" + std::to_string(server);
    const bool resource = make_resource(fqdn, fqdn_of(peer), label);
    ++total_.power_cuts;
    stage_.control("server_power", {fqdn, "off"});
    if (resource) {
        ++total_.failovers;
        if (location(fqdn_of(peer), label) == node_of(peer)) ++total_.moved;
    }
    const auto start = BenchClock::now();
    stage_.control("server_power", {fqdn, "on"});
    try {
        stage_.wait_for("the return of " + fqdn, patience_s, [&] {
            return stage_.try_control("host_contactable", {fqdn}) == true;
        });
        ++total_.came_back;
        total_.slowest_return_s = std::max(total_.slowest_return_s, seconds_since(start));
    } catch (const Fatal&) {
        // Counted as one that did not come back.
    }
    if (resource) remove_resource(fqdn, fqdn_of(peer), label);
}

/// Nothing stays behind: what a soak adds to the world would count as memory that grows.
void Disturbances::remove_resource(
    const std::string& server, const std::string& peer, const std::string& label
) {
    stage_.try_control("cluster_stop", {peer, label});
    Json arguments{{"primary", false}, {"ha_label", label}, {"uuid", "uuid-" + label}};
    stage_.try_control("server_action", {peer, "unconfigure_target_ha", arguments});
    arguments["primary"] = true;
    stage_.try_control("server_action", {server, "unconfigure_target_ha", arguments});
}

void Disturbances::command(int server) {
    const Json host = stage_.rest("api/host/?limit=1&fqdn=" + fqdn_of(server));
    if (!host.is_object() || host["objects"].empty()) return;
    ++total_.commands;
    const auto start = BenchClock::now();
    const Json job{{"class_name", "RebootHostJob"}, {"args", {{"host_id", host["objects"][0]["id"]}}}};
    const Json command = stage_.post("api/command/", {{"message", "scale"}, {"jobs", Json::array({job})}});
    if (!command.is_object()) return;
    const std::string path = "api/command/" + std::to_string(command["id"].get<std::int64_t>()) + "/";
    Json seen;
    try {
        stage_.wait_for("a command's end", patience_s, [&] {
            seen = stage_.rest(path);
            return seen.is_object() && seen.value("complete", false);
        });
    } catch (const Fatal&) {
        return;
    }
    if (!seen.value("errored", true)) ++total_.obeyed;
    total_.slowest_command_s = std::max(total_.slowest_command_s, seconds_since(start));
}

}  // namespace csim
