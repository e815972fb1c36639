// Counters of targets and nodes as functions of simulated time and seed: reading them never changes them.
#pragma once

#include "core/rng.hpp"
#include "fakes/fake_targets.hpp"
#include "fakes/workload_model.hpp"
#include "wire/reports/node_stats.hpp"
#include "wire/reports/target_stats.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace csim {

/// Numbers of every target. Costs about 0.2 µs a call for a new instant, less for the same one.
/// Source: the behaviour specification, §5.8 and §5.9. Differs: values follow the clock instead of the reads.
class TargetStatistics {
  public:
    TargetStatistics(
        const FakeTargets& targets, const FakeDevices& devices, const Rng& run, Workload workload
    );
    ~TargetStatistics();

    /// How many clients mounted this filesystem; 0 until set.
    std::function<std::int64_t(const std::string& fsname)> mounts_of;
    /// Statistics of the coordinator of a filesystem, null where there is none. Shown on its MDT0000 only.
    std::function<std::shared_ptr<const Json>(const std::string& fsname)> hsm_of;

    /// The numbers at `now`; the same pointer for the same instant and state. Null when no target is on the
    /// volume.
    std::shared_ptr<const TargetStats> of(const std::string& serial, SimTime now);
    /// I-23 between two instants of one target.
    static std::vector<Violation> violations(const TargetStats& earlier, const TargetStats& later);

  private:
    struct Entry;
    const FakeTargets& targets_;
    const FakeDevices& devices_;
    Rng run_;
    Workload workload_;
    std::unordered_map<std::string, std::unique_ptr<Entry>> entries_;
};

/// Numbers of a node that booted at `booted_at`. Pure: equal arguments, equal result.
/// `activity` is made once per node: Activity(run.stream("node-stats/" + fqdn)).
NodeStats node_stats(const std::string& fqdn, const Activity& activity, SimTime booted_at, SimTime now);

}  // namespace csim
