// The machine behind simulated nodes: who gets a slot, how long a phase takes, what runs out, what wedges.
#pragma once

#include "core/rng.hpp"
#include "core/timeline.hpp"
#include "runtime/simulated/host_model.hpp"

#include <deque>
#include <map>

namespace csim {

/// How much of a resource is in use.
struct HostUse {
    std::string name;
    double capacity = 0, used = 0;
    std::uint64_t refusals = 0;
};

class SimulatedHost {
  public:
    SimulatedHost(Timeline& timeline, HostModel model, std::uint64_t seed);
    ~SimulatedHost();
    SimulatedHost(const SimulatedHost&) = delete;

    const HostModel& model() const { return model_; }

    /// Takes what a node in this phase needs. Fails with the name of the resource that refused, for policy
    /// fails; names it in `silenced` for policy silent and takes nothing of it; in `wedged_by` for wedges.
    struct Taken {
        std::string refused, silenced, wedged_by;
    };
    Taken take(NodePhase phase, bool network);
    void give_back(NodePhase phase, bool network, const std::string& silenced = {});
    std::vector<HostUse> use() const;

    /// One operation on the host: waits for a slot, takes its time, then `done`. A wedged one keeps its slot
    /// and never ends. Returns a handle for abandon().
    using Work = std::uint64_t;
    Work submit(NodePhase phase, bool network, Duration extra, UniqueFunction<void()> done);
    /// Forgets `done`; a slot that was taken stays so when the operation is wedged.
    void abandon(Work work);
    bool is_wedged(Work work) const { return wedged_.contains(work); }
    /// Every operation from now on of this phase wedges, for faults injected from outside.
    void wedge_phase(NodePhase phase, bool on) { wedged_phases_[phase] = on; }
    /// A wedge took the daemon's list with it.
    bool list_is_blocked() const { return list_blocked_; }
    std::size_t in_flight() const { return running_; }
    std::uint64_t wedges() const { return wedged_.size(); }
    /// A wedged operation ends after all, without its `done`; its slot is free. Nothing for others.
    void recover(Work work);
    /// All that was wedged is gone, and so is what it held.
    void reboot();

  private:
    struct Job {
        NodePhase phase;
        bool network;
        Duration extra;
        UniqueFunction<void()> done;
        EventId end{};
    };
    void begin(Work work);
    void next();
    void end(Work work);
    Duration mean(NodePhase phase) const;
    Duration duration_of(const Job& job);
    bool wedges(NodePhase phase);

    Timeline& timeline_;
    HostModel model_;
    Rng times_, chances_;
    std::vector<double> used_;
    std::vector<std::uint64_t> refusals_;
    std::map<Work, Job> jobs_;
    std::deque<Work> line_;
    std::map<Work, NodePhase> wedged_;
    std::map<NodePhase, int> begun_;
    std::map<NodePhase, bool> wedged_phases_;
    std::size_t running_ = 0;
    Work last_ = 0;
    SimTime rtnl_free_{};
    bool list_blocked_ = false;
};

}  // namespace csim
