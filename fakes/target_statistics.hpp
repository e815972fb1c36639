// Counters of targets and nodes as functions of simulated time and seed: reading them never changes them.
#pragma once

#include "core/rng.hpp"
#include "fakes/target_workload.hpp"
#include "fakes/violation.hpp"
#include "fakes/workload_model.hpp"
#include "wire/reports/lustre.hpp"
#include "wire/reports/target_metrics.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace csim {

class FakeDevices;
class FakeTargets;

/// Numbers of every target.
/// Source: the behaviour specification, §5.8 and §5.9. Differs: values follow the clock instead of the reads.
class TargetStatistics {
  public:
    TargetStatistics(
        const FakeTargets& targets, const FakeDevices& devices, const Rng& run, Workload workload = {}
    );
    ~TargetStatistics();
    TargetStatistics(const TargetStatistics&) = delete;
    TargetStatistics& operator=(const TargetStatistics&) = delete;

    /// How many clients mounted this filesystem; 0 until set.
    std::function<std::int64_t(const std::string& fsname)> mounts_of;
    /// Numbers of the coordinator of a filesystem, nothing where there is none. Shown on its MDT0000 only.
    std::function<std::optional<HsmMetrics>(const std::string& fsname)> hsm_of;

    /// The numbers at `now`; the same pointer within one second while nothing else changed. Null when no
    /// target is on the volume. An MGS has an empty one.
    std::shared_ptr<const TargetMetrics> of(const std::string& serial, SimTime now);

  private:
    struct Entry;
    /// Looks the target up again. False when there is none any more.
    bool refresh(Entry& entry, const std::string& serial);

    const FakeTargets& targets_;
    const FakeDevices& devices_;
    Rng run_;
    Workload workload_;
    HistogramShelf histograms_;
    std::map<std::string, std::unique_ptr<Entry>> entries_;
};

/// I-23 between two instants of one target: counters never decrease, triples are consistent, gauges within
/// bounds.
std::vector<Violation> statistics_violations(const TargetMetrics& earlier, const TargetMetrics& later);

/// Numbers of a node that booted at `booted_at`. Pure: equal arguments, equal result.
/// `activity` is made once per node: Activity(run.stream("node-stats/" + fqdn)).
NodeMetrics node_metrics(const std::string& fqdn, const Activity& activity, SimTime booted_at, SimTime now);
/// The same into what is there already.
void fill_node_metrics(
    NodeMetrics& node, const std::string& fqdn, const Activity& activity, SimTime booted_at, SimTime now
);

}  // namespace csim
