#include "apps/shell/command_line.hpp"

#include "core/result.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <doctest/doctest.h>

#include <iostream>
#include <sstream>

using namespace csim;

namespace {

struct Sample {
    Sample() {
        app.add_option("--config", config, "Folder")->capture_default_str();
        app.require_subcommand(1);
        app.fallthrough();
        CLI::App* setup = app.add_subcommand("setup", "Make one");
        setup->add_option("--server_count", servers, "Servers");
        setup->add_option("--server_kind", kind, "Kind");
    }

    int run(
        std::vector<std::string> words, const std::function<int()>& body = [] { return 0; }
    ) {
        words.insert(words.begin(), "sample");
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        std::ostringstream captured;
        std::streambuf* const before = std::cerr.rdbuf(captured.rdbuf());
        const int status = shell::run(app, static_cast<int>(argv.size()), argv.data(), body);
        std::cerr.rdbuf(before);
        told = captured.str();
        return status;
    }

    CLI::App app{"Does things. And more.", "sample"};
    std::string config = "here";
    std::string kind;
    int servers = 0;
    std::string told;
};

}  // namespace

TEST_SUITE_BEGIN("apps/command_line");

TEST_CASE("dashes and underscores and unique prefixes spell the same option") {
    for (const char* spelling : {"--server_count", "--server-count", "--server_c", "--server-co"}) {
        Sample sample;
        CAPTURE(spelling);
        CHECK(sample.run({"setup", spelling, "7"}) == shell::ok);
        CHECK(sample.servers == 7);
    }
    Sample joined;
    CHECK(joined.run({"setup", "--server-count=9", "--conf", "elsewhere"}) == shell::ok);
    CHECK(joined.servers == 9);
    CHECK(joined.config == "elsewhere");
}

TEST_CASE("an ambiguous prefix and an unknown option and a missing command are usage errors") {
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"setup", "--server", "7"},
             {"setup", "--bogus"},
             {},
             {"dance"},
             {"setup", "--server_count", "many"}}) {
        Sample sample;
        CHECK(sample.run(words) == shell::usage);
        CHECK(sample.told.starts_with("sample: "));
    }
}

TEST_CASE("a fatal error becomes one sentence and its status") {
    Sample sample;
    CHECK(sample.run({"setup"}, []() -> int { throw Fatal("the folder is in use"); }) == shell::failure);
    CHECK(sample.told == "sample: the folder is in use\n");
    Sample usage;
    CHECK(usage.run({"setup"}, []() -> int { throw Fatal("no such thing", 2); }) == shell::usage);
}

TEST_CASE("the man page and the completion name every command and option") {
    Sample sample;
    const std::string page = shell::man_page(sample.app);
    CHECK(page.find(".SH NAME\nsample \\- Does things\n") != std::string::npos);
    CHECK(page.find("\\-\\-server_count") != std::string::npos);
    CHECK(page.find("default: here") != std::string::npos);
    const std::string completion = shell::bash_completion(sample.app);
    CHECK(completion.find("setup) words=\"") != std::string::npos);
    CHECK(completion.find("complete -F _sample sample") != std::string::npos);
}
