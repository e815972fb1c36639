// Images made of instances, wedges that are ended by force, slow uploads and a certificate that expired.
#include "net/self_signed.hpp"
#include "runtime/lxd/lxd_runtime.hpp"
#include "runtime/lxd_host/lxd_faults.hpp"
#include "tests/lxd/host_bench.hpp"

#include <doctest/doctest.h>

#include <fstream>

TEST_SUITE_BEGIN("lxd/publish");

using namespace csim;

namespace {

const HttpFields octets{{"Content-Type", "application/octet-stream"}, {"X-LXD-type", "file"}};

void set_fault(HostBench& host, const Json& fault) {
    const HttpReply reply = host.control("POST", "/faults", fault);
    REQUIRE_MESSAGE(reply.status == 201, reply.body);
}

std::string state_url(const std::string& name) {
    return "/1.0/instances/" + name + "/state";
}

std::string fingerprint_of(const Json& operation) {
    INFO(operation.dump());
    REQUIRE(operation["status"] == "Success");
    return operation["metadata"]["fingerprint"];
}

Json made_of(const std::string& name, const std::string& fingerprint) {
    return {{"name", name}, {"source", {{"type", "image"}, {"fingerprint", fingerprint}}}};
}

}  // namespace

TEST_CASE("an image made of an instance or a snapshot holds what that held, and others begin with it") {
    HostBench host;
    host.launch("c1");
    const std::string kept = "/files?path=/root/kept";
    REQUIRE(host.ask("POST", "/1.0/instances/c1" + kept, "then", octets).status == 200);
    const Json source{{"type", "instance"}, {"name", "c1"}};
    const HttpReply running = host.ask(
        "POST", "/1.0/images", Json{{"source", source}}.dump(), {{"Content-Type", "application/json"}}
    );
    CHECK(running.status == 400);
    CHECK(running.body.find("Cannot export a running instance as an image") != std::string::npos);
    host.done("POST", "/1.0/instances/c1/snapshots", {{"name", "before"}});
    host.done("PUT", state_url("c1"), {{"action", "stop"}, {"force", true}});
    REQUIRE(host.ask("POST", "/1.0/instances/c1" + kept, "now", octets).status == 200);
    const std::string now = fingerprint_of(host.done(
        "POST", "/1.0/images",
        {{"source", source},
         {"public", true},
         {"properties", {{"os", "mine"}}},
         {"aliases", {{{"name", "m"}}}}}
    ));
    const std::string before = fingerprint_of(
        host.done("POST", "/1.0/images", {{"source", {{"type", "snapshot"}, {"name", "c1/before"}}}})
    );
    CHECK(now != before);
    const Json image = host.json("GET", "/1.0/images/" + now)["metadata"];
    CHECK(image["properties"]["os"] == "mine");
    CHECK(image["public"] == true);
    CHECK(image["aliases"][0]["name"] == "m");
    CHECK(image["size"] > 1000);
    host.done("POST", "/1.0/instances", made_of("c2", now));
    host.done("POST", "/1.0/instances", made_of("c3", before));
    CHECK(host.ask("GET", "/1.0/instances/c2" + kept).body == "now");
    CHECK(host.ask("GET", "/1.0/instances/c3" + kept).body == "then");
    CHECK(host.ask("GET", "/1.0/instances/c2/files?path=/etc/issue").status == 200);
    for (const char* wrong : {"c9", "c1/none", ""}) {
        CAPTURE(wrong);
        const Json refused =
            host.json("POST", "/1.0/images", {{"source", {{"type", "instance"}, {"name", wrong}}}});
        CHECK(refused["error_code"] >= 400);
    }
}

// Proves: container 20.
TEST_CASE("a forced stop ends a wedge when the fault allows it, and is refused when it does not") {
    HostBench host;
    host.launch("c1");
    host.launch("c2");
    set_fault(host, {{"kind", "wedge"}, {"phase", "stop"}, {"name", "c1"}, {"recovers", 1}, {"times", 1}});
    set_fault(host, {{"kind", "wedge"}, {"phase", "stop"}, {"name", "c2"}, {"times", 1}});
    for (const char* name : {"c1", "c2"}) {
        CAPTURE(name);
        const std::string stuck = host.json("PUT", state_url(name), {{"action", "stop"}})["operation"];
        CHECK(host.json("GET", stuck)["metadata"]["status"] == "Running");
        CHECK(
            host.done("PUT", state_url(name), {{"action", "stop"}})["err"] ==
            "Instance is busy running a \"stop\" operation"
        );
        const Json forced = host.done("PUT", state_url(name), {{"action", "stop"}, {"force", true}});
        if (std::string(name) == "c2") {
            CHECK(forced["err"] == "Instance is busy running a \"stop\" operation");
            continue;
        }
        CHECK(forced["status"] == "Success");
        CHECK(
            host.json("GET", stuck + "/wait")["metadata"]["err"] ==
            "Failed to stop: the instance was stopped by force"
        );
        CHECK(host.json("GET", "/1.0/instances/c1")["metadata"]["status"] == "Stopped");
        CHECK(host.done("PUT", state_url("c1"), {{"action", "start"}})["status"] == "Success");
    }
}

