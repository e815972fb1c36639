#include "core/json_codec.hpp"
#include "fakes/node_names.hpp"
#include "tests/fakes/small_world.hpp"

#include <doctest/doctest.h>

using namespace csim;

TEST_SUITE_BEGIN("fakes/server");

TEST_CASE("names and addresses follow from kind and number") {
    CHECK(node_fqdn(3, false) == "test003.localdomain");
    CHECK(node_fqdn(1000, false) == "test1000.localdomain");
    CHECK(node_fqdn(0, true) == "worker000.localdomain");
    CHECK(interface_name("o2ib", 1) == "ib1");
    CHECK(node_address(0, false, 0) == "10.0.0.1");
    CHECK(node_address(253, false, 1) == "10.1.0.254");
    CHECK(node_address(254, false, 1) == "10.1.1.1");
    CHECK(node_mac(300, false, 10) == "12:34:00:01:2c:0a");
}

// Proves: defect 4, 18; invariant I-14.
TEST_CASE("addresses and MACs of thousands of nodes differ and no host byte is 0 or 255") {
    std::set<std::string> seen;
    std::size_t made = 0;
    for (std::int64_t id = 0; id < 3000; ++id) {
        for (const bool worker : {false, true}) {
            for (const std::int64_t k : {0, 1, 12}) {
                const auto address = node_address(id, worker, k);
                const auto host = address.substr(address.rfind('.') + 1);
                CHECK((host != "0" && host != "255"));
                seen.insert(address);
                seen.insert(node_mac(id, worker, k));
                made += 2;
            }
        }
    }
    CHECK(seen.size() == made);
}

TEST_CASE("nodes beyond the first block of addresses have addresses of their own") {
    CHECK(node_address(nodes_of_block - 1, false, 0) == "10.0.255.254");
    CHECK(node_address(nodes_of_block, false, 0) == "10.16.0.1");
    CHECK(node_address(node_id_max, true, interface_no_max_of_many) == "10.255.255.254");
    CHECK(interface_no_max_with(nodes_of_block - 1) == 127);
    std::set<std::string> seen;
    std::size_t made = 0;
    for (std::int64_t block = 0; block * nodes_of_block < node_id_max; ++block) {
        for (const std::int64_t within : {std::int64_t{0}, std::int64_t{777}, nodes_of_block - 1}) {
            for (std::int64_t k = 0; k <= interface_no_max_of_many; ++k) {
                for (const bool worker : {false, true}) {
                    seen.insert(node_address(block * nodes_of_block + within, worker, k));
                    ++made;
                }
            }
        }
    }
    CHECK(seen.size() == made);
}

// Proves: defect 89; action load_lnet, start_lnet, stop_lnet, unload_lnet.
TEST_CASE("LNet is a ladder and every step may be repeated") {
    struct Step {
        void (FakeServer::*change)();
        const char* state;
    };
    const Step steps[] = {
        {&FakeServer::stop_lnet, "lnet_unloaded"},   {&FakeServer::load_lnet, "lnet_down"},
        {&FakeServer::load_lnet, "lnet_down"},       {&FakeServer::start_lnet, "lnet_up"},
        {&FakeServer::load_lnet, "lnet_up"},         {&FakeServer::start_lnet, "lnet_up"},
        {&FakeServer::stop_lnet, "lnet_down"},       {&FakeServer::stop_lnet, "lnet_down"},
        {&FakeServer::unload_lnet, "lnet_unloaded"}, {&FakeServer::start_lnet, "lnet_up"},
        {&FakeServer::unload_lnet, "lnet_unloaded"},
    };
    SmallWorld world;
    FakeServer& server = world.server(0);
    server.unload_lnet();
    for (const Step& step : steps) {
        (server.*step.change)();
        CHECK(server.lnet_state() == step.state);
    }
}

