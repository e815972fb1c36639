// Programs that we did not write drive the control port over real sockets.
#include "core/work_queue.hpp"
#include "net/http_server.hpp"
#include "tests/sim/live_cluster.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <future>

TEST_SUITE_BEGIN("sim/control/programs");

using namespace csim;

namespace {

/// Serves while a program runs, and lets a while pass after each request.
struct ServedCluster : LiveCluster {
    explicit ServedCluster(const std::string& token = "")
        : LiveCluster({.cluster_size = 2, .server_count = 4, .worker_count = 1, .nid_count = 2}) {
        give_keys();
        ControlScope scope{*simulator, network, timeline, "https://manager/", "folder", [] { return Lag{}; }};
        api = std::make_unique<ControlApi>(std::move(scope), documents, token);
        HttpServerOptions options;
        options.body_bytes_max = rpc_bytes_max;
        server = std::make_unique<HttpServer>(
            inbox_of_sockets, std::move(options),
            [this](const HttpRequest& request, const Peer&, Responder responder) {
                auto held = std::make_shared<Responder>(std::move(responder));
                api->handle(request, [held](HttpReply reply) { held->reply(std::move(reply)); });
                documents.save_all();
                run_for(5s);
            }
        );
    }

    static bool present(const std::string& program) {
        if (std::filesystem::exists("/usr/bin/" + program)) return true;
        MESSAGE(program << " is not installed, its part of this test is left out");
        return false;
    }
    std::string output_of(const std::string& command) {
        auto running = std::async(std::launch::async, [whole = command + " 2>&1"] {
            std::string output;
            FILE* pipe = ::popen(whole.c_str(), "r");
            char bytes[4096];
            while (const auto n = ::fread(bytes, 1, sizeof bytes, pipe)) output.append(bytes, n);
            ::pclose(pipe);
            return output;
        });
        const auto ended = [&] {
            return running.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
        };
        CHECK(inbox_of_sockets.run_until(ended));
        return running.get();
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(server->port()) + "/"; }
    std::string rpc(const std::string& body, const std::string& more = "") {
        return output_of("curl -s " + more + " --data '" + body + "' " + url() + "rpc");
    }

    WorkQueue inbox_of_sockets;
    std::unique_ptr<HttpServer> server;
};

}  // namespace

TEST_CASE_FIXTURE(ServedCluster, "Python's XML-RPC client drives a running cluster and meets faults only") {
    if (!present("python3")) return;
    const std::string script = CSIM_SOURCE_DIR "/tests/sim/control/drive_xml_rpc.py";
    CHECK(output_of("python3 -B " + script + " " + url()) == "all right\n");
}

TEST_CASE_FIXTURE(ServedCluster, "curl calls by name and by position and in batches") {
    if (!present("curl")) return;
    const Json named = Json::parse(rpc(
        R"({"jsonrpc": "2.0", "id": 1, "method": "server_get", "params": {"fqdn": "test001.localdomain"}})"
    ));
    CHECK(named["result"]["nodename"] == "test001");
    const Json batch = Json::parse(rpc(
        R"([{"jsonrpc": "2.0", "id": "a", "method": "add_server", "params": [2]},
            {"jsonrpc": "2.0", "method": "set_log_rate", "params": ["test000.localdomain", 4]},
            {"jsonrpc": "2.0", "id": 2, "method": "server_list"},
            {"jsonrpc": "2.0", "id": 3, "method": "fly"},
            {"jsonrpc": "2.0", "id": 4, "method": "server_get"}, 7])"
    ));
    REQUIRE(batch.size() == 5);
    CHECK(batch[0]["result"] == "test004.localdomain");
    CHECK(batch[1]["result"].is_array());
    CHECK(batch[2]["error"]["code"] == -32601);
    CHECK(batch[3]["error"]["code"] == -32602);
    CHECK(batch[4]["error"]["code"] == -32600);
    CHECK(rpc(R"({"jsonrpc": "2.0", "method": "server_list"})").empty());
    CHECK(Json::parse(rpc("[[[[")).at("error").at("code") == -32700);
    const std::string deep =
        output_of("head -c 200000 /dev/zero | tr '\\0' '[' | curl -s --data-binary @- " + url() + "rpc");
    CHECK(Json::parse(deep).at("error").at("code") == -32700);
}

TEST_CASE_FIXTURE(ServedCluster, "web pages that were led here are refused") {
    if (!present("curl")) return;
    const std::string list = R"({"jsonrpc": "2.0", "id": 1, "method": "server_list"})";
    const std::string status = "-o /dev/null -w '%{http_code}'";
    CHECK(rpc(list, status) == "200");
    CHECK(rpc(list, status + " -H 'Host: localhost:99'") == "200");
    CHECK(rpc(list, status + " -H 'Host: [::1]:99'") == "200");
    CHECK(rpc(list, status + " -H 'Host: evil.example.com:8743'") == "403");
    CHECK(rpc(list, status + " -H 'Origin: http://evil.example.com'") == "403");
    CHECK(output_of("curl -s " + status + " " + url() + "rpc") == "405");
    CHECK(output_of("curl -s " + status + " --data x " + url() + "elsewhere") == "404");
}

TEST_CASE("a port with a token serves whoever shows it from anywhere and nobody else") {
    ServedCluster served("sesame");
    if (!ServedCluster::present("curl")) return;
    const std::string list = R"({"jsonrpc": "2.0", "id": 1, "method": "server_list"})";
    const std::string status = "-o /dev/null -w '%{http_code}'";
    CHECK(served.rpc(list, status) == "401");
    CHECK(served.rpc(list, status + " -H 'Authorization: Bearer sesam'") == "401");
    CHECK(served.rpc(list, status + " -H 'Authorization: Bearer sesame'") == "200");
    CHECK(
        served.rpc(list, status + " -H 'Authorization: Bearer sesame' -H 'Host: sim.example.com'") == "200"
    );
}
