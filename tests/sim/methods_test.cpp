// Operations of the control port that need a cluster with something in it, and what the original got wrong
// about clusters as a whole.
#include "sim/control/operation_list.hpp"
#include "sim/world_checks.hpp"
#include "tests/sim/live_cluster.hpp"
#include "tests/support/proofs.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("sim/methods");

using namespace csim;

namespace {

const std::string first = "test000.localdomain";
const std::string second = "test001.localdomain";
const std::string worker = "worker000.localdomain";

struct Cluster : LiveCluster {
    Cluster()
        : LiveCluster(
              {.cluster_size = 2, .server_count = 4, .worker_count = 1, .nid_count = 2, .psu_count = 2}
          ) {
        certify_all();
        simulator->start_everything();
        run_for(20s);
    }
    /// A resource that runs on the first server and may run on the second.
    void pair_up() {
        for (const auto& fqdn : {first, second}) {
            tell("start_corosync", {fqdn});
            tell("start_pacemaker", {fqdn});
        }
        FakeCluster& cluster = node(first).cluster();
        const std::string path = device_path(simulator->world().devices().presented_to(first).front());
        REQUIRE(cluster.configure("test000", {"R", path, "u", "/mnt/R"}, true).has_value());
        REQUIRE(cluster.configure("test001", {"R", path, "u", "/mnt/R"}, false).has_value());
        CHECK(tell("cluster_start", {first, "R"})["started_on"] == "test000");
    }
    Json where() { return tell("cluster_get", {first})["resource_locations"]["R"]; }
    void all_is_well() {
        for (const Violation& each : violations(*simulator))
            FAIL_CHECK(each.invariant << " " << each.sentence);
    }
};

}  // namespace

TEST_CASE("the rows of operations that tests must prove are those of the table") {
    std::vector<std::string> names;
    std::vector<std::string> rows;
    for (const Operation& row : operations()) names.emplace_back(row.name);
    for (const ProofRow& row : proof_rows("method")) rows.push_back(row.id);
    CHECK(rows == names);
}

// Proves: method pdu_list, pdu_set, server_power; defect 5; invariant I-16.
TEST_CASE_FIXTURE(Cluster, "outlets are switched one by one and a server's all together") {
    tell("pdu_set", {"pdu000", 1, "off"});
    CHECK(tell("server_get", {first})["has_power"] == true);
    CHECK(node(first).up());
    tell("pdu_set", {"pdu001", "1", "off"});
    CHECK(node(first).phase() == Phase::off);
    CHECK(simulator->fleet().running(first) == false);
    all_is_well();
    tell("server_power", {first, "on"});
    run_for(10s);
    CHECK(tell("host_contactable", {first}) == true);
    tell("server_power", {second, "reboot"});
    CHECK(node(second).phase() == Phase::off);
    run_for(10s);
    CHECK(node(second).up());
    const Json strips = tell("pdu_list");
    REQUIRE(strips.size() == 2);
    CHECK(strips[0]["outlets"][0]["server"] == first);
    CHECK(strips[0]["outlets"][0]["on"] == true);
    CHECK(ask("pdu_set", {"pdu000", 99, "off"}).error().code == Errc::not_found);
    CHECK(ask("pdu_set", {"pdu000", 1, "explode"}).error().code == Errc::bad_argument);
    CHECK(ask("server_power", {worker, "off"}).error().code == Errc::not_found);
    all_is_well();
}

// Proves: method poweroff_server, poweron_server.
TEST_CASE_FIXTURE(Cluster, "a server is shut down with its outlets on and booted again") {
    tell("poweroff_server", {first});
    CHECK(node(first).phase() == Phase::shutting_down);
    run_for(6s);
    CHECK(node(first).phase() == Phase::off);
    CHECK(tell("server_get", {first})["has_power"] == true);
    tell("poweron_server", {first});
    CHECK(node(first).phase() == Phase::booting);
    run_for(6s);
    CHECK(node(first).up());
    CHECK(ask("poweron_server", {first}).has_error());
}

