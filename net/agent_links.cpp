#include "net/agent_links.hpp"

#include <utility>

namespace csim {

class AgentLinks::Way final : public FaultyAgentTransport {
  public:
    Way(AgentLinks& links, std::string fqdn, std::unique_ptr<AgentTransport> real)
        : FaultyAgentTransport(links.timeline_, links.run_.stream("link/" + fqdn), std::move(real)),
          links_(links),
          fqdn_(std::move(fqdn)) {
        set_fault(links_.fault(fqdn_));
        set_conditions(links_.conditions(fqdn_));
        links_.ways_[fqdn_].insert(this);
    }
    ~Way() override {
        auto& alive = links_.ways_[fqdn_];
        alive.erase(this);
        if (alive.empty()) links_.ways_.erase(fqdn_);
    }

  private:
    AgentLinks& links_;
    const std::string fqdn_;
};

std::unique_ptr<AgentTransport> AgentLinks::wrap(
    const std::string& fqdn, std::unique_ptr<AgentTransport> real
) {
    return std::make_unique<Way>(*this, fqdn, std::move(real));
}

void AgentLinks::set_fault(const std::string& fqdn, NetworkFault fault) {
    faults_.set(fqdn, fault);
    for (auto& [name, alive] : ways_) {
        if (!fqdn.empty() && name != fqdn) continue;
        for (Way* way : alive) way->set_fault(fault);
    }
}

void AgentLinks::set_conditions(const std::string& fqdn, const LinkConditions& conditions) {
    conditions_.set(fqdn, conditions);
    for (auto& [name, alive] : ways_) {
        if (!fqdn.empty() && name != fqdn) continue;
        for (Way* way : alive) way->set_conditions(conditions);
    }
}

}  // namespace csim
