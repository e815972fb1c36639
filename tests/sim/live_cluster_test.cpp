// The simulator alive: what its operations do to agents, to the world and to what the manager sees.
#include "tests/sim/live_cluster.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("sim/live_cluster");

using namespace csim;

namespace {

const std::string first = "test000.localdomain";
const std::string second = "test001.localdomain";

struct FourServers : LiveCluster {
    FourServers() : LiveCluster({.cluster_size = 2, .server_count = 4, .worker_count = 1, .nid_count = 2}) {}

    /// All registered, agents running, sessions open.
    void alive() {
        certify_all();
        simulator->start_everything();
        run_for(30s);
        REQUIRE(simulator->fleet().stats().agents == 5);
    }
    std::string contact(const std::string& fqdn) {
        return network.manager(fqdn).gets.back().request.client_start_time;
    }
    std::string boot_time(const std::string& fqdn) {
        return network.manager(fqdn).gets.back().request.server_boot_time;
    }
};

}  // namespace

// Proves: method register, host_contactable, start_server; invariant I-18.
TEST_CASE_FIXTURE(FourServers, "registering starts the node and its certificate is kept") {
    give_keys();
    const Json answer = tell("register", {first, "secret"});
    CHECK(answer["host_id"] == 1);
    CHECK(answer["command_id"] == 101);
    CHECK(answer["certificate"] == network.certificate_pem);
    run_for(5s);
    CHECK(tell("host_contactable", {first}) == true);
    CHECK(tell("host_contactable", {second}) == false);
    CHECK(simulator->fleet().sessions_open(first) == 7);
    CHECK(store.load({first + "_crypto/self.crt", ""}).has_value());
    CHECK(ask("start_server", {first}).error().detail.find("already running") != std::string::npos);
}

// Proves: defect 76; method register.
TEST_CASE_FIXTURE(FourServers, "a refused registration is a fault and leaves the node as it was") {
    give_keys();
    const auto refused = ask("register", {first, "wrong"});
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == Errc::refused);
    CHECK_FALSE(node(first).up());
    CHECK(tell("server_get", {first})["registered"] == false);
}

// Proves: method register_many; defect 76.
TEST_CASE_FIXTURE(FourServers, "many registrations answer in the order of their names whoever failed") {
    give_keys();
    simulator->credentials().put_key("test002.localdomain", "not a key");
    const Json names{"test003.localdomain", first, second};
    const Json list = tell("register_many", {names, "secret"});
    REQUIRE(list.size() == 3);
    CHECK(list[0]["host_id"] == 1);
    CHECK(list[2]["host_id"] == 3);
    CHECK(tell("register_many", {Json{first}, "wrong"}) == Json::array({nullptr}));
    const Json explained = tell("register_many", {Json{first}, "wrong", true});
    CHECK(explained[0]["error"].is_string());
    CHECK(ask("register_many", {Json{first, "nobody"}, "secret"}).error().code == Errc::not_found);
    CHECK(ask("register_many", {Json{first, first}, "secret"}).error().detail.find("/fqdns/1") == 0);
    CHECK(tell("register_many", {Json::array(), "secret"}) == Json::array());
}

// Proves: method register_all.
TEST_CASE_FIXTURE(FourServers, "registering all counts what is new and starts the rest") {
    give_keys();
    tell("register", {first, "secret"});
    tell("stop_server", {first});
    CHECK(tell("register_all", {"secret", "secret"}) == 4);
    run_for(2s);
    CHECK(simulator->fleet().stats().agents == 5);
    CHECK(tell("register_all", {"secret", "secret"}) == 0);
}

TEST_CASE_FIXTURE(FourServers, "a node that is being registered is not registered twice") {
    give_keys();
    network.holds_registrations = true;
    std::optional<Result<Answer>> answer;
    api->call({"register", {first, "secret"}}, [&](Result<Answer> result) { answer = std::move(result); });
    run_for(1s);
    CHECK(
        ask("register", {first, "secret"}).error().detail.find("being registered already") !=
        std::string::npos
    );
    network.release_registrations();
    run_for(1s);
    REQUIRE(answer.has_value());
    CHECK(answer->has_value());
}

TEST_CASE_FIXTURE(FourServers, "a node removed while it is being registered does not come back") {
    give_keys();
    network.holds_registrations = true;
    std::optional<Result<Answer>> answer;
    api->call({"register", {first, "secret"}}, [&](Result<Answer> result) { answer = std::move(result); });
    run_for(1s);
    tell("remove_server", {first});
    REQUIRE(answer.has_value());
    CHECK(answer->error().code == Errc::conflict);
    network.release_registrations();
    run_for(5s);
    CHECK_FALSE(simulator->credentials().registered(first));
    CHECK(store.documents(first).empty());
    CHECK(simulator->registrations_pending() == 0);
}

