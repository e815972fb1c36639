// A network without sockets: behind every agent a scripted manager, and one desk that registers hosts.
#pragma once

#include "net/agent_links.hpp"
#include "sim/agent_network.hpp"
#include "sim/vtime/virtual_parts.hpp"
#include "tests/agent_proto/scripted_manager.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace csim {

class FakeNetwork final : public AgentNetwork, private RegistrationTransport {
  public:
    explicit FakeNetwork(Timeline& timeline);
    ~FakeNetwork() override;

    Result<std::unique_ptr<AgentTransport>> connect(const std::string& fqdn, const Credentials& credentials)
        override;
    RegistrationTransport& registration() override { return *this; }
    void set_fault(const std::string& fqdn, NetworkFault fault) override { links_.set_fault(fqdn, fault); }
    NetworkFault fault(const std::string& fqdn) const override { return links_.fault(fqdn); }
    void set_conditions(const std::string& fqdn, const LinkConditions& conditions) override {
        links_.set_conditions(fqdn, conditions);
    }
    const LinkConditions& conditions(const std::string& fqdn) const override {
        return links_.conditions(fqdn);
    }
    const LinkConditions& normal() const override { return normal_; }
    NetworkStats stats() const override { return counted; }

    /// What stands behind the agent's connections. Requires: it connected once.
    ScriptedManager& manager(const std::string& fqdn) { return *managers_.at(fqdn); }
    bool connected(const std::string& fqdn) const { return managers_.contains(fqdn); }
    /// Answers to registrations that were held back.
    void release_registrations();

    std::vector<std::string> registered;  ///< in the order of their requests
    bool holds_registrations = false;
    bool keeps_requests = true;  ///< managers of agents that connect from now on remember what they are sent
    /// Told of every post before its manager is.
    std::function<void(const std::string& fqdn, const AgentPost& post)> on_post;
    std::string good_secret = "secret";  ///< others are refused
    std::set<std::string> unwelcome;     ///< refused whatever their secret, as when a token is used up
    std::string certificate_pem;         ///< for every host
    NetworkStats counted;

  private:
    class Way;
    void register_agent(
        const std::string& secret, const std::string& body, UniqueFunction<void(Result<Reply>)> done
    ) override;

    Timeline& timeline_;
    std::map<std::string, std::unique_ptr<ScriptedManager>> managers_;
    LinkConditions normal_;
    AgentLinks links_;
    std::vector<UniqueFunction<void()>> held_;
    std::int64_t hosts_ = 0;
};

}  // namespace csim
