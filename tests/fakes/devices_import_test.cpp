// The original's files are understood; documents that contradict themselves are refused with a sentence.
#include "core/json_codec.hpp"
#include "fakes/fake_controller.hpp"
#include "tests/fakes/devices_fixture.hpp"

#include <doctest/doctest.h>

using namespace csim;

namespace {

const char* const original = R"({
  "devices": {
    "FAKEDEVICE000": {"major_minor": "0:0", "parent": null, "partition_number": null,
                      "serial_83": "FAKEDEVICE000", "serial_80": "FAKEDEVICE000", "size": 35184372088832},
    "FAKEDEVICE001": {"major_minor": "0:1", "parent": null, "partition_number": null,
                      "serial_83": "FAKEDEVICE001", "serial_80": "FAKEDEVICE001", "size": 35184372088832},
    "FAKEDEVICE255": {"major_minor": "0:0", "parent": null, "partition_number": null,
                      "serial_83": "FAKEDEVICE255", "serial_80": "FAKEDEVICE255", "size": 35184372088832}},
  "presentations": {
    "a.localdomain": {"/dev/disk/by-id/scsi-FAKEDEVICE000-scsi0-0-0": "FAKEDEVICE000",
                      "/dev/disk/by-id/scsi-FAKEDEVICE001-scsi0-0-0": "FAKEDEVICE001"},
    "b.localdomain": {"/dev/disk/by-id/scsi-FAKEDEVICE001-scsi0-0-0": "FAKEDEVICE001",
                      "/dev/disk/by-id/scsi-FAKEDEVICE000-scsi0-0-0": "FAKEDEVICE000"},
    "c.localdomain": {"/dev/disk/by-id/scsi-FAKEDEVICE255-scsi0-0-0": "FAKEDEVICE255"},
    "d.localdomain": {}},
  "targets": {
    "FAKEDEVICE000": {"label": "MGS", "uuid": "11111111-1111-4111-8111-111111111111", "fsname": null, "index": null,
                      "backfstype": "ldiskfs", "mgsnode": "10.0.0.1@tcp0", "primary_nid": "10.0.0.1@tcp0"},
    "FAKEDEVICE001": {"label": "testfs-MDT0000", "uuid": "22222222-2222-4222-8222-222222222222", "fsname": "testfs",
                      "index": 0, "backfstype": "ldiskfs", "mgsnode": "10.0.0.1@tcp0",
                      "primary_nid": "10.0.0.1@tcp0", "stats": {"filestotal": 512000}}},
  "mgts": {"10.0.0.1@tcp0": {"targets": {"MGS": {}, "testfs-MDT0000": {}, "testfs-OST0000": {}},
                             "conf_params": {"testfs.llite.max_cached_mb": "max_cached_mb: max_cached_mb: 16"}}},
  "local_filesystems": {"FAKEDEVICE255": "ext2"}
})";

struct ImportFixture : DevicesFixture {
    void import(const Json& json) {
        clients = nullptr;
        targets = nullptr;
        devices = nullptr;
        store = memory_store();
        store->put({"devices.json", ""}, json);
        documents = std::make_unique<Documents>(*store);
        devices = std::make_unique<FakeDevices>(*documents);
        targets = std::make_unique<FakeTargets>(*documents, *devices, run);
    }
};

}  // namespace

TEST_CASE_FIXTURE(ImportFixture, "a devices file of the original becomes ours and stays so") {
    import(Json::parse(original));
    const auto check = [&] {
        CHECK(devices->presented_to("a.localdomain") == devices->presented_to("b.localdomain"));
        CHECK(devices->presented_to("c.localdomain") == std::vector<std::string>{"FAKEDEVICE255"});
        CHECK(devices->presented_to("d.localdomain").empty());
        CHECK(devices->local_filesystem("FAKEDEVICE255") == "ext2");
        CHECK(devices->violations().empty());
        CHECK(targets->violations().empty());
        const auto* mgs = targets->find_mgs("10.0.0.1@tcp0");
        REQUIRE(mgs != nullptr);
        CHECK(mgs->serial == "FAKEDEVICE000");
        CHECK(mgs->targets.size() == 2);
        CHECK(mgs->targets.at("testfs-MDT0000").serial == "FAKEDEVICE001");
        CHECK(FakeTargets::conf_param(*mgs, "testfs.llite.max_cached_mb") == "max_cached_mb: 16");
    };
    check();
    const auto first = saved();
    CHECK_FALSE(first.at("presentations").contains("a.localdomain"));
    CHECK(first.at("presentations").size() == 2);
    reload();
    check();
    CHECK(saved() == first);
    CHECK(devices->add_volumes(1).front() == "FAKEDEVICE256");
}

