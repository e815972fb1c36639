// Outlets and strips: maps that fit, power that comes and goes.
#include "core/json_codec.hpp"
#include "fakes/fake_power.hpp"
#include "tests/fakes/small_world.hpp"
#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>

using namespace csim;

TEST_SUITE_BEGIN("fakes/power");

namespace {

/// A small world whose servers hang on two strips.
struct PoweredWorld : SmallWorld {
    explicit PoweredWorld(int strips = 2) {
        for (int i = 0; i < strips; ++i) power.add_strip();
        for (auto& [fqdn, node] : servers) {
            if (!node->worker()) power.add_server(fqdn);
        }
        surroundings.has_power = [this](const FakeServer& of) { return power.has_power(of.fqdn()); };
        power.on_power_lost = [this](const std::string& fqdn) { servers.at(fqdn)->power_lost(); };
        power.on_power_restored = [this](const std::string& fqdn) { servers.at(fqdn)->power_restored(); };
    }

    void check_promises() {
        for (const Violation& each : power.violations()) FAIL_CHECK(each.sentence);
        for (auto& [fqdn, node] : servers) {
            for (const Violation& each : power_violations(power, *node)) FAIL_CHECK(each.sentence);
        }
    }

    FakePower power{context};
};

bool command(FakePower& power, const char* strip, int outlet, OutletCommand what) {
    return power.command(strip, outlet, what).has_value();
}

}  // namespace

// Proves: defect 5; invariant I-16.
TEST_CASE("a server runs as long as one of its supplies has power") {
    PoweredWorld world;
    CHECK(command(world.power, "pdu000", 1, OutletCommand::off));
    CHECK(world.server(0).up());
    CHECK(world.power.find("pdu001")->on(1));
    CHECK(command(world.power, "pdu001", 1, OutletCommand::off));
    CHECK(world.server(0).phase() == Phase::off);
    CHECK(world.server(1).up());
    CHECK(command(world.power, "pdu001", 1, OutletCommand::on));
    CHECK(world.server(0).phase() == Phase::booting);
    world.pass(5s);
    CHECK(world.server(0).up());
    world.check_promises();
}

// Proves: defect 57.
TEST_CASE("cutting the power moves resources at that instant") {
    PoweredWorld world(1);
    world.make_filesystem();
    CHECK(world.storage.find("MGS")->started_on == "test000");
    CHECK(command(world.power, "pdu000", 1, OutletCommand::off));
    CHECK(world.storage.find("MGS")->started_on == "test001");
    world.check_promises();
}

TEST_CASE("a rebooted outlet comes back after three seconds without holding anything up") {
    PoweredWorld world(1);
    const SimTime before = world.server(0)->boot_time;
    CHECK(command(world.power, "pdu000", 1, OutletCommand::reboot));
    CHECK(!world.power.find("pdu000")->on(1));
    CHECK(command(world.power, "pdu000", 2, OutletCommand::off));
    world.pass(3s);
    CHECK(world.power.find("pdu000")->on(1));
    CHECK(!world.power.find("pdu000")->on(2));
    world.pass(5s);
    CHECK(world.server(0).up());
    CHECK(world.server(0)->boot_time > before);
}

TEST_CASE("a new command replaces what was still to happen") {
    PoweredWorld world(1);
    CHECK(command(world.power, "pdu000", 1, OutletCommand::reboot));
    CHECK(command(world.power, "pdu000", 1, OutletCommand::off));
    world.pass(60s);
    CHECK(!world.power.find("pdu000")->on(1));
    CHECK(world.power.command("pdu000", 1, OutletCommand::on, OutletTiming::delayed).has_value());
    world.pass(4s);
    CHECK(!world.power.find("pdu000")->on(1));
    world.pass(1s);
    CHECK(world.power.find("pdu000")->on(1));
}

// Proves: defect 80; invariant I-17.
TEST_CASE("power that goes while a server boots ends that boot") {
    PoweredWorld world(1);
    CHECK(command(world.power, "pdu000", 1, OutletCommand::reboot));
    world.pass(4s);
    CHECK(world.server(0).phase() == Phase::booting);
    CHECK(command(world.power, "pdu000", 1, OutletCommand::off));
    world.pass(60s);
    CHECK(world.server(0).phase() == Phase::off);
    world.check_promises();
}

