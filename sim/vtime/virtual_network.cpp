#include "sim/vtime/virtual_network.hpp"

#include "manager/plain_signer.hpp"
#include "sim/vtime/virtual_way.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace csim {

VirtualNetwork::VirtualNetwork(Timeline& timeline, const Rng& run, LinkConditions normal)
    : timeline_(timeline),
      run_(run.stream("network")),
      registrations_(run.stream("network/registrations")),
      normal_(normal) {}

VirtualNetwork::~VirtualNetwork() = default;

VirtualNetwork::Link& VirtualNetwork::link(const std::string& fqdn) {
    auto& found = links_[fqdn];
    if (found == nullptr) {
        found = std::make_unique<Link>();
        found->conditions = normal_;
        found->chance = run_.stream("link/" + fqdn);
    }
    return *found;
}

Result<std::unique_ptr<AgentTransport>> VirtualNetwork::connect(
    const std::string& fqdn, const Credentials& credentials
) {
    std::string serial = plain_serial(credentials.certificate_pem);
    if (serial.empty()) return Error{Errc::corrupt, fqdn + ": the certificate is none of this network"};
    return std::unique_ptr<AgentTransport>(
        std::make_unique<Way>(*this, fqdn, std::move(serial), link(fqdn), ++last_way_)
    );
}

void VirtualNetwork::detach() {
    manager_ = nullptr;
    ++manager_life_;
    // In the order in which they were made: addresses differ from run to run.
    std::vector<Way*> ways(ways_.begin(), ways_.end());
    std::sort(ways.begin(), ways.end(), [](Way* a, Way* b) { return a->number() < b->number(); });
    for (Way* way : ways) way->reset();
    for (auto& [number, done] : std::exchange(registering_, {})) {
        timeline_.after(1ms, [done = std::move(done)]() mutable {
            done(Error{Errc::unreachable, "the manager's process ended"});
        });
    }
}

void VirtualNetwork::set_fault(const std::string& fqdn, NetworkFault fault) {
    if (!fqdn.empty()) {
        link(fqdn).fault = fault;
        return;
    }
    for (auto& [name, each] : links_) each->fault = fault;
}

const LinkConditions& VirtualNetwork::conditions(const std::string& fqdn) const {
    const auto found = links_.find(fqdn);
    return found == links_.end() ? normal_ : found->second->conditions;
}

void VirtualNetwork::set_conditions(const std::string& fqdn, const LinkConditions& conditions) {
    Link& changed = link(fqdn);
    const bool thaws = changed.conditions.frozen && !conditions.frozen;
    changed.conditions = conditions;
    if (!thaws) return;
    std::vector<Way*> ways;
    for (Way* way : ways_) {
        if (way->fqdn() == fqdn) ways.push_back(way);
    }
    std::sort(ways.begin(), ways.end(), [](Way* a, Way* b) { return a->number() < b->number(); });
    for (Way* way : ways) way->thaw();
}

void VirtualNetwork::heal(const std::string& fqdn) {
    set_conditions(fqdn, normal_);
    link(fqdn).fault = NetworkFault::none;
}

void VirtualNetwork::register_agent(
    const std::string& secret, const std::string& body, UniqueFunction<void(Result<Reply>)> done
) {
    ++stats_.requests;
    const std::uint64_t number = ++last_registration_;
    registering_[number] = std::move(done);
    const auto travel = [this] {
        return normal_.latency + registrations_.between(Duration(0), normal_.jitter);
    };
    const auto finish = [this, number](Result<Reply> reply) {
        auto waiting = registering_.extract(number);
        if (!waiting.empty()) waiting.mapped()(std::move(reply));
    };
    timeline_.after(travel(), [this, secret, body, travel, finish] {
        if (manager_ == nullptr) return finish(Error{Errc::unreachable, "connection refused"});
        manager_->registrar().register_agent(secret, body, [this, travel, finish](HttpReply reply) {
            timeline_.after(travel(), [finish, reply = std::move(reply)] {
                finish(Reply{reply.status, reply.body});
            });
        });
    });
}

}  // namespace csim
