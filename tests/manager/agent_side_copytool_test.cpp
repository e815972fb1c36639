// What copytools report: what is refused, and what the records of operations are told.
#include "core/json.hpp"
#include "core/utc.hpp"
#include "manager/copytool_events.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace csim {
namespace {

/// Copytool 42 on worker0; notes what it is told.
struct RecordingSink final : CopytoolSink {
    std::optional<std::string> copytool_host(const std::string& copytool) const override {
        return copytool == "42" ? std::optional<std::string>("worker0") : std::nullopt;
    }
    void copytool_started(const std::string&, const std::string& uuid) override {
        started = true;
        told.push_back("started " + uuid);
    }
    bool copytool_is_started(const std::string&) const override { return started; }
    void copytool_stopped(const std::string&) override {
        started = false;
        told.push_back("stopped");
    }
    void copytool_logged(const std::string&, const CopytoolEvent& event) override {
        told.push_back("logged " + event.message + " " + std::to_string(syslog_severity(event.level)));
    }
    std::int64_t operation_started(const std::string&, const CopytoolEvent& event) override {
        told.push_back("operation " + event.lustre_path);
        return ++last;
    }
    bool knows_operation(const std::string&, std::int64_t operation) const override {
        return operation <= last;
    }
    void operation_changed(const std::string&, std::int64_t operation, const CopytoolEvent& event) override {
        const char* phases[] = {"start", "running", "finish", "error"};
        told.push_back(std::to_string(operation) + " " + phases[static_cast<int>(event.phase)] + event.error);
    }

    bool started = true;
    std::int64_t last = 0;
    std::vector<std::string> told;
};

using Told = std::vector<std::string>;

Json event(const std::string& type, Json more = Json::object()) {
    more["event_type"] = type;
    if (!more.contains("event_time")) more["event_time"] = "2013-09-27 21:26:32+00:00";
    return more;
}

Json start(const std::string& fid) {
    return event(
        "ARCHIVE_START", {{"lustre_path", "/a"}, {"total_bytes", 10}, {"source_fid", fid}, {"data_fid", fid}}
    );
}

HttpReply take(RecordingSink& sink, const std::vector<Json>& events, const Json& copytool = "42") {
    return take_copytool_events(
        sink, "worker0", Json{{"fqdn", "any"}, {"copytool", copytool}, {"events", events}}.dump()
    );
}

Json active(const HttpReply& reply) {
    REQUIRE(reply.status == 200);
    return Json::parse(reply.body)["active_operations"];
}

}  // namespace

TEST_SUITE_BEGIN("manager/agent_side_copytool");

TEST_CASE("an operation is started and followed by the id in the reply") {
    RecordingSink sink;
    CHECK(active(take(sink, {start("f1")})) == Json{{"f1", 1}});
    const Json running = event(
        "ARCHIVE_RUNNING",
        {{"active_operation", 1}, {"current_bytes", 5}, {"total_bytes", 10}, {"data_fid", "f1"}}
    );
    CHECK(active(take(sink, {running})) == Json{{"f1", 1}});
    CHECK(
        active(take(sink, {event("ARCHIVE_FINISH", {{"active_operation", 1}, {"data_fid", "f1"}})})) ==
        Json::object()
    );
    CHECK(sink.told == Told{"operation /a", "1 running", "1 finish"});
}

TEST_CASE("within a batch a restored file is followed to its new fid") {
    RecordingSink sink;
    Json begin = start("f1");
    begin["event_type"] = "RESTORE_START";
    const Json running = event(
        "RESTORE_RUNNING",
        {{"source_fid", "f1"}, {"data_fid", "f2"}, {"current_bytes", 1}, {"total_bytes", 2}}
    );
    CHECK(active(take(sink, {begin, running})) == Json{{"f2", 1}});
    const Json failed =
        event("RESTORE_ERROR", {{"active_operation", 1}, {"data_fid", "f2"}, {"error", " disk"}});
    CHECK(active(take(sink, {failed})) == Json::object());
    CHECK(sink.told == Told{"operation /a", "1 running", "1 error disk"});
}

TEST_CASE("events are applied in order of time") {
    RecordingSink sink;
    sink.started = false;
    Json stop = event("UNREGISTER", {{"event_time", "2013-09-27 21:26:40+00:00"}});
    Json begin = event("REGISTER", {{"uuid", "u1"}, {"event_time", "2013-09-27 23:26:31+02:00"}});
    take(sink, {stop, start("f1"), begin});
    CHECK(sink.told == Told{"started u1", "operation /a", "stopped"});
}

TEST_CASE("an operation of a copytool that is not started starts it") {
    RecordingSink sink;
    sink.started = false;
    take(sink, {start("f1")});
    CHECK(sink.told == Told{"started ", "operation /a"});
}

TEST_CASE("events of operations nobody knows are skipped") {
    RecordingSink sink;
    const Json unknown = event("ARCHIVE_FINISH", {{"active_operation", 9}, {"data_fid", "f1"}});
    const Json stray = event("ARCHIVE_FINISH", {{"source_fid", "f1"}, {"data_fid", "f1"}});
    CHECK(active(take(sink, {unknown, stray})) == Json::object());
    CHECK(sink.told.empty());
}

TEST_CASE("log levels become severities") {
    RecordingSink sink;
    const Json log = event("LOGGED_MESSAGE", {{"message", "m"}, {"level", "CRITICAL"}});
    take(sink, {log});
    CHECK(sink.told == Told{"logged m 2"});
}

TEST_CASE("a batch with anything wrong in it has no effect") {
    const Json wrong[] = {
        7,
        {{"event_time", "2013-09-27 21:26:32+00:00"}},
        {{"event_type", "REGISTER"}, {"uuid", "u"}},
        event("REGISTER"),
        event("REGISTER", {{"uuid", "u"}, {"event_time", "soon"}}),
        event("DANCE"),
        event("ARCHIVE_"),
        event("_START"),
        event("ARCHIVE_START", {{"data_fid", "f"}}),
        event("ARCHIVE_RUNNING", {{"data_fid", "f"}}),
        event("ARCHIVE_RUNNING", {{"data_fid", "f"}, {"current_bytes", "5"}, {"total_bytes", 6}}),
        event("LOGGED_MESSAGE", {{"message", "m"}, {"level", "LOUD"}}),
        event("LOGGED_MESSAGE", {{"level", "INFO"}}),
    };
    for (const Json& bad : wrong) {
        CAPTURE(bad.dump());
        RecordingSink sink;
        CHECK(take(sink, {start("f1"), bad}).status == 400);
        CHECK(sink.told.empty());
    }
}

TEST_CASE("envelopes are refused with the words agents know") {
    RecordingSink sink;
    const auto body = [&](const char* text) { return take_copytool_events(sink, "worker0", text).body; };
    CHECK(body(R"({"events": []})") == "Missing attribute 'copytool'");
    CHECK(body(R"({"copytool": "42"})") == "Missing attribute 'events'");
    CHECK(body(R"({"copytool": "7", "events": []})") == "Unknown copytool: 7");
    CHECK(take(sink, {}, 42).status == 200);
    CHECK(take_copytool_events(sink, "worker1", R"({"copytool": "42", "events": []})").status == 403);
    for (const char* text :
         {"", "[]", R"({"copytool": {}, "events": []})", R"({"copytool": "42", "events": {}})"}) {
        CHECK(take_copytool_events(sink, "worker0", text).status == 400);
    }
}

TEST_SUITE_END();

}  // namespace csim
