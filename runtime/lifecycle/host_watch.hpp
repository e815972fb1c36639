// A probe beside a run: whether the host still answers its list, how fast, and what it knows. A daemon that
// wedged is recognised by this failing, because its operations merely do not end.
#pragma once

#include "core/timeline.hpp"
#include "runtime/node_runtime.hpp"

#include <functional>

namespace csim {

/// One look at the host.
struct WatchSample {
    Duration at{};    ///< since begin()
    Duration list{};  ///< until it answered, or until nobody waited any longer
    bool answered = false;
    std::uint64_t known = 0;                         ///< of ours
    std::map<NodeState, std::uint64_t> states = {};  ///< of those
    std::uint64_t overlays = 0;                      ///< mounts of this machine
};

struct HostWatchOptions {
    std::string prefix;  ///< of names that are ours
    Duration interval = std::chrono::milliseconds(500);
    Duration limit = std::chrono::seconds(2);     ///< for the host to answer
    Duration silence = std::chrono::seconds(60);  ///< without an operation's end while one is in flight
    int misses_max = 3;                           ///< answers in a row that may fail to come
    bool mounts = false;                          ///< count overlays of this machine
};

/// Lives no longer than the runtime and the timeline.
class HostWatch {
  public:
    /// What the run has done so far.
    struct Progress {
        std::uint64_t ended = 0;    ///< operations
        std::size_t in_flight = 0;  ///< instances
    };
    HostWatch(
        Timeline& timeline, NodeRuntime& runtime, HostWatchOptions options, std::function<Progress()> progress
    );
    ~HostWatch() { end(); }
    HostWatch(const HostWatch&) = delete;

    /// `told` hears every sample.
    void begin(std::function<void(const WatchSample&)> told = {});
    void end();
    /// Runs once, with one sentence, when the host is wedged.
    std::function<void(const std::string& why)> on_wedge;

    const std::vector<WatchSample>& samples() const { return samples_; }
    /// Why the host is taken for wedged; empty: it is not.
    const std::string& wedged() const { return wedged_; }

  private:
    void probe();
    void answered(SimTime asked, const NodeResult<std::vector<NodeInfo>>& all);
    void judge(const WatchSample& sample);

    Timeline& timeline_;
    NodeRuntime& runtime_;
    HostWatchOptions options_;
    std::function<Progress()> progress_;
    std::function<void(const WatchSample&)> told_;
    std::vector<WatchSample> samples_;
    std::string wedged_;
    EventId next_{};
    Ticket asking_ = 0;
    SimTime began_{}, moved_{};
    std::uint64_t ended_ = 0;
    int misses_ = 0;
    bool on_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// Overlays among the mounts of this machine.
std::uint64_t overlay_mounts();

}  // namespace csim