// Proves: defect 82.
TEST_CASE("without NIDs the first interface gets one when LNet starts and only then") {
    SmallWorld world;
    FakeServer& server = world.server(0);
    server.unload_lnet();
    server.unconfigure_lnet();
    CHECK(server.network_report().lnet->nids.empty());
    server.start_lnet();
    CHECK(server.nids() == std::vector<std::string>{"10.0.0.1@tcp0"});
    CHECK(server.network_report().lnet->nids.size() == 1);
}

TEST_CASE("NIDs are replaced as a whole or not at all") {
    SmallWorld world;
    FakeServer& server = world.server(0);
    CHECK(server.nids() == std::vector<std::string>{"10.0.0.1@tcp0", "10.1.0.1@o2ib1"});
    const std::string before = world.everything();
    CHECK(!server.configure_lnet({{"10.0.0.1", "tcp", 7}, {"10.9.9.9", "tcp", 0}}).has_value());
    CHECK(world.everything() == before);
    REQUIRE(server.configure_lnet({{"10.1.0.1", "tcp", 7}}).has_value());
    CHECK(server.nids() == std::vector<std::string>{"10.1.0.1@tcp7"});
}

// Proves: defect 87.
TEST_CASE("byte counters grow with time and are the same whenever they are read") {
    SmallWorld world;
    const auto rx = [&] { return world.server(0).network_report().interfaces.at("eth0").rx_bytes; };
    const auto first = rx();
    CHECK(rx() == first);
    world.pass(10s);
    CHECK(rx() > first);
}

TEST_CASE("installing packages is all or nothing and versions follow the catalogue") {
    SmallWorld world;
    FakeServer& server = world.server(0);
    CHECK(server.installed_version("chroma-agent").has_value());
    CHECK(!server.install({"lustre", "no-such-package"}).has_value());
    CHECK(!server.installed_version("lustre").has_value());
    REQUIRE(server.install({"lustre"}).has_value());
    CHECK(*server.installed_version("lustre") == PackageVersion{0, "2.1.4", "1", "x86_64"});

    world.surroundings.catalogue.server["lustre"] = {0, "2.2", "1", "x86_64"};
    ++world.surroundings.catalogue_version;
    const auto report = server.packages()->at("external").at("lustre");
    CHECK(report.available.front() != report.installed.front());
}

TEST_CASE("a saved server comes back as it was") {
    SmallWorld world;
    world.make_filesystem();
    world.ok(world.server(0), "update_profile", {{"profile", {{"name", "base_managed_rh7"}}}});
    world.ok(world.server(1), "configure_ntp", {{"ntp_server", "manager"}});
    world.ok(
        world.worker(0), "mount_lustre_filesystems",
        {{"filesystems",
          Json::array({Json::array({world.server(0).nids().front() + ":/testfs", "/mnt/testfs"})})}}
    );
    const std::string before = world.everything();
    SmallWorld again({.store = &world.store});
    CHECK(again.everything() == before);
    CHECK(again.worker(0)->client_mounts.size() == 1);
}

TEST_CASE("a server as the original saved it is understood") {
    const auto store = memory_store();
    store->put({"fake_server_test005.localdomain.json", ""}, *parse_json(R"(
        {"id": 5, "fqdn": "test005.localdomain", "nodename": "test005", "worker": false, "starting_up": true,
         "shutting_down": false, "lnet_loaded": true, "lnet_up": true, "stats": {"hostname": "x"},
         "client_mounts": {}, "packages": {"chroma-agent": [0, "3.0.1", "1", "x86_64"]},
         "network_interfaces": {"10.0.0.5": {"interface_no": 0, "type": "tcp",
                                               "lnd_type": "tcp", "lnd_network": 0}},
         "pacemaker": {"state": "stopped", "__dict_struct_type__": "cluster_sim.fake_server.PacemakerState"},
         "corosync": {"state": "stopped", "mcast_port": 3000,
                      "__dict_struct_type__": "cluster_sim.fake_server.CorosyncState"}})"));
    store->commit({});
    const auto state = load_server_state(*store, "fake_server_test005.localdomain.json", 4);
    CHECK(state.cluster_id == 1);
    CHECK(state.stats.is_null());
    CHECK(state.network_interfaces.size() == 1);
}

TEST_SUITE_END();
