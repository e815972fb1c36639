// The agents of a world: one for each node that is up and registered, and none for any other.
#pragma once

#include "agent_proto/agent.hpp"
#include "core/event_loop.hpp"
#include "fakes/fake_server.hpp"
#include "sim/agent_network.hpp"
#include "sim/credential_store.hpp"
#include "sim/fleet_watch.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace csim {

/// What an agent reports of a node and does to it; made once per agent. See server_ports.hpp.
struct NodePorts {
    std::unique_ptr<ReportPort> reports;
    std::unique_ptr<ActionPort> actions;
};
using MakePorts = std::function<NodePorts(FakeServer&)>;

struct FleetOptions {
    WireHabits habits;
    unsigned refusals_max = 0;
    /// A restarted agent process is back after this.
    Duration agent_restart = 1s;
    /// Who watches the agent of this node, for as long as the fleet lives; empty: the fleet itself, for its
    /// figures.
    std::function<AgentWatch*(const std::string& fqdn)> watch;
};

struct FleetStats {
    std::size_t agents = 0;  ///< running
    std::size_t sessions_open = 0;
    AgentCounters counters;  ///< of all agents together
};

/// Everything on the world's thread. Calls from inside an agent's own callbacks are allowed.
class Fleet {
  public:
    struct Peers {
        Timeline& timeline;
        AgentNetwork& network;
        CredentialStore& credentials;
        MakePorts ports;
        Rng run;
    };
    Fleet(Peers peers, FleetOptions options);
    ~Fleet();

    /// The node's agent process begins after `delay`; only then are its credentials looked at, so that
    /// thousands of starts do not hold the world up. Errors: refused without a certificate, and, without a
    /// delay, corrupt credentials. Harmless when it runs already.
    Result<Nothing> start(FakeServer& node, Duration delay = Duration(0));
    /// Gone at once: connections drop, nothing more is sent. Harmless when there is none.
    void stop(const std::string& fqdn);
    /// A new process after `agent_restart`.
    void restart(FakeServer& node);
    /// The node was removed or has a new certificate: its agent and connections go for good.
    void forget(const std::string& fqdn);
    void stop_all();
    /// The next report of these plugins of the node, or of all its plugins for an empty list, is complete.
    void report_all(const std::string& fqdn, const std::vector<std::string>& plugins);
    /// Every running agent reports everything of these plugins at its next poll. No session ends.
    void report_all(const std::vector<std::string>& plugins);

    bool running(const std::string& fqdn) const;
    std::size_t sessions_open(const std::string& fqdn) const;
    const Agent* find(const std::string& fqdn) const;
    FleetStats stats() const;
    const FleetWatch& watch() const { return watch_; }

  private:
    struct Member;
    Result<Member*> member(FakeServer& node);
    void begin(FakeServer& node, SimTime due);

    Peers peers_;
    FleetOptions options_;
    FleetWatch watch_;  ///< outlives the members
    std::map<std::string, std::unique_ptr<Member>> members_;
    std::map<std::string, EventId> starting_;     ///< agents that will begin, by fqdn
    std::vector<std::unique_ptr<Member>> dying_;  ///< forgotten, perhaps inside their own callbacks
    EventId burial_;
};

}  // namespace csim
