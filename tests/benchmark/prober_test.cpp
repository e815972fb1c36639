// Open loop over real sockets: what a server keeps waiting is seen, however few connections there are.
#include "benchmark/drive/prober.hpp"

#include "benchmark/drive/status_page.hpp"
#include "benchmark/report/queue_lines.hpp"
#include "net/http_server.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("benchmark/prober");

using namespace csim;

namespace {

struct Setting {
    Timeline timeline{wall_now()};
    EventLoop loop{timeline, Pace::realtime()};
    ProbeLedger ledger{{"/a", "/b"}};
    std::vector<Responder> held;
    bool stalled = false;
    std::unique_ptr<HttpServer> server;
    std::unique_ptr<HttpsClient> client;
    std::unique_ptr<Prober> prober;

    explicit Setting(double per_second, std::size_t in_flight_max = 256, Duration timeout = 60s) {
        server = std::make_unique<HttpServer>(
            loop, HttpServerOptions{},
            [this](HttpRequest request, const Peer&, Responder responder) {
                if (stalled) return held.push_back(std::move(responder));
                responder.reply({request.target == "/b" ? 500u : 200u, {}, "{}"});
            }
        );
        HttpsClientOptions options;
        options.host = "127.0.0.1";
        options.port = server->port();
        options.tls = false;
        client = std::make_unique<HttpsClient>(loop, options);
        prober = std::make_unique<Prober>(
            timeline, *client, ledger, ProbeOptions{{"/a", "/b"}, per_second, timeout, in_flight_max}
        );
    }
    void release() {
        stalled = false;
        for (Responder& each : held) each.reply({200, {}, "{}"});
        held.clear();
    }
    /// Probes for a second, waits for every answer.
    void run(Duration stall_from, Duration stall_to) {
        timeline.after(stall_from, [this] { stalled = true; });
        timeline.after(stall_to, [this] { release(); });
        timeline.after(1s, [this] { stop_when_answered(); });
        prober->start();
        loop.run();
        ledger.close_interval(timeline.now(), true);
    }
    void stop_when_answered() {
        if (prober->waiting() == 0) prober->stop();
        if (prober->waiting() == 0 && prober->in_flight() == 0) return loop.stop();
        timeline.after(10ms, [this] { stop_when_answered(); });
    }
};

}  // namespace

TEST_CASE("a stall of half the time is in the figures of half the probes, even over two connections") {
    for (const std::size_t connections : {std::size_t(256), std::size_t(2)}) {
        Setting setting(200, connections);
        setting.run(300ms, 800ms);
        const auto& paths = setting.ledger.paths();
        // During the stall both paths are held and answered with 200 afterwards.
        const std::uint64_t all = paths[0].requests() + paths[1].requests();
        CHECK(all == setting.prober->sent());
        CHECK(paths[0].latency.quantile(0.8) >= 200ms);
        CHECK(paths[0].latency.max() >= 480ms);
        CHECK(setting.prober->take_lateness().count() >= all);
    }
}

TEST_CASE("errors and time-outs are no latencies") {
    Setting setting(100, 256, 150ms);
    setting.run(500ms, 900ms);
    const auto& paths = setting.ledger.paths();
    CHECK(paths[1].errors > 0);
    CHECK(paths[0].timeouts + paths[1].timeouts > 0);
    CHECK(paths[0].latency.count() + paths[0].errors + paths[0].timeouts == paths[0].requests());
}

// Proves: defect 84.
TEST_CASE("queues and connections are read from a status page, and nothing from anything else") {
    const auto page = parse_json(
        R"({"rabbitmq": {"queues": [{"name": "a", "messages": 3, "message_stats_ack_details_rate": 1.5},
            {"name": "none"}, {"messages": 1}, 7]},
            "postgres": {"pg_stat_activity": {"rows": [[1], [2]]}}})"
    );
    REQUIRE(page.has_value());
    const auto queues = queues_of(*page);
    REQUIRE(queues.size() == 1);
    CHECK(queues.at("a").messages == 3);
    CHECK(queues.at("a").out_rate == 1.5);
    CHECK(connections_of(*page) == 2);
    for (const char* other : {"[]", "{}", "3", R"({"rabbitmq": []})", R"({"rabbitmq": {"queues": {}}})"}) {
        CHECK(queues_of(*parse_json(other)).empty());
        CHECK(connections_of(*parse_json(other)) == 0);
    }
}

// Proves: defect 17.
TEST_CASE("queue depths stand under their names, and a queue that is missing is a dash") {
    const std::vector<std::string> names{"agent_lustre_rx", "gone", "a_name_longer_than_its_column"};
    const std::map<std::string, QueueSample> readings{
        {"agent_lustre_rx", {12, 0, 0}}, {"a_name_longer_than_its_column", {3, 1, 1}}, {"other", {7, 0, 0}}};
    CHECK(queue_header("t", names, 16) == "t: agent_lustre_rx gone            a_name_longer_than_its_column");
    CHECK(queue_line("t", names, readings, 16) == "t: 12              -               3");
    for (const std::size_t width : {1u, 20u, 40u}) {
        const std::string header = queue_header("t", names, width);
        const std::string line = queue_line("t", names, readings, width);
        CHECK(line.find('-') == header.find("gone"));
        CHECK(line.rfind('3') == header.find("a_name"));
    }
    CHECK(queue_line("t", usual_queues, {}, 20) == "t: -                   -                   -");
}

TEST_SUITE_END();