// Proves: method stop_corosync, stop_pacemaker, cluster_set_failing; defect 37.
TEST_CASE_FIXTURE(Cluster, "resources leave a node whose daemons stop or on which they fail") {
    pair_up();
    tell("stop_pacemaker", {first});
    CHECK(where() == "test001");
    tell("start_pacemaker", {first});
    CHECK(tell("cluster_set_failing", {first, "R", "test001", true})["started_on"] == "test000");
    CHECK(ask("cluster_failover", {first, "R"}).error().detail.find("fails to start") != std::string::npos);
    tell("stop_corosync", {first});
    CHECK(where().is_null());
    CHECK(tell("server_get", {first})["pacemaker"]["state"] == "stopped");
    CHECK(tell("cluster_set_failing", {first, "R", "test001", false})["started_on"] == "test001");
    CHECK(ask("cluster_set_failing", {first, "R", "nobody", true}).error().code == Errc::not_found);
    all_is_well();
}

// Proves: method cluster_split; invariant I-1.
TEST_CASE_FIXTURE(Cluster, "a cluster is cut in two and healed") {
    pair_up();
    tell("cluster_failover", {first, "R"});
    tell("cluster_split", {first, Json::array({{"test000"}, {"test001"}})});
    CHECK(where() == "test000");
    all_is_well();
    tell("cluster_split", {first, Json::array()});
    CHECK(where() == "test000");
    CHECK(ask("cluster_split", {first, Json::array({{"test009"}})}).error().code == Errc::not_found);
    CHECK(
        ask("cluster_split", {first, Json::array({{"test000"}, {"test000"}})}).error().code ==
        Errc::bad_argument
    );
}

// Proves: method ha_get, ha_set; defect 60.
TEST_CASE_FIXTURE(Cluster, "detection, failback and quorum are settings of all clusters and are kept") {
    pair_up();
    CHECK(
        tell("ha_get") ==
        Json{
            {"failure_detection", 0.0},
            {"automatic_failback", false},
            {"stonith_enabled", true},
            {"quorum", false}}
    );
    tell("ha_set", {5.0, true, false, false});
    tell("server_power", {first, "off"});
    CHECK(where() == "test000");
    run_for(5s);
    CHECK(where() == "test001");
    tell("server_power", {first, "on"});
    run_for(6s);
    CHECK(where() == "test000");
    CHECK(ask("ha_set", {-1.0, true, true, true}).error().code == Errc::bad_argument);
    documents.save_all();
    CHECK(store.load({"simulator.json", ""})->at("ha").at("failure_detection") == 5.0);
    ServerSurroundings surroundings;
    World again(simulator->world().context(), surroundings);
    CHECK(again.cluster(0).options().failure_detection == 5s);
    CHECK(again.cluster(7).options().automatic_failback);
}

// Proves: method configure_hsm_copytool, start_monitored_copytool, stop_monitored_copytool.
// Proves: method unconfigure_hsm_copytool, control_hsm_coordinator, hsm_coordinator_list, hsm_copytool_list.
// Proves: method set_hsm_chances.
TEST_CASE_FIXTURE(Cluster, "a copytool is set up, works and goes, all by the control port") {
    const Json settings{{"id", "7"},           {"index", 0},         {"bin_path", "/usr/sbin/lhsmtool_posix"},
                        {"archive_number", 1}, {"filesystem", "fs"}, {"mountpoint", "/mnt/fs"},
                        {"hsm_arguments", ""}};
    CHECK(ask("control_hsm_coordinator", {"fs", "maybe"}).error().code == Errc::bad_argument);
    tell("control_hsm_coordinator", {"fs", "enabled"});
    CHECK(ask("configure_hsm_copytool", {first, settings}).error().code == Errc::conflict);
    CHECK(tell("configure_hsm_copytool", {worker, settings}) == "7");
    CHECK(ask("set_hsm_chances", {2.0, 0.0, 0.0}).error().code == Errc::bad_argument);
    tell("set_hsm_chances", {1.0, 0.0, 0.0});
    tell("start_monitored_copytool", {worker, "7"});
    run_for(30min);
    CHECK(tell("hsm_copytool_list")[0]["running"] == true);
    const Json figures = tell("hsm_coordinator_list")[0];
    CHECK(figures["filesystem"] == "fs");
    CHECK(figures["hsm"]["agents"]["total"] == 1);
    CHECK(figures["hsm"]["actions"]["errored"].get<int>() > 0);
    CHECK(network.manager(worker).copytool_texts.size() > 1);
    tell("stop_monitored_copytool", {"7"});
    tell("stop_monitored_copytool", {"unknown"});
    run_for(5s);
    CHECK(network.manager(worker).copytool_texts.back().find("UNREGISTER") != std::string::npos);
    tell("unconfigure_hsm_copytool", {"7"});
    CHECK(ask("unconfigure_hsm_copytool", {"7"}).error().code == Errc::not_found);
    CHECK(tell("hsm_copytool_list") == Json::array());
    all_is_well();
}