// Proves: defect 44; invariant I-28.
TEST_CASE("unknown strips and outlets are refused and change nothing") {
    PoweredWorld world;
    const std::string before = world.everything();
    CHECK(world.power.command("pdu000", 77, OutletCommand::off).error().code == Errc::not_found);
    CHECK(world.power.command("pdu999", 1, OutletCommand::off).error().code == Errc::not_found);
    CHECK(world.power.command_server("nobody", OutletCommand::off).error().code == Errc::not_found);
    CHECK(world.everything() == before);
}

// Proves: defect 21.
TEST_CASE("a freed outlet is the next one given") {
    PoweredWorld world;
    CHECK(world.power.add_server("c") == 3);
    CHECK(world.power.add_server("d") == 4);
    world.power.remove_server("c");
    CHECK(!world.power.find("pdu000")->has(3));
    CHECK(!world.power.find("pdu001")->has(3));
    CHECK(world.power.add_server("e") == 3);
    CHECK(world.power.add_server("f") == 5);
    world.power.remove_server("f");
    CHECK(world.power.add_server("g") == 5);
}

TEST_CASE("states and what is pending come back from disk") {
    PoweredWorld world;
    CHECK(command(world.power, "pdu001", 2, OutletCommand::off));
    CHECK(command(world.power, "pdu000", 1, OutletCommand::reboot));
    world.documents.save_all();
    CHECK(
        world.store.load({"fake_power_control.json", ""})->at("server_outlets").at("test000.localdomain") ==
        "1"
    );
    const Json strip = *world.store.load({"pdu_sim_pdu001.json", ""});
    CHECK(strip.at("klass") == "APC79xxSimulator");
    CHECK(strip.at("port") == 2301);
    CHECK(strip.at("outlets") == Json{{"1", true}, {"2", false}});

    FakePower again(world.context);
    again.resume();
    CHECK(!again.find("pdu001")->on(2));
    CHECK(!again.find("pdu000")->on(1));
    CHECK(again.outlets().outlet_of("test001.localdomain") == 2);
    world.pass(3s);
    CHECK(again.find("pdu000")->on(1));
    CHECK(again.violations().empty());
}

TEST_CASE("what is saved is made to fit the servers there are") {
    PoweredWorld world;
    world.power.reconcile({"test001.localdomain", "new"});
    CHECK(world.power.outlets().outlet_of("test000.localdomain") == 0);
    CHECK(world.power.outlets().outlet_of("new") == 1);
    CHECK(world.power.violations().empty());
}

// Proves: invariant I-15.
TEST_CASE("outlet maps stay inverse whatever is added or removed or switched") {
    for_each_seed(10, [](std::uint64_t seed) {
        PoweredWorld world;
        Rng chance = Rng(seed).stream("power-walk");
        for (int step = 0; step < 150; ++step) {
            const std::string fqdn = "extra" + std::to_string(chance.between(0, 9));
            const auto what = static_cast<OutletCommand>(chance.between(0, 2));
            const int outlet = static_cast<int>(chance.between(1, 6));
            switch (chance.between(0, 4)) {
                case 0:
                    world.power.add_server(fqdn);
                    break;
                case 1:
                    world.power.remove_server(fqdn);
                    break;
                case 2:
                    world.pass(chance.between(Duration(0), Duration(6s)));
                    break;
                case 3:
                    (void)world.power.command_server("test000.localdomain", what);
                    break;
                default:
                    (void)world.power.command(chance.chance({1, 2}) ? "pdu000" : "pdu001", outlet, what);
            }
            // Servers of this test that are no servers have nobody to boot.
            world.power.on_power_lost = world.power.on_power_restored = nullptr;
            for (auto& [name, node] : world.servers) {
                if (!node->worker() && !world.power.has_power(name)) node->power_lost();
            }
            world.check_promises();
        }
        world.documents.save_all();
        FakePower again(world.context);
        CHECK(again.violations().empty());
        CHECK(to_json_value(again.outlets().state()) == to_json_value(world.power.outlets().state()));
    });
}
