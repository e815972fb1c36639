// Names, entries and texts of documents, the same in memory and in a folder.
#include "state/document_name.hpp"
#include "state/json_check.hpp"
#include "tests/state/state_fixture.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace csim {

TEST_SUITE_BEGIN("state/contents");

TEST_CASE("a name says what a document holds") {
    struct Case {
        std::string name;
        DocumentKind kind;
    };
    const std::vector<Case> cases{
        {"devices.json", DocumentKind::json},
        {"fake_cluster_0", DocumentKind::json},
        {"fake_cluster_-1", DocumentKind::json},
        {"fake_cluster_", DocumentKind::foreign},
        {"fake_cluster_1x", DocumentKind::foreign},
        {"a_crypto/self.crt", DocumentKind::text},
        {"a_crypto/private.pem", DocumentKind::text},
        {"a.csr", DocumentKind::text},
        {"version.json", DocumentKind::foreign},
        {"lock", DocumentKind::foreign},
        {"journal-000000000001", DocumentKind::foreign},
        {"devices.json.csim-tmp", DocumentKind::foreign},
        {"notes.txt", DocumentKind::foreign},
        {"", DocumentKind::foreign},
        {"/etc/a.json", DocumentKind::foreign},
        {"../a.json", DocumentKind::foreign},
        {"a/../b.json", DocumentKind::foreign},
        {".hidden.json", DocumentKind::foreign},
        {"a//b.json", DocumentKind::foreign},
        {std::string("a\0b.json", 8), DocumentKind::foreign},
        {std::string(300, 'a') + ".json", DocumentKind::foreign},
    };
    for (const auto& each : cases) {
        CAPTURE(each.name);
        CHECK(document_kind(each.name) == each.kind);
    }
}

TEST_CASE("a JSON check names the place and refuses depth") {
    CHECK(check_json(R"({"a": [1, 2.5, null, "x"]})").has_value());
    CHECK(check_json(std::string(100, '[') + std::string(100, ']')).has_value());
    CHECK(check_json("{\n  \"a\": x\n}").error().detail == "line 2 column 8: this is not JSON");
    CHECK(check_json("").error().detail.find("ends too early") != std::string::npos);
    CHECK(check_json("{\"a\": ").error().detail.find("ends too early") != std::string::npos);
    CHECK(check_json("{} {}").has_value() == false);
    CHECK(check_json(std::string(100000, '[')).error().detail.find("deeper") != std::string::npos);
}

namespace {

void put_some(StateStore& store) {
    store.put({"a.json", ""}, Json{{"z", 1}, {"a", Json::array({1, 2})}});
    store.put({"fake_cluster_-1", ""}, Json{{"nodes", Json::object()}});
    store.put({"t_crypto/self.crt", ""}, "line\nline \xc3\xa9\n");
    store.put({"devices.json", "devices/B"}, Json{{"size", 2}});
    store.put({"devices.json", "devices/A"}, Json{{"size", 1}});
    store.put({"devices.json", "mgts/10.0.0.0@tcp0/x"}, "with a slash");
    store.put({"devices.json", "count"}, 2);
    store.put({"gone.json", ""}, 1);
    store.erase({"gone.json", ""});
    store.erase({"devices.json", "devices/none"});
    store.erase({"none.json", "devices/none"});
    store.commit(nullptr);
}

void check_some(const StateStore& store) {
    using Names = std::vector<std::string>;
    CHECK(store.documents("") == Names{"a.json", "devices.json", "fake_cluster_-1", "t_crypto/self.crt"});
    CHECK(store.documents("fake_") == Names{"fake_cluster_-1"});
    CHECK(store.load({"a.json", ""})->dump() == R"({"a":[1,2],"z":1})");
    CHECK(store.load({"a.json", "a"})->dump() == "[1,2]");
    CHECK(!store.load({"a.json", "a/0"}));
    CHECK(!store.load({"none.json", ""}));
    CHECK(*store.load({"t_crypto/self.crt", ""}) == "line\nline \xc3\xa9\n");
    CHECK(*store.load({"devices.json", "mgts/10.0.0.0@tcp0/x"}) == "with a slash");
    CHECK(*store.load({"devices.json", "count"}) == 2);
    CHECK(!store.load({"devices.json", "devices/C"}));
    const auto devices = store.load_section("devices.json", "devices");
    REQUIRE(devices.size() == 2);
    CHECK(devices[0].first == "A");
    CHECK(devices[1].second.dump() == R"({"size":2})");
    CHECK(store.load_section("devices.json", "none").empty());
    CHECK((*store.load({"devices.json", ""}))["devices"]["A"]["size"] == 1);
}

}  // namespace

TEST_CASE_FIXTURE(FolderFixture, "what was put is seen at once and again after each way of opening") {
    SUBCASE("in memory") {
        auto store = memory_store();
        put_some(*store);
        check_some(*store);
    }
    SUBCASE("in a folder") {
        {
            auto store = open();
            put_some(*store);
            check_some(*store);
            store->flush();
            check_some(*read_directory(folder));
        }
        check_some(*read_directory(folder));
        check_some(*open());
    }
}

TEST_CASE_FIXTURE(FolderFixture, "files are pretty JSON with sorted keys and texts are verbatim") {
    put_some(*open());
    CHECK(read("a.json") == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"z\": 1\n}\n");
    CHECK(read("t_crypto/self.crt") == "line\nline \xc3\xa9\n");
    CHECK(read("version.json") == "{\n  \"program\": \"cluster-sim\",\n  \"version\": 1\n}\n");
    CHECK(!std::filesystem::exists(folder / "gone.json"));
}

TEST_CASE_FIXTURE(FolderFixture, "text that is not UTF-8 is saved readable instead of breaking the folder") {
    open()->put({"a.json", ""}, "x");
    {
        auto store = open();
        store->put({"a.json", ""}, "bad \xff byte");
        store->commit(nullptr);
    }
    CHECK(*open()->load({"a.json", ""}) == "bad \xef\xbf\xbd byte");
}

TEST_CASE_FIXTURE(FolderFixture, "private keys and the journal are for the owner alone") {
    {
        auto store = open();
        store->put({"t_crypto/private.pem", ""}, "secret");
        store->commit(nullptr);
    }
    using std::filesystem::perms;
    for (const auto& name : {std::string("t_crypto/private.pem"), journal()}) {
        const auto others =
            std::filesystem::status(folder / name).permissions() & (perms::group_all | perms::others_all);
        CHECK(others == perms::none);
    }
}

TEST_SUITE_END();

}  // namespace csim
