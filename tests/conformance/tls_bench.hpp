// The bench over real connections with mutual TLS: the agent's transport of net/, and a server that obeys the
// test. Simulated time stands still while anything is on its way, so checks need no tolerance for the
// network.
#pragma once

#include "agent_proto/transport.hpp"
#include "core/timeline.hpp"
#include "core/work_queue.hpp"
#include "net/http_server.hpp"
#include "net/https_agent_transport.hpp"
#include "tests/conformance/agent_bench.hpp"

#include <optional>

namespace csim {

/// Counts what passes through, so that a test knows when all of it has arrived.
class CountingTransport final : public AgentTransport {
  public:
    explicit CountingTransport(AgentTransport& inner) : inner_(inner) {}

    void get(const AgentGet& request, UniqueFunction<void(Outcome<std::vector<Message>>)> done) override;
    void post(const AgentPost& request, UniqueFunction<void(Outcome<Nothing>)> done) override;
    void copytool_events(const Json& envelope, UniqueFunction<void(Outcome<Json>)> done) override;
    void abandon() override;

    std::uint64_t sent = 0;
    std::uint64_t finished = 0;
    std::uint64_t abandoned = 0;

  private:
    AgentTransport& inner_;
};

class TlsBench final : public AgentBench, private ManagerPeer {
  public:
    explicit TlsBench(const BenchOptions& options);

    Agent& agent() override { return agent_; }
    ManagerPeer& manager() override { return *this; }
    ScriptedReports& reports() override { return reports_; }
    ScriptedActions& actions() override { return actions_; }
    SimTime now() const override { return timeline_.now(); }
    void run_for(Duration span) override;

  private:
    std::vector<SeenGet> gets() const override { return gets_; }
    std::vector<SeenPost> posts() const override { return posts_; }
    void send(std::vector<Message> messages) override;
    void fail_gets(unsigned status) override;
    void fail_posts(unsigned status) override { post_status_ = status == 0 ? 500 : status; }
    void works() override;
    void hold_posts() override { holds_posts_ = true; }
    void release_posts() override;

    void answer(const HttpRequest& request, const Peer& peer, Responder responder);
    void park(Responder responder);
    void answer_poll(HttpReply reply);
    void answer_post();
    /// Waits until no request or reply is on its way any more.
    void settle();

    Timeline timeline_{SimTime::from_unix_ns(1'700'000'000'123'456'000)};
    WorkQueue inbox_;
    ScriptedReports reports_;
    ScriptedActions actions_;
    std::vector<SeenGet> gets_;
    std::vector<SeenPost> posts_;
    std::vector<Message> outgoing_;
    std::optional<Responder> parked_;
    std::optional<Responder> posted_;
    std::optional<unsigned> get_status_;
    unsigned post_status_ = 200;
    bool holds_posts_ = false;
    std::uint64_t poll_ = 0;
    std::uint64_t received_ = 0;
    HttpServer server_;
    HttpsClient client_;
    HttpsAgentTransport transport_;
    CountingTransport counting_;
    Agent agent_;
};

}  // namespace csim