TEST_CASE_FIXTURE(ImportFixture, "a document that contradicts itself is refused with its entry") {
    const auto broken = [&](const char* pointer, const Json& value, const std::string& named) {
        auto json = Json::parse(original);
        json[Json::json_pointer(pointer)] = value;
        std::string sentence;
        try {
            import(json);
        } catch (const Fatal& fatal) {
            sentence = fatal.what();
        }
        INFO(pointer << ": " << sentence);
        CHECK(sentence.find("devices.json") != std::string::npos);
        CHECK(sentence.find(named) != std::string::npos);
    };
    broken("/devices/FAKEDEVICE001/size", "big", "/size");
    broken("/devices/FAKEDEVICE001/size", 0, "FAKEDEVICE001");
    broken("/devices/FAKEDEVICE001/serial_80", "OTHER", "OTHER");
    broken("/devices/FAKEDEVICE001/colour", "red", "colour");
    broken("/presentations/c.localdomain", Json{{"/dev/sda", "FAKEDEVICE255"}}, "/dev/sda");
    broken("/presentations/c.localdomain", Json{{"/dev/sda", "GONE"}}, "GONE");
    broken(
        "/presentations/all", Json{{"servers", {"x"}}, {"volumes", {{"FAKEDEVICE001", "FAKEDEVICE000"}}}},
        "all"
    );
    broken("/targets/GONE", Json::object(), "GONE");
    broken("/targets/FAKEDEVICE001/label", "nonsense", "nonsense");
    broken("/targets/FAKEDEVICE001/uuid", "11111111-1111-4111-8111-111111111111", "uuid");
    broken("/local_filesystems/GONE", "ext4", "GONE");
}

// Proves: defect 32; method get_lustre_client.
TEST_CASE("clients keep their mounts over a restart and forget doubles of the original") {
    const auto store = memory_store();
    store->put(
        {"fake_client_imaginary.json", ""}, Json::parse(R"({"mounts": [["m@tcp0", "fs"], ["m@tcp0", "fs"]]})")
    );
    {
        Documents documents(*store);
        FakeClients clients(documents);
        REQUIRE(clients.find("imaginary") != nullptr);
        CHECK(clients.mounts_of("fs") == 1);
        auto* client = clients.client("imaginary").value();
        REQUIRE(client->mount("m@tcp0", "fs").has_value());
        CHECK(client->mounts().size() == 1);
        client->unmount("m@tcp0", "fs");
        client->unmount("m@tcp0", "fs");
        CHECK(clients.mounts_of("fs") == 0);
        REQUIRE(client->mount("m@tcp0", "other").has_value());
        CHECK(client->mount("", "fs").error().code == Errc::bad_argument);
        for (const auto* address : {"", ".hidden", "a/b", "a b"})
            CHECK_FALSE(clients.client(address).has_value());
        documents.save_all();
    }
    Documents documents(*store);
    FakeClients clients(documents);
    CHECK(clients.addresses() == std::vector<std::string>{"imaginary"});
    CHECK(clients.mounts_of("other") == 1);
}

// Proves: defect 78.
TEST_CASE_FIXTURE(DevicesFixture, "a strict mount needs a filesystem that its MGS knows") {
    make_filesystem();
    auto& client = *clients->client("imaginary").value();
    CHECK(client.mount("10.0.0.1@tcp0", "nofs", targets.get()).error().code == Errc::not_found);
    CHECK(client.mount("9.9.9.9@tcp0", "testfs", targets.get()).error().code == Errc::not_found);
    CHECK(client.mount("10.0.0.1@tcp0:10.0.0.2@tcp0", "testfs", targets.get()).has_value());
}

// Proves: method poll_fake_controller; invariant I-13.
TEST_CASE("a controller serves LUNs on ten disks of their own and is polled in MiB") {
    const auto store = memory_store();
    Json saved;
    {
        Documents documents(*store);
        FakeControllers controllers(documents, Rng(1));
        auto& controller = controllers.add();
        CHECK(controller.id() == 1);
        REQUIRE(controller.add_lun("FAKEDEVICE000", 35'184'372'088'832).has_value());
        CHECK(controller.add_lun("FAKEDEVICE000", 1).error().code == Errc::conflict);
        CHECK(controller.add_lun("", 1).error().code == Errc::bad_argument);
        CHECK(controller.state().disks.size() == 10);
        CHECK(controller.state().disks.begin()->second.size == 4'398'046'511'104);
        const auto polled = controller.poll();
        CHECK(polled.luns.at("FAKEDEVICE000").size == 33'554'432);
        CHECK(polled.disks.begin()->second.size == 4'194'304);
        documents.save_all();
        saved = to_json_value(controller.state());
    }
    Documents documents(*store);
    FakeControllers controllers(documents, Rng(1));
    REQUIRE(controllers.find(1) != nullptr);
    CHECK(to_json_value(controllers.find(1)->state()) == saved);
    CHECK(controllers.add().id() == 2);
    REQUIRE(controllers.find(1)->add_lun("FAKEDEVICE001", 8 << 20).has_value());
    REQUIRE(controllers.find(2)->add_lun("FAKEDEVICE002", 8 << 20).has_value());
    CHECK(controllers.violations().empty());
    CHECK(controllers.find(1)->state().disks.size() == 20);
    REQUIRE(controllers.find(2)->add_lun("FAKEDEVICE001", 8 << 20).has_value());
    CHECK(controllers.violations().size() == 1);
    store->put({"fake_controller_9.json", ""}, Json{{"controller_id", 3}});
    CHECK_THROWS_AS(FakeControllers(documents, Rng(1)), Fatal);
}
