#include "sim/fleet.hpp"

#include <utility>

namespace csim {

/// One agent and what it stands on. Members are destroyed from the timeline only, never from the agent's own
/// callbacks.
struct Fleet::Member {
    std::unique_ptr<AgentTransport> transport;
    NodePorts ports;
    Agent agent;

    Member(std::unique_ptr<AgentTransport> way, NodePorts made, AgentSetup setup, Timeline& timeline)
        : transport(std::move(way)),
          ports(std::move(made)),
          agent(std::move(setup), {timeline, *transport, *ports.reports, *ports.actions}) {}
};

Fleet::Fleet(Peers peers, FleetOptions options) : peers_(std::move(peers)), options_(std::move(options)) {}

Fleet::~Fleet() {
    for (auto& [fqdn, starting] : starting_) peers_.timeline.cancel(starting);
    peers_.timeline.cancel(burial_);
}

Result<Fleet::Member*> Fleet::member(FakeServer& node) {
    const auto found = members_.find(node.fqdn());
    if (found != members_.end()) return found->second.get();
    const auto credentials = peers_.credentials.find(node.fqdn());
    if (!credentials) return Error{Errc::refused, node.fqdn() + " is not registered"};
    auto transport = peers_.network.connect(node.fqdn(), *credentials);
    if (!transport) return transport.error();
    WireHabits habits = options_.habits;
    habits.return_spread = spread_for(peers_.credentials.count());
    AgentSetup setup{
        .fqdn = node.fqdn(),
        .habits = habits,
        .refusals_max = options_.refusals_max,
        .rng = peers_.run.stream("agent/" + node.fqdn()),
        .watch = options_.watch ? options_.watch(node.fqdn()) : &watch_};
    auto made = std::make_unique<Member>(
        std::move(*transport), peers_.ports(node), std::move(setup), peers_.timeline
    );
    return (members_[node.fqdn()] = std::move(made)).get();
}

Result<Nothing> Fleet::start(FakeServer& node, Duration delay) {
    if (!peers_.credentials.registered(node.fqdn()))
        return Error{Errc::refused, node.fqdn() + " is not registered"};
    if (delay == Duration(0)) {
        if (auto found = member(node); !found) return found.error();
    }
    const SimTime due = peers_.timeline.now() + delay;
    EventId& starting = starting_[node.fqdn()];
    peers_.timeline.cancel(starting);
    starting = peers_.timeline.at(due, [this, &node, due] { begin(node, due); });
    return Nothing{};
}

void Fleet::begin(FakeServer& node, SimTime due) {
    starting_.erase(node.fqdn());
    auto found = member(node);
    if (found && !(*found)->agent.running()) (*found)->agent.start(node->boot_time, due);
}

void Fleet::stop(const std::string& fqdn) {
    if (const auto starting = starting_.find(fqdn); starting != starting_.end()) {
        peers_.timeline.cancel(starting->second);
        starting_.erase(starting);
    }
    const auto found = members_.find(fqdn);
    if (found != members_.end()) found->second->agent.stop();
}

void Fleet::restart(FakeServer& node) {
    stop(node.fqdn());
    (void)start(node, options_.agent_restart);
}

void Fleet::forget(const std::string& fqdn) {
    stop(fqdn);
    const auto found = members_.find(fqdn);
    if (found == members_.end()) return;
    // This may be running inside the agent's own callback: it must not die before that returns.
    dying_.push_back(std::move(found->second));
    members_.erase(found);
    if (dying_.size() == 1) burial_ = peers_.timeline.after(Duration(0), [this] { dying_.clear(); });
}

void Fleet::stop_all() {
    for (auto& [fqdn, starting] : starting_) peers_.timeline.cancel(starting);
    starting_.clear();
    for (auto& [fqdn, member] : members_) stop(fqdn);
}

void Fleet::report_all(const std::vector<std::string>& plugins) {
    for (auto& [fqdn, member] : members_) member->agent.report_all(plugins);
}

void Fleet::report_all(const std::string& fqdn, const std::vector<std::string>& plugins) {
    const auto found = members_.find(fqdn);
    if (found == members_.end()) return;
    std::vector<std::string> chosen = plugins;
    if (chosen.empty()) {
        for (const SharedText& name : found->second->ports.reports->plugins()) chosen.push_back(name.str());
    }
    found->second->agent.report_all(chosen);
}

bool Fleet::running(const std::string& fqdn) const {
    const Agent* const agent = find(fqdn);
    return agent != nullptr && agent->running();
}

std::size_t Fleet::sessions_open(const std::string& fqdn) const {
    const Agent* const agent = find(fqdn);
    return agent == nullptr ? 0 : agent->sessions_open();
}

const Agent* Fleet::find(const std::string& fqdn) const {
    const auto found = members_.find(fqdn);
    return found == members_.end() ? nullptr : &found->second->agent;
}

FleetStats Fleet::stats() const {
    FleetStats stats;
    for (const auto& [fqdn, member] : members_) {
        const AgentCounters& counters = member->agent.counters();
        stats.agents += member->agent.running() ? 1 : 0;
        stats.sessions_open += member->agent.sessions_open();
        stats.counters.gets += counters.gets;
        stats.counters.posts += counters.posts;
        stats.counters.get_failures += counters.get_failures;
        stats.counters.post_failures += counters.post_failures;
        stats.counters.messages_sent += counters.messages_sent;
        stats.counters.messages_received += counters.messages_received;
        stats.counters.messages_skipped += counters.messages_skipped;
    }
    return stats;
}

}  // namespace csim
