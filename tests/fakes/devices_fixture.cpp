#include "tests/fakes/devices_fixture.hpp"

#include "fakes/volume_numbers.hpp"

#include <doctest/doctest.h>

namespace csim {

void DevicesFixture::load() {
    documents = std::make_unique<Documents>(*store);
    devices = std::make_unique<FakeDevices>(*documents);
    targets = std::make_unique<FakeTargets>(*documents, *devices, run);
    clients = std::make_unique<FakeClients>(*documents);
    targets->ask_started_on([this](const std::string& uuid) {
        const auto found = started.find(uuid);
        return found == started.end() ? std::string() : found->second;
    });
}

void DevicesFixture::reload() {
    documents->save_all();
    clients = nullptr;
    targets = nullptr;
    devices = nullptr;
    load();
}

Json DevicesFixture::saved() {
    documents->save_all();
    return store->load({"devices.json", ""}).value_or(Json::object());
}

std::string DevicesFixture::path(int number) {
    return device_path(volume_serial(number));
}

FormatTarget DevicesFixture::mgs_on(int volume) const {
    return {.device = path(volume), .backfstype = "ldiskfs", .target_types = {"mgs"}, .failnode = b.nids};
}

FormatTarget DevicesFixture::member_on(int volume, const std::string& type, std::int64_t index) const {
    return {
        .device = path(volume),
        .backfstype = "ldiskfs",
        .target_types = {type},
        .mgsnode = {a.nids, b.nids},
        .fsname = "testfs",
        .index = index};
}

std::string DevicesFixture::format(const LustreNode& on, const FormatTarget& request) {
    const auto formatted = targets->format(on, request, now);
    REQUIRE_MESSAGE(formatted.has_value(), (formatted ? "" : formatted.error().detail));
    return formatted->uuid;
}

void DevicesFixture::start(int volume, const std::string& fqdn) {
    started[targets->find(volume_serial(volume))->uuid] = fqdn;
}

void DevicesFixture::stop(int volume) {
    started.erase(targets->find(volume_serial(volume))->uuid);
}

void DevicesFixture::make_filesystem(int ost_count) {
    REQUIRE(devices->present("all", {a.fqdn, b.fqdn}, devices->add_volumes(2 + ost_count + 2)).has_value());
    format(a, mgs_on(0));
    REQUIRE(targets->register_target(a, path(0)).has_value());
    start(0, a.fqdn);
    format(a, member_on(1, "mdt", 0));
    for (int i = 0; i < ost_count; ++i) format(b, member_on(2 + i, "ost", i));
    for (int volume = 1; volume < 2 + ost_count; ++volume) {
        const auto& on = volume == 1 ? a : b;
        REQUIRE(targets->register_target(on, path(volume)).has_value());
        start(volume, on.fqdn);
    }
}

}  // namespace csim