// Proves: defect 36; action restart_agent.
TEST_CASE_FIXTURE(FourServers, "restarting the agent is no reboot") {
    alive();
    tell("server_action", {first, "start_corosync2", Json::object()});
    const std::string process = contact(first);
    const std::string booted = boot_time(first);
    CHECK(tell("server_action", {first, "restart_agent", Json::object()}).is_null());
    CHECK_FALSE(simulator->fleet().running(first));
    CHECK(node(first).up());
    run_for(5s);
    CHECK(simulator->fleet().running(first));
    CHECK(contact(first) != process);
    CHECK(boot_time(first) == booted);
    CHECK(node(first).state_of(Service::corosync) == "started");
}

// Proves: method reboot_server, stop_server, start_server.
TEST_CASE_FIXTURE(FourServers, "a reboot has a newer boot time and a stopped agent has none") {
    alive();
    const std::string booted = boot_time(first);
    tell("reboot_server", {first});
    run_for(5s);
    CHECK(boot_time(first) > booted);
    tell("stop_server", {first});
    CHECK(node(first).up());
    CHECK(tell("host_contactable", {first}) == false);
    CHECK_FALSE(network.manager(first).poll_open());
    tell("stop_server", {first, true, true});
    CHECK(node(first).phase() == Phase::shutting_down);
    run_for(10s);
    CHECK(node(first).phase() == Phase::off);
    tell("start_server", {first, true});
    CHECK(tell("server_get", {first})["starting_up"] == true);
    run_for(10s);
    CHECK(tell("host_contactable", {first}) == true);
}

// Proves: defect 26, 57; invariant I-3.
TEST_CASE_FIXTURE(FourServers, "power loss drops the agent at once and what it was doing") {
    alive();
    std::optional<Result<Answer>> answer;
    api->call({"server_action", {first, "start_lnet", Json::object()}}, [&](Result<Answer> result) {
        answer = std::move(result);
    });
    CHECK_FALSE(answer.has_value());
    node(first).power_lost();
    documents.save_all();
    CHECK_FALSE(network.manager(first).poll_open());
    CHECK_FALSE(network.manager(first).post_open());
    CHECK(simulator->fleet().sessions_open(first) == 0);
    REQUIRE(answer.has_value());
    CHECK(answer->error().detail.find("went down") != std::string::npos);
    CHECK(wrong() == std::vector<std::string>{});
}

// Proves: defect 2, 21, 22; invariant I-29; method remove_server.
TEST_CASE_FIXTURE(FourServers, "a removed server leaves no reference behind") {
    alive();
    for (const auto& fqdn : {first, second}) {
        tell("start_corosync", {fqdn});
        tell("start_pacemaker", {fqdn});
    }
    tell("remove_server", {first});
    documents.save_all();
    run_for(1min);
    CHECK(wrong() == std::vector<std::string>{});
    CHECK(simulator->fleet().find(first) == nullptr);
    CHECK_FALSE(tell("cluster_get", {second})["nodes"].contains("test000"));
    for (const std::string& document : store.documents("")) {
        CAPTURE(document);
        CHECK(document.find("test000") == std::string::npos);
        const auto saved = store.load({document, ""});
        if (saved) CHECK(saved->dump().find("test000") == std::string::npos);
    }
    CHECK(ask("remove_server", {first}).error().code == Errc::not_found);
    CHECK(tell("add_server", {2}) == "test004.localdomain");
    CHECK(node("test004.localdomain").phase() == Phase::off);
}

// Proves: method network_fault.
TEST_CASE_FIXTURE(FourServers, "a network fault holds for one agent or for all and ends when told") {
    alive();
    tell("network_fault", {first, "refuse"});
    run_for(2min);
    CHECK(simulator->fleet().sessions_open(first) == 0);
    CHECK(simulator->fleet().sessions_open(second) == 7);
    tell("network_fault", {"", "drop_responses"});
    run_for(2min);
    CHECK(simulator->fleet().stats().sessions_open == 0);
    tell("network_fault", {"", "none"});
    run_for(2min);
    CHECK(simulator->fleet().stats().sessions_open == 35);
    CHECK(ask("network_fault", {"nobody", "none"}).error().code == Errc::not_found);
    CHECK(ask("network_fault", {first, "slow"}).error().code == Errc::bad_argument);
}