// Proves: container 20.
TEST_CASE("bodies arrive as slowly as was said, and requests without one do not wait") {
    HostBench host;
    host.launch("c1");
    set_fault(host, {{"kind", "slow-upload"}, {"bytes", 20}, {"times", 1}});
    CHECK(host.ask("GET", "/1.0").status == 200);
    const Json waiting = Json::parse(host.control("GET", "/faults").body);
    CHECK(waiting[0]["hits"] == 0);
    CHECK(host.ask("POST", "/1.0/instances/c1/files?path=/root/x", "xy", octets).status == 200);
    CHECK(Json::parse(host.control("GET", "/faults").body)[0]["hits"] == 1);
    CHECK(host.control("POST", "/faults", {{"kind", "slow-upload"}, {"bytes", 0}}).status == 400);
}

namespace {

/// What the host's list says to a client that connects anew and knows its certificate.
std::string list_over_tls(EventLoop& loop, Timeline& timeline, const LxdOptions& options) {
    LxdRuntime runtime(loop, timeline, options);
    std::optional<std::string> said;
    runtime.list(30s, [&](NodeResult<std::vector<NodeInfo>> all) {
        said = all ? "" : sentence(all.error());
        loop.stop();
    });
    while (!said) loop.run();
    return *said;
}

HttpRequest request(const std::string& method, const std::string& target, const std::string& body = {}) {
    HttpRequest made;
    made.method = method;
    made.target = target;
    made.body = body;
    return made;
}

}  // namespace

// Proves: container 20.
TEST_CASE("a certificate that expired is noticed by clients, until the fault is over") {
    const TempFolder folder;
    Timeline timeline(wall_now());
    EventLoop loop(timeline, Pace::realtime());
    LxdHostOptions hosting;
    hosting.model = *host_model("namespaces");
    hosting.listen = "127.0.0.1:0";
    LxdHost host(loop, timeline, hosting);
    const SelfSigned client = make_self_signed("client");
    host.trust("client", client.certificate_pem);
    LxdOptions options;
    options.host = "127.0.0.1";
    options.port = host.port();
    options.server_certificate = (folder / "server.crt").string();
    std::ofstream(options.server_certificate) << host.certificate_pem();
    options.client_key_pem = client.key_pem;
    options.client_certificate_pem = client.certificate_pem;
    CHECK(list_over_tls(loop, timeline, options) == "");
    CHECK(host.control(request("POST", "/faults", R"({"kind": "cert-expired"})")).status == 201);
    CHECK(list_over_tls(loop, timeline, options).find("certificate") != std::string::npos);
    CHECK(host.control(request("DELETE", "/faults")).status == 200);
    CHECK(list_over_tls(loop, timeline, options) == "");
}

namespace {

/// The backend against a host, one operation after the other, each with a short limit. Whether it went well.
struct ShortOfPatience {
    explicit ShortOfPatience(const std::string& socket)
        : timeline(wall_now()),
          loop(timeline, Pace::realtime()),
          runtime(loop, timeline, options_of(socket)) {}
    static LxdOptions options_of(const std::string& socket) {
        LxdOptions options;
        options.socket = socket;
        return options;
    }
    template <class T, class Ask>
    bool well(Ask&& ask) {
        std::optional<bool> ended;
        ask([&](NodeResult<T> result) {
            ended = result.has_value();
            loop.stop();
        });
        while (!ended) loop.run();
        return *ended;
    }
    /// How many of a whole life's operations went well.
    int live(Duration limit) {
        NodeSpec spec;
        spec.name = "m1";
        int good = 0;
        good += well<Done>([&](auto done) { runtime.create(spec, limit, std::move(done)); });
        good += well<Done>([&](auto done) { runtime.start("m1", limit, std::move(done)); });
        good += well<ExecResult>([&](auto done) { runtime.exec("m1", {{"true"}}, limit, std::move(done)); });
        good += well<NodeStats>([&](auto done) { runtime.stats("m1", limit, std::move(done)); });
        good += well<std::vector<NodeInfo>>([&](auto done) { runtime.list(limit, std::move(done)); });
        good += well<Done>([&](auto done) { runtime.stop("m1", 0s, limit, std::move(done)); });
        good += well<Done>([&](auto done) { runtime.destroy("m1", limit, std::move(done)); });
        return good;
    }
    Timeline timeline;
    EventLoop loop;
    LxdRuntime runtime;
};

}  // namespace

// Proves: container 20.
TEST_CASE("whatever fault is set, every operation of the backend ends, and goes well again when it is over") {
    HostBench host;
    for (const LxdFaultKind& kind : lxd_fault_kinds()) {
        CAPTURE(std::string(kind.name));
        set_fault(host, {{"kind", kind.name}});
        {
            ShortOfPatience client(host.path);
            CHECK(client.live(60ms) <= 7);
        }
        host.control("DELETE", "/faults");
        host.control("POST", "/reboot");
        ShortOfPatience again(host.path);
        static_cast<void>(again.well<Done>([&](auto done) {
            again.runtime.destroy("m1", 30s, std::move(done));
        }));
        CHECK(again.live(30s) == 7);
    }
}

TEST_SUITE_END();