// Proves: defect 24; method control_hsm_coordinator.
TEST_CASE_FIXTURE(Cluster, "coordinators that were never enabled keep nothing from ending") {
    tell("control_hsm_coordinator", {"fs", "disabled"});
    tell("control_hsm_coordinator", {"other", "shutdown"});
    simulator->stop();
    CHECK(simulator->fleet().stats().agents == 0);
    api.reset();
    simulator.reset();
    CHECK_FALSE(store.documents("fake_hsm_coordinator").empty());
}

// Proves: defect 1, 85; invariant I-8; method get_cluster, server_list.
TEST_CASE_FIXTURE(Cluster, "workers have a group of their own, before and after a restart") {
    documents.save_all();
    CHECK(tell("get_cluster", {worker})["id"] == -1);
    CHECK(tell("get_cluster", {worker})["nodes"].contains("worker000"));
    ServerSurroundings surroundings;
    World again(simulator->world().context(), surroundings);
    const FakeServer* const loaded = again.find(worker);
    REQUIRE(loaded != nullptr);
    CHECK(loaded->cluster().id() == -1);
    CHECK_FALSE(again.cluster(0).state().nodes.contains("worker000"));
    CHECK(again.find(first)->cluster().id() == 0);
    CHECK(again.find("test002.localdomain")->cluster().id() == 1);
    CHECK(tell("server_list").back() == worker);
}

// Proves: defect 8; method setup; invariant I-28.
TEST_CASE_FIXTURE(Cluster, "setting up again makes what is missing and never removes anything") {
    documents.save_all();
    const auto before = store.writes;
    tell("setup", {4, 1, 8, 2, 2, 2, 0});
    CHECK(store.writes == before);
    for (const Json& less :
         {Json{3, 1, 8, 2, 2, 2, 0}, Json{4, 0, 8, 2, 2, 2, 0}, Json{4, 1, 7, 2, 2, 2, 0},
          Json{4, 1, 8, 2, 2, 1, 0}, Json{4, 1, 8, 2, 3, 2, 0}, Json{5, 1, 8, 2, 2, 2, 2}}) {
        CAPTURE(less.dump());
        CHECK(ask("setup", less).has_error());
    }
    CHECK(store.writes == before);
    tell("setup", {6, 2, 14, 2, 2, 3, 0});
    CHECK(tell("server_list").size() == 8);
    CHECK(tell("pdu_list").size() == 3);
    CHECK(tell("pdu_list")[2]["outlets"].size() == 6);
    CHECK(simulator->world().devices().presented_to("test005.localdomain").size() == 14);
    CHECK(simulator->world().devices().presented_to(first).size() == 14);
    CHECK(node(first).up());
    tell("setup", {8, 2, 16, 2, 2, 3, 2});
    CHECK(simulator->world().devices().presented_to("test007.localdomain").size() == 2);
    CHECK(simulator->world().devices().presented_to(first).size() == 14);
    all_is_well();
}

// Proves: action trigger_plugin_update; method server_action; defect 41.
TEST_CASE_FIXTURE(
    Cluster, "an update that is triggered beside the manager makes the agent's next report full"
) {
    const auto reports_of = [&](const std::string& plugin) {
        run_for(1min);
        const auto before = network.manager(first).posts.size();
        const Json asked{{"plugin_names", plugin.empty() ? Json::array() : Json::array({plugin})}};
        CHECK(tell("server_action", {first, "trigger_plugin_update", asked}).is_null());
        run_for(12s);
        std::set<std::string> sent;
        for (std::size_t i = before; i < network.manager(first).posts.size(); ++i) {
            for (const Message& message : network.manager(first).posts[i].request.messages)
                sent.insert(message.plugin.value_or("").str());
        }
        return sent;
    };
    const std::set<std::string> usual = [&] {
        std::set<std::string> all = reports_of("lustre");
        CHECK_FALSE(all.contains("linux"));
        return all;
    }();
    auto with_linux = usual;
    with_linux.insert("linux");
    CHECK(reports_of("linux") == with_linux);
    CHECK(reports_of("").contains("linux"));
    CHECK(ask("server_action", {first, "trigger_plugin_update", Json::object()}).has_error());
}
