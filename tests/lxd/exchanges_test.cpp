// The API word by word: exchanges as clients have them, against a golden file, and what cannot stand in one.
#include "tests/lxd/host_bench.hpp"
#include "tests/support/golden.hpp"

TEST_SUITE_BEGIN("lxd/exchanges");

using namespace csim;

namespace {

struct Step {
    const char* method;
    const char* target;
    const char* body = "";
    HttpFields headers = {};
};

/// Waits for what was begun, so that the next step finds it done.
void settle(HostBench& host, const Json& answer) {
    if (!answer.is_object() || answer.value("type", "") != "async") return;
    if (answer["metadata"]["class"] != "task") return;
    static_cast<void>(host.json("GET", answer["operation"].get<std::string>() + "/wait"));
}

std::string exchange(HostBench& host, const Step& step) {
    const HttpReply reply = host.ask(step.method, step.target, step.body, step.headers);
    std::string text = std::string("> ") + step.method + " " + step.target + " " + step.body + "\n< " +
                       std::to_string(reply.status) + "\n";
    for (const auto& [name, value] : reply.headers)
        if (name.starts_with("X-Lxd-Mode") || name.starts_with("X-Lxd-Type") || name == "Content-Disposition")
            text += name + ": " + value + "\n";
    const Json answer = Json::parse(reply.body, nullptr, false);
    settle(host, answer);
    return text + (answer.is_discarded() ? reply.body : normalised(answer)) + "\n";
}

const Step steps[] = {
    {"GET", "/"},
    {"GET", "/1.0/projects"},
    {"GET", "/1.0/profiles/default"},
    {"GET", "/1.0/networks/lxdbr0"},
    {"GET", "/1.0/storage-pools/default"},
    {"GET", "/1.0/images/aliases?recursion=1"},
    {"GET", "/1.0/images/aliases/nope"},
    {"GET", "/1.0/instances"},
    {"POST", "/1.0/instances", R"({"name":"c1","source":{"type":"image","alias":"base"}})"},
    {"GET", "/1.0/instances/c1"},
    {"GET", "/1.0/instances/c1/state"},
    {"PUT", "/1.0/instances/c1/state", R"({"action":"start","timeout":-1,"force":false})"},
    {"GET", "/1.0/containers"},
    {"GET", "/1.0/instances?recursion=2&filter="},
    {"GET", "/1.0/instances?recursion=0&filter=status+eq+running"},
    {"GET", "/1.0/instances?recursion=0&filter=config.image.os+eq+base"},
    {"GET", "/1.0/instances?recursion=1&filter=status%20zz%20Stopped"},
    {"PUT", "/1.0/instances/c1/state", R"({"action":"fly"})"},
    {"DELETE", "/1.0/instances/c1"},
    {"POST",
     "/1.0/instances/c1/files?path=/root/h.txt",
     "hello\n",
     {{"X-LXD-mode", "0600"}, {"X-LXD-type", "file"}}},
    {"GET", "/1.0/instances/c1/files?path=root%2Fh.txt"},
    {"GET", "/1.0/instances/c1/files?path=/root"},
    {"GET", "/1.0/instances/c1/files?path=nosuch"},
    {"GET", "/1.0/instances/c1/files"},
    {"POST", "/1.0/instances/c1/files?path=/no/parent", "x"},
    {"POST", "/1.0/instances/c1/files?path=/root/l", "h.txt", {{"X-LXD-type", "symlink"}}},
    {"GET", "/1.0/instances/c1/files?path=/root/l"},
    {"DELETE", "/1.0/instances/c1/files?path=/root/h.txt"},
    {"POST", "/1.0/instances/c1/snapshots", R"({"name":"s1"})"},
    {"GET", "/1.0/instances/c1/snapshots"},
    {"PUT",
     "/1.0/instances/c1",
     R"({"config":{"user.a":"b"},"profiles":["default"]})",
     {{"If-Match", "deadbeef"}}},
    {"PATCH", "/1.0/instances/c1", R"({"config":{"user.a":"b"}})"},
    {"GET", "/1.0/instances/c1"},
    {"POST", "/1.0/instances/c1", R"({"name":"c2"})"},
    {"PUT", "/1.0/instances/c1/state", R"({"action":"stop","force":true})"},
    {"POST", "/1.0/instances/c1/exec", R"({"command":["true"]})"},
    {"DELETE", "/1.0/instances/c1"},
    {"GET", "/1.0/instances/c1"},
    {"POST", "/1.0/instances", "{bad"},
    {"POST", "/1.0/instances", R"({"name":"bad_name","source":{"type":"none"}})"},
    {"POST", "/1.0/instances", R"({"name":"01","source":{"type":"none"}})"},
    {"POST", "/1.0/instances", R"({"name":7})"},
    {"POST", "/1.0/instances", R"({"name":"x1","source":{"type":"image","alias":"nope"}})"},
    {"POST", "/1.0/instances", R"({"name":"x1","profiles":["nope"],"source":{"type":"none"}})"},
    {"PATCH", "/1.0/events"},
    {"GET", "/1.0/nosuch"},
    {"GET", "/1.0/operations/00000000-0000-0000-0000-000000000000/wait?timeout=1"},
    {"DELETE", "/1.0/operations/00000000-0000-0000-0000-000000000000"},
    {"GET", "/1.0/certificates?recursion=1"},
};

}  // namespace

TEST_CASE("the exchanges of the specification read as the golden file says") {
    HostBench host;
    std::string text;
    for (const Step& step : steps) text += exchange(host, step);
    check_golden("lxd_exchanges.txt", text);
}

