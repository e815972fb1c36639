// What holds for the link of each agent, whether it is connected now or connects later.
#pragma once

#include "net/faulty_agent_transport.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace csim {

/// A value for everybody, and other values for some.
template <class T>
class PerAgent {
  public:
    const T& of(const std::string& fqdn) const {
        const auto found = own_.find(fqdn);
        return found == own_.end() ? of_all_ : found->second;
    }
    /// An empty `fqdn` means everybody, whatever they had.
    void set(const std::string& fqdn, T value) {
        if (!fqdn.empty()) {
            own_[fqdn] = std::move(value);
        } else {
            of_all_ = std::move(value);
            own_.clear();
        }
    }

  private:
    T of_all_{};
    std::map<std::string, T> own_;
};

/// Makes transports faulty, and keeps those that live in step with what was set.
class AgentLinks {
  public:
    /// `timeline` outlives this, and this outlives the transports. Chance comes from streams of `run`.
    AgentLinks(Timeline& timeline, const Rng& run) : timeline_(timeline), run_(run) {}

    std::unique_ptr<AgentTransport> wrap(const std::string& fqdn, std::unique_ptr<AgentTransport> real);
    /// An empty `fqdn` means all agents.
    void set_fault(const std::string& fqdn, NetworkFault fault);
    NetworkFault fault(const std::string& fqdn) const { return faults_.of(fqdn); }
    void set_conditions(const std::string& fqdn, const LinkConditions& conditions);
    const LinkConditions& conditions(const std::string& fqdn) const { return conditions_.of(fqdn); }

  private:
    class Way;

    Timeline& timeline_;
    Rng run_;
    PerAgent<NetworkFault> faults_;
    PerAgent<LinkConditions> conditions_;
    std::map<std::string, std::set<Way*>> ways_;  ///< those that live, by fqdn
};

}  // namespace csim
