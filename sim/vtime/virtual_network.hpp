// The network between a fleet and a manager of the same process, in virtual time: no sockets and no text, but
// latency, bandwidth, loss, cuts of either direction, and what was under way when a connection broke.
#pragma once

#include "core/rng.hpp"
#include "core/timeline.hpp"
#include "manager/manager.hpp"
#include "sim/agent_network.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace csim {

/// One host's way to the manager. The default is a quiet local network.
struct LinkConditions {
    Duration latency = 200us;     ///< one way
    Duration jitter = 100us;      ///< added to each message, uniformly
    Ratio loss{0, 1};             ///< of requests and of answers; the connection breaks with them
    double bytes_per_second = 0;  ///< 0: so much that it does not matter
    bool to_manager_cut = false;  ///< nothing arrives there, and nobody is told
    bool from_manager_cut = false;
    bool frozen = false;  ///< the agent's process stands still: answers wait, nothing is sent
};

class VirtualNetwork final : public AgentNetwork, private RegistrationTransport {
  public:
    /// `timeline` outlives this. Chance comes from streams of `run`.
    VirtualNetwork(Timeline& timeline, const Rng& run, LinkConditions normal = {});
    ~VirtualNetwork() override;

    /// The manager's process begins. It outlives its time here.
    void attach(ManagerCore& manager) { manager_ = &manager; }
    /// It ended: every connection is reset. Call before it is destroyed.
    void detach();

    Result<std::unique_ptr<AgentTransport>> connect(const std::string& fqdn, const Credentials& credentials)
        override;
    RegistrationTransport& registration() override { return *this; }
    /// refuse: every request fails at once; drop_responses: requests arrive, answers do not.
    void set_fault(const std::string& fqdn, NetworkFault fault) override;
    NetworkStats stats() const override { return stats_; }

    const LinkConditions& conditions(const std::string& fqdn) const;
    void set_conditions(const std::string& fqdn, const LinkConditions& conditions);
    /// Back to normal. What was frozen goes on.
    void heal(const std::string& fqdn);
    const LinkConditions& normal() const { return normal_; }

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

    Timeline& timeline_;
    Rng run_;
    Rng registrations_;
    LinkConditions normal_;
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