// Proves: container 16.
TEST_CASE("operations fail with the daemon's words, and a waiter's patience may end first") {
    HostBench host;
    host.launch("c1");
    CHECK(
        host.done("PUT", "/1.0/instances/c1/state", {{"action", "start"}})["err"] ==
        "The instance is already running"
    );
    const Json again = host.done("POST", "/1.0/instances", {{"name", "c1"}, {"source", {{"type", "none"}}}});
    CHECK(again["status"] == "Failure");
    CHECK(
        again["err"].get<std::string>().find("This \"instances\" entry already exists") != std::string::npos
    );
    const Json sleeping = host.json("POST", "/1.0/instances/c1/exec", {{"command", {"sleep", "100000"}}});
    const std::string path = sleeping["operation"];
    CHECK(host.json("GET", path + "/wait?timeout=1")["metadata"]["status"] == "Running");
    CHECK(host.json("DELETE", path)["error"] == "This operation can't be cancelled");
}

TEST_CASE("what a command said is recorded when that was asked for") {
    HostBench host;
    host.launch("c1");
    const Json end = host.done(
        "POST", "/1.0/instances/c1/exec",
        {{"command", {"sh", "-c", "echo out; echo err >&2; exit 3"}}, {"record-output", true}}
    );
    CHECK(end["metadata"]["return"] == 3);
    const std::string out = end["metadata"]["output"]["1"], err = end["metadata"]["output"]["2"];
    CHECK(host.ask("GET", out).body == "out\n");
    CHECK(host.ask("GET", err).body == "err\n");
    CHECK(host.ask("DELETE", out).status == 200);
    CHECK(host.ask("GET", out).status == 404);
}

TEST_CASE("a command speaks over its sockets, and every stream ends with an empty text") {
    HostBench host;
    host.launch("c1");
    const Json begun = host.json(
        "POST", "/1.0/instances/c1/exec",
        {{"command", {"cat"}}, {"wait-for-websocket", true}, {"interactive", false}}
    );
    const std::string path = begun["operation"];
    const auto at = [&](const char* fd) {
        const std::string secret = begun["metadata"]["metadata"]["fds"][fd];
        return host.socket(path + "/websocket?secret=" + secret);
    };
    const auto in = at("0"), out = at("1"), err = at("2");
    const std::string secret = begun["metadata"]["metadata"]["fds"]["0"];
    CHECK(host.ask("GET", path + "/websocket?secret=" + secret).status == 400);
    std::string sent;
    for (int i = 0; i < 1000; ++i) sent += std::string(1000, static_cast<char>(i));
    in->send(WsKind::binary, sent);
    in->send(WsKind::text, "");
    std::string got;
    WsMessage message = out->next();
    for (; message.kind == WsKind::binary; message = out->next()) got += message.payload;
    CHECK(got == sent);
    CHECK((message.kind == WsKind::text && message.payload.empty()));
    CHECK(err->next().kind == WsKind::text);
    CHECK(host.json("GET", path)["metadata"]["metadata"]["return"] == 0);
}

TEST_CASE("listeners hear of an operation from pending to its end, and of the life of the instance") {
    HostBench host;
    const auto events = host.socket("/1.0/events?type=operation,lifecycle");
    host.launch("c1");
    std::vector<std::string> heard;
    while (heard.empty() || heard.back() != "instance-started") {
        const Json event = Json::parse(events->next().payload);
        const Json& metadata = event["metadata"];
        heard.push_back(metadata.value(event["type"] == "operation" ? "status" : "action", ""));
    }
    CHECK(
        heard ==
        std::vector<std::string>{
            "Pending", "Running", "instance-created", "Success", "Pending", "Running", "instance-started"}
    );
}

// Proves: container 17.
TEST_CASE("an ETag that the object has no more is refused, and one that it has is not") {
    HostBench host;
    host.launch("c1");
    const std::string etag = *find_field(host.ask("GET", "/1.0/instances/c1").headers, "Etag");
    const std::string body = R"({"config":{"user.a":"b"},"profiles":["default"]})";
    CHECK(host.ask("PUT", "/1.0/instances/c1", body, {{"If-Match", etag}}).status == 202);
    const HttpReply late = host.ask("PUT", "/1.0/instances/c1", body, {{"If-Match", etag}});
    CHECK(late.status == 412);
    CHECK(late.body.find("ETag doesn't match: ") != std::string::npos);
}

TEST_CASE("a full host says what it lacks and keeps what it has") {
    LxdHostOptions options;
    options.model = *host_model("lxd-5");
    REQUIRE(limit_nodes(options.model, "memory", 2).has_value());
    HostBench host(std::move(options));
    host.launch("c1");
    host.launch("c2");
    CHECK(
        host.done("POST", "/1.0/instances", {{"name", "c3"}, {"source", {{"type", "none"}}}})["status"] ==
        "Success"
    );
    const Json third = host.done("PUT", "/1.0/instances/c3/state", {{"action", "start"}});
    CHECK(third["status"] == "Failure");
    CHECK(third["err"].get<std::string>().find("memory") != std::string::npos);
    CHECK(
        host.done("PUT", "/1.0/instances/c1/state", {{"action", "stop"}, {"force", true}})["status"] ==
        "Success"
    );
    CHECK(host.done("PUT", "/1.0/instances/c3/state", {{"action", "start"}})["status"] == "Success");
}

TEST_SUITE_END();
