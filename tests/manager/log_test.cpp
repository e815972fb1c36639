// Log lines: their classes, the events that some of them tell of, and their numbers.
#include "core/utc.hpp"
#include "tests/manager/full_world.hpp"

#include <doctest/doctest.h>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/log");

namespace {

Json log_report(ManagerFixture& f, const std::vector<std::string>& messages) {
    Json lines = Json::array();
    for (const std::string& message : messages) {
        lines.push_back(
            {{"source", "kernel"},
             {"severity", 1},
             {"facility", 1},
             {"datetime", utc_text(f.timeline.now())},
             {"message", message}}
        );
    }
    return Json{{"log_lines", lines}};
}

std::size_t count(FullWorld& w, const std::string& query) {
    return w.get(query).body["meta"]["total_count"].get<std::size_t>();
}

}  // namespace

TEST_CASE("log lines have a class, name what they speak of, and tell of events") {
    struct Case {
        const char* message;
        const char* message_class;
        const char* event;  ///< empty: none
        const char* text;
        const char* severity;
    };
    const std::vector<Case> cases{
        {"hello", "NORMAL", "", "", ""},
        {"Lustre: hello", "LUSTRE", "", "", ""},
        {"LustreError: 1:2: hello", "LUSTRE_ERROR", "", "", ""},
        {"[ 12.3] LustreError: hello", "LUSTRE_ERROR", "", "", ""},
        {"xLustre: no", "NORMAL", "", "", ""},
        {"LustreError: 122-1: Can't start acceptor on port 988: port already in use", "LUSTRE_ERROR",
         "SyslogEvent", "Lustre port already being used", "ERROR"},
        {"LustreError: Can't create socket: port 988 in use", "LUSTRE_ERROR", "SyslogEvent",
         "Lustre port already being used", "ERROR"},
        {"Lustre: testfs-MDT0000: connection from c1-u@10.0.0.5@tcp t0 exp", "LUSTRE", "ClientConnectEvent",
         "client c1-u from 10.0.0.5@tcp connected to target testfs-MDT0000", "INFO"},
        {"LustreError: 0:0:(x) ### lock callback timer expired: evicting client at 10.0.0.5@tcp ns: x",
         "LUSTRE_ERROR", "ClientConnectEvent",
         "client from 10.0.0.5@tcp was evicted because it did not answer in time", "WARNING"},
        {"Lustre: testfs-OST0000: evicting c9 at adminstrative request", "LUSTRE", "ClientConnectEvent",
         "client c9 was evicted by an administrator", "WARNING"},
    };
    FullWorld w;
    for (const Case& c : cases) {
        CAPTURE(c.message);
        const std::string type = std::string("/api/alert/?alert_type=") + c.event;
        const std::size_t before = *c.event == '\0' ? 0 : count(w, type);
        w.cluster.agents[0]->report("systemd_journal", log_report(w.f(), {c.message}));
        w.f().advance(std::chrono::seconds(1));
        const Json newest = w.get("/api/log/?limit=1").body["objects"][0];
        CHECK(newest["message"] == c.message);
        CHECK(newest["message_class"] == c.message_class);
        if (*c.event == '\0') continue;
        REQUIRE(count(w, type) == before + 1);
        const Json event = w.get(type).body["objects"][0];
        CHECK(event["message"] == c.text);
        CHECK(event["severity"] == c.severity);
        CHECK(event["active"].is_null());
        CHECK(event["begin"] == event["end"]);
        CHECK(event["alert_item"] == "/api/host/1/");
    }
}

TEST_CASE("log lines point at the targets and hosts that they speak of") {
    FullWorld w;
    const std::string text = "Lustre: testfs-OST0001: lost 10.0.0.2@tcp0, was 10.0.0.1@tcp.";
    w.cluster.agents[0]->report("systemd_journal", log_report(w.f(), {text}));
    w.f().advance(std::chrono::seconds(1));
    const Json found = w.get("/api/log/?limit=1").body["objects"][0]["substitutions"];
    REQUIRE(found.size() == 3);
    auto part = [&](const Json& mention) {
        const auto begin = mention["start"].get<std::size_t>();
        return text.substr(begin, mention["end"].get<std::size_t>() - begin);
    };
    CHECK(part(found[0]) == "testfs-OST0001");
    CHECK(found[0]["resource_uri"] == "/api/target/4/");
    CHECK(part(found[1]) == "10.0.0.2@tcp0");
    CHECK(found[1]["resource_uri"] == "/api/host/2/");
    CHECK(part(found[2]) == "10.0.0.1@tcp");
    CHECK(found[2]["label"] == "test000");
}

TEST_CASE("the log keeps its numbers when old lines give way, and who is no administrator sees Lustre's only"
) {
    FullWorld w;
    w.model().log.lines_max = 5;
    for (int i = 0; i < 10; ++i) {
        w.cluster.agents[0]->report("systemd_journal", log_report(w.f(), {i % 2 ? "plain" : "Lustre: x"}));
        w.f().advance(std::chrono::seconds(1));
    }
    const Json all = w.get("/api/log/").body;
    CHECK(all["meta"]["total_count"] == 5);
    const auto newest = all["objects"][0]["id"].get<std::int64_t>();
    CHECK(all["objects"][4]["id"] == newest - 4);
    CHECK(w.get("/api/log/" + std::to_string(newest) + "/").status == 200);
    CHECK(w.get("/api/log/1/").status == 404);
    w.restart();
    w.f().log_in("user");
    CHECK(count(w, "/api/log/") == 2);
    CHECK(w.get("/api/log/" + std::to_string(newest) + "/").status == 404);
    CHECK(count(w, "/api/log/?host_id=2") == 0);
}

TEST_SUITE_END();
