// Power as people and managers meet it: cluster-power, the manager's records, the strips behind both.
#include "tests/programs/stage.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <set>

TEST_SUITE_BEGIN("programs/power");

using namespace csim;

namespace {

std::string cluster_power() {
    return CSIM_BIN_DIR "/cluster-power";
}

Ended power(const Stage& stage, const Words& words) {
    return run_program({Words{cluster_power(), "--config", (stage.folder / "cluster").string()} + words});
}

/// Host names by strip and outlet, as the manager has them; and whether it knows that every outlet is on.
std::map<std::string, std::string> outlets_at_manager(const Stage& stage) {
    std::map<std::int64_t, std::string> hosts;
    const Json listed = stage.rest("api/host/?limit=0");
    for (const Json& host : listed["objects"])
        hosts[host["id"].get<std::int64_t>()] = host["fqdn"].get<std::string>();
    std::map<std::string, std::string> found;
    const Json devices = stage.rest("api/power_control_device/?limit=0");
    for (const Json& device : devices["objects"]) {
        for (const Json& outlet : device["outlets"]) {
            std::string fqdn = "-";
            for (const auto& [id, name] : hosts) {
                if (outlet["host"] == "/api/host/" + std::to_string(id) + "/") fqdn = name;
            }
            found[device["name"].get<std::string>() + "/" + outlet["identifier"].get<std::string>()] = fqdn;
        }
    }
    return found;
}

bool manager_sees(const Stage& stage, bool power) {
    const Json outlets = stage.rest("api/power_control_device_outlet/?limit=0");
    if (!outlets.is_object() || outlets["objects"].empty()) return false;
    for (const Json& each : outlets["objects"]) {
        if (each["has_power"] != power) return false;
    }
    return true;
}

}  // namespace

// Proves: defect 9, 14, 48.
TEST_CASE("a manager gets records of the strips while nodes register, and sees that they are on") {
    Stage stage;
    stage.start_manager();
    const Ended made =
        stage.run_sim({"setup", "--server_count", "3", "--worker_count", "1", "--psu_count", "2"});
    REQUIRE_MESSAGE(made.status == 0, made.err);
    Program simulator = stage.serve(stage.register_words({"--create_pdu_entries"}));
    REQUIRE(simulator.wait_for("the manager has the power strips: 2 made, 6 outlets assigned"));
    const std::map<std::string, std::string> wanted = {
        {"pdu000/1", "test000.localdomain"}, {"pdu000/2", "test001.localdomain"},
        {"pdu000/3", "test002.localdomain"}, {"pdu001/1", "test000.localdomain"},
        {"pdu001/2", "test001.localdomain"}, {"pdu001/3", "test002.localdomain"}};
    CHECK(outlets_at_manager(stage) == wanted);
    CHECK(eventually([&] { return manager_sees(stage, true); }));
    CHECK(power(stage, {"server", "all", "off"}).status == 0);
    CHECK(power(stage, {"status", "pdus"}).out.find("ON") == std::string::npos);
    // A manager asks once for states that it does not know. What it did not switch itself, it does not hear
    // of.
    CHECK(manager_sees(stage, true));
    simulator.signal(SIGTERM);
    CHECK(simulator.wait().status == 0);
}

// Proves: defect 15, 48.
TEST_CASE("cluster-power asks the running simulator, verifies, and never writes its folder") {
    Stage stage;
    stage.setup(12, 1);
    const auto before = contents_of(stage.folder / "cluster");
    const Ended resting = power(stage, {"status", "pdus"});
    CHECK(resting.status == 0);
    CHECK(resting.err.find("no simulator is running") != std::string::npos);
    CHECK(resting.out.starts_with("pdu000:\n  test000.localdomain (1): ON\n"));
    CHECK(resting.out.find("(9): ON\n  test009.localdomain (10)") != std::string::npos);
    const Ended refused = power(stage, {"server", "test000.localdomain", "off"});
    CHECK(refused.status == 3);
    CHECK(contents_of(stage.folder / "cluster") == before);

    Program simulator = stage.serve(stage.run_words());
    CHECK(power(stage, {"pdu", "pdu000", "2", "off"}).status == 0);
    const Ended servers = power(stage, {"status", "servers"});
    CHECK(servers.err.empty());
    CHECK(servers.out.find("test001.localdomain\n  pdu000 (2): OFF\n") != std::string::npos);
    CHECK(power(stage, {"server", "test001.localdomain", "reboot"}).status == 0);
    CHECK(power(stage, {"status", "servers"}).out.find("OFF") == std::string::npos);
    CHECK(power(stage, {"server", "ALL", "off"}).status == 0);
    CHECK(power(stage, {"status", "pdus"}).out.find("ON") == std::string::npos);
    CHECK(power(stage, {"pdu", "pdu000", "77", "on"}).status == 1);
    CHECK(power(stage, {"pdu", "pdu009", "1", "on"}).status == 1);
    CHECK(power(stage, {"server", "nobody", "on"}).status == 1);
    CHECK(power(stage, {"pdu", "pdu000", "1", "sideways"}).status == 2);
    CHECK(power(stage, {"status", "weather"}).status == 2);
    simulator.signal(SIGTERM);
    CHECK(simulator.wait().status == 0);
    CHECK(power(stage, {"status", "pdus"}).out.find("ON") == std::string::npos);
}

