// What opening does with folders as crashes, people and other programs leave them.
#include "state/disk_writer.hpp"
#include "state/file_layer.hpp"
#include "state/journal.hpp"
#include "state/schema.hpp"
#include "tests/state/state_fixture.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <unistd.h>
#include <vector>

namespace csim {

namespace {

const EntryName entry{"a.json", "numbers/one"};

/// A folder with `count` changes in its journal and none in its documents, as a kill leaves it.
struct CrashedFixture : FolderFixture {
    explicit CrashedFixture(int count = 3) {
        std::filesystem::create_directories(folder);
        write("version.json", "{\"version\": 1}\n");
        for (int i = 1; i <= count; ++i) {
            const auto payload = R"([["put","a.json","numbers/one",)" + std::to_string(i) + "]]";
            text += journal_line(static_cast<std::uint64_t>(i), payload);
        }
        write("journal-000000000001", text);
    }
    int value() { return open()->load(entry)->get<int>(); }
    std::string text;
};

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
}

}  // namespace

TEST_SUITE_BEGIN("state/recovery");

TEST_CASE_FIXTURE(CrashedFixture, "the journal is replayed and folded into the documents") {
    CHECK(value() == 3);
    CHECK(read("a.json") == "{\n  \"numbers\": {\n    \"one\": 3\n  }\n}\n");
    CHECK(journal() == "journal-000000000004");
    CHECK(read(journal()).empty());
    CHECK(value() == 3);
}

// Proves: defect 73, 74; invariant I-25.
TEST_CASE_FIXTURE(CrashedFixture, "a journal torn at any byte loses its torn line only and says so") {
    const auto line_size = text.size() / 3;
    for (std::size_t size = 0; size <= text.size(); ++size) {
        CAPTURE(size);
        std::filesystem::remove_all(folder);
        write("version.json", "{\"version\": 1}\n");
        write("journal-000000000001", text.substr(0, size));
        std::vector<std::string> notes;
        DirectoryOptions options;
        options.on_note = [&](const std::string& note) { notes.push_back(note); };
        const auto whole = size / line_size;
        const auto found = open(std::move(options))->load(entry);
        CHECK(found.has_value() == (whole > 0));
        if (whole > 0) CHECK(found->get<std::size_t>() == whole);
        CHECK(notes.size() == (size % line_size == 0 ? 0 : 1));
    }
}

TEST_CASE_FIXTURE(CrashedFixture, "garbage behind the last line is dropped and work goes on") {
    for (const auto& garbage :
         {std::string(5000, '\0'), std::string("4 17 abc\n{}\n\n\n"), std::string("\xff\xfe junk\n")}) {
        write("journal-000000000001", text + garbage);
        {
            auto store = open();
            CHECK(store->load(entry)->get<int>() == 3);
            store->put(entry, 4);
            store->commit(nullptr);
        }
        CHECK(value() == 4);
        std::filesystem::remove(folder / "a.json");
        std::filesystem::remove(folder / journal());
    }
}

TEST_CASE_FIXTURE(CrashedFixture, "damage before the last line is refused and nothing changes") {
    const auto line_size = text.size() / 3;
    for (std::size_t at = 0; at < 2 * line_size; ++at) {
        CAPTURE(at);
        auto damaged = text;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x01);
        write("journal-000000000001", damaged);
        write("lock", "");
        const auto before = listing();
        const auto message = refusal();
        CHECK(contains(message, folder.string()));
        CHECK(contains(message, "journal-000000000001 is damaged"));
        write("lock", "");
        CHECK(listing() == before);
        CHECK(read_refusal() == message);
    }
}

TEST_CASE_FIXTURE(
    CrashedFixture, "a journal file that is missing or torn in the middle of a row is refused"
) {
    write("journal-000000000005", journal_line(5, "[]"));
    CHECK(contains(refusal(), "before journal-000000000005 is missing"));
    write("journal-000000000005", "");
    std::filesystem::rename(folder / "journal-000000000005", folder / "journal-000000000004");
    write("journal-000000000001", text + "4 2");
    CHECK(contains(refusal(), "journal-000000000001 is damaged"));
    write("journal-000000000001", text);
    CHECK(value() == 3);
}

TEST_CASE_FIXTURE(CrashedFixture, "an empty newest journal file is not folded away while it is open") {
    // As a kill right after a rotation leaves them.
    write("journal-000000000004", "");
    SUBCASE("by a checkpoint while work goes on") {
        JournalFile file(unsynced, folder, recover_folder(unsynced, folder, 1));
        const auto full = file.rotate();
        REQUIRE(full.has_value());
        CHECK(*full == std::vector<std::string>{"journal-000000000001"});
        CHECK(file.bytes() == 0);
        REQUIRE(file.append("[]").has_value());
        CHECK(read("journal-000000000004") == journal_line(4, "[]"));
        REQUIRE(file.rotate().has_value());
        CHECK(read("journal-000000000005").empty());
    }
    SUBCASE("by the last checkpoint") {
        CHECK(value() == 3);
        CHECK(journal() == "journal-000000000004");
    }
}

