// Our replies beside recorded ones: every recorded key is there, and of the same type where both have a
// value.
#include "tests/manager/manager_fixture.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/rest/captures");

namespace {

Json recorded(const std::string& folder, const std::string& name) {
    std::ifstream in(folder + "/rest/list-" + name + ".json");
    if (!in) return Json();
    return Json::parse(in)["response_body"];
}

bool same_type(const Json& ours, const Json& theirs) {
    if (ours.is_null() || theirs.is_null()) return true;
    if (ours.is_number() && theirs.is_number()) return true;
    return ours.type() == theirs.type();
}

}  // namespace

TEST_CASE("objects have the keys and types of the recorded ones") {
    const char* folder = std::getenv("CSIM_CAPTURES");
    if (folder == nullptr) {
        std::cout << "skipped: CSIM_CAPTURES does not name a folder of recorded replies\n";
        return;
    }
    ManagerFixture f;
    ScriptedAgent agent(f, "test000.localdomain");
    agent.devices["0:1"] = Json{
        {"major_minor", "0:1"},
        {"path", "/dev/a"},
        {"serial_80", "A"},
        {"serial_83", "A"},
        {"size", 1},
        {"filesystem_type", nullptr},
        {"parent", nullptr},
        {"partition_number", nullptr}};
    const std::int64_t command = agent.join("base_managed_rh7");
    f.run_until([&] { return f.command_done(command); });
    f.token("base_managed_rh7");
    for (const char* name :
         {"host", "lnet_configuration", "network_interface", "nid", "corosync_configuration",
          "pacemaker_configuration", "command", "job", "step", "alert", "volume", "volume_node", "user",
          "group", "server_profile", "registration_token", "host_profile", "alert_type"}) {
        CAPTURE(name);
        const Json theirs = recorded(folder, name);
        REQUIRE(theirs.is_object());
        const Json ours = f.rest("GET", std::string("/api/") + name + "/").body;
        REQUIRE_FALSE(ours["objects"].empty());
        for (const auto& [key, value] : theirs["meta"].items())
            CHECK(same_type(ours["meta"].value(key, Json("absent")), value));
        for (const auto& [key, value] : theirs["objects"][0].items()) {
            CAPTURE(key);
            REQUIRE(ours["objects"][0].contains(key));
            CHECK(same_type(ours["objects"][0][key], value));
        }
    }
}

TEST_SUITE_END();
