// Coordinators and copytools: what they do to requests, and what copytools tell.
#include "core/json_codec.hpp"
#include "fakes/fake_hsm.hpp"
#include "tests/fakes/small_world.hpp"
#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>

using namespace csim;

TEST_SUITE_BEGIN("fakes/hsm");

namespace {

const std::string worker_host = "worker000.localdomain";

struct HsmBench : SmallWorld, CopytoolWatch {
    explicit HsmBench(std::uint64_t seed = 1, HsmOptions options = {})
        : SmallWorld({.seed = seed, .booted = false}), hsm(context, options) {
        hsm.watch(this);
        hsm.worker_up(worker_host);
    }

    void started(const HsmCopytool& of) override { checks.try_emplace(of.id()); }
    void event(const HsmCopytool& of, std::string_view line) override {
        checks.at(of.id()).line(line);
        lines.push_back(Json::parse(line));
    }
    void stopped(const HsmCopytool& of, bool died) override {
        if (died) checks.at(of.id()).died();
    }

    void configure(const std::string& id) {
        CopytoolSettings settings{id, 0, "/usr/sbin/lhsmtool_posix", 1, "testfs", "/mnt/testfs", ""};
        REQUIRE(hsm.configure_copytool(worker_host, settings).has_value());
    }
    void start(const std::string& id = "1") {
        REQUIRE(hsm.control("testfs", "enabled").has_value());
        configure(id);
        REQUIRE(hsm.start_copytool(worker_host, id).has_value());
    }
    std::size_t count(const std::string& ending) const {
        std::size_t found = 0;
        for (const Json& each : lines) found += each.at("event_type").get<std::string>().ends_with(ending);
        return found;
    }
    void check_promises() {
        for (const Violation& each : hsm.violations()) FAIL_CHECK(each.invariant << ": " << each.sentence);
        for (const auto& [id, check] : checks) {
            for (const Violation& each : check.violations()) FAIL_CHECK(each.sentence);
        }
    }

    FakeHsm hsm;
    std::vector<Json> lines;
    std::map<std::string, CopytoolEventCheck> checks;
};

}  // namespace

// Proves: defect 53; invariant I-22.
TEST_CASE("a copytool registers and works and says goodbye") {
    HsmBench bench;
    bench.start();
    REQUIRE(bench.lines.size() == 1);
    CHECK(bench.lines[0]["event_type"] == "REGISTER");
    CHECK(bench.lines[0]["archive"] == 1);
    CHECK(bench.lines[0]["mount_point"] == "/mnt/testfs");
    bench.pass(600s);
    CHECK(bench.count("_START") > 3);
    CHECK(bench.count("_RUNNING") > 3);
    CHECK(bench.count("_FINISH") > 0);
    CHECK(bench.hsm.copytool("1")->active() > 0);
    CHECK(bench.hsm.stop_copytool(worker_host, "1").has_value());
    CHECK(bench.lines.back()["event_type"] == "UNREGISTER");
    const auto told = bench.lines.size();
    bench.pass(60s);
    CHECK(bench.lines.size() == told);
    bench.check_promises();
}