// Proves: defect 23; method update_packages, available_packages.
TEST_CASE_FIXTURE(FourServers, "new packages are reported without a new session or boot") {
    alive();
    const std::string process = contact(first);
    const std::string session = network.manager(first).session_id("lustre");
    network.manager(first).posts.clear();
    tell("update_packages", {{{"lustre", {0, "2.9.0", "1", "x86_64"}}}});
    run_for(11s);
    CHECK(contact(first) == process);
    CHECK(network.manager(first).session_id("lustre") == session);
    std::size_t told = 0;
    for (const auto& post : network.manager(first).posts) {
        for (const Message& message : post.request.messages) {
            if (message.plugin == "lustre" &&
                message.body.to_json().dump().find("2.9.0") != std::string::npos)
                ++told;
        }
    }
    CHECK(told == 1);
    CHECK(tell("available_packages")["lustre"][1] == "2.9.0");
    CHECK_FALSE(tell("available_packages", {"worker"}).contains("lustre"));
    CHECK(ask("update_packages", {Json::object(), "printer"}).error().code == Errc::bad_argument);
}

// Proves: defect 86; method stop, start_all, simulator_info.
TEST_CASE_FIXTURE(
    FourServers, "stopping everything leaves nodes up and starting everything brings agents back"
) {
    alive();
    tell("stop");
    CHECK(simulator->fleet().stats().agents == 0);
    CHECK(node(first).up());
    CHECK(tell("simulator_info")["agents"]["stopped"] == 5);
    tell("start_all");
    run_for(20s);
    CHECK(tell("simulator_info")["agents"]["running"] == 5);
}

// Proves: defect 61, 90; method server_action.
TEST_CASE_FIXTURE(FourServers, "actions answer with their result after the time that they take") {
    alive();
    const SimTime before = timeline.now();
    CHECK(tell("server_action", {first, "start_lnet", Json::object()}) == true);
    CHECK(timeline.now() - before >= Duration(50ms));
    CHECK(node(first).lnet_state() == "lnet_up");
    CHECK(ask("server_action", {first, "fly", Json::object()}).error().code == Errc::not_found);
    const auto failed =
        ask("server_action", {first, "install_packages", {{"repos", Json::array()}, {"packages", {"frog"}}}});
    REQUIRE(failed.has_error());
    CHECK(failed.error().detail.find("frog") != std::string::npos);
    CHECK(
        ask("server_action", {first, "start_lnet", {{"speed", 3}}}).error().detail.find("/speed") !=
        std::string::npos
    );
    tell("stop_server", {first, true});
    CHECK(ask("server_action", {first, "start_lnet"}).error().detail.find("not up") != std::string::npos);
}

TEST_CASE_FIXTURE(FourServers, "what happens to sessions and polls is counted for all agents together") {
    alive();
    Json info = tell("simulator_info");
    CHECK(info["sessions_opened"] == 35);
    for (const auto& reason : info["sessions_ended"].items()) CHECK(reason.value() == 0);
    const Json before = tell("simulator_latencies");
    CHECK(before["lag"]["count"] == 0);
    run_for(20s);
    const Json after = tell("simulator_latencies");
    CHECK(after["poll_lateness"]["count"].get<int>() - before["poll_lateness"]["count"].get<int>() == 10);
    CHECK(after["poll_lateness"]["max_ms"] == 0);
    std::int64_t posts = 0;
    for (const Json& each : after["posts"]["classes_us"]) posts += each[1].get<std::int64_t>();
    CHECK(after["posts"]["count"] == posts);
    CHECK(after["posts"]["p99_ms"].get<double>() >= 1);

    tell("network_fault", {first, "refuse"});
    run_for(5s);
    tell("stop_server", {second});
    info = tell("simulator_info");
    CHECK(info["sessions_ended"]["stopped"] == 7);
    CHECK(
        info["sessions_ended"]["poll_failed"].get<int>() + info["sessions_ended"]["post_failed"].get<int>() ==
        7
    );
}

TEST_CASE_FIXTURE(FourServers, "an agent that was to start later does not start once it is stopped") {
    certify_all();
    simulator->start_everything();
    run_for(1s);
    CHECK(simulator->fleet().stats().agents < 5);
    tell("stop");
    run_for(1min);
    CHECK(simulator->fleet().stats().agents == 0);
    tell("remove_server", {second});
    tell("start_all");
    tell("remove_server", {"test003.localdomain"});
    run_for(1min);
    CHECK(simulator->fleet().stats().agents == 3);
}

TEST_CASE_FIXTURE(FourServers, "traffic per second follows the last seconds only") {
    CHECK(tell("simulator_info")["per_second"]["requests"] == 0);
    run_for(10s);
    network.counted.requests += 50;
    run_for(1s);
    CHECK(tell("simulator_info")["per_second"]["requests"].get<double>() > 5);
    run_for(10s);
    CHECK(tell("simulator_info")["per_second"]["requests"] == 0);
}
