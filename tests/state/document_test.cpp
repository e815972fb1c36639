// Typed documents and the order in which what waits for durability runs.
#include "state/document_of.hpp"
#include "tests/state/state_fixture.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

namespace csim {

namespace {

struct Volume {
    std::string serial;
    int size = 1;
};
BOOST_DESCRIBE_STRUCT(Volume, (), (serial, size))

struct DocumentFixture {
    std::unique_ptr<StateStore> store = memory_store();
    Documents documents{*store};
    std::vector<std::string> log;

    auto note(std::string text) {
        return [this, text = std::move(text)] { log.push_back(text); };
    }
};

const EntryName first{"devices.json", "devices/A"};
const EntryName second{"devices.json", "devices/B"};

}  // namespace

TEST_SUITE_BEGIN("state/document");

TEST_CASE_FIXTURE(DocumentFixture, "a new document is saved by the next save and an edited one again") {
    Document<Volume> volume(documents, first, {"A", 5});
    CHECK(!store->load(first));
    documents.save_all();
    CHECK(store->load(first)->dump() == R"({"serial":"A","size":5})");
    volume.edit([](Volume& v) { v.size = 6; });
    documents.save_all();
    CHECK(load_value<Volume>(*store, first)->size == 6);
}

TEST_CASE_FIXTURE(DocumentFixture, "edit gives back what the change returns") {
    Document<Volume> volume(documents, first, {"A", 5});
    CHECK(volume.edit([](Volume& v) { return ++v.size; }) == 6);
    CHECK(volume->size == 6);
}

TEST_CASE_FIXTURE(DocumentFixture, "a loaded document is unchanged and a missing one is null") {
    store->put(first, Json{{"serial", "A"}});
    const auto volume = load_document<Volume>(documents, first);
    REQUIRE(volume);
    CHECK((*volume)->size == 1);
    CHECK(!load_document<Volume>(documents, second));
}

TEST_CASE_FIXTURE(DocumentFixture, "a saved value that does not fit is refused by name and member") {
    store->put(first, Json{{"serial", "A"}, {"size", "big"}});
    std::string message;
    try {
        load_value<Volume>(*store, first);
    } catch (const Fatal& fatal) {
        message = fatal.what();
    }
    CHECK(message.find("devices.json (devices/A)") != message.npos);
    CHECK(message.find("/size") != message.npos);
}

TEST_CASE_FIXTURE(DocumentFixture, "an erased document goes and one made anew under its name stays") {
    Document<Volume> volume(documents, first, {"A", 5});
    documents.save_all();
    volume.erase();
    CHECK(volume->serial == "A");
    volume.edit([](Volume& v) { v.size = 7; });
    documents.save_all();
    CHECK(!store->load(first));

    std::optional<Document<Volume>> again(std::in_place, documents, first, Volume{"A", 8});
    again->erase();
    again.reset();
    Document<Volume> last(documents, first, {"A", 9});
    documents.save_all();
    CHECK(load_value<Volume>(*store, first)->size == 9);
}

TEST_CASE_FIXTURE(DocumentFixture, "a document that dies takes its unsaved change along and no other") {
    Document<Volume> kept(documents, second, {"B", 2});
    std::optional<Document<Volume>> lost(std::in_place, documents, first, Volume{"A", 5});
    Document<Volume> later(documents, {"devices.json", "devices/C"}, {"C", 3});
    lost.reset();
    documents.save_all();
    CHECK(!store->load(first));
    CHECK(store->load(second));
    CHECK(store->load_section("devices.json", "devices").size() == 2);
}

TEST_CASE_FIXTURE(DocumentFixture, "actions run in order after the save and never inside the request") {
    documents.when_durable(note("one"));
    documents.when_durable(note("two"));
    CHECK(log.empty());
    documents.save_all();
    CHECK(log == std::vector<std::string>{"one", "two"});
    documents.save_all();
    CHECK(log.size() == 2);
}

TEST_CASE_FIXTURE(DocumentFixture, "what an action asks for runs after the actions that waited before it") {
    Document<Volume> volume(documents, first, {"A", 1});
    documents.when_durable([&] {
        log.push_back("one");
        volume.edit([](Volume& v) { v.size = 2; });
        documents.when_durable(note("three"));
        documents.save_all();
    });
    documents.when_durable(note("two"));
    documents.save_all();
    CHECK(log == std::vector<std::string>{"one", "two", "three"});
    CHECK(load_value<Volume>(*store, first)->size == 2);
}

TEST_CASE_FIXTURE(FolderFixture, "on disk too actions run in order and only once their change is there") {
    auto store = open();
    Documents documents(*store);
    std::vector<int> log;
    Document<Volume> volume(documents, first, {"A", 0});
    for (int i = 1; i <= 50; ++i) {
        volume.edit([&](Volume& v) { v.size = i; });
        documents.when_durable([&log, &store_folder = folder, i] {
            log.push_back(i);
            CHECK(load_value<Volume>(*read_directory(store_folder), first)->size >= i);
        });
        if (i % 3 == 0) documents.save_all();
    }
    documents.save_all();
    CHECK(log.empty());
    inbox.run_until([&] { return log.size() == 50; });
    for (int i = 0; i < 50; ++i) CHECK(log[static_cast<std::size_t>(i)] == i + 1);
}

TEST_CASE_FIXTURE(
    DocumentFixture, "values without a document are saved with the next save, the last word counts"
) {
    const EntryName name{"power.json", "outlets/1"}, other{"power.json", "outlets/2"};
    documents.put(name, true);
    documents.put(other, true);
    CHECK(!store->load(name));
    documents.save_all();
    CHECK(store->load(name) == Json(true));
    documents.put(name, false);
    documents.erase(other);
    documents.put(other, 3);
    documents.erase(name);
    documents.save_all();
    CHECK(!store->load(name));
    CHECK(store->load(other) == Json(3));
}

TEST_SUITE_END();

}  // namespace csim
