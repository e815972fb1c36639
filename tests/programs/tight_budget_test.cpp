// A fleet whose agents have fewer connections than they would like: everything works, taking turns.
#include "tests/programs/stage.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <csignal>

TEST_SUITE_BEGIN("programs/tight_budget");

using namespace csim;

namespace {

constexpr int servers = 20;
constexpr int connections = 24;
constexpr int sessions = servers * 7;
constexpr int reserve = 64;  // descriptors that are kept for files and other sockets

/// The same program with so many descriptors and not one more.
Words limit_of(int descriptors) {
    return {"sh", "-c", "ulimit -n " + std::to_string(descriptors) + " && exec \"$@\"", "sh"};
}

struct TightFleet : Stage {
    const std::string victim = "test000.localdomain";
    const std::string peer = "test001.localdomain";
    const std::string label = "testfs-OST0000_abcdef";

    Json action(const std::string& fqdn, const std::string& name, const Json& arguments) {
        return control("server_action", {fqdn, name, arguments});
    }
    /// A resource that runs on the victim and has its peer for a second home.
    void make_resource() {
        const Json nodes = rest("api/volume_node/?limit=0")["objects"];
        REQUIRE_FALSE(nodes.empty());
        Json arguments{
            {"primary", true},
            {"device", nodes[0]["path"]},
            {"ha_label", label},
            {"uuid", "3a6b8f5e-0000-4000-8000-000000000001"},
            {"mount_point", "/mnt/" + label}};
        action(victim, "configure_target_ha", arguments);
        arguments["primary"] = false;
        action(peer, "configure_target_ha", arguments);
        REQUIRE(control("cluster_start", {victim, label})["started_on"] == "test000");
    }
    bool runs_on(const std::string& node) {
        const Json cluster = control("cluster_get", {peer});
        return cluster.is_object() && cluster["resource_locations"].value(label, "") == node;
    }
    int connections_open() {
        const Json info = control("simulator_info", Json::array());
        REQUIRE(info.is_object());
        return info["connections"].get<int>();
    }
    void all_alive() {
        const Ended watched = watch_ready();
        REQUIRE_MESSAGE(watched.status == 0, watched.err);
        REQUIRE(eventually([&] { return sessions_open() == sessions; }));
    }
    void end(Program& simulator) {
        simulator.signal(SIGTERM);
        const Ended ended = simulator.wait();
        CHECK_MESSAGE(ended.status == 0, ended.err);
    }
    /// The manager asks the agent for something and hears that it was done.
    void check_command() {
        const Json host = rest("api/host/?fqdn=" + peer)["objects"][0];
        const Json job{{"class_name", "RebootHostJob"}, {"args", {{"host_id", host["id"]}}}};
        const Json command = post("api/command/", {{"message", "again"}, {"jobs", Json::array({job})}});
        const std::string path = "api/command/" + std::to_string(command["id"].get<int>()) + "/";
        Json seen;
        CHECK(eventually([&] { return (seen = rest(path)).is_object() && seen.value("complete", false); }));
        CHECK_FALSE(seen.value("errored", true));
    }
};

}  // namespace

TEST_CASE_FIXTURE(
    TightFleet, "twenty agents with twenty-four connections live through a power cut and obey"
) {
    start_manager();
    setup(servers);
    Program simulator = serve(limit_of(reserve + connections) + register_words());
    all_alive();
    CHECK(connections_open() <= connections);

    make_resource();
    control("server_power", {victim, "off"});
    CHECK(eventually([&] { return sessions_open() == sessions - 7; }));
    CHECK(runs_on("test001"));
    control("server_power", {victim, "on"});
    CHECK(eventually([&] { return sessions_open() == sessions; }));
    check_command();
    CHECK(eventually([&] { return sessions_open() == sessions; }));
    CHECK(connections_open() <= connections);
    end(simulator);
}

TEST_CASE_FIXTURE(
    TightFleet, "a manager with twenty-six connections serves twenty hibernating agents and its users"
) {
    manager_wrapper = limit_of(reserve + connections + 2);
    start_manager();
    setup(servers);
    Program simulator = serve(register_words({"--hibernate"}));
    all_alive();
    const auto all_hibernate = [&] {
        const Json info = control("simulator_info", Json::array());
        return info.is_object() && info["hibernating"] == info["connections"] &&
               info["hibernating"].get<int>() >= servers;
    };
    CHECK(eventually(all_hibernate));
    check_command();
    CHECK(eventually([&] { return sessions_open() == sessions; }));
    CHECK(connections_open() <= connections + 2);
    end(simulator);
}

TEST_SUITE_END();
