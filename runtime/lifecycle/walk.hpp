// One instance's way through its life, and the trace that it leaves.
#pragma once

#include "runtime/lifecycle/lifecycle.hpp"

namespace csim {

struct Lifecycle::Walk : std::enable_shared_from_this<Lifecycle::Walk> {
    /// Counts the phases that end in `phases_ended`.
    Walk(
        Timeline& timeline, NodeRuntime& runtime, const LifecycleOptions& options, InstanceRecord& record,
        std::uint64_t& phases_ended
    )
        : timeline_(timeline),
          runtime_(runtime),
          options_(options),
          record_(record),
          phases_ended_(phases_ended) {}

    void go(std::function<void(InstanceEnd)> ended);

  private:
    using Step = void (Walk::*)();

    void prepare();
    void init();
    void initialised();
    void ask_state();
    void start();
    void running();
    void run_commands();
    void run_command(std::size_t index);
    void stop();
    void stopped();
    void destroy();
    void finish();

    /// `line` with the time in front; {} in it is the name.
    void trace(const std::string& line);
    /// Whole lines, as they are.
    void put(std::string lines);
    void phase_ended(bool well);
    void later(Duration span, Step step);
    void begin(NodePhase phase);
    Duration limit(NodePhase phase) const { return options_.limits.at(phase); }
    /// Goes on with `step` when the phase went well; ends the walk otherwise.
    NodeRuntime::Answer<Done> then(Step step);
    bool went_well(const std::optional<NodeError>& error);

    Timeline& timeline_;
    NodeRuntime& runtime_;
    const LifecycleOptions& options_;
    InstanceRecord& record_;
    std::uint64_t& phases_ended_;
    std::function<void(InstanceEnd)> ended_;
};

}  // namespace csim
