// Disks that refuse: what is said, what is acknowledged, and what is left.
#include "state/faulty_files.hpp"
#include "tests/state/state_fixture.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>
#include <vector>

namespace csim {

namespace {

/// Makes changes on a disk that fails at its `at`-th operation; tells which were acknowledged.
struct FailingFixture : FolderFixture {
    struct Outcome {
        int acknowledged = 0;
        std::string fatal;
        std::vector<Error> failures;
    };

    Outcome change_on(FileLayer& files) {
        Outcome outcome;
        DirectoryOptions options{.checkpoint_bytes = 300, .files = &files};
        options.on_failure = [&](const Error& error) { outcome.failures.push_back(error); };
        try {
            auto store = open(std::move(options));
            for (int i = 1; i <= 12; ++i) {
                store->put({"a.json", ""}, Json{{"last", i}});
                store->put({"b.json", "x/" + std::to_string(i)}, std::string(40, 'x'));
                store->commit([&outcome, i] {
                    CHECK(outcome.acknowledged == i - 1);
                    CHECK(outcome.failures.empty());
                    outcome.acknowledged = i;
                });
                if (i % 3 == 0) store->flush();
            }
        } catch (const Fatal& fatal) {
            outcome.fatal = fatal.what();
        }
        inbox.run();
        return outcome;
    }

    int last() const {
        if (!std::filesystem::exists(folder / "version.json")) return 0;
        const auto value = read_directory(folder)->load({"a.json", "last"});
        return value ? value->get<int>() : 0;
    }
};

}  // namespace

TEST_SUITE_BEGIN("state/failure");

TEST_CASE_FIXTURE(
    FailingFixture, "a disk that fails at any operation acknowledges nothing afterwards and keeps the rest"
) {
    FaultyFiles counting(system_files(), {}, Syncs::skipped);
    REQUIRE(change_on(counting).acknowledged == 12);
    const auto operations = counting.operations();
    for (std::uint64_t at = 1; at <= operations; ++at) {
        CAPTURE(at);
        std::filesystem::remove_all(folder);
        FaultyFiles files(
            system_files(), {.kind = Fault::Kind::fail, .at = at, .bytes = at * 7 % 90}, Syncs::skipped
        );
        const auto outcome = change_on(files);
        const bool told = !outcome.fatal.empty() || !outcome.failures.empty();
        // How often the second thread works is up to chance; a run may end before its flaw.
        CHECK(told == (files.operations() >= at));
        CHECK(outcome.failures.size() <= 1);
        if (!outcome.fatal.empty()) {
            CHECK(outcome.fatal.find(folder.string()) != std::string::npos);
            CHECK(outcome.fatal.find("No space left on device") != std::string::npos);
        }
        CHECK(last() >= outcome.acknowledged);
        CHECK(refusal().empty());
        CHECK(last() >= outcome.acknowledged);
    }
}

TEST_CASE_FIXTURE(FolderFixture, "after a failure flush throws and callbacks die unused with the store") {
    // The fault comes with the first line of the journal.
    FaultyFiles counting(system_files(), {}, Syncs::skipped);
    open({.files = &counting});
    std::filesystem::remove_all(folder);
    FaultyFiles files(
        system_files(),
        {.kind = Fault::Kind::fail, .at = counting.operations() + 1, .error = {Errc::io, "broken"}}
    );
    int failures = 0;
    bool called = false;
    const auto watched = std::make_shared<int>(0);
    DirectoryOptions options{.files = &files};
    options.on_failure = [&](const Error& error) {
        ++failures;
        CHECK(error.code == Errc::io);
        CHECK(error.detail.find("broken; nothing is acknowledged any more") != std::string::npos);
    };
    auto store = open(std::move(options));
    for (int i = 0; i < 3; ++i) {
        store->put({"a.json", ""}, i);
        store->commit([&called, watched] { called = true; });
        CHECK_THROWS_AS(store->flush(), Fatal);
        store->commit([&called, watched] { called = true; });
    }
    inbox.run();
    CHECK(failures == 1);
    CHECK(!called);
    CHECK(watched.use_count() == 7);
    store.reset();
    CHECK(watched.use_count() == 1);
}

TEST_CASE_FIXTURE(
    FolderFixture, "a folder that cannot be written is refused in one sentence with the reason"
) {
    open();
    FaultyFiles files(
        system_files(),
        {.kind = Fault::Kind::fail, .at = 1, .error = {Errc::io, "cannot open lock: Read-only file system"}}
    );
    std::string message;
    try {
        open({.files = &files});
    } catch (const Fatal& fatal) {
        message = fatal.what();
    }
    CHECK(message == "state folder " + folder.string() + ": cannot open lock: Read-only file system");
    CHECK(read_refusal().empty());
}

TEST_CASE_FIXTURE(FolderFixture, "a file in place of the folder is refused in one sentence with the reason") {
    std::ofstream(folder) << "a file";
    CHECK(
        refusal() ==
        "state folder " + folder.string() + ": cannot open " + folder.string() + ": Not a directory"
    );
}

TEST_CASE_FIXTURE(FolderFixture, "an empty commit is acknowledged after all before it") {
    auto store = open();
    std::vector<int> log;
    store->put({"a.json", ""}, 1);
    store->commit([&] { log.push_back(1); });
    store->commit([&] { log.push_back(2); });
    store->flush();
    inbox.run_until([&] { return log.size() == 2; });
    CHECK(log == std::vector<int>{1, 2});
}

TEST_SUITE_END();

}  // namespace csim
