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
    Program empty({look(stage, "profile0", {"No server has registered yet", "There is no file system yet"})});
    // Nothing registers before the page was seen as it is with nothing.
    REQUIRE((empty.wait_for("seen There is no file system yet") || !empty.running()));
    stage.setup(2);
    Program simulator = stage.serve(stage.register_words());
    REQUIRE(stage.watch_ready().status == 0);
    const Ended at_first = empty.wait();
    if (at_first.status == browser_unusable) {
        std::cout << "skipped: " << at_first.err;
        return;
    }
    CHECK_MESSAGE(at_first.status == 0, at_first.err);

    Program page({look(
        stage, "profile1",
        {"--dark", "test001", "managed", "Deploying agent to host test000", "Look around on test000",
         "LNet offline on server", "!LNet offline on server"}
    )});
    REQUIRE_MESSAGE(page.wait_for("seen Deploying agent to host test000"), page.err());
    const Json job{{"class_name", "UpdateDevicesJob"}, {"args", {{"host_id", 1}}}};
    stage.post("api/command/", {{"message", "Look around on test000"}, {"jobs", Json::array({job})}});
    REQUIRE_MESSAGE(page.wait_for("seen Look around on test000"), page.err());
    const auto act = [&](const char* action) {
        stage.control("server_action", {"test000.localdomain", action, Json::object()});
    };
    act("stop_lnet");
    CHECK_MESSAGE(page.wait_for("seen LNet offline on server"), page.err());
    act("start_lnet");
    const Ended ended = page.wait();
    CHECK_MESSAGE(ended.status == 0, ended.err);
}

TEST_SUITE_END();
