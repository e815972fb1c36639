// Nodes in the discrete-event world: cheap enough for a million, and they run out of the same things.
#pragma once

#include "runtime/node_runtime.hpp"
#include "runtime/pending.hpp"
#include "runtime/simulated/node_files.hpp"
#include "runtime/simulated/simulated_host.hpp"

#include <set>

namespace csim {

class SimulatedRuntime final : public NodeRuntime {
  public:
    SimulatedRuntime(Timeline& timeline, HostModel model, std::uint64_t seed);
    ~SimulatedRuntime() override;

    std::string_view backend() const override { return "simulated"; }
    RuntimeAbilities abilities() override;
    Ticket create(NodeSpec spec, Duration limit, Answer<Done> answer) override;
    Ticket start(std::string name, Duration limit, Answer<Done> answer) override;
    Ticket exec(std::string name, ExecSpec spec, Duration limit, Answer<ExecResult> answer) override;
    Ticket read_file(std::string name, std::string path, Duration limit, Answer<NodeFile> answer) override;
    Ticket write_file(std::string name, std::string path, NodeFile file, Duration limit, Answer<Done> answer)
        override;
    Ticket stats(std::string name, Duration limit, Answer<NodeStats> answer) override;
    Ticket stop(std::string name, Duration grace, Duration limit, Answer<Done> answer) override;
    Ticket destroy(std::string name, Duration limit, Answer<Done> answer) override;
    Ticket list(Duration limit, Answer<std::vector<NodeInfo>> answer) override;
    Ticket add_network(std::string name, Duration limit, Answer<Done> answer) override;
    Ticket remove_network(std::string name, Duration limit, Answer<Done> answer) override;
    void cancel(Ticket ticket) override { pending_.cancel(ticket); }
    void watch(UniqueFunction<void(const Change&)> watcher) override { watcher_ = std::move(watcher); }

    /// The job and the address from the next start on. Requires: the node exists.
    void respecify(const std::string& name, const NodeSpec& spec);
    SimulatedHost& host() { return host_; }
    /// Bytes of the host's disk that all nodes together take.
    std::uint64_t disk_bytes() const;
    /// At once, without an event: for whoever looks at a million nodes. Errors: not_found.
    NodeResult<NodeStats> look(const std::string& name) const;

  private:
    struct Node {
        NodeState state = NodeState::created;
        bool network = false;
        bool silenced = false;  ///< its job finds no neighbour, or was never begun
        std::string silenced_by = {};
        std::int64_t pid = 0;
        SimTime ready{}, ended{};
        Duration boot{};
        std::shared_ptr<const NodeSpec> spec;  ///< what all nodes of a kind share, but for the name
        std::string address = {};
        std::unique_ptr<NodeFiles> files = {};
    };
    template <class T>
    Ticket not_found(NodePhase phase, const std::string& name, Answer<T> answer);
    void enter(const std::string& name, Node& node, NodeState state);
    void ready(const std::string& name, Ticket ticket, SimTime asked, const SimulatedHost::Taken& taken);
    void stopped(const std::string& name, Ticket ticket);
    void destroyed(const std::string& name, Ticket ticket);
    void release(Node& node);
    std::shared_ptr<const NodeSpec> shared(const NodeSpec& spec);
    NodeFiles& files_of(Node& node);
    std::string log_text(const Node& node) const;
    std::optional<JobReport> job_of(const Node& node) const;

    Timeline& timeline_;
    SimulatedHost host_;
    PendingOperations pending_;
    UniqueFunction<void(const Change&)> watcher_;
    std::map<std::string, Node> nodes_;
    std::set<std::string> networks_;
    std::shared_ptr<const NodeSpec> last_spec_;
    const SimTime began_;
    std::int64_t last_pid_ = 1000;
    std::uint64_t delta_nodes_ = 0;
};

}  // namespace csim
