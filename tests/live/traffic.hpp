// What is on its way between a fleet and its manager, so that simulated time can stand still meanwhile.
#pragma once

#include "core/timeline.hpp"
#include "sim/agent_network.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace csim::test {

/// Kept by WatchedNetwork; read by whoever moves the clock.
struct Traffic {
    std::size_t posts = 0;                 ///< requests that are answered at once, and are not yet
    std::map<std::string, SimTime> polls;  ///< long polls by agent, with the time they were sent
    /// Long polls whose agent is gone: the manager holds them until it would have answered.
    std::vector<std::pair<std::string, SimTime>> abandoned;
};

/// Another network, watched.
class WatchedNetwork final : public AgentNetwork {
  public:
    WatchedNetwork(AgentNetwork& inner, const Timeline& timeline) : inner_(inner), timeline_(timeline) {}

    Result<std::unique_ptr<AgentTransport>> connect(const std::string& fqdn, const Credentials& credentials)
        override;
    RegistrationTransport& registration() override { return inner_.registration(); }
    void set_fault(const std::string& fqdn, NetworkFault fault) override { inner_.set_fault(fqdn, fault); }
    NetworkFault fault(const std::string& fqdn) const override { return inner_.fault(fqdn); }
    void set_conditions(const std::string& fqdn, const LinkConditions& conditions) override {
        inner_.set_conditions(fqdn, conditions);
    }
    const LinkConditions& conditions(const std::string& fqdn) const override {
        return inner_.conditions(fqdn);
    }
    const LinkConditions& normal() const override { return inner_.normal(); }
    NetworkStats stats() const override { return inner_.stats(); }

    Traffic traffic;

  private:
    class Transport;
    AgentNetwork& inner_;
    const Timeline& timeline_;
};

}  // namespace csim::test
