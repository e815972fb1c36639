// The network between a fleet and a manager of the same process, in virtual time: no sockets and no text, but
// latency, bandwidth, loss, cuts of either direction, and what was under way when a connection broke.
#pragma once

#include "core/rng.hpp"
#include "core/timeline.hpp"
#include "manager/manager.hpp"
#include "net/agent_links.hpp"
#include "sim/agent_network.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace csim {

/// A quiet local network.
inline LinkConditions quiet_network() {
    return {.latency = 200us, .jitter = 100us};
}

class VirtualNetwork final : public AgentNetwork, private RegistrationTransport {
  public:
    /// `timeline` outlives this. Chance comes from streams of `run`.
    VirtualNetwork(Timeline& timeline, const Rng& run, LinkConditions normal = quiet_network());
    ~VirtualNetwork() override;

    /// The manager's process begins. It outlives its time here.
    void attach(ManagerCore& manager) { manager_ = &manager; }
    /// It ended: every connection is reset. Call before it is destroyed.
    void detach();

    Result<std::unique_ptr<AgentTransport>> connect(const std::string& fqdn, const Credentials& credentials)
        override;
    RegistrationTransport& registration() override { return *this; }
    /// refuse: every request fails at once, an open poll too; drop_responses: requests arrive, answers do
    /// not.
    void set_fault(const std::string& fqdn, NetworkFault fault) override;
    NetworkFault fault(const std::string& fqdn) const override { return faults_.of(fqdn); }
    void set_conditions(const std::string& fqdn, const LinkConditions& conditions) override;
    const LinkConditions& conditions(const std::string& fqdn) const override { return conditions_.of(fqdn); }
    const LinkConditions& normal() const override { return normal_; }
    NetworkStats stats() const override { return stats_; }

    /// Makes JSON text of everything that agents and manager say and reads it again, as sockets would. What
    /// happens is the same; it only takes longer.
    void pass_text(bool text) { text_ = text; }

    /// Told of every post as it arrives at the manager, before the manager is; empty: nobody. `late`: its
    /// connection is gone.
    std::function<void(const std::string& fqdn, const AgentPost& post, bool late)> on_arrival;

  private:
    class Way;
    struct Link;
    void register_agent(
        const std::string& secret, const std::string& body, UniqueFunction<void(Result<Reply>)> done
    ) override;
    Link& link(const std::string& fqdn);
    /// Of one host or of all, in the order in which they were made: addresses differ from run to run.
    std::vector<Way*> ways_of(const std::string& fqdn) const;

    Timeline& timeline_;
    Rng run_;
    Rng registrations_;
    LinkConditions normal_;
    PerAgent<NetworkFault> faults_;
    PerAgent<LinkConditions> conditions_;
    ManagerCore* manager_ = nullptr;
    std::uint64_t manager_life_ = 0;
    std::map<std::string, std::unique_ptr<Link>> links_;
    std::map<std::uint64_t, UniqueFunction<void(Result<Reply>)>> registering_;
    std::uint64_t last_registration_ = 0;
    std::set<Way*> ways_;
    std::uint64_t last_way_ = 0;
    NetworkStats stats_;
    bool text_ = false;
};

}  // namespace csim
