#include "core/json_codec.hpp"
#include "fakes/read_proc.hpp"
#include "tests/fakes/devices_fixture.hpp"

#include <doctest/doctest.h>

using namespace csim;

TEST_CASE("NID groups have one spelling whatever their order") {
    const NidGroups groups = {{"10.0.0.1@tcp0", "10.1.0.1@o2ib1"}, {"10.1.0.0@o2ib1", "10.0.0.0@tcp0"}};
    CHECK(nid_groups_text(groups) == "10.0.0.0@tcp0,10.1.0.0@o2ib1:10.0.0.1@tcp0,10.1.0.1@o2ib1");
    CHECK(parse_nid_groups(nid_groups_text(groups)).size() == 2);
    CHECK(parse_nid_groups("").empty());
    CHECK(parse_nid_groups("::,,").size() == 1);
    CHECK(canonical_nid("10.0.0.1@tcp") == "10.0.0.1@tcp0");
    CHECK(nid_network("10.0.0.1@o2ib1") == "o2ib1");
}

// Proves: defect 72.
TEST_CASE_FIXTURE(DevicesFixture, "a target registers on the network that it shares with its MGS") {
    make_filesystem();
    CHECK(targets->find("FAKEDEVICE001")->primary_nid == "10.0.0.1@tcp0");
    CHECK(targets->find("FAKEDEVICE002")->primary_nid == "10.0.0.2@tcp0");
    format(a, member_on(3, "ost", 9));
    const LustreNode infiniband{a.fqdn, {"10.9.0.1@tcp7", "10.1.0.1@o2ib1"}, true};
    REQUIRE(targets->register_target(infiniband, path(3)).has_value());
    CHECK(targets->find("FAKEDEVICE003")->primary_nid == "10.1.0.1@o2ib1");
}

// Proves: defect 72; invariant I-28.
TEST_CASE_FIXTURE(DevicesFixture, "registration needs LNet and a running MGS within reach") {
    make_filesystem();
    format(b, member_on(3, "ost", 1));
    const auto before = saved();
    const LustreNode down{b.fqdn, b.nids, false};
    const LustreNode mute{b.fqdn, {}, true};
    const LustreNode far{b.fqdn, {"10.7.0.1@tcp7"}, true};
    CHECK(targets->register_target(down, path(3)).error().code == Errc::conflict);
    CHECK(targets->register_target(mute, path(3)).error().code == Errc::conflict);
    CHECK(targets->register_target(far, path(3)).error().code == Errc::conflict);
    CHECK(targets->register_target(b, path(4)).error().code == Errc::not_found);
    stop(0);
    CHECK(targets->register_target(b, path(3)).error().code == Errc::conflict);
    CHECK(saved() == before);
    start(0, b.fqdn);
    CHECK(targets->register_target(b, path(3)).value() == "testfs-OST0001");
}

// Proves: defect 67.
TEST_CASE_FIXTURE(
    DevicesFixture, "an MGS is found by any of its NIDs and by those of the server that runs it"
) {
    make_filesystem();
    const auto* mgs = targets->find_mgs("10.0.0.2@tcp");
    REQUIRE(mgs != nullptr);
    CHECK(mgs->serial == "FAKEDEVICE000");
    CHECK(targets->find_mgs({{"9.9.9.9@tcp0", "10.1.0.1@o2ib1"}}) == mgs);
    CHECK(targets->find_mgs("10.0.0.77@tcp0") == nullptr);
    targets->ask_nids_of([](const std::string&) { return std::vector<std::string>{"10.0.0.77@tcp0"}; });
    CHECK(targets->find_mgs("10.0.0.77@tcp0") == mgs);
}

TEST_CASE_FIXTURE(DevicesFixture, "of two MGSs at one address the running one answers") {
    make_filesystem();
    now += 1h;
    format(a, mgs_on(3));
    CHECK(targets->find_mgs({a.nids})->serial == "FAKEDEVICE000");
    stop(0);
    CHECK(targets->find_mgs({a.nids})->serial == "FAKEDEVICE003");
    CHECK(targets->violations().empty());
    reload();
    CHECK(targets->find_mgs({a.nids})->serial == "FAKEDEVICE003");
}