TEST_CASE_FIXTURE(CrashedFixture, "a journal that names files outside the folder is refused") {
    for (const std::string payload :
         {R"([["put","../a.json","",1]])", R"([["put","a.crt","",1]])", R"([["drop","a.json",""]])",
          R"({"a":1})", "[[]]"}) {
        CAPTURE(payload);
        write("journal-000000000001", journal_line(1, payload));
        CHECK(contains(refusal(), "journal file journal-000000000001: "));
    }
}

TEST_CASE_FIXTURE(CrashedFixture, "leftovers of a checkpoint go and files of others stay") {
    write("a.json.csim-tmp", "{ half");
    write("x_crypto/self.crt.csim-tmp", "half");
    write("notes.txt", "mine");
    write(".git/config.json", "not json");
    CHECK(value() == 3);
    CHECK(!std::filesystem::exists(folder / "a.json.csim-tmp"));
    CHECK(!std::filesystem::exists(folder / "x_crypto/self.crt.csim-tmp"));
    CHECK(read("notes.txt") == "mine");
    CHECK(read(".git/config.json") == "not json");
}

// Proves: defect 75.
TEST_CASE_FIXTURE(CrashedFixture, "a damaged document is refused by name and place") {
    write("fake_server_x.json", "{\n  \"id\": 1,\n");
    const auto before = listing();
    CHECK(contains(
        refusal(), "document fake_server_x.json is damaged (line 3 column 1: the text ends too early)"
    ));
    CHECK(contains(read_refusal(), "fake_server_x.json"));
    write("fake_server_x.json", "{\"id\": 1}");
    CHECK(open()->load({"fake_server_x.json", "id"})->get<int>() == 1);
}

TEST_CASE_FIXTURE(CrashedFixture, "a folder of a newer version is refused, in its file as in its journal") {
    const std::string expected = "it has version 2 and this program knows versions up to 1";
    SUBCASE("file") {
        write("version.json", "{\"version\": 2}");
        write("a.json", "a format of the future");
    }
    SUBCASE("journal") {
        write("journal-000000000001", text + journal_line(4, R"([["version",2]])"));
    }
    CHECK(contains(refusal(), expected));
    CHECK(contains(read_refusal(), expected));
}

TEST_CASE_FIXTURE(CrashedFixture, "a damaged version file is refused") {
    for (const std::string damaged : {"", "{", "[]", "{}", R"({"version": "1"})"}) {
        write("version.json", damaged);
        CHECK(contains(refusal(), "version.json is damaged"));
    }
}

TEST_CASE_FIXTURE(FolderFixture, "a folder that is not ours is refused and left alone") {
    write("holiday.jpg", "x");
    const auto before = listing();
    CHECK(contains(refusal(), "so it is not a state folder"));
    CHECK(contains(read_refusal(), "it is not a state folder"));
    CHECK(listing() == before);
}

TEST_CASE_FIXTURE(FolderFixture, "a missing folder is made by opening and refused by reading") {
    CHECK(contains(read_refusal(), "it does not exist"));
    folder = folder / "deep" / "er/";
    open();
    CHECK(read_refusal().empty());
}

TEST_CASE_FIXTURE(FolderFixture, "what an interrupted creation left is an empty folder") {
    write("lock", "{\"pid\":1,\"program\":\"x\"}\n");
    write("version.json.csim-tmp", "{");
    CHECK(refusal().empty());
    CHECK(!std::filesystem::exists(folder / "version.json.csim-tmp"));
}

TEST_CASE_FIXTURE(FolderFixture, "a folder in use is refused with program and process until it is closed") {
    auto store = open({.program = "cluster-test"});
    const auto message = refusal();
    CHECK(contains(message, "in use by \"cluster-test\" (pid " + std::to_string(::getpid()) + ")"));
    CHECK(read_refusal().empty());
    store.reset();
    CHECK(refusal().empty());
}

TEST_CASE_FIXTURE(
    FolderFixture, "reading beside a writer with constant checkpoints always finds whole changes"
) {
    auto store = open({.checkpoint_bytes = 200});
    const auto change = [&](int number) {
        store->put({"a.json", ""}, number);
        store->put({"b.json", "n/x"}, number);
        if (number % 2 == 0) {
            store->put({"c_crypto/self.crt", ""}, std::to_string(number));
        } else {
            store->erase({"c_crypto/self.crt", ""});
        }
        store->commit(nullptr);
    };
    int last = 0;
    for (int number = 1; number <= 150; ++number) {
        change(number);
        if (number == 1) store->flush();
        const auto seen = read_directory(folder);
        const int a = seen->load({"a.json", ""})->get<int>();
        CHECK(a >= last);
        CHECK(*seen->load({"b.json", "n/x"}) == a);
        CHECK(seen->load({"c_crypto/self.crt", ""}).has_value() == (a % 2 == 0));
        last = a;
    }
}

TEST_SUITE_END();

}  // namespace csim
