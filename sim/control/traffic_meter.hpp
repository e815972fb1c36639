// How much the fleet's network carries at present: figures per second over the last few seconds.
#pragma once

#include "core/timeline.hpp"
#include "sim/agent_network.hpp"

#include <deque>

namespace csim {

struct TrafficRates {
    double requests_per_second = 0;
    double failures_per_second = 0;
    double bytes_sent_per_second = 0;
    double bytes_received_per_second = 0;
};

/// Looks at the network's counters once a simulated second.
class TrafficMeter {
  public:
    TrafficMeter(Timeline& timeline, const AgentNetwork& network);
    ~TrafficMeter();
    TrafficMeter(const TrafficMeter&) = delete;
    TrafficMeter& operator=(const TrafficMeter&) = delete;

    /// Over the last five seconds, or since the meter was made; zeros at that instant.
    TrafficRates rates() const;

  private:
    struct Sample {
        SimTime at;
        NetworkStats stats;
    };
    void look();

    Timeline& timeline_;
    const AgentNetwork& network_;
    std::deque<Sample> samples_;  ///< oldest first
    EventId next_;
};

}  // namespace csim
