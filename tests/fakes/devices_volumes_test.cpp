#include "fakes/volume_numbers.hpp"
#include "tests/fakes/devices_fixture.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace csim;

// Proves: defect 3; invariant I-13.
TEST_CASE("volumes are named by number and never share a major and minor number") {
    CHECK(volume_serial(0) == "FAKEDEVICE000");
    CHECK(volume_serial(1000) == "FAKEDEVICE1000");
    CHECK(volume_number("FAKEDEVICE017") == 17);
    CHECK_FALSE(volume_number("FAKEDEVICE17").has_value());
    CHECK_FALSE(volume_number("FAKEDEVICE0017").has_value());
    CHECK_FALSE(volume_number("OTHER017").has_value());
    std::set<std::string> numbers;
    for (int i = 0; i < 70'000; ++i) numbers.insert(volume_major_minor(i));
    CHECK(numbers.size() == 70'000);
}

TEST_CASE("a device path holds its serial and nothing else is one") {
    CHECK(device_path("FAKEDEVICE001") == "/dev/disk/by-id/scsi-FAKEDEVICE001-scsi0-0-0");
    CHECK(serial_of_path("/dev/disk/by-id/scsi-FAKEDEVICE001-scsi0-0-0") == "FAKEDEVICE001");
    for (const auto* path : {"", "/dev/sda", "/dev/disk/by-id/scsi-", "/dev/disk/by-id/scsi--scsi0-0-0"}) {
        CHECK(serial_of_path(path).empty());
    }
}

// Proves: defect 30.
TEST_CASE_FIXTURE(DevicesFixture, "a server sees the volumes of its groups and no others") {
    const auto unit_0 = devices->add_volumes(3);
    const auto unit_1 = devices->add_volumes(2);
    REQUIRE(devices->present("su-0", {"a", "b"}, unit_0).has_value());
    REQUIRE(devices->present("su-1", {"c"}, unit_1).has_value());
    CHECK(devices->presented_to("a") == unit_0);
    CHECK(devices->presented_to("c") == unit_1);
    CHECK(devices->presented_to("stranger").empty());
    CHECK(devices->sees("b", "FAKEDEVICE002"));
    CHECK_FALSE(devices->sees("b", "FAKEDEVICE003"));
    CHECK(devices->seen_by("FAKEDEVICE000") == std::vector<std::string>{"a", "b"});
    CHECK(devices->resolve("c", path(3)).value() == "FAKEDEVICE003");
    CHECK(devices->resolve("c", path(0)).error().code == Errc::not_found);
    CHECK(devices->present("su-0", {"a"}, {"NOSUCH"}).error().code == Errc::not_found);
}

TEST_CASE_FIXTURE(DevicesFixture, "servers of one group share one list until something changes for them") {
    REQUIRE(devices->present("su-0", {"a", "b"}, devices->add_volumes(2)).has_value());
    const auto seen = devices->nodes("a");
    REQUIRE(seen->size() == 2);
    CHECK(devices->nodes("b") == seen);
    CHECK(devices->nodes("a") == seen);
    const auto version = devices->version("a");
    REQUIRE(devices->present("su-1", {"c"}, devices->add_volumes(1)).has_value());
    CHECK(devices->version("a") == version);
    REQUIRE(devices->format_local("a", path(1), "ext4").has_value());
    CHECK(devices->version("b") > version);
    const auto& device = devices->nodes("b")->at("8:1");
    CHECK(device.filesystem_type == "ext4");
    CHECK(device.serial_80 == "FAKEDEVICE001");
    CHECK_FALSE(devices->nodes("b")->at("8:0").filesystem_type.has_value());
}

TEST_CASE_FIXTURE(DevicesFixture, "a version only ever grows even for a server that leaves and comes back") {
    REQUIRE(devices->present("su-0", {"a", "b"}, devices->add_volumes(2)).has_value());
    auto last = devices->version("a");
    const auto grown = [&] {
        const auto before = last;
        last = devices->version("a");
        return last > before;
    };
    REQUIRE(devices->format_local("a", path(0), "ext4").has_value());
    CHECK(grown());
    devices->remove_presentations("a");
    CHECK(grown());
    CHECK(devices->nodes("a")->empty());
    REQUIRE(devices->join_group("su-0", "a").has_value());
    CHECK(grown());
    CHECK(devices->nodes("a")->size() == 2);
    CHECK(devices->join_group("su-9", "a").error().code == Errc::not_found);
}

// Proves: defect 20.
TEST_CASE_FIXTURE(DevicesFixture, "the last server to leave takes its group along") {
    REQUIRE(devices->present("su-0", {"a"}, devices->add_volumes(2)).has_value());
    devices->remove_presentations("a");
    devices->remove_presentations("a");
    CHECK(devices->groups().empty());
    CHECK(devices->seen_by("FAKEDEVICE000").empty());
    CHECK(saved().value("presentations", Json::object()).empty());
    CHECK(devices->violations().empty());
}

TEST_CASE_FIXTURE(DevicesFixture, "presentations to servers that are gone are found") {
    REQUIRE(devices->present("all", {"a", "b"}, devices->add_volumes(1)).has_value());
    const std::set<std::string> servers = {"a"};
    const auto found = devices->violations(&servers);
    REQUIRE(found.size() == 1);
    CHECK(found[0].invariant == "I-29");
}

TEST_CASE_FIXTURE(DevicesFixture, "a SAN of any size is one short entry") {
    std::vector<std::string> servers;
    for (int i = 0; i < 200; ++i) servers.push_back("test" + std::to_string(1000 + i));
    REQUIRE(devices->present("all", servers, devices->add_volumes(2000)).has_value());
    const auto entry = saved().at("presentations").at("all");
    CHECK(entry.at("servers").size() == 200);
    CHECK(entry.at("volumes") == Json::parse(R"([["FAKEDEVICE000", "FAKEDEVICE1999"]])"));
    const auto seen = devices->nodes(servers[7]);
    reload();
    CHECK(devices->presented_to(servers[7]).size() == 2000);
    CHECK(*devices->nodes(servers[199]) == *seen);
    CHECK(devices->add_volumes(1).front() == "FAKEDEVICE2000");
}

// Proves: defect 20; invariant I-9; method format_block_device; action check_block_device.
TEST_CASE_FIXTURE(DevicesFixture, "a local filesystem is kept and refused on a Lustre target") {
    make_filesystem();
    CHECK(devices->format_local(a.fqdn, path(1), "ext4").error().code == Errc::conflict);
    REQUIRE(devices->format_local(a.fqdn, path(4), "ext2").has_value());
    CHECK(devices->format_local(a.fqdn, path(4), "").error().code == Errc::bad_argument);
    CHECK(devices->format_local(a.fqdn, "/dev/nope", "ext2").error().code == Errc::not_found);
    reload();
    CHECK(devices->check_block_device(b.fqdn, path(4)).value() == "ext2");
    CHECK_FALSE(devices->check_block_device(b.fqdn, path(1)).value().has_value());
    CHECK(devices->violations().empty());
}
