// Older folders, and those of the original simulator, brought up to this program's version.
#include "state/faulty_files.hpp"
#include "state/schema.hpp"
#include "tests/state/state_fixture.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace csim {

namespace {

/// Version 2 keeps sizes as text; version 3 has all names in one list as well.
Schema made_up_schema() {
    Schema schema{3, current_schema().migrations};
    schema.migrations.push_back({1, [](StateStore& store) {
                                     for (const auto& name : store.documents("volume_")) {
                                         auto value = *store.load({name, ""});
                                         value["size"] = std::to_string(value["size"].get<int>());
                                         store.put({name, ""}, value);
                                     }
                                 }});
    schema.migrations.push_back({2, [](StateStore& store) {
                                     store.put({"names.json", ""}, store.documents("volume_"));
                                     store.erase({"old.json", ""});
                                 }});
    return schema;
}

struct OldFixture : FolderFixture {
    OldFixture() { make(); }
    void make() const {
        std::filesystem::remove_all(folder);
        write("version.json", "{\"program\": \"cluster-sim\", \"version\": 1}\n");
        write("volume_a.json", "{\"size\": 1}\n");
        write("volume_b.json", "{\"size\": 2}\n");
        write("old.json", "{}\n");
    }
    static void check_migrated(const StateStore& store) {
        CHECK(store.load({"volume_b.json", ""})->dump() == R"({"size":"2"})");
        CHECK(store.load({"names.json", ""})->dump() == R"(["volume_a.json","volume_b.json"])");
        CHECK(!store.load({"old.json", ""}));
    }
    Schema schema = made_up_schema();
};

}  // namespace

TEST_SUITE_BEGIN("state/migration");

TEST_CASE_FIXTURE(OldFixture, "an older folder is brought up to date once and says so") {
    int notes = 0;
    for (int time = 0; time < 2; ++time) {
        DirectoryOptions options{.schema = &schema};
        options.on_note = [&](const std::string&) { ++notes; };
        check_migrated(*open(std::move(options)));
        CHECK(read("version.json").find("\"version\": 3") != std::string::npos);
        CHECK(!std::filesystem::exists(folder / "old.json"));
    }
    CHECK(notes == 1);
    CHECK(refusal().find("it has version 3") != std::string::npos);
}

TEST_CASE_FIXTURE(OldFixture, "reading an older folder sees it migrated and changes nothing") {
    const auto before = listing();
    check_migrated(*read_directory(folder, schema, system_files()));
    CHECK(listing() == before);
}

TEST_CASE_FIXTURE(OldFixture, "a migration that fails at any operation is done by the next opening") {
    FaultyFiles counting(system_files(), {}, Syncs::skipped);
    open({.schema = &schema, .files = &counting});
    const auto operations = counting.operations();
    REQUIRE(operations > 10);
    for (std::uint64_t at = 1; at <= operations; ++at) {
        CAPTURE(at);
        make();
        FaultyFiles files(system_files(), {.kind = Fault::Kind::fail, .at = at, .bytes = 10}, Syncs::skipped);
        try {
            open({.schema = &schema, .files = &files});
        } catch (const Fatal& fatal) {
            CHECK(std::string(fatal.what()).find("No space left") != std::string::npos);
        }
        check_migrated(*read_directory(folder, schema, system_files()));
        check_migrated(*open({.schema = &schema}));
    }
}

TEST_CASE_FIXTURE(OldFixture, "a version that no row begins at is refused") {
    schema.migrations.clear();
    std::string message;
    try {
        open({.schema = &schema});
    } catch (const Fatal& fatal) {
        message = fatal.what();
    }
    CHECK(message.find("it has version 1, which this program cannot bring up to version 3") != message.npos);
}

TEST_CASE_FIXTURE(
    FolderFixture, "a folder of the original simulator loses its type marks and keeps the rest"
) {
    write("simulator.json", "{\"cluster_size\": 4, \n    \"packages\": {}}");
    write("fake_cluster_-1", "{\"nodes\": {}, \"resources\": {}}");
    write(
        "fake_server_a.json",
        R"({"id": 0, "corosync": {"state": "stopped", "__dict_struct_type__": "x.Y"}, "list": [{"__dict_struct_type__": "z"}]})"
    );
    write("a_crypto/self.crt", "-----BEGIN CERTIFICATE-----\n");
    const auto check = [](const StateStore& store) {
        CHECK(
            store.load({"fake_server_a.json", ""})->dump() ==
            R"({"corosync":{"state":"stopped"},"id":0,"list":[{}]})"
        );
        CHECK(*store.load({"simulator.json", "cluster_size"}) == 4);
        CHECK(store.load({"fake_cluster_-1", "nodes"}));
        CHECK(*store.load({"a_crypto/self.crt", ""}) == "-----BEGIN CERTIFICATE-----\n");
    };
    check(*read_directory(folder));
    check(*open());
    CHECK(read("version.json").find("\"version\": 1") != std::string::npos);
    CHECK(read("fake_server_a.json").find("__dict_struct_type__") == std::string::npos);
    check(*open());
}

TEST_SUITE_END();

}  // namespace csim