// Proves: defect 97.
TEST_CASE("one removal alone takes two seconds of the bandwidth") {
    HsmBench bench;
    bench.start();
    bench.pass(1200s);
    for (const Json& each : bench.lines) {
        if (each["event_type"] == "REMOVE_FINISH") CHECK(each["current_bytes"] == 25'769'803'776);
        if (each["event_type"] == "REMOVE_START") CHECK(each["total_bytes"] == 25'769'803'776);
    }
    bench.check_promises();
}

TEST_CASE("a coordinator is disabled by default and refuses other words") {
    HsmBench bench;
    CHECK(bench.hsm.control("testfs", "nonsense").error().code == Errc::bad_argument);
    CHECK(bench.hsm.coordinators().empty());
    CHECK(bench.hsm.control("testfs", "disabled").has_value());
    CHECK(!bench.hsm.metrics("testfs"));
    CHECK(!bench.hsm.metrics("otherfs"));
    CHECK(bench.hsm.control("testfs", "enabled").has_value());
    CHECK(bench.hsm.metrics("testfs").has_value());
    CHECK(bench.hsm.control("testfs", "shutdown").has_value());
    CHECK(!bench.hsm.metrics("testfs"));
    CHECK(bench.hsm.coordinator("testfs")->enabled());
}

// Proves: defect 52; method hsm_coordinator_list.
TEST_CASE("metrics count agents and actions") {
    HsmBench bench;
    bench.start();
    CHECK(bench.hsm.metrics("testfs")->agents.idle == 1);
    bench.pass(11s);
    const auto metrics = *bench.hsm.metrics("testfs");
    CHECK(metrics.agents.total == 1);
    CHECK(metrics.agents.busy == 1);
    CHECK(metrics.actions.running + metrics.actions.succeeded >= 3);
    CHECK(metrics.actions.errored == 0);
}

// Proves: defect 50; method control_hsm_coordinator.
TEST_CASE("purging cancels everything and keeps the coordinator enabled") {
    HsmBench bench;
    bench.start();
    bench.pass(15s);
    const auto running = bench.hsm.metrics("testfs")->actions.running;
    REQUIRE(running > 0);
    const auto errors = bench.count("_ERROR");
    CHECK(bench.hsm.control("testfs", "purge").has_value());
    CHECK(bench.count("_ERROR") == errors + static_cast<std::size_t>(running));
    CHECK(bench.hsm.metrics("testfs")->actions.running == 0);
    CHECK(bench.hsm.metrics("testfs")->actions.waiting == 0);
    CHECK(bench.hsm.coordinator("testfs")->running());
    bench.pass(20s);
    CHECK(bench.hsm.metrics("testfs")->actions.running > 0);
    bench.check_promises();
}

// Proves: defect 51; invariant I-21.
TEST_CASE("requests of a dead copytool go back to the queue") {
    HsmBench bench;
    bench.start();
    bench.pass(11s);
    const auto before = bench.hsm.metrics("testfs")->actions;
    bench.hsm.worker_down(worker_host, true);
    CHECK(bench.count("UNREGISTER") == 0);
    const auto after = bench.hsm.metrics("testfs")->actions;
    CHECK(after.running == 0);
    CHECK(after.waiting == before.waiting + before.running);
    bench.check_promises();
    bench.hsm.worker_up(worker_host);
    CHECK(bench.count("REGISTER") == 2);
    CHECK(bench.lines.back()["uuid"] != bench.lines.front()["uuid"]);
    bench.pass(60s);
    bench.check_promises();
}

// Proves: defect 97; method set_hsm_chances.
TEST_CASE("errors and cancellations and new fids happen when chances say so") {
    HsmOptions options;
    options.chances = {{1, 4}, {1, 4}, {1, 1}};
    HsmBench bench(3, options);
    bench.start();
    bench.pass(24h);
    CHECK(bench.count("_ERROR") > 0);
    CHECK(bench.count("_FINISH") > 0);
    bool moved = false;
    for (const Json& each : bench.lines) {
        if (each["event_type"] != "RESTORE_FINISH") continue;
        moved = true;
        CHECK(each["source_fid"] == each["data_fid"]);
    }
    CHECK(moved);
    bench.check_promises();
}

TEST_CASE("copytools and coordinators come back from disk") {
    HsmBench bench;
    bench.start();
    bench.configure("2");
    bench.documents.save_all();
    FakeHsm again(bench.context);
    CHECK(again.coordinator("testfs")->enabled());
    CHECK(!again.coordinator("testfs")->running());
    again.resume();
    again.worker_up(worker_host);
    CHECK(again.copytool("1")->running());
    CHECK(again.copytool("1")->label() == "lhsmtool_posix-testfs-1-0");
    CHECK(!again.copytool("2")->running());
}

// Proves: defect 35.
TEST_CASE("impossible wishes are refused") {
    HsmBench bench;
    bench.configure("1");
    CHECK(bench.hsm.start_copytool(worker_host, "1").error().code == Errc::conflict);
    CHECK(bench.hsm.start_copytool(worker_host, "9").error().code == Errc::not_found);
    CHECK(bench.hsm.unconfigure_copytool(worker_host, "9").error().code == Errc::not_found);
    CHECK(bench.hsm.stop_copytool(worker_host, "9").has_value());
    bench.start("7");
    CopytoolSettings settings{"7", 0, "x", 1, "testfs", "/mnt", ""};
    CHECK(bench.hsm.configure_copytool(worker_host, settings).error().code == Errc::conflict);
    settings.id = "../evil";
    CHECK(bench.hsm.configure_copytool(worker_host, settings).error().code == Errc::bad_argument);
    bench.hsm.worker_down(worker_host, false);
    CHECK(bench.hsm.start_copytool(worker_host, "7").error().code == Errc::conflict);
    CHECK(bench.hsm.unconfigure_copytool(worker_host, "7").has_value());
    CHECK(bench.hsm.copytool("7") == nullptr);
}

// Proves: invariant I-21, I-22.
TEST_CASE("nothing is lost or counted twice whatever happens") {
    for_each_seed(12, [](std::uint64_t seed) {
        HsmOptions options;
        if (seed % 2 == 0) options.chances = {{1, 5}, {1, 5}, {1, 2}};
        HsmBench bench(seed, options);
        Rng chance = Rng(seed).stream("hsm-walk");
        const char* const controls[] = {"enabled", "enabled", "disabled", "shutdown", "purge"};
        for (const char* id : {"1", "2", "3"}) bench.configure(id);
        for (int step = 0; step < 200; ++step) {
            const std::string id = std::to_string(chance.between(1, 3));
            switch (chance.between(0, 7)) {
                case 0:
                    (void)bench.hsm.control("testfs", controls[chance.between(0, 4)]);
                    break;
                case 1:
                    (void)bench.hsm.start_copytool(worker_host, id);
                    break;
                case 2:
                    (void)bench.hsm.stop_copytool(worker_host, id);
                    break;
                case 3:
                    bench.hsm.worker_down(worker_host, chance.chance({1, 2}));
                    break;
                case 4:
                    bench.hsm.worker_up(worker_host);
                    break;
                default:
                    bench.pass(chance.between(Duration(0), Duration(90s)));
            }
            bench.check_promises();
        }
        bench.pass(3600s);
        bench.check_promises();
    });
}
