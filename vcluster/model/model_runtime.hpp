// Simulated nodes of a virtual cluster, as a node runtime. What was asked of it can be asked again: the same
// calls at the same moments make the same nodes, to the last process number.
#pragma once

#include "core/json.hpp"
#include "runtime/pending.hpp"
#include "vcluster/model/world.hpp"

namespace csim::model {

class ModelRuntime final : public NodeRuntime {
  public:
    /// `keep` gets a line for every call that changes something; empty: nobody keeps any.
    ModelRuntime(Timeline& timeline, ModelOptions options, std::function<void(Json)> keep = {});
    ~ModelRuntime() override;

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

    /// A folder of this machine, seen in a node. Requires: the node exists.
    void mount(const std::string& name, const std::string& source, const std::string& target, bool read_only);
    /// Makes a call of the past again. Its answer goes nowhere. Errors: corrupt.
    Result<Nothing> repeat(const Json& kept);
    /// Calls between two of these were made at one moment, with nothing in between.
    void begin_group() { ++group_; }
    std::uint64_t group() const { return group_; }
    void set_group(std::uint64_t group) { group_ = group; }

    World& world() { return world_; }

  private:
    void keep(Json what);
    template <class T>
    Ticket soon(NodePhase phase, const std::string& name, NodeResult<T> result, Answer<T> answer);
    NodeResult<Node*> running(NodePhase phase, const std::string& name);

    World world_;
    PendingOperations pending_;
    std::function<void(Json)> keep_;
    UniqueFunction<void(const Change&)> watcher_;
    std::map<std::string, NodeState> states_;
    std::uint64_t group_ = 0;
    bool repeating_ = false;
};

}  // namespace csim::model