// Proves: defect 71; action set_conf_param.
TEST_CASE_FIXTURE(
    DevicesFixture, "parameters are stored on the server where the MGS runs and validated first"
) {
    make_filesystem();
    CHECK(targets->set_conf_param(b.fqdn, "testfs.llite.max_cached_mb", "16").error().code == Errc::conflict);
    const auto before = saved();
    for (const auto* key : {"", "a", "a.b", ".a.b", "a b.c.d"}) {
        CHECK(targets->set_conf_param(a.fqdn, key, "1").error().code == Errc::bad_argument);
    }
    CHECK(
        targets->set_conf_param(a.fqdn, "testfs-MDT0000.mdt.hsm_control", "maybe").error().code ==
        Errc::bad_argument
    );
    CHECK(
        targets->set_conf_param(a.fqdn, "testfs.mdt.hsm_control", "enabled").error().code ==
        Errc::bad_argument
    );
    CHECK(saved() == before);

    const auto plain = targets->set_conf_param(a.fqdn, "testfs-MDT0000.lov.stripesize", "2");
    REQUIRE(plain.has_value());
    CHECK_FALSE(plain->has_value());
    const auto enabled = targets->set_conf_param(a.fqdn, "testfs-MDT0000.mdt.hsm_control", "enabled");
    REQUIRE((enabled.has_value() && enabled->has_value()));
    CHECK((*enabled)->fsname == "testfs");
    CHECK((*enabled)->value == "enabled");
    const auto deleted = targets->set_conf_param(a.fqdn, "testfs-MDT0000.mdt.hsm_control", std::nullopt);
    CHECK((*deleted)->value == "disabled");
}

// Proves: defect 65; action read_proc; method server_read_proc.
TEST_CASE_FIXTURE(DevicesFixture, "servers show parameters of what they run and reading changes nothing") {
    make_filesystem();
    REQUIRE(targets->set_conf_param(a.fqdn, "testfs-OST0000.ost.sync_journal", "1").has_value());
    const auto before = saved();
    struct Row {
        const char* path;
        const char* value;
    };
    const std::string lov = "/proc/fs/lustre/lov/testfs-MDT0000-mdtlov/stripesize";
    CHECK(read_proc(*targets, a.fqdn, lov).value() == "1");
    CHECK(
        read_proc(*targets, a.fqdn, "/proc/fs/lustre/mdt/testfs-MDT0000/hsm_control").value() == "disabled"
    );
    for (const auto& row :
         {Row{"/proc/fs/lustre/obdfilter/testfs-OST0000/sync_journal", "1"},
          Row{"/proc/fs/lustre/obdfilter/testfs-OST0000/writethrough_cache_enable", "16"}}) {
        CHECK(read_proc(*targets, b.fqdn, row.path).value() == row.value);
    }
    CHECK(read_proc(*targets, b.fqdn, lov).error().code == Errc::conflict);
    for (const auto* path :
         {"", "/proc/meminfo", "/proc/fs/lustre/obdfilter/testfs-OST0000/", "/proc/fs/lustre/obdfilter",
          "/proc/fs/lustre/obdfilter/testfs-OST0000/unheard_of", "/proc/fs/lustre/mgs/MGS/x",
          "/proc/fs/lustre/obdfilter/testfs-OST0000/a/b", "/proc/fs/lustre/obdfilter/testfs-MDT0000/x"}) {
        CHECK(read_proc(*targets, b.fqdn, path).error().code == Errc::not_found);
    }
    CHECK(saved() == before);
}

// Proves: defect 65; method client_read_proc.
TEST_CASE_FIXTURE(DevicesFixture, "a client shows its one mount and the cache size with its name once") {
    make_filesystem();
    const std::string path = "/proc/fs/lustre/llite/*/max_cached_mb";
    auto& client = *clients->client("imaginary").value();
    CHECK(read_proc(*targets, client, path).error().code == Errc::conflict);
    REQUIRE(client.mount("10.0.0.2@tcp0", "testfs", targets.get()).has_value());
    CHECK(read_proc(*targets, client, path).value() == "max_cached_mb: 32");
    REQUIRE(targets->set_conf_param(a.fqdn, "testfs.llite.max_cached_mb", "16").has_value());
    for (int i = 0; i < 3; ++i) CHECK(read_proc(*targets, client, path).value() == "max_cached_mb: 16");
    CHECK(read_proc(*targets, client, "/proc/fs/lustre/llite/*/other").error().code == Errc::not_found);
    CHECK(
        read_proc(*targets, client, "/proc/fs/lustre/llite/x/max_cached_mb").error().code == Errc::not_found
    );
    REQUIRE(client.mount("10.0.0.2@tcp0", "otherfs").has_value());
    CHECK(read_proc(*targets, client, path).error().code == Errc::conflict);
}

