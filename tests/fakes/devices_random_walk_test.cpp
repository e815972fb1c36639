// Any order of operations, by any server, with right and wrong arguments: promises hold and nothing
// half-happens.
#include "core/json_codec.hpp"
#include "fakes/read_proc.hpp"
#include "tests/fakes/devices_fixture.hpp"
#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>

using namespace csim;

namespace {

constexpr int volume_count = 8;

class Walk {
  public:
    explicit Walk(std::uint64_t seed) : rng_(seed) {
        REQUIRE(world_.devices
                    ->present("su-0", {world_.a.fqdn, world_.b.fqdn}, world_.devices->add_volumes(6))
                    .has_value());
        REQUIRE(world_.devices->present("su-1", {world_.b.fqdn}, world_.devices->add_volumes(2)).has_value());
    }

    void step() {
        const auto before = world_.saved();
        const bool done = act();
        const auto after = world_.saved();
        // I-28: a failed operation changes nothing.
        if (!done) CHECK(after == before);
        read_everything();
        CHECK(world_.saved() == after);
        for (const auto& violation : world_.targets->violations()) FAIL_CHECK(violation.sentence);
        for (const auto& violation : world_.devices->violations()) FAIL_CHECK(violation.sentence);
    }

    void restart() {
        const auto before = world_.saved();
        const auto nodes = *world_.devices->nodes(world_.b.fqdn);
        world_.reload();
        CHECK(world_.saved() == before);
        CHECK(*world_.devices->nodes(world_.b.fqdn) == nodes);
    }

  private:
    std::int64_t pick(std::int64_t count) { return rng_.between(std::int64_t{0}, count - 1); }
    const LustreNode& node() { return pick(2) == 0 ? world_.a : world_.b; }
    std::string path() { return DevicesFixture::path(static_cast<int>(pick(volume_count + 1))); }
    std::string fsname() { return pick(2) == 0 ? "testfs" : "otherfs"; }

    bool format() {
        const auto kind = pick(4);
        auto request = world_.member_on(0, kind == 1 ? "mdt" : "ost", pick(3));
        if (kind == 0) request = world_.mgs_on(0);
        request.device = path();
        if (kind != 0) request.fsname = fsname();
        request.reformat = pick(2) == 0;
        return world_.targets->format(node(), request, world_.now).has_value();
    }

    /// Starting is the cluster's business; here only the fact matters.
    bool start_or_stop() {
        const auto serials = world_.targets->serials();
        if (serials.empty()) return true;
        const auto& uuid =
            world_.targets
                ->find(serials[static_cast<std::size_t>(pick(static_cast<std::int64_t>(serials.size())))])
                ->uuid;
        if (world_.started.erase(uuid) == 0) world_.started[uuid] = node().fqdn;
        return true;
    }

    bool act() {
        world_.now += Duration(rng_.between(Duration(0s), Duration(2s)));
        switch (pick(9)) {
            case 0:
            case 1:
                return format();
            case 2:
                return world_.targets->register_target(node(), path()).has_value();
            case 3:
                return start_or_stop();
            case 4:
                return world_.targets->purge(node(), path(), fsname()).has_value();
            case 5:
                return world_.targets->set_conf_param(node().fqdn, fsname() + ".llite.max_cached_mb", "16")
                    .has_value();
            case 6:
                return world_.targets
                    ->set_conf_param(node().fqdn, fsname() + "-MDT0000.mdt.hsm_control", "nonsense")
                    .has_value();
            case 7:
                return world_.targets->writeconf(node(), {.device = path()}).has_value();
            default:
                return world_.devices->format_local(node().fqdn, path(), "ext4").has_value();
        }
    }

    void read_everything() {
        for (const auto* on : {&world_.a, &world_.b}) {
            std::vector<ScanDevice> asked;
            for (int volume = 0; volume < volume_count; ++volume)
                asked.push_back({DevicesFixture::path(volume), "linux"});
            (void)world_.targets->detect_scan(on->fqdn, asked, world_.now);
            (void)world_.devices->nodes(on->fqdn);
            (void)read_proc(*world_.targets, on->fqdn, "/proc/fs/lustre/mdt/testfs-MDT0000/hsm_control");
        }
    }

    Rng rng_;
    DevicesFixture world_;
};

}  // namespace

TEST_CASE("any order of operations keeps the promises and survives restarts") {
    for_each_seed(25, [](std::uint64_t seed) {
        Walk walk(seed);
        for (int i = 0; i < 80; ++i) {
            walk.step();
            if (i % 20 == 19) walk.restart();
        }
    });
}
