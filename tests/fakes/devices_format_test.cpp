#include "fakes/mkfs_options.hpp"
#include "tests/fakes/devices_fixture.hpp"

#include <doctest/doctest.h>

using namespace csim;

TEST_CASE("labels follow kind and index in lower-case hexadecimal") {
    CHECK(target_label(TargetKind::mgs, "", 0) == "MGS");
    CHECK(target_label(TargetKind::mdt, "testfs", 0) == "testfs-MDT0000");
    CHECK(target_label(TargetKind::ost, "my-fs", 43) == "my-fs-OST002b");
    CHECK(kind_of_label("my-fs-OST002b") == TargetKind::ost);
    CHECK(fsname_of_label("my-fs-OST002b") == "my-fs");
    for (const auto* label :
         {"", "testfs", "-MDT0000", "testfs-MDT000", "testfs-XYZ0000", "testfs-MDT00G0"}) {
        CHECK_FALSE(kind_of_label(label).has_value());
    }
}

TEST_CASE("options of mkfs give the size and density of inodes") {
    struct Row {
        const char* options;
        std::int64_t inode_size;
        std::int64_t bytes_per_inode;
    };
    for (const auto& row :
         {Row{"", 256, 16384}, Row{"-J size=2048 -I 512", 512, 16384}, Row{"-i2048 -I256", 256, 2048},
          Row{"-E lazy-init=1", 256, 16384}, Row{"-i 2048 -i 4096", 256, 2048}}) {
        INFO(row.options);
        const auto layout = parse_mkfs_options(row.options);
        REQUIRE(layout.has_value());
        CHECK(layout->inode_size == row.inode_size);
        CHECK(layout->bytes_per_inode == row.bytes_per_inode);
    }
    for (const auto* options : {"-i", "-I x", "-i 0", "-i -5", "-i 99999999999999999999"}) {
        CHECK_FALSE(parse_mkfs_options(options).has_value());
    }
}

