// Everything that the API shows survives the manager's death.
#include "tests/manager/full_world.hpp"

#include <doctest/doctest.h>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/rest/durable");

namespace {

std::map<std::string, Json> everything(FullWorld& w) {
    std::map<std::string, Json> all;
    for (const std::string& name : FullWorld::resources()) {
        all[name] = w.get("/api/" + name + "/?limit=0").body["objects"];
        // The load of LUNs and disks is that of the last poll, and the next one comes with the next start.
        if (name != "storage_resource") continue;
        for (Json& object : all[name]) object.erase("stats");
    }
    return all;
}

}  // namespace

TEST_CASE("every resource shows the same after the manager was killed and started again") {
    FullWorld w;
    const auto before = everything(w);
    w.restart();
    const auto after = everything(w);
    for (const auto& [name, objects] : before) {
        CAPTURE(name);
        REQUIRE(after.at(name).size() == objects.size());
        for (std::size_t i = 0; i < objects.size(); ++i) {
            CAPTURE(i);
            CHECK(after.at(name)[i] == objects[i]);
        }
    }
    // Numbers go on where they were.
    const std::string newest = before.at("log")[0]["id"].dump();
    CHECK(w.model().log.find(std::stoll(newest) + 1) == nullptr);
}

TEST_CASE("sessions, the log's numbers and the newest figures go on after a restart") {
    FullWorld w;
    const Json figures = w.get("/api/filesystem/1/").body["bytes_free"];
    CHECK(figures == 3000.0 * 1024);
    const auto last = w.get("/api/log/?limit=1").body["objects"][0]["id"].get<std::int64_t>();
    w.restart();
    CHECK(w.get("/api/session/").body["user"]["username"] == "admin");
    CHECK(w.get("/api/filesystem/1/").body["bytes_free"] == figures);
    w.cluster.agents[0]->start();
    w.f().advance(std::chrono::seconds(5));
    const Json line{
        {"source", "s"},
        {"severity", 1},
        {"facility", 1},
        {"datetime", "2026-11-22T00:00:00+00:00"},
        {"message", "new"}};
    w.cluster.agents[0]->report("systemd_journal", Json{{"log_lines", Json::array({line})}});
    w.f().advance(std::chrono::seconds(1));
    CHECK(w.get("/api/log/?limit=1").body["objects"][0]["id"] == last + 1);
}

TEST_SUITE_END();
