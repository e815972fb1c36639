// Probes of an API in open loop: each is due at its instant whether or not earlier ones were answered, and
// its latency counts from that instant.
#pragma once

#include "benchmark/measure/probe_ledger.hpp"
#include "core/event_loop.hpp"
#include "net/https_client.hpp"

#include <deque>
#include <string>
#include <vector>

namespace csim {

struct ProbeOptions {
    std::vector<std::string> targets;  ///< as sent, base path included; asked in turn
    double per_second = 28;            ///< all targets together
    Duration timeout = 10s;            ///< from when it was sent
    std::size_t in_flight_max = 256;   ///< beyond, probes wait, and their latency goes on
};

/// Everything on the timeline's thread. `client` and `ledger` outlive it.
class Prober {
  public:
    Prober(Timeline& timeline, HttpsClient& client, ProbeLedger& ledger, ProbeOptions options);
    ~Prober();

    /// Probes carry this Cookie field from now on; empty: none.
    void set_cookie(std::string field) { cookie_ = std::move(field); }
    void start();
    /// Nothing more is sent; what is under way is still recorded.
    void stop();

    /// How late probes were sent, since the last call.
    LatencyHistogram take_lateness();
    std::size_t waiting() const { return waiting_.size(); }
    std::size_t in_flight() const { return in_flight_; }
    std::uint64_t sent() const { return sent_; }

  private:
    struct Due {
        std::size_t path = 0;
        SimTime intended;
    };
    SimTime intended(std::uint64_t index) const;
    void send_due();
    void send(Due due);
    void ended(Due due, SimTime sent, HttpsClient::LaneId lane, const Result<HttpReply>& reply);

    Timeline& timeline_;
    HttpsClient& client_;
    ProbeLedger& ledger_;
    ProbeOptions options_;
    std::string cookie_;
    SimTime began_;
    std::uint64_t next_ = 0;
    std::uint64_t sent_ = 0;
    EventId timer_{};
    std::vector<HttpsClient::LaneId> idle_, lanes_;
    std::deque<Due> waiting_;
    std::size_t in_flight_ = 0;
    LatencyHistogram lateness_;
};

}  // namespace csim
