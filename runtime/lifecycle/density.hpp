// How many instances a host carries: more and more are left running until one is refused or a check fails.
#pragma once

#include "core/event_loop.hpp"
#include "runtime/node_runtime.hpp"

#include <functional>
#include <optional>

namespace csim {

struct DensityOptions {
    std::uint64_t max = 1000;
    std::uint64_t step = 50;
    std::uint64_t jobs = 8;  ///< begun at once
    std::string prefix = "cnd-";
    Duration settle = 0s;        ///< before the checks of a step
    Duration list_limit = 2s;    ///< a list that takes longer is a failed check
    std::size_t sample = 16;     ///< instances that must run `true` after each step
    Duration start_limit = 60s;  ///< for each create, start and exec
};

struct DensityStep {
    std::uint64_t running = 0;
    Duration took{}, list{};  ///< making this step's instances; the list afterwards
    bool good = true;
};

struct DensityReport {
    std::uint64_t limit = 0;  ///< the largest count at which every check passed
    bool reached = false;     ///< something said no; otherwise `limit` is as many as were asked for
    std::optional<NodeError> why;
    std::string failed_check;  ///< what failed when nobody refused: "list", "exec", "state"
    std::vector<DensityStep> steps;
    bool stopped = false;  ///< stop() ended it
};

/// Leaves its instances running, for whoever looks at them; see remove_instances().
class Density {
  public:
    Density(EventLoop& loop, Timeline& timeline, NodeRuntime& runtime, DensityOptions options)
        : loop_(loop), timeline_(timeline), runtime_(runtime), options_(std::move(options)) {}
    DensityReport run(const std::function<void(const DensityStep&)>& told = {});
    void stop() { stopping_ = true; }

  private:
    void grow(std::uint64_t to);
    void begin_one();
    void refused(const std::string& name, const NodeError& error);
    /// Empty when all is well; otherwise the name of the check.
    std::string check(DensityStep& step);
    void pause();

    EventLoop& loop_;
    Timeline& timeline_;
    NodeRuntime& runtime_;
    DensityOptions options_;
    DensityReport report_;
    std::vector<std::string> running_, bad_;
    std::uint64_t begun_ = 0, target_ = 0, in_flight_ = 0;
    bool stopping_ = false;
};

}  // namespace csim
