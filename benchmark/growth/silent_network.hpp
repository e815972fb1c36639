// A manager for a thousand agents that costs next to nothing: it opens sessions, takes everything, says
// nothing.
#pragma once

#include "core/timeline.hpp"
#include "sim/agent_network.hpp"

#include <string>

namespace csim {

class SilentNetwork final : public AgentNetwork, private RegistrationTransport {
  public:
    /// Every host that registers gets `certificate_pem`.
    SilentNetwork(Timeline& timeline, std::string certificate_pem)
        : timeline_(timeline), certificate_pem_(std::move(certificate_pem)) {}

    Result<std::unique_ptr<AgentTransport>> connect(const std::string& fqdn, const Credentials& credentials)
        override;
    RegistrationTransport& registration() override { return *this; }
    void set_fault(const std::string&, NetworkFault) override {}
    NetworkFault fault(const std::string&) const override { return NetworkFault::none; }
    void set_conditions(const std::string&, const LinkConditions&) override {}
    const LinkConditions& conditions(const std::string&) const override { return normal_; }
    const LinkConditions& normal() const override { return normal_; }
    NetworkStats stats() const override { return {}; }

  private:
    class Way;
    void register_agent(
        const std::string& secret, const std::string& body, UniqueFunction<void(Result<Reply>)> done
    ) override;

    Timeline& timeline_;
    LinkConditions normal_;
    std::string certificate_pem_;
    std::int64_t hosts_ = 0;
};

}  // namespace csim
