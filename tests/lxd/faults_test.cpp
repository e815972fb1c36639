// Faults set by the control API strike as their rows say, and are over when they are cleared.
#include "runtime/lxd_host/lxd_faults.hpp"
#include "tests/lxd/host_bench.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("lxd/faults");

using namespace csim;

namespace {

void set(HostBench& host, const Json& fault) {
    const HttpReply reply = host.control("POST", "/faults", fault);
    REQUIRE_MESSAGE(reply.status == 201, reply.body);
}

std::string status(HostBench& host, const std::string& name) {
    return host.json("GET", "/1.0/instances/" + name)["metadata"].value("status", "");
}

}  // namespace

// Proves: container 20.
TEST_CASE("every kind of fault can be set by its name alone, and a wrong one is refused with a sentence") {
    HostBench host;
    for (const LxdFaultKind& kind : lxd_fault_kinds()) {
        CAPTURE(std::string(kind.name));
        set(host, {{"kind", kind.name}, {"times", 0}});
        CHECK(host.control("DELETE", "/faults").status == 200);
    }
    const Json wrong[] = {
        {{"kind", "fire"}},
        {{"kind", "error"}, {"code", 200}},
        {{"kind", "error"}, {"rate", 2}},
        {{"kind", "wedge"}, {"phase", "fly"}},
        {{"kind", "error"}, {"colour", "red"}},
        7};
    for (const Json& each : wrong) {
        CAPTURE(each.dump());
        CHECK(host.control("POST", "/faults", each).status == 400);
    }
    CHECK(host.control("DELETE", "/faults/99").status == 404);
    CHECK(Json::parse(host.control("GET", "/faults").body).empty());
}

// Proves: container 20.
TEST_CASE("requests are refused, cut short or dropped, as often as was said") {
    HostBench host;
    set(host, {{"kind", "error"}, {"path", "/1.0/instances"}, {"code", 503}, {"text", "no"}, {"times", 1}});
    const HttpReply refused = host.ask("GET", "/1.0/instances");
    CHECK(refused.status == 503);
    CHECK(Json::parse(refused.body)["error"] == "no");
    CHECK(host.ask("GET", "/1.0/instances").status == 200);
    set(host, {{"kind", "drop-connection"}, {"times", 1}});
    CHECK(host.ask("GET", "/1.0").status == 0);
    set(host, {{"kind", "truncate-body"}, {"times", 1}});
    CHECK(host.ask("GET", "/1.0").status == 0);
    set(host, {{"kind", "latency"}, {"ms", 50}, {"times", 1}});
    CHECK(host.ask("GET", "/1.0").status == 200);
}

