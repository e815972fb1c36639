// Lines of a copytool on their way to the manager.
#include "agent_proto/copytool_relay.hpp"

#include "tests/agent_proto/scripted_manager.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>

TEST_SUITE_BEGIN("agent_proto/copytool_relay");

namespace csim {
namespace {

struct RelayBench {
    Timeline timeline{SimTime::from_unix_ns(1'700'000'000'000'000'000)};
    ScriptedManager manager{timeline};
    CopytoolRelay relay{{"worker0.example.com", "42"}, timeline, manager};

    void run_for(Duration span) { timeline.run_until(timeline.now() + span); }
    Json post(std::size_t at) const { return Json::parse(manager.copytool_texts.at(at)); }
    std::size_t posts() const { return manager.copytool_texts.size(); }
};

std::string line_of(Json event) {
    if (!event.contains("event_time")) event["event_time"] = "2013-09-27 16:26:32 -0500";
    return event.dump();
}

std::string operation(const std::string& type, const std::string& source, const std::string& target) {
    return line_of(
        {{"event_type", type},
         {"lustre_path", "a/b"},
         {"current_bytes", 1},
         {"total_bytes", 9},
         {"source_fid", source},
         {"data_fid", target}}
    );
}

std::string logged(const std::string& message) {
    return line_of({{"event_type", "LOGGED_MESSAGE"}, {"message", message}, {"level", "INFO"}});
}

}  // namespace

TEST_CASE_FIXTURE(RelayBench, "lines share one envelope a second and times are told in UTC") {
    relay.line(
        line_of({{"event_type", "REGISTER"}, {"uuid", "u"}, {"mount_point", "/mnt/testfs"}, {"archive", 1}})
    );
    relay.line(logged("hello"));
    CHECK(posts() == 0);
    run_for(1s);
    REQUIRE(posts() == 1);
    CHECK(post(0)["fqdn"] == "worker0.example.com");
    CHECK(post(0)["copytool"] == "42");
    REQUIRE(post(0)["events"].size() == 2);
    CHECK(
        post(0)["events"][0] ==
        Json{
            {"event_type", "REGISTER"},
            {"uuid", "u"},
            {"mount_point", "/mnt/testfs"},
            {"archive", 1},
            {"event_time", "2013-09-27 21:26:32+00:00"}}
    );
    run_for(60s);
    CHECK(posts() == 1);
    CHECK(timeline.pending() == 0);
}

TEST_CASE_FIXTURE(RelayBench, "lines that are no events are dropped and spoil no other") {
    for (const std::string& line :
         {std::string("nonsense"), std::string("{}"), std::string("[]"), std::string(),
          line_of({{"event_type", "DANCE"}}), line_of({{"event_type", 3}}),
          line_of({{"event_type", "REGISTER"}, {"uuid", "u"}, {"event_time", "yesterday"}}),
          line_of({{"event_type", "REGISTER"}, {"uuid", "u"}, {"event_time", 5}}),
          line_of({{"event_type", "ARCHIVE_START"}, {"source_fid", "a"}, {"data_fid", "a"}}),
          line_of({{"event_type", "LOGGED_MESSAGE"}, {"message", "m"}, {"level", "LOUD"}}),
          logged(std::string(copytool_post_bytes_max, 'x')), std::string(100'000, '[')}) {
        relay.line(line);
    }
    relay.line(logged("good"));
    run_for(1s);
    CHECK(relay.counters().dropped == 12);
    REQUIRE(posts() == 1);
    CHECK(post(0)["events"].size() == 1);
}

TEST_CASE_FIXTURE(RelayBench, "operations are followed from start to finish through a change of fid") {
    manager.copytool_reply = {{"f1", 17}};
    relay.line(operation("RESTORE_START", "f1", "f1"));
    run_for(2s);
    CHECK_FALSE(post(0)["events"][0].contains("active_operation"));
    CHECK(relay.active_operations() == 1);
    manager.copytool_reply.clear();
    relay.line(operation("RESTORE_RUNNING", "f1", "f2"));
    relay.line(operation("RESTORE_RUNNING", "f1", "f2"));
    relay.line(operation("RESTORE_FINISH", "f2", "f2"));
    relay.line(operation("RESTORE_FINISH", "f2", "f2"));
    run_for(2s);
    const Json events = post(1)["events"];
    REQUIRE(events.size() == 4);
    CHECK(events[0]["active_operation"] == 17);
    CHECK(events[1]["active_operation"] == 17);
    CHECK(events[2]["active_operation"] == 17);
    CHECK_FALSE(events[3].contains("active_operation"));
    CHECK(relay.active_operations() == 0);
}

TEST_CASE_FIXTURE(RelayBench, "an error keeps the operation known") {
    manager.copytool_reply = {{"f1", 17}};
    relay.line(operation("ARCHIVE_START", "f1", "f1"));
    run_for(2s);
    relay.line(
        line_of({{"event_type", "ARCHIVE_ERROR"}, {"source_fid", "f1"}, {"data_fid", "f1"}, {"error", "no"}})
    );
    run_for(2s);
    CHECK(post(1)["events"][0]["active_operation"] == 17);
    CHECK(relay.active_operations() == 1);
}

TEST_CASE_FIXTURE(RelayBench, "failures are retried later and later in the same order") {
    manager.copytool_status = 502;
    std::vector<SimTime> tried;
    relay.line(logged("1"));
    relay.line(logged("2"));
    while (tried.size() < 7) {
        timeline.run_next();
        if (posts() > tried.size()) tried.push_back(timeline.now());
        if (tried.size() == 2 && relay.queued() == 2) relay.line(logged("3"));
    }
    const std::vector<int> pauses = {10, 20, 40, 60, 60, 60};
    for (std::size_t pause = 0; pause < pauses.size(); ++pause) {
        CHECK((tried[pause + 1] - tried[pause]) / 1s == pauses[pause]);
    }
    manager.copytool_status = 0;
    run_for(120s);
    const Json events = post(posts() - 1)["events"];
    REQUIRE(events.size() == 3);
    for (int number = 1; number <= 3; ++number) {
        CHECK(events[static_cast<std::size_t>(number - 1)]["message"] == std::to_string(number));
    }
    CHECK(relay.queued() == 0);
    relay.line(logged("4"));
    run_for(1s);
    CHECK(post(posts() - 1)["events"][0]["message"] == "4");
}

TEST_CASE_FIXTURE(RelayBench, "a refused event is dropped after one retry and blocks no other") {
    manager.copytool_status = 400;
    for (const char* message : {"1", "bad", "3"}) relay.line(logged(message));
    run_for(2s);
    REQUIRE(posts() == 1);
    CHECK(post(0)["events"].size() == 3);
    manager.copytool_status = 0;
    run_for(10s);
    REQUIRE(posts() == 2);
    CHECK(post(1)["events"][0]["message"] == "1");
    CHECK(post(1)["events"].size() == 1);
    manager.copytool_status = 400;
    run_for(1s);
    CHECK(post(2)["events"][0]["message"] == "bad");
    manager.copytool_status = 0;
    run_for(3s);
    CHECK(post(3)["events"][0]["message"] == "3");
    CHECK(relay.queued() == 0);
    CHECK(relay.counters().dropped == 1);
    CHECK(relay.counters().relayed == 2);
}

TEST_CASE_FIXTURE(RelayBench, "posts stay below one megabyte") {
    for (int number = 0; number < 40; ++number) relay.line(logged(std::string(100'000, 'x')));
    run_for(60s);
    CHECK(relay.queued() == 0);
    std::size_t relayed = 0;
    for (const std::string& text : manager.copytool_texts) {
        CHECK(text.size() <= copytool_post_bytes_max);
        relayed += Json::parse(text)["events"].size();
    }
    CHECK(relayed == 40);
    CHECK(posts() == 4);
}

TEST_CASE_FIXTURE(RelayBench, "stopping relays once more and then nothing") {
    relay.line(logged("1"));
    relay.stop();
    CHECK(posts() == 1);
    relay.line(logged("2"));
    run_for(120s);
    CHECK(posts() == 1);
    CHECK(relay.counters().relayed == 1);
}

TEST_CASE("an answer may come after the relay has gone") {
    Timeline timeline;
    ScriptedManager manager(timeline);
    {
        CopytoolRelay relay({"worker0", "1"}, timeline, manager);
        relay.line(logged("1"));
        relay.stop();
    }
    timeline.run_until(timeline.now() + 5s);
    CHECK(manager.copytool_texts.size() == 1);
}

TEST_CASE("captured events are relayed as they are") {
    const char* captures = std::getenv("CSIM_CAPTURES");
    if (captures == nullptr) {
        MESSAGE("skipped: CSIM_CAPTURES names no folder of captures");
        return;
    }
    std::ifstream file(std::string(captures) + "/wire/06-copytool/copytool_event-posts.json");
    REQUIRE(file.good());
    std::size_t events = 0;
    const Json captured_posts = Json::parse(file);
    for (const Json& captured : captured_posts) {
        for (Json event : captured["body"]["events"]) {
            event.erase("active_operation");
            const auto read = read_copytool_event(event.dump());
            REQUIRE(read.has_value());
            CHECK(read.value() == event);
            ++events;
        }
    }
    CHECK(events > 10);
}

}  // namespace csim
