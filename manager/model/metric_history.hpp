// The newest figures of hosts and targets, and those before them as far as the memory for them reaches.
// Source: the manager API, §2.15, metrics. Differs: figures are kept in memory and as they came; older ones
// give way instead of being averaged.
#pragma once

#include "core/time.hpp"
#include "manager/model/object_ref.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace csim {

using MetricNames = std::shared_ptr<const std::vector<std::string>>;

/// Figures of one object at one instant. `values` go with `names`.
struct MetricSample {
    SimTime at;
    MetricNames names;
    std::vector<double> values;
};

class MetricHistory {
  public:
    /// `values_max`: figures kept of all objects together; shared evenly, at least the newest of each.
    explicit MetricHistory(std::size_t values_max = 2'000'000) : values_max_(values_max) {}

    /// A sample no newer than the newest known is dropped.
    void note(ObjectRef object, MetricSample sample);
    /// Oldest first; nullptr if nothing was noted.
    const std::deque<MetricSample>* find(ObjectRef object) const;
    void forget(ObjectRef object);
    /// Samples noted since the start.
    std::uint64_t noted() const { return noted_; }

  private:
    static constexpr std::size_t samples_max = 360;  ///< an hour of reports
    std::size_t share(const MetricSample& sample) const;

    std::size_t values_max_;
    std::map<ObjectRef, std::deque<MetricSample>> series_;
    std::uint64_t noted_ = 0;
};

}  // namespace csim
