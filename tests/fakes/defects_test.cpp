// What the original simulator got wrong and no other test of the fakes names.
#include "core/json_codec.hpp"
#include "fakes/fake_hsm.hpp"
#include "fakes/fake_power.hpp"
#include "fakes/pdu_menu.hpp"
#include "tests/fakes/small_world.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace csim;

TEST_SUITE_BEGIN("fakes/defects");

namespace {

const std::string worker_host = "worker000.localdomain";

struct HsmWorld : SmallWorld, CopytoolWatch {
    HsmWorld() : SmallWorld({.booted = false}), hsm(context) {
        hsm.watch(this);
        hsm.worker_up(worker_host);
        REQUIRE(hsm.control("fs", "enabled").has_value());
    }
    void started(const HsmCopytool&) override { ++starts; }
    void event(const HsmCopytool&, std::string_view line) override {
        const Json told = Json::parse(line);
        if (told.at("event_type").get<std::string>().ends_with("_START"))
            fids.push_back(told.at("source_fid").get<std::string>());
    }
    void stopped(const HsmCopytool&, bool) override {}

    FakeHsm hsm;
    int starts = 0;
    std::vector<std::string> fids;
};

/// A session at a strip, as its client sees it.
struct Terminal final : PduTerminal {
    Terminal(FakePower& power, const FakesContext& context) {
        menu.emplace(power, context, *power.find("pdu000"), std::nullopt, *this);
        menu->opened();
    }
    void write(std::string bytes) override { out += bytes; }
    void hang_up() override { hung_up = true; }
    std::string type(std::string_view bytes) {
        menu->received(bytes);
        return std::exchange(out, {});
    }