// Proves: defect 68; action purge_configuration.
TEST_CASE_FIXTURE(
    DevicesFixture, "purging a filesystem removes its targets and parameters and nobody else's"
) {
    make_filesystem();
    auto other = member_on(3, "mdt", 0);
    other.fsname = "testfs2";
    format(a, other);
    REQUIRE(targets->register_target(a, path(3)).has_value());
    for (const auto* key :
         {"testfs.llite.max_cached_mb", "testfs-MDT0000.lov.stripesize", "testfs2.llite.max_cached_mb"}) {
        REQUIRE(targets->set_conf_param(a.fqdn, key, "1").has_value());
    }
    CHECK(targets->purge(a, path(1), "testfs").error().code == Errc::not_found);
    REQUIRE(targets->purge(a, path(0), "testfs").has_value());
    const auto* mgs = targets->find_mgs({a.nids});
    CHECK(mgs->targets.size() == 2);
    CHECK(mgs->targets.contains("testfs2-MDT0000"));
    CHECK(mgs->conf_params.size() == 1);
    CHECK_FALSE(targets->filesystem_exists("10.0.0.1@tcp0", "testfs"));
    CHECK(targets->violations().empty());
}

TEST_CASE_FIXTURE(DevicesFixture, "writeconf of the MGS erases parameters and takes over new NIDs") {
    make_filesystem();
    REQUIRE(targets->set_conf_param(a.fqdn, "testfs.llite.max_cached_mb", "16").has_value());
    const LustreNode moved{a.fqdn, {"10.0.5.5@tcp0"}, true};
    REQUIRE(targets->writeconf(moved, {.device = path(0)}).has_value());
    const auto* mgs = targets->find_mgs("10.0.5.5@tcp0");
    REQUIRE(mgs != nullptr);
    CHECK(mgs->conf_params.empty());
    CHECK(mgs->targets.size() == 3);
    REQUIRE(targets->writeconf(b, {.device = path(2), .mgsnode = {{"10.0.5.5@tcp0"}}}).has_value());
    CHECK(targets->find("FAKEDEVICE002")->mgsnode == "10.0.5.5@tcp0");
    CHECK(targets->writeconf(b, {}).error().code == Errc::bad_argument);
    CHECK(targets->violations().empty());
}

// Proves: defect 69; action detect_scan.
TEST_CASE_FIXTURE(DevicesFixture, "a scan finds targets without HA and asks only a mounted MGS") {
    make_filesystem();
    std::vector<ScanDevice> asked;
    for (int volume : {0, 1, 2, 3, 0}) asked.push_back({path(volume), "linux"});
    asked.push_back({"/dev/nope", "linux"});
    const auto at_a = targets->detect_scan(a.fqdn, asked, now);
    REQUIRE(at_a.local_targets.size() == 3);
    CHECK(at_a.local_targets[0].name == "MGS");
    CHECK(at_a.local_targets[0].mounted);
    CHECK(at_a.local_targets[0].type == "linux");
    CHECK_FALSE(at_a.local_targets[2].mounted);
    REQUIRE(at_a.mgs_targets.size() == 1);
    REQUIRE(at_a.mgs_targets.at("testfs").size() == 2);
    CHECK(at_a.mgs_targets.at("testfs")[1].name == "testfs-OST0000");
    CHECK(at_a.mgs_targets.at("testfs")[1].nid == "10.0.0.2@tcp0");
    const auto at_b = targets->detect_scan(b.fqdn, asked, now);
    CHECK(at_b.local_targets.size() == 3);
    CHECK(at_b.mgs_targets.empty());
    const auto json = to_json_value(at_a);
    CHECK(json.at("mgs_conf_params") == Json::object());
    CHECK(json.contains("target_devices_saved_timestamp"));
}
