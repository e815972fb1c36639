// The disk of a virtual run: documents packed against one another, and what a full one forgets.
#include "core/rng.hpp"
#include "sim/vtime/virtual_parts.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace csim;

TEST_SUITE_BEGIN("virtual disk");

namespace {

Json server(int number) {
    return {
        {"fqdn", "test" + std::to_string(number) + ".localdomain"},
        {"id", number},
        {"corosync", {{"enabled", false}, {"mcast_port", 3000}, {"state", "stopped"}}},
        {"packages", {{"chroma-agent", {0, "3.0.1", "1", "x86_64"}}}}};
}

EntryName name_of(int number) {
    return {"fake_server_test" + std::to_string(number) + ".localdomain.json", ""};
}

}  // namespace

TEST_CASE("a packed text is the text again, whatever it has in common with the base") {
    const TextPacker packer(server(0).dump());
    CHECK(packer.unpack(packer.pack("")).empty());
    CHECK(packer.pack(server(7).dump()).size() < server(7).dump().size() / 3);
    const TextPacker nothing("");
    Rng chance(1);
    for (int round = 0; round < 300; ++round) {
        std::string text = chance.chance({1, 2}) ? server(round).dump() : std::string();
        const auto edits = chance.between(std::int64_t{0}, 40);
        for (std::int64_t i = 0; i < edits; ++i) {
            const auto at = static_cast<std::size_t>(chance.next() % (text.size() + 1));
            if (chance.chance({1, 3}))
                text.erase(at, static_cast<std::size_t>(chance.next() % 20));
            else
                text.insert(at, std::string(chance.next() % 300, static_cast<char>(chance.next())));
        }
        CHECK(packer.unpack(packer.pack(text)) == text);
        CHECK(nothing.unpack(nothing.pack(text)) == text);
    }
}

TEST_CASE("documents are there as they were put, by whole and by entry, in order of name") {
    VirtualDisk disk;
    for (const int number : {11, 2, 3}) disk.put(name_of(number), server(number));
    disk.put({"devices.json", "devices/A"}, 1);
    disk.put({"a.pem", ""}, "secret");
    disk.put(name_of(3), server(33));
    disk.erase(name_of(11));
    CHECK(disk.load(name_of(2)) == server(2));
    CHECK(disk.load(name_of(3)) == server(33));
    CHECK(!disk.load(name_of(11)));
    CHECK(disk.load({"a.pem", ""}) == "secret");
    CHECK(disk.load_section("devices.json", "devices").size() == 1);
    const std::vector<std::string> names{"a.pem", "devices.json", name_of(2).document, name_of(3).document};
    CHECK(disk.documents("") == names);
    CHECK(disk.documents("fake_server_").size() == 2);
}

TEST_CASE("the digest depends on what is there, not on how it came there") {
    VirtualDisk one, other;
    for (const int number : {1, 2}) one.put(name_of(number), server(number));
    one.put({"devices.json", "devices/A"}, {{"x", 1}});
    one.put({"devices.json", "b"}, "t");
    for (const int number : {3, 2, 1}) other.put(name_of(number), server(number));
    other.put({"devices.json", "b"}, "t");
    other.put({"devices.json", "devices/A"}, {{"x", 2}});
    other.put({"devices.json", "devices/A"}, {{"x", 1}});
    CHECK(one.digest() != other.digest());
    other.erase(name_of(3));
    CHECK(one.digest() == other.digest());
    other.put({"devices.json", "devices/B"}, true);
    CHECK(one.digest() != other.digest());
}

TEST_CASE("a full disk acknowledges nothing, and forgets it when its process ends") {
    VirtualDisk disk;
    disk.put(name_of(1), server(1));
    bool durable = false;
    disk.commit([&] { durable = true; });
    CHECK(durable);
    disk.set_full(true);
    durable = false;
    disk.put(name_of(1), server(9));
    disk.put(name_of(2), server(2));
    disk.put({"devices.json", "devices/A"}, 1);
    disk.commit([&] { durable = true; });
    CHECK_FALSE(durable);
    CHECK(disk.failed());
    disk.roll_back();
    CHECK(disk.load(name_of(1)) == server(1));
    CHECK(!disk.load(name_of(2)));
    CHECK(!disk.load({"devices.json", "devices/A"}));
}
