// The stress of a container host: many instances through create, start, exec, stop and delete, a window of
// them at a time, every phase stamped, and whatever never ends told from whatever failed.
#pragma once

#include "core/event_loop.hpp"
#include "runtime/node_runtime.hpp"
#include "runtime/simulated/host_model.hpp"

#include <functional>

namespace csim {

struct LifecycleOptions {
    std::uint64_t count = 10;
    std::uint64_t jobs = 4;
    bool overlay = false;  ///< stop after exec and leave it running
    bool batch = false;    ///< a new instance only when all of the last batch are done
    std::string prefix = "cnd-";
    std::size_t width = 0;  ///< digits; 0: those of the largest number
    std::vector<std::vector<std::string>> commands{{"cat", "/etc/issue"}, {"uptime"}};
    std::map<NodePhase, Duration> limits = usual_limits();
    ClientSteps client = {};
    bool stop_on_wedge = false;
    /// Hears whole lines of every trace as they come; empty: nobody does.
    std::function<void(const std::string& lines)> on_lines = {};

    static std::map<NodePhase, Duration> usual_limits();
};

/// `leaked`: its life went well, and yet the host still shows it.
enum class InstanceEnd { ok, failed, wedged, leaked, not_started };
constexpr InstanceEnd instance_ends[] = {
    InstanceEnd::ok, InstanceEnd::failed, InstanceEnd::wedged, InstanceEnd::leaked, InstanceEnd::not_started};
std::string_view text_of(InstanceEnd end);

struct PhaseRecord {
    NodePhase phase;
    SimTime began, ended;
    bool well = true;
    bool slow = false;  ///< ten times its phase's median until then, and more than five seconds
};

struct InstanceRecord {
    std::string name;
    InstanceEnd end = InstanceEnd::not_started;
    std::vector<PhaseRecord> phases;
    std::string trace;                    ///< whole lines
    std::optional<NodeError> error = {};  ///< why it failed or wedged
    std::size_t in_flight = 0;            ///< instances, itself included, when it ended badly
};

struct LifecycleReport {
    std::vector<InstanceRecord> instances;  ///< in the order of their numbers
    std::size_t peak = 0;                   ///< most at once
    Duration wall{};
    std::uint64_t leftovers = 0;  ///< nodes that are still there although they were to be deleted
    std::uint64_t count(InstanceEnd end) const;
    /// The first that wedged; nullptr: none.
    const InstanceRecord* first_wedge() const;
};

/// Zero-padded to the digits of the largest number, or to `width`.
std::vector<std::string> instance_names(const LifecycleOptions& options);

/// `1428421302.344413989`: always nine digits.
std::string stamp_text(SimTime at);

/// Runs to the end, or until stop() is called, which lets nothing new begin. `told` hears each instance's
/// end.
class Lifecycle {
  public:
    Lifecycle(EventLoop& loop, Timeline& timeline, NodeRuntime& runtime, LifecycleOptions options);
    LifecycleReport run(const std::function<void(const InstanceRecord&)>& told = {});
    void stop() { stopping_ = true; }
    /// Instances in flight, and phases that have ended so far.
    std::size_t in_flight() const { return in_flight_; }
    std::uint64_t phases_ended() const { return phases_ended_; }
    /// Those whose life is going on or has wedged; their last phase is the one that they are in.
    std::vector<const InstanceRecord*> going() const;

  private:
    struct Walk;
    void fill();
    void begin(std::size_t index);
    void ended(std::size_t index, InstanceEnd end);
    void count_leftovers();

    EventLoop& loop_;
    Timeline& timeline_;
    NodeRuntime& runtime_;
    LifecycleOptions options_;
    LifecycleReport report_;
    std::function<void(const InstanceRecord&)> told_;
    std::vector<std::shared_ptr<Walk>> walks_;
    std::size_t next_ = 0, in_flight_ = 0;
    std::uint64_t phases_ended_ = 0;
    bool stopping_ = false;
};

/// Numbers of instances, both included.
struct NumberRange {
    std::uint64_t first = 0, last = UINT64_MAX;
};
/// What clean-up did. Names are told, so that the width of their numbers is seen.
struct CleanedUp {
    std::uint64_t stopped = 0, removed = 0;
    std::vector<std::string> left = {};    ///< that should have gone
    std::vector<std::string> others = {};  ///< whose number is out of range
};
/// Stops every running node of `runtime` whose name is `prefix` and digits of any width, by force.
CleanedUp stop_instances(EventLoop& loop, NodeRuntime& runtime, const std::string& prefix);
/// Stops and destroys those whose number is in `range`, whatever its width.
CleanedUp clean_up_instances(
    EventLoop& loop, NodeRuntime& runtime, const std::string& prefix, const NumberRange& range
);
/// Stops and destroys every node of `runtime` whose name is `prefix` and digits of any width. How many went.
std::uint64_t remove_instances(EventLoop& loop, NodeRuntime& runtime, const std::string& prefix);

/// How many there are; a host that does not answer has none to show.
std::uint64_t count_instances(EventLoop& loop, NodeRuntime& runtime, const std::string& prefix);

struct LifecycleScenario {
    HostModel model;
    LifecycleOptions options;
};
/// "cnd-4x10" and "cnd-25x50"; causes of the published wedge are unknown, so its parameters are hypotheses.
Result<LifecycleScenario> lifecycle_scenario(const std::string& name);

}  // namespace csim