TEST_CASE_FIXTURE(DevicesFixture, "formatting says how many inodes the volume holds") {
    REQUIRE(devices->present("all", {a.fqdn}, devices->add_volumes(2)).has_value());
    auto request = member_on(0, "ost", 10);
    const auto formatted = targets->format(a, request, now);
    REQUIRE(formatted.has_value());
    CHECK(formatted->filesystem_type == "ext4");
    CHECK(formatted->inode_size == 256);
    CHECK(formatted->inode_count == 2'147'483'648);
    CHECK(targets->find("FAKEDEVICE000")->label == "testfs-OST000a");
    request.device = path(1);
    request.index = 11;
    request.mkfsoptions = "-i 2048";
    CHECK(targets->format(a, request, now)->inode_count == 17'179'869'184);
    CHECK(targets->violations().empty());
}

TEST_CASE_FIXTURE(DevicesFixture, "an MGS and a target in one becomes an MGS alone") {
    REQUIRE(devices->present("all", {a.fqdn}, devices->add_volumes(1)).has_value());
    auto request = member_on(0, "mdt", 0);
    request.target_types = {"mgs,mdt"};
    format(a, request);
    const auto* target = targets->find("FAKEDEVICE000");
    CHECK(target->label == "MGS");
    CHECK_FALSE(target->fsname.has_value());
    CHECK_FALSE(target->index.has_value());
}

TEST_CASE_FIXTURE(DevicesFixture, "a format with senseless arguments changes nothing") {
    REQUIRE(devices->present("all", {a.fqdn}, devices->add_volumes(1)).has_value());
    const auto good = member_on(0, "ost", 0);
    std::vector<std::pair<FormatTarget, Errc>> rows(7, {good, Errc::bad_argument});
    rows[0].first.fsname.reset();
    rows[1].first.fsname = "te st";
    rows[2].first.index.reset();
    rows[3].first.index = 65536;
    rows[4].first.mgsnode.clear();
    rows[5].first.mkfsoptions = "-i none";
    rows[6] = {good, Errc::not_found};
    rows[6].first.device = "/dev/nope";
    const auto before = saved();
    for (const auto& [request, code] : rows) {
        const auto refused = targets->format(a, request, now);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().code == code);
    }
    CHECK(saved() == before);
}

// Proves: defect 66; invariant I-11.
TEST_CASE_FIXTURE(DevicesFixture, "what is on a volume is only replaced when a reformat is asked for") {
    make_filesystem();
    stop(2);
    const auto before = saved();
    auto request = member_on(2, "ost", 7);
    CHECK(targets->format(b, request, now).error().code == Errc::conflict);
    CHECK(saved() == before);
    request.reformat = true;
    start(2, b.fqdn);
    CHECK(targets->format(b, request, now).error().code == Errc::conflict);
    CHECK(saved() == before);
    stop(2);
    const auto old_uuid = targets->find("FAKEDEVICE002")->uuid;
    CHECK(format(b, request) != old_uuid);
    CHECK(targets->serial_of_uuid(old_uuid).empty());
    const auto* mgs = targets->find_mgs({a.nids});
    CHECK_FALSE(mgs->targets.contains("testfs-OST0000"));
    CHECK(targets->violations().empty());
}

// Proves: defect 66; invariant I-9.
TEST_CASE_FIXTURE(DevicesFixture, "a reformat removes a local filesystem") {
    REQUIRE(devices->present("all", {a.fqdn}, devices->add_volumes(1)).has_value());
    REQUIRE(devices->format_local(a.fqdn, path(0), "xfs").has_value());
    auto request = member_on(0, "ost", 0);
    CHECK(targets->format(a, request, now).error().code == Errc::conflict);
    request.reformat = true;
    format(a, request);
    CHECK_FALSE(devices->local_filesystem("FAKEDEVICE000").has_value());
    CHECK(targets->violations().empty());
    CHECK(saved().value("local_filesystems", Json::object()).empty());
}

// Proves: defect 31; invariant I-10.
TEST_CASE_FIXTURE(DevicesFixture, "a label is taken as long as another volume is registered under it") {
    make_filesystem();
    CHECK(targets->format(a, member_on(3, "ost", 0), now).error().code == Errc::conflict);
    stop(1);
    stop(2);
    REQUIRE(targets->purge(a, path(0), "testfs").has_value());
    format(a, member_on(3, "ost", 0));
    CHECK(targets->find("FAKEDEVICE002") == nullptr);
    CHECK(targets->register_target(a, path(3)).value() == "testfs-OST0000");
    CHECK(targets->violations().empty());
}

// Proves: invariant I-10.
TEST_CASE_FIXTURE(
    DevicesFixture, "a target does not move to a management server that knows another one by its label"
) {
    make_filesystem();
    stop(1);
    stop(2);
    auto elsewhere = member_on(3, "ost", 0);
    elsewhere.mgsnode = {{"10.0.5.5@tcp0"}};
    format(a, elsewhere);
    const WriteconfTarget move{.device = path(3), .mgsnode = {a.nids}};
    CHECK(targets->writeconf(a, move).error().code == Errc::conflict);
    CHECK(targets->find("FAKEDEVICE003")->mgsnode == "10.0.5.5@tcp0");
    REQUIRE(targets->purge(a, path(0), "testfs").has_value());
    CHECK(targets->writeconf(a, move).error().code == Errc::conflict);
    CHECK(targets->writeconf(a, {.device = path(2), .mgsnode = {{"10.0.7.7@tcp0"}}}).has_value());
    CHECK(targets->writeconf(a, move).has_value());
    CHECK(targets->violations().empty());
}

// Proves: defect 66.
TEST_CASE_FIXTURE(DevicesFixture, "formatting an MGS anew drops its database openly") {
    make_filesystem();
    stop(0);
    auto request = mgs_on(0);
    request.reformat = true;
    format(a, request);
    CHECK(targets->find_mgs({a.nids})->targets.empty());
    CHECK(targets->violations().empty());
}

TEST_CASE_FIXTURE(DevicesFixture, "uuids come from the seed and are not repeated after a restart") {
    REQUIRE(devices->present("all", {a.fqdn}, devices->add_volumes(2)).has_value());
    const auto first = format(a, member_on(0, "ost", 0));
    reload();
    const auto second = format(a, member_on(1, "ost", 1));
    auto again = member_on(0, "ost", 0);
    again.reformat = true;
    const auto third = format(a, again);
    CHECK(first != second);
    CHECK(first != third);
    DevicesFixture other;
    REQUIRE(other.devices->present("all", {a.fqdn}, other.devices->add_volumes(2)).has_value());
    CHECK(other.format(a, member_on(0, "ost", 0)) == first);
}