TEST_CASE("whatever bytes come, the host answers with an error or not at all, and goes on") {
    HostBench host;
    host.launch("c1");
    const std::string deep = std::string(50'000, '['), wide = "{\"name\":" + deep;
    const std::string bodies[] = {
        deep,
        wide,
        "null",
        "7",
        "[]",
        "\"x\"",
        "{\"name\":[1]}",
        "{\"source\":7}",
        "{\"profiles\":[" + deep,
        R"({"profiles":[[[]]],"source":{"type":"none"}})",
        R"({"config":{"a":[]},"source":{"type":"none"}})",
        R"({"devices":[1],"source":{"type":"none"}})",
        R"({"command":7})",
        R"({"command":[7]})",
        R"({"command":[]})",
        R"({"action":7})",
        R"({"state":7})",
        R"({"source":{"type":"image","alias":7}})",
        R"({"source":{"type":"image","alias":"alpine"},"aliases":[7]})",
        R"({"config":7})",
        R"({"restore":7})"};
    const char* targets[] = {
        "/1.0",
        "/1.0/instances",
        "/1.0/instances/c1",
        "/1.0/instances/c1/state",
        "/1.0/instances/c1/exec",
        "/1.0/instances/c1/snapshots",
        "/1.0/images",
        "/1.0/profiles",
        "/1.0/images/aliases",
        "/1.0/networks",
        "/1.0/storage-pools",
        "/1.0/certificates",
        "/1.0/profiles/default"};
    for (const char* target : targets)
        for (const char* method : {"POST", "PUT", "PATCH"})
            for (const std::string& body : bodies) {
                CAPTURE(target);
                CAPTURE(body.substr(0, 60));
                CHECK(host.ask(method, target, body, {{"Content-Type", "application/json"}}).status != 0);
            }
    for (const char* bytes :
         {"\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01", "GET / HTTP/9.9\r\n\r\n",
          "POST /1.0 HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
          "GET /1.0/%zz?%%%=%&&==& HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"})
        static_cast<void>(host.raw(bytes));
    const auto events = host.socket("/1.0/events");
    events->send(static_cast<WsKind>(5), "x");
    while (events->next().kind != WsKind::close) {
    }
    const Json begun = host.json(
        "POST", "/1.0/instances/c1/exec",
        {{"command", {"cat"}}, {"wait-for-websocket", true}, {"interactive", true}}
    );
    const Json fds = begun["metadata"]["metadata"]["fds"];
    const std::string path = begun["operation"].get<std::string>() + "/websocket?secret=";
    const auto control = host.socket(path + fds["control"].get<std::string>());
    const auto terminal = host.socket(path + fds["0"].get<std::string>());
    for (const char* each :
         {"", "7", "[]", "{", R"({"command":7})", R"({"command":"signal","signal":"x"})",
          R"({"command":"signal","signal":-1})", R"({"command":"signal","signal":9})"})
        control->send(WsKind::text, each);
    const Json end = host.json("GET", begun["operation"].get<std::string>() + "/wait");
    CHECK(end["metadata"]["metadata"]["return"] == 137);
    CHECK(status(host, "c1") != "");
}

// Proves: container 20.
TEST_CASE("a wedged start never ends until the host is rebooted") {
    HostBench host;
    host.launch("c1");
    host.launch("c2");
    CHECK(host.done("PUT", "/1.0/instances/c1/state", {{"action", "stop"}})["status"] == "Success");
    set(host, {{"kind", "wedge"}, {"phase", "start"}, {"name", "c1"}});
    const Json begun = host.json("PUT", "/1.0/instances/c1/state", {{"action", "start"}});
    const std::string path = begun["operation"];
    CHECK(host.json("GET", path + "/wait?timeout=1")["metadata"]["status"] == "Running");
    const Json again = host.done("PUT", "/1.0/instances/c1/state", {{"action", "start"}});
    CHECK(again["err"] == "Instance is busy running a \"start\" operation");
    CHECK(host.control("POST", "/reboot").status == 200);
    CHECK(status(host, "c2") == "Stopped");
    CHECK(host.control("DELETE", "/faults").status == 200);
    CHECK(host.done("PUT", "/1.0/instances/c1/state", {{"action", "start"}})["status"] == "Success");
}

// Proves: container 20.
TEST_CASE("instances that ignore the request to stop are stopped by force") {
    HostBench host;
    host.launch("c1");
    set(host, {{"kind", "ignores-shutdown"}});
    const Json polite = host.done("PUT", "/1.0/instances/c1/state", {{"action", "stop"}, {"timeout", 1}});
    CHECK(
        polite["err"] ==
        "Failed shutting down instance, status is \"Running\": shutting down the container failed"
    );
    CHECK(status(host, "c1") == "Running");
    CHECK(
        host.done("PUT", "/1.0/instances/c1/state", {{"action", "stop"}, {"force", true}})["status"] ==
        "Success"
    );
}

// Proves: container 20.
TEST_CASE("a full disk and a short memory take instances") {
    HostBench host;
    host.launch("c1");
    set(host, {{"kind", "disk-full"}, {"times", 1}});
    const Json full = host.done("POST", "/1.0/instances", {{"name", "c2"}, {"source", {{"type", "none"}}}});
    CHECK(full["err"].get<std::string>().find("no space left on device") != std::string::npos);
    set(host, {{"kind", "oom"}, {"ms", 10}, {"times", 1}});
    while (status(host, "c1") != "Stopped") {
    }
}

// Proves: container 20.
TEST_CASE("lists stay as they were while they are stale") {
    HostBench host;
    set(host, {{"kind", "list-stale"}});
    CHECK(host.json("GET", "/1.0/instances")["metadata"].empty());
    host.launch("c1");
    CHECK(host.json("GET", "/1.0/instances")["metadata"].empty());
    host.control("DELETE", "/faults");
    CHECK(host.json("GET", "/1.0/instances")["metadata"].size() == 1);
}

// Proves: container 20.
TEST_CASE("events are held back while they stall, and come in order afterwards") {
    HostBench host;
    set(host, {{"kind", "events-stall"}});
    const auto events = host.socket("/1.0/events?type=lifecycle");
    host.launch("c1");
    host.control("DELETE", "/faults");
    CHECK(Json::parse(events->next().payload)["metadata"]["action"] == "instance-created");
    CHECK(Json::parse(events->next().payload)["metadata"]["action"] == "instance-started");
}

TEST_CASE("many instances are made at once or not at all") {
    HostBench host;
    CHECK(
        host.control("POST", "/populate", {{"count", 100}, {"prefix", "p-"}, {"running", true}}).status == 200
    );
    CHECK(host.json("GET", "/1.0/instances")["metadata"].size() == 100);
    CHECK(
        host.control("POST", "/populate", {{"count", 1000000}, {"prefix", "q-"}, {"running", true}}).status ==
        409
    );
    CHECK(host.json("GET", "/1.0/instances")["metadata"].size() == 100);
    CHECK(host.control("POST", "/populate", {{"count", 0}}).status == 400);
    CHECK(host.control("POST", "/populate", {{"count", 1}, {"prefix", "p-"}}).status == 409);
}

TEST_SUITE_END();
