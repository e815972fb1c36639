// Nodes of a backend for whoever has nothing else to do meanwhile: calls wait for their answers, many at once
// where that helps. Waiting is by events of the backend's own time; a simulated second takes no time at all.
#pragma once

#include "core/event_loop.hpp"
#include "runtime/node_runtime.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace csim {

class Nodes {
  public:
    /// Whose time passes: the machine's, or the simulation's alone.
    enum class Clock { wall, simulated };
    /// The first three outlive this.
    Nodes(Timeline& timeline, EventLoop& loop, NodeRuntime& runtime, Clock clock = Clock::wall)
        : timeline_(timeline), loop_(loop), runtime_(runtime), clock_(clock) {}

    /// Runs before each batch of calls, when nothing is left to happen at the present moment.
    void before_each(std::function<void()> hook) { before_ = std::move(hook); }

    NodeResult<ExecResult> exec(const std::string& node, ExecSpec spec, Duration limit = 60s);
    NodeResult<NodeFile> read(const std::string& node, const std::string& path);
    NodeResult<Done> write(const std::string& node, const std::string& path, NodeFile file);

    struct Order {
        std::string node;
        ExecSpec spec;
    };
    struct Writing {
        std::string node, path;
        NodeFile file;
    };
    /// In the order of what was given. At most `together` go on at the same time.
    std::vector<NodeResult<ExecResult>> exec_all(std::vector<Order> orders, Duration limit = 60s);
    std::vector<NodeResult<Done>> write_all(std::vector<Writing> writings);
    std::vector<NodeResult<NodeFile>> read_all(const std::vector<std::pair<std::string, std::string>>& files);

    using Results = std::vector<std::pair<std::string, NodeResult<Done>>>;
    Results create_all(std::vector<NodeSpec> specs, Duration limit);
    Results start_all(std::vector<std::string> names, Duration limit);
    NodeResult<Done> stop(const std::string& node, Duration grace, Duration limit);
    /// Stops and destroys.
    Results remove_all(std::vector<std::string> names, Duration grace, Duration limit);

    /// Asks `met` at once and then again and again, at growing distances of at most 32 ms, less when asking
    /// itself takes its time, until it says true or `limit` has passed. `met` may itself call this object.
    bool until(Duration limit, const std::function<bool()>& met);

    /// How many calls of until() had to wait, and the worst of what each of them noticed late at most: from
    /// the beginning of the last question that was answered with no to the end of the one answered with yes.
    struct Waits {
        std::size_t count = 0;
        Duration late_max{};
    };
    const Waits& waits() const { return waits_; }
    /// Lets the backend's time pass.
    void pass(Duration span);

    Timeline& timeline() { return timeline_; }
    NodeRuntime& runtime() { return runtime_; }
    EventLoop& loop() { return loop_; }

  private:
    /// Now, also while the loop does not run.
    SimTime moment() const { return clock_ == Clock::wall ? wall_now() : timeline_.now(); }
    void ready();
    /// Begins number i of `count` calls with `begin`, each of which calls done() once; returns after all
    /// have.
    void together(
        std::size_t count, const std::function<void(std::size_t, std::function<void()> done)>& begin
    );

    Timeline& timeline_;
    EventLoop& loop_;
    NodeRuntime& runtime_;
    Clock clock_;
    std::function<void()> before_;
    std::size_t together_ = 16;
    Waits waits_;
};

}  // namespace csim
