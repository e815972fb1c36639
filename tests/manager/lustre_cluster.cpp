#include "tests/manager/lustre_cluster.hpp"

#include "core/utc.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace csim::test {

namespace {

std::string node_name(std::size_t number) {
    std::string digits = std::to_string(number);
    return "test" + std::string(3 - digits.size(), '0') + digits;
}

Json devices(std::size_t count) {
    Json all = Json::object();
    for (std::size_t i = 0; i < count; ++i) {
        std::string serial = "LUN" + std::to_string(1000 + i);
        std::string number = "8:" + std::to_string(i);
        all[number] = {{"major_minor", number},     {"path", "/dev/disk/by-id/" + serial},
                       {"serial_80", serial},       {"serial_83", serial},
                       {"size", 1'000'000'000'000}, {"filesystem_type", nullptr},
                       {"parent", nullptr},         {"partition_number", nullptr}};
    }
    return all;
}

Json wrapped(const Json& value) {
    return Json{{"wrapper_version", 1}, {"result", value}};
}

}  // namespace

LustreCluster::LustreCluster(std::size_t servers, std::size_t volumes) {
    std::vector<std::int64_t> commands;
    for (std::size_t i = 0; i < servers; ++i) {
        agents.push_back(std::make_unique<ScriptedAgent>(f, node_name(i) + ".localdomain"));
        agents[i]->nid_address = "10.0.0." + std::to_string(i + 1);
        agents[i]->devices = devices(volumes);
        script(*agents[i]);
        commands.push_back(agents[i]->join("base_managed_rh7"));
    }
    for (std::int64_t command : commands) REQUIRE(succeeds(command));
    report_ha();
    for (std::size_t i = 0; i < volumes; ++i) place(static_cast<std::int64_t>(i + 1), i % servers);
    forget_actions();
}

void LustreCluster::script(ScriptedAgent& agent) {
    const std::string node = agent.fqdn.substr(0, agent.fqdn.find('.'));
    agent.answers["check_block_device"] = [](const Json&) { return Json(nullptr); };
    agent.answers["format_target"] = [this](const Json& args) {
        return Json{
            {"uuid", "uuid-" + args["target_name"].get<std::string>() + utc_text(f.timeline.now())},
            {"filesystem_type", "ext4"},
            {"inode_size", 256},
            {"inode_count", 65536},
            {"bytes_per_inode", 16384}};
    };
    agent.answers["register_target"] = [](const Json& args) {
        return Json{{"label", args["mount_point"].get<std::string>().substr(5)}};
    };
    agent.answers["start_target"] = [node](const Json&) { return wrapped(node); };
}

void LustreCluster::report_ha() {
    for (std::size_t i = 0; i < agents.size(); i += 2) {
        Json nodes = Json::object();
        for (std::size_t k = i; k < std::min(i + 2, agents.size()); ++k)
            nodes[node_name(k)] = {{"online", "true"}};
        f.advance(std::chrono::seconds(1));
        Json crm{
            {"nodes", nodes},
            {"options", {{"stonith_enabled", true}}},
            {"datetime", utc_text(f.timeline.now())}};
        const Json state{{"corosync", "started"}, {"pacemaker", "started"}};
        agents[i]->report("corosync", Json{{"state", state}, {"crm_info", crm}});
    }
    f.advance(std::chrono::seconds(1));
}

void LustreCluster::place(std::int64_t volume, std::size_t host) {
    const std::size_t peer = host % 2 == 0 ? host + 1 : host - 1;
    Json nodes = Json::array();
    for (std::int64_t id : f.manager->model().nodes_of_volume(volume)) {
        const std::int64_t on = f.manager->model().volume_nodes.at(id).host_id;
        const bool primary = on == agents[host]->host_id;
        if (primary || on == agents[peer]->host_id)
            nodes.push_back({{"id", id}, {"primary", primary}, {"use", true}});
    }
    const std::string target = "/api/volume/" + std::to_string(volume) + "/";
    const RestAnswer reply = f.rest("PUT", target, Json{{"id", volume}, {"nodes", nodes}});
    REQUIRE_MESSAGE(reply.status == 200, reply.text);
}

Json LustreCluster::body(const std::string& name, std::size_t osts, const Json& params) const {
    Json list = Json::array();
    for (std::size_t i = 0; i < osts; ++i)
        list.push_back({{"volume_id", i + 3}, {"conf_params", Json::object()}});
    return Json{
        {"name", name},
        {"mgt", {{"volume_id", 1}}},
        {"mdts", Json::array({Json{{"volume_id", 2}, {"conf_params", Json::object()}}})},
        {"osts", list},
        {"conf_params", params}};
}

std::int64_t LustreCluster::command_of(const RestAnswer& reply) {
    REQUIRE_MESSAGE((reply.status == 202 || reply.status == 201), reply.text);
    return (reply.body.contains("command") ? reply.body["command"] : reply.body)["id"].get<std::int64_t>();
}

std::int64_t LustreCluster::create(const std::string& name, std::size_t osts, const Json& params) {
    return command_of(f.rest("POST", "/api/filesystem/", body(name, osts, params)));
}

void LustreCluster::created(const std::string& name, std::size_t osts) {
    REQUIRE(succeeds(create(name, osts)));
    forget_actions();
}

bool LustreCluster::succeeds(std::int64_t command) {
    REQUIRE(f.run_until([&] { return f.command_done(command); }));
    const CommandRow& row = f.manager->model().commands.at(command);
    return !row.errored && !row.cancelled;
}

std::vector<std::string> LustreCluster::job_classes(std::int64_t command) {
    std::vector<std::string> names;
    for (std::int64_t job : f.manager->model().commands.at(command).jobs) {
        names.push_back(f.manager->model().jobs.at(job).class_name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string LustreCluster::state(ObjectRef object) {
    const Status* status = f.manager->model().status(object);
    return status == nullptr ? "gone" : status->state;
}

void LustreCluster::report_places(std::size_t from, const std::map<std::string, Json>& places) {
    f.advance(std::chrono::seconds(1));
    Json locations = Json::object();
    for (const auto& [name, node] : places) {
        f.manager->model().targets.each([&](const TargetRow& row) {
            if (row.name == name && row.ha_label) locations[*row.ha_label] = node;
        });
    }
    agents[from]->report(
        "lustre",
        Json{
            {"started_at", utc_text(f.timeline.now())},
            {"agent_version", "1"},
            {"capabilities", Json::array()},
            {"properties", nullptr},
            {"packages", nullptr},
            {"resource_locations", locations},
            {"mounts", nullptr},
            {"metrics", {{"raw", Json::object()}}}}
    );
    f.advance(std::chrono::milliseconds(10));
}

void LustreCluster::forget_actions() {
    for (auto& agent : agents) {
        agent->actions.clear();
        agent->arguments.clear();
    }
}

}  // namespace csim::test
