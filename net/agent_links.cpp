#include "net/agent_links.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace csim {

class AgentLinks::Way final : public FaultyAgentTransport {
  public:
    Way(AgentLinks& links, std::string fqdn, std::unique_ptr<AgentTransport> real)
        : FaultyAgentTransport(links.timeline_, links.run_.stream("link/" + fqdn), std::move(real)),
          links_(links),
          fqdn_(std::move(fqdn)) {
        set_fault(links_.fault(fqdn_));
        set_conditions(links_.conditions(fqdn_));
        for (const Way* other : links_.ways_[fqdn_]) number_ = std::max(number_, other->number_ + 1);
        links_.ways_[fqdn_].insert(this);
    }
    ~Way() override {
        auto& alive = links_.ways_[fqdn_];
        alive.erase(this);
        if (alive.empty()) links_.ways_.erase(fqdn_);
    }

    /// In the order in which they were made: addresses differ from run to run.
    static std::vector<Way*> in_order(const std::set<Way*>& alive) {
        std::vector<Way*> ways(alive.begin(), alive.end());
        std::sort(ways.begin(), ways.end(), [](Way* a, Way* b) { return a->number_ < b->number_; });
        return ways;
    }

  private:
    AgentLinks& links_;
    const std::string fqdn_;
    int number_ = 0;  ///< above those of its host's other ways
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
        for (Way* way : Way::in_order(alive)) way->set_fault(fault);
    }
}

void AgentLinks::set_conditions(const std::string& fqdn, const LinkConditions& conditions) {
    conditions_.set(fqdn, conditions);
    for (auto& [name, alive] : ways_) {
        if (!fqdn.empty() && name != fqdn) continue;
        for (Way* way : Way::in_order(alive)) way->set_conditions(conditions);
    }
}

}  // namespace csim