    std::string out;
    bool hung_up = false;
    std::optional<PduMenu> menu;
};

struct Strip : SmallWorld {
    Strip() : SmallWorld({.booted = false}) {
        power.add_strip();
        power.add_server("a");
        power.add_server("b");
    }
    FakePower power{context};
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

// Proves: defect 19; action install_packages, get_package_version.
TEST_CASE("an installed package keeps its version when the catalogue grows and over a restart") {
    SmallWorld world;
    world.surroundings.catalogue.server["chroma-agent"] = {0, "9.9.9", "1", "x86_64"};
    ++world.surroundings.catalogue_version;
    const Json args{{"package", "chroma-agent"}};
    CHECK(world.ok(world.server(0), "get_package_version", args)[1] == "3.0.1");
    world.documents.save_all();
    SmallWorld again({.store = &world.store});
    again.surroundings.catalogue = world.surroundings.catalogue;
    CHECK(again.ok(again.server(0), "get_package_version", args)[1] == "3.0.1");
    again.ok(again.server(0), "install_packages", {{"repos", Json::array()}, {"packages", {"chroma-agent"}}});
    CHECK(again.ok(again.server(0), "get_package_version", args)[1] == "9.9.9");
}

// Proves: defect 20.
TEST_CASE("presentations that were dropped stay dropped over a restart") {
    SmallWorld world;
    CHECK(world.devices.presented_to("test001.localdomain").size() == 4);
    world.devices.remove_presentations("test001.localdomain");
    world.documents.save_all();
    SmallWorld again({.store = &world.store});
    CHECK(again.devices.presented_to("test001.localdomain").empty());
    CHECK(again.devices.presented_to("test000.localdomain").size() == 4);
}

// Proves: defect 43.
TEST_CASE("members report how many resources run where and who coordinates") {
    SmallWorld world({.servers = 3});
    world.make_filesystem();
    world.ok(world.server(1), "failover_target", {{"ha_label", "testfs-OST0000"}});
    const auto view = world.storage.view_of("test002");
    CHECK(view->at("test000").resources_running == "2");
    CHECK(view->at("test001").resources_running == "1");
    CHECK(view->at("test002").resources_running == "0");
    world.server(0).stop(Service::corosync);
    const auto later = world.storage.view_of("test002");
    CHECK(later->at("test000").is_dc == "false");
    CHECK(later->at("test001").is_dc == "true");
    CHECK(later->at("test001").resources_running == "3");
}

// Proves: defect 47.
TEST_CASE("a session at a strip takes twenty thousand steps and then still does what it is told") {
    Strip strip;
    Terminal terminal(strip.power, strip.context);
    terminal.type("apc\n\napc\n\n");
    for (int i = 0; i < 5000; ++i) terminal.type("1\n\n2\n\n1\n\n\x1b\x1b\x1b");
    terminal.type("1\n\n2\n\n1\n\n2\n\n1\n\n2\n\nYES\n\n");
    CHECK_FALSE(strip.power.find("pdu000")->on(2));
    CHECK(strip.power.find("pdu000")->on(1));
}

// Proves: defect 91.
TEST_CASE("two sessions at one strip each keep their own place") {
    Strip strip;
    Terminal one(strip.power, strip.context);
    Terminal other(strip.power, strip.context);
    one.type("apc\n\napc\n\n1\n\n2\n\n1\n\n1\n\n");
    other.type("apc\n\napc\n\n1\n\n2\n\n1\n\n2\n\n");
    CHECK(has(one.type("1\n\n"), "Outlet 1"));
    CHECK(has(other.type("1\n\n"), "Outlet 2"));
    one.type("2\n\nYES\n\n");
    CHECK_FALSE(strip.power.find("pdu000")->on(1));
    CHECK(strip.power.find("pdu000")->on(2));
    other.type("4\n\n");
    CHECK_FALSE(one.hung_up);
}

// Proves: defect 49.
TEST_CASE("requests that nobody takes do not pile up and no id is given twice") {
    HsmWorld world;
    world.pass(24h);
    const auto idle = *world.hsm.metrics("fs");
    CHECK(idle.actions.waiting > 0);
    CHECK(idle.actions.waiting <= 100);
    for (const char* id : {"1", "2"}) {
        REQUIRE(
            world.hsm
                .configure_copytool(worker_host, {id, 0, "/usr/sbin/lhsmtool_posix", 1, "fs", "/mnt/fs", ""})
                .has_value()
        );
        REQUIRE(world.hsm.start_copytool(worker_host, id).has_value());
    }
    world.pass(48h);
    const std::set<std::string> unique(world.fids.begin(), world.fids.end());
    CHECK(world.fids.size() > 100);
    CHECK(unique.size() == world.fids.size());
}

// Proves: defect 51, 52; action start_monitored_copytool, stop_monitored_copytool.
TEST_CASE("a copytool that is started again and again is registered once, whoever reads meanwhile") {
    HsmWorld world;
    REQUIRE(world.hsm
                .configure_copytool(worker_host, {"1", 0, "/usr/sbin/lhsmtool_posix", 1, "fs", "/mnt/fs", ""})
                .has_value());
    for (int i = 0; i < 5; ++i) {
        REQUIRE(world.hsm.start_copytool(worker_host, "1").has_value());
        REQUIRE(world.hsm.start_copytool(worker_host, "1").has_value());
        CHECK(world.hsm.metrics("fs")->agents.total == 1);
        CHECK(world.starts == i + 1);
        REQUIRE(world.hsm.stop_copytool(worker_host, "1").has_value());
        CHECK(world.hsm.metrics("fs")->agents.total == 0);
    }
    CHECK(world.hsm.violations().empty());
}

// Proves: defect 60.
TEST_CASE("with quorum a minority runs nothing and a pair needs only one") {
    SmallWorld world({.servers = 3, .cluster = {.quorum = true}});
    world.make_filesystem();
    CHECK(world.storage.find("MGS")->started_on == "test000");
    world.cut_power(world.server(2));
    CHECK(world.storage.find("MGS")->started_on == "test000");
    world.cut_power(world.server(1));
    CHECK(world.storage.find("MGS")->started_on == std::nullopt);
    CHECK(
        world.refusal(world.server(0), "start_target", {{"ha_label", "MGS"}}).find("online") !=
        std::string::npos
    );
    CHECK(world.wrong().empty());
    world.restore_power(world.server(1));
    world.pass(6s);
    CHECK(world.storage.find("MGS")->started_on.has_value());
    SmallWorld pair({.servers = 2, .cluster = {.quorum = true}});
    pair.make_filesystem();
    pair.cut_power(pair.server(0));
    CHECK(pair.storage.find("MGS")->started_on == "test001");
}

// Proves: defect 60, 54; action start_target, stop_target, failover_target, failback_target.
TEST_CASE("a resource that fails on a node runs on the other one, or nowhere and says why") {
    SmallWorld world;
    world.make_filesystem();
    FakeServer& server = world.server(0);
    REQUIRE(world.storage.set_failing("MGS", "test000", true).has_value());
    CHECK(world.storage.find("MGS")->started_on == "test001");
    CHECK(has(world.refusal(server, "failback_target", {{"ha_label", "MGS"}}), "fails to start on test000"));
    REQUIRE(world.storage.set_failing("MGS", "test001", true).has_value());
    CHECK(world.storage.find("MGS")->started_on == std::nullopt);
    CHECK(has(world.refusal(server, "start_target", {{"ha_label", "MGS"}}), "it fails on test000"));
    CHECK(world.wrong().empty());
    world.documents.save_all();
    SmallWorld again({.store = &world.store});
    CHECK(again.storage.find("MGS")->started_on == std::nullopt);
    REQUIRE(again.storage.set_failing("MGS", "test001", false).has_value());
    CHECK(again.storage.find("MGS")->started_on == "test001");
    CHECK(again.storage.set_failing("nothing", "test001", true).error().code == Errc::not_found);
    CHECK(again.storage.set_failing("MGS", "nobody", true).error().code == Errc::not_found);
}

// Proves: defect 64.
TEST_CASE("the free space of an MDT lies within its own size and moves with it") {
    SmallWorld world;
    world.make_filesystem();
    const std::string serial = world.devices.serials()[1];
    const auto fresh = *world.statistics.of(serial, world.timeline.now());
    const auto later = *world.statistics.of(serial, world.timeline.now() + 240h);
    CHECK(*fresh.kbytestotal > default_volume_bytes / 1024 / 2);
    CHECK(*fresh.kbytesfree <= *fresh.kbytestotal);
    CHECK(*later.kbytesfree < *fresh.kbytesfree);
    CHECK(*later.kbytesfree > 0);
    CHECK(*later.filesfree < *fresh.filesfree);
}

// Proves: defect 95.
TEST_CASE("the linux report names local filesystems and no Lustre targets") {
    SmallWorld world;
    world.make_filesystem();
    REQUIRE(world.devices.format_local("test000.localdomain", world.path(3), "ext2").has_value());
    const Json devices = world.ok(world.server(0), "device_plugin", {{"plugin", "linux"}})["linux"]["devs"];
    std::map<std::string, Json> types;
    for (const Json& each : devices) types[each["path"].get<std::string>()] = each["filesystem_type"];
    CHECK(types.at(world.path(0)).is_null());
    CHECK(types.at(world.path(2)).is_null());
    CHECK(types.at(world.path(3)) == "ext2");
}

// Proves: defect 96.
TEST_CASE("servers can manage targets and workers cannot") {
    SmallWorld world;
    const auto capabilities = [&](FakeServer& of) {
        return world.ok(of, "device_plugin", {{"plugin", "lustre"}})["lustre"]["capabilities"];
    };
    CHECK(capabilities(world.server(0)) == Json{"manage_targets"});
    CHECK(capabilities(world.worker(0)) == Json::array());
}

// Proves: invariant I-12.
TEST_CASE("a target starts only once its MGS has registered it") {
    SmallWorld world;
    world.make_filesystem();
    FakeServer& server = world.server(0);
    const Json uuid = world.ok(
        server, "format_target",
        {{"device_type", "linux"},
         {"target_name", "testfs-OST0001"},
         {"device", world.path(3)},
         {"backfstype", "ldiskfs"},
         {"target_types", "ost"},
         {"fsname", "testfs"},
         {"index", 1},
         {"mgsnode", Json::array({server.nids()})}}
    )["uuid"];
    world.ok(
        server, "configure_target_ha",
        {{"primary", true},
         {"device", world.path(3)},
         {"ha_label", "OST1"},
         {"uuid", uuid},
         {"mount_point", "/mnt/OST1"}}
    );
    const std::string before = world.everything();
    CHECK(has(world.refusal(server, "start_target", {{"ha_label", "OST1"}}), "never registered"));
    CHECK(world.everything() == before);
    world.ok(
        server, "register_target",
        {{"device_path", world.path(3)}, {"mount_point", "/mnt/OST1"}, {"backfstype", "ldiskfs"}}
    );
    CHECK(world.ok(server, "start_target", {{"ha_label", "OST1"}}) == "test000");
}

TEST_SUITE_END();
