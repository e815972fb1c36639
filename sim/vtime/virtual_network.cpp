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
      normal_(normal) {
    conditions_.set("", normal_);
}

VirtualNetwork::~VirtualNetwork() = default;

VirtualNetwork::Link& VirtualNetwork::link(const std::string& fqdn) {
    auto& found = links_[fqdn];
    if (found == nullptr) {
        found = std::make_unique<Link>();
        found->conditions = conditions_.of(fqdn);
        found->fault = faults_.of(fqdn);
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
    for (Way* way : ways_of("")) way->reset();
    for (auto& [number, done] : std::exchange(registering_, {})) {
        timeline_.after(1ms, [done = std::move(done)]() mutable {
            done(Error{Errc::unreachable, "the manager's process ended"});
        });
    }
}

std::vector<VirtualNetwork::Way*> VirtualNetwork::ways_of(const std::string& fqdn) const {
    std::vector<Way*> ways;
    for (Way* way : ways_) {
        if (fqdn.empty() || way->fqdn() == fqdn) ways.push_back(way);
    }
    std::sort(ways.begin(), ways.end(), [](Way* a, Way* b) { return a->number() < b->number(); });
    return ways;
}

void VirtualNetwork::set_fault(const std::string& fqdn, NetworkFault fault) {
    faults_.set(fqdn, fault);
    for (auto& [name, each] : links_) {
        if (fqdn.empty() || name == fqdn) each->fault = fault;
    }
    if (fault != NetworkFault::refuse) return;
    for (Way* way : ways_of(fqdn)) way->reset();
}

void VirtualNetwork::set_conditions(const std::string& fqdn, const LinkConditions& conditions) {
    conditions_.set(fqdn, conditions);
    std::vector<Way*> thawed;
    for (Way* way : ways_of(fqdn)) {
        if (link(way->fqdn()).conditions.frozen && !conditions.frozen) thawed.push_back(way);
    }
    for (auto& [name, each] : links_) {
        if (fqdn.empty() || name == fqdn) each->conditions = conditions;
    }
    for (Way* way : thawed) way->thaw();
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
