// The manager's page in a real browser: it shows what there is, and what happens, without being loaded again.
#include "net/child_processes.hpp"
#include "tests/programs/stage.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <iostream>

TEST_SUITE_BEGIN("programs/page");

using namespace csim;

namespace {

constexpr int browser_unusable = 3;  ///< exit status of page_check.py

std::string browser() {
    for (const char* name : {"chromium", "chromium-browser", "google-chrome"}) {
        if (std::string path = find_program(name); !path.empty()) return path;
    }
    return {};
}

Words look(const Stage& stage, const std::string& profile, const Words& more) {
    return Words{
               "python3", CSIM_SOURCE_DIR "/tests/programs/page_check.py", browser(), stage.url(),
               (stage.folder / profile).string()} +
           more;
}

/// False, with a sentence, when no browser can be had here.
bool have_browser() {
    if (!browser().empty()) return true;
    std::cout << "skipped: no chromium here; install the package chromium to have the page looked at\n";
    return false;
}

}  // namespace

TEST_CASE("the page shows hosts and follows what happens") {
    if (!have_browser()) return;
    Stage stage;
    stage.start_manager();
    Program page({look(
        stage, "profile",
        {"--dark", "No server has registered yet", "There is no file system yet", "test001\t\nmanaged",
         "Deploying agent to host test000", "Look around on test000", "!test001\t\n"}
    )});
    // Nothing registers before the page was seen as it is with nothing.
    if (!page.wait_for("seen There is no file system yet")) {
        const Ended ended = page.wait();
        REQUIRE_MESSAGE(ended.status == browser_unusable, ended.err);
        std::cout << "skipped: " << ended.err;
        return;
    }
    stage.setup(2);
    Program simulator = stage.serve(stage.register_words());
    REQUIRE(stage.watch_ready().status == 0);
    REQUIRE_MESSAGE(page.wait_for("seen Deploying agent to host test000"), page.err());
    const auto ask = [&](const char* message, const char* job, const char* host) {
        const int id = stage.rest(std::string("api/host/?fqdn=") + host)["objects"][0]["id"];
        stage.post(
            "api/command/", {{"message", message},
                             {"jobs", Json::array({Json{{"class_name", job}, {"args", {{"host_id", id}}}}})}}
        );
    };
    ask("Look around on test000", "UpdateDevicesJob", "test000.localdomain");
    REQUIRE_MESSAGE(page.wait_for("seen Look around on test000"), page.err());
    ask("Away with it", "ForceRemoveHostJob", "test001.localdomain");
    const Ended ended = page.wait();
    CHECK_MESSAGE(ended.status == 0, ended.err);
}

TEST_SUITE_END();
