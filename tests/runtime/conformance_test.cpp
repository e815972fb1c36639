// What every backend must do, run over each that this machine offers.
#include "tests/runtime/backends.hpp"

#include <doctest/doctest.h>

#include <algorithm>

TEST_SUITE_BEGIN("runtime/conformance");

using namespace csim;

namespace {

void check_life(RuntimeBench& bench) {
    REQUIRE(bench.create("one"));
    CHECK(bench.stats("one")->state == NodeState::created);
    CHECK(bench.stats("one")->pid == 0);
    REQUIRE(bench.start("one"));
    const auto up = bench.stats("one");
    REQUIRE(up);
    CHECK(up->state == NodeState::running);
    CHECK(up->pid > 0);
    CHECK(up->boot > Duration::zero());
    REQUIRE(bench.stop("one"));
    CHECK(bench.stats("one")->state == NodeState::stopped);
    CHECK(bench.stats("one")->pid == 0);
    REQUIRE(bench.start("one"));
    REQUIRE(bench.stop("one", 5s));
    REQUIRE(bench.destroy("one"));
    CHECK(bench.stats("one").error().kind == NodeError::Kind::not_found);
}

void check_refusals(RuntimeBench& bench) {
    CHECK(bench.start("none").error().kind == NodeError::Kind::not_found);
    CHECK(bench.exec("none", {{"true"}}).error().kind == NodeError::Kind::not_found);
    CHECK(bench.stop("none").error().kind == NodeError::Kind::not_found);
    CHECK(bench.destroy("none"));
    for (const char* name : {"", "-x", "x-", "a_b", "a.b", "a/b", ".."}) {
        CAPTURE(name);
        const auto refused = bench.create(name);
        REQUIRE(!refused);
        CHECK(refused.error().kind == NodeError::Kind::denied);
        CHECK(refused.error().refused == "name");
    }
    REQUIRE(bench.create("one"));
    CHECK(bench.create("one").error().kind == NodeError::Kind::exists);
    CHECK(bench.exec("one", {{"true"}}).error().kind == NodeError::Kind::busy);
    REQUIRE(bench.start("one"));
    CHECK(bench.start("one").error().kind == NodeError::Kind::busy);
    CHECK(bench.destroy("one").error().kind == NodeError::Kind::busy);
    REQUIRE(bench.stop("one"));
    CHECK(bench.stop("one"));
    REQUIRE(bench.destroy("one"));
    CHECK(bench.destroy("one"));
}

void check_exec(RuntimeBench& bench) {
    REQUIRE(bench.create("one"));
    REQUIRE(bench.start("one"));
    struct Case {
        std::vector<std::string> command;
        int status;
        std::string out;
    };
    const Case cases[] = {
        {{"true"}, 0, ""},
        {{"false"}, 1, ""},
        {{"echo", "hello", "there"}, 0, "hello there\n"},
        {{"hostname"}, 0, "one\n"},
        {{"sh", "-c", "echo out; echo err >&2; exit 7"}, 7, "out\n"},
        {{"no-such-program"}, 127, ""},
    };
    for (const Case& each : cases) {
        CAPTURE(each.command.front());
        const auto ran = bench.exec("one", {each.command});
        REQUIRE(ran);
        CHECK(ran->status == each.status);
        CHECK(ran->out == each.out);
    }
    CHECK(bench.exec("one", {{"sh", "-c", "echo err >&2"}})->err == "err\n");
    ExecSpec cat{{"cat"}};
    cat.input = std::string(200'000, 'x') + "end";
    CHECK(bench.exec("one", cat)->out == cat.input);
    ExecSpec env{{"sh", "-c", "echo $GREETING"}};
    env.environment["GREETING"] = "good day";
    CHECK(bench.exec("one", env)->out == "good day\n");
    const auto late = bench.exec("one", {{"sleep", "600"}}, 300ms);
    REQUIRE(!late);
    CHECK(late.error().kind == NodeError::Kind::timeout);
    CHECK(late.error().phase == NodePhase::exec);
    REQUIRE(bench.stop("one"));
    REQUIRE(bench.destroy("one"));
}

void check_files(RuntimeBench& bench) {
    REQUIRE(bench.create("one"));
    REQUIRE(bench.start("one"));
    for (const std::size_t size : {std::size_t{0}, std::size_t{10}, std::size_t{3} << 20}) {
        NodeFile file;
        file.content = std::string(size, '\0') + "\x7f";
        file.mode = 0640;
        REQUIRE(bench.write("one", "/tmp/data", file));
        const auto back = bench.read("one", "/tmp/data");
        REQUIRE(back);
        CHECK(back->content == file.content);
        CHECK(back->mode == 0640);
        CHECK(back->type == NodeFile::Type::file);
    }
    NodeFile folder;
    folder.type = NodeFile::Type::directory;
    folder.mode = 0711;
    REQUIRE(bench.write("one", "/tmp/folder", folder));
    NodeFile inside;
    inside.content = "inside";
    REQUIRE(bench.write("one", "/tmp/folder/b", inside));
    REQUIRE(bench.write("one", "/tmp/folder/a", inside));
    CHECK(bench.read("one", "/tmp/folder")->entries == std::vector<std::string>{"a", "b"});
    // A link that points outside is the node's own outside.
    NodeFile link;
    link.type = NodeFile::Type::symlink;
    link.content = "/../../../tmp/folder/a";
    REQUIRE(bench.write("one", "/tmp/link", link));
    CHECK(bench.read("one", "/tmp/link")->content == "inside");
    CHECK(bench.read("one", "/no/such/file").error().kind == NodeError::Kind::not_found);
    CHECK(bench.write("one", "/no/such/file", inside).error().kind == NodeError::Kind::not_found);
    CHECK(bench.exec("one", {{"cat", "/tmp/folder/a"}})->out == "inside");
    // What was written is there when the node rests, and when it is up again.
    REQUIRE(bench.stop("one"));
    CHECK(bench.read("one", "/home")->type == NodeFile::Type::directory);
    REQUIRE(bench.write("one", "/home/kept", inside));
    CHECK(bench.read("one", "/home/kept")->content == "inside");
    REQUIRE(bench.start("one"));
    CHECK(bench.read("one", "/home/kept")->content == "inside");
    REQUIRE(bench.stop("one"));
    REQUIRE(bench.destroy("one"));
}

void check_many(RuntimeBench& bench) {
    std::vector<std::string> names;
    std::vector<NodeSpec> specs;
    for (int i = 0; i < 12; ++i) {
        NodeSpec spec;
        spec.name = "many" + std::to_string(i);
        names.push_back(spec.name);
        specs.push_back(spec);
    }
    std::size_t left = 0;
    const auto all = [&](auto begin) {
        left = names.size();
        begin([&](const std::string& name, const NodeResult<Done>& result) {
            CHECK_MESSAGE(result.has_value(), name);
            if (--left == 0) bench.loop.stop();
        });
        while (left > 0) bench.loop.run();
    };
    all([&](auto each) { bench.runtime->create_all(specs, 60s, each); });
    all([&](auto each) { bench.runtime->start_all(names, 60s, each); });
    auto listed = bench.list();
    REQUIRE(listed);
    REQUIRE(listed->size() == names.size());
    CHECK(std::is_sorted(listed->begin(), listed->end(), [](auto& a, auto& b) { return a.name < b.name; }));
    for (const NodeInfo& each : *listed) CHECK(each.state == NodeState::running);
    all([&](auto each) { bench.runtime->stop_all(names, 0s, 60s, each); });
    all([&](auto each) { bench.runtime->destroy_all(names, 60s, each); });
    CHECK(bench.list()->empty());
}

void check_cancel(RuntimeBench& bench) {
    REQUIRE(bench.create("one"));
    REQUIRE(bench.start("one"));
    const auto cut = bench.ask<ExecResult>([&](auto done) {
        const Ticket ticket = bench.runtime->exec("one", {{"sleep", "600"}}, 0s, std::move(done));
        bench.runtime->cancel(ticket);
        bench.runtime->cancel(ticket);
    });
    REQUIRE(!cut);
    CHECK(cut.error().kind == NodeError::Kind::cancelled);
    CHECK(bench.exec("one", {{"true"}})->status == 0);
    REQUIRE(bench.stop("one"));
    REQUIRE(bench.destroy("one"));
}

struct Check {
    const char* name;
    void (*run)(RuntimeBench&);
};

const Check checks[] = {
    {"a node lives and ends", check_life}, {"what cannot be done is refused by name", check_refusals},
    {"programs run in nodes", check_exec}, {"files go in and come out", check_files},
    {"many at once", check_many},          {"a cancelled operation ends", check_cancel},
};

}  // namespace

// Proves: container 10, 11.
TEST_CASE("every backend keeps the contract of node runtimes") {
    for (const Backend& backend : backends()) {
        if (const std::string why_not = backend.why_not(); !why_not.empty()) {
            MESSAGE("skipped " << std::string(backend.name) << ": " << why_not);
            continue;
        }
        for (const Check& check : checks) {
            const auto bench = backend.make();
            INFO(backend.name << ": " << check.name);
            check.run(*bench);
        }
    }
}

TEST_SUITE_END();