// Proves: defect 11, 24.
TEST_CASE("an interruption ends registering and running at any moment, in order and with status 0") {
    for (const int number : {SIGINT, SIGTERM}) {
        // Before anything answers, in the middle of registering, and afterwards.
        for (const char* sign : {"ready http", "not verified", "registered 11 of 11"}) {
            CAPTURE(sign);
            Stage stage;
            stage.start_manager();
            stage.setup(10, 1);
            Program simulator({stage.register_words({"--keys", "rsa2048"})});
            CHECK(simulator.wait_for(sign));
            simulator.signal(number);
            const Ended ended = simulator.wait();
            CHECK_MESSAGE(ended.status == 0, ended.err);
        }
    }
    Stage stage;
    stage.setup(2);
    Program simulator = stage.serve(stage.run_words());
    (void)stage.control("control_hsm_coordinator", {"fs", "disabled"});
    simulator.signal(SIGINT);
    CHECK(simulator.wait().status == 0);
}

// Proves: defect 58.
TEST_CASE("setting up leaves the machine as it was, but for its folder") {
    Stage stage;
    TempFolder home;
    TempFolder work;
    const Launch launch{
        .arguments = stage.sim({"setup", "--server_count", "2"}),
        .environment = {{"HOME", home.path().string()}, {"XDG_CONFIG_HOME", home.path().string()}},
        .folder = work.path()};
    const Ended made = run_program(launch);
    CHECK_MESSAGE(made.status == 0, made.err);
    CHECK(contents_of(home.path()).empty());
    CHECK(contents_of(work.path()).empty());
    CHECK_FALSE(std::filesystem::exists("/var/lib/chroma"));
    std::set<std::string> top;
    for (const auto& each : std::filesystem::directory_iterator(stage.folder.path()))
        top.insert(each.path().filename().string());
    CHECK(top == std::set<std::string>{"cluster"});
}

// Proves: defect 8.
TEST_CASE("setting up again lets the cluster grow and refuses to shrink it") {
    Stage stage;
    stage.setup(4, 1);
    const Ended grown = stage.run_sim({"setup", "--grow", "--server_count", "6", "--worker_count", "1"});
    CHECK_MESSAGE(grown.status == 0, grown.err);
    CHECK(grown.out.find("now has 6 servers, 1 worker and 12 volumes") != std::string::npos);
    const auto before = contents_of(stage.folder / "cluster");
    const Ended less = stage.run_sim({"setup", "--grow", "--server_count", "3"});
    CHECK(less.status == 1);
    CHECK(less.err.find("there are 6 servers already") != std::string::npos);
    CHECK(contents_of(stage.folder / "cluster") == before);
}

// Proves: invariant I-30; defect 77.
TEST_CASE("thirty agents need no more threads than three, and two descriptors each") {
    const auto costs = [](int servers) {
        Stage stage;
        stage.start_manager();
        stage.setup(servers);
        Program simulator = stage.serve(stage.register_words());
        CHECK(eventually([&] { return stage.sessions_open() >= servers * 7; }));
        // A long poll and posts; and what registrations and the session for their token leave behind.
        CHECK(eventually([&] {
            const Json info = stage.control("simulator_info", Json::array());
            return info.is_object() && info["connections"] <= 2 * servers + 2;
        }));
        const std::string proc = "/proc/" + std::to_string(simulator.pid());
        const std::string status = text_of(proc + "/status");
        const int threads = std::stoi(status.substr(status.find("Threads:") + 8));
        int descriptors = 0;
        for (const auto& each : std::filesystem::directory_iterator(proc + "/fd"))
            descriptors += !each.path().empty();
        return std::pair(threads, descriptors);
    };
    const auto few = costs(3);
    const auto many = costs(30);
    CHECK(many.first == few.first);
    CHECK(many.second <= few.second + 2 * 27 + 3);
}

TEST_SUITE_END();
