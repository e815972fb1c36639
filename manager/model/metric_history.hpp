// The newest figures of hosts and targets, and those before them as far as the memory for them reaches.
// Source: the manager API, §2.15, metrics. Differs: figures are kept in memory and as they came; older ones
// give way instead of being averaged.
#pragma once

#include "core/time.hpp"
#include "manager/model/object_ref.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace csim {

using MetricNames = std::shared_ptr<const std::vector<std::string>>;

/// Figures of one object at one instant. `values` go with `names`.
struct MetricSample {
    SimTime at;
    MetricNames names;
    std::vector<double> values;
};

/// The same, where it is kept. Good until the next sample is noted.
struct MetricView {
    SimTime at;
    const std::vector<std::string>& names;
    std::span<const double> values;
};

/// Samples of one object, in one piece of memory.
class MetricSeries {
  public:
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    /// The oldest is number 0. Requires: index < size().
    MetricView operator[](std::size_t index) const;
    MetricView back() const { return (*this)[size_ - 1]; }

    /// Keeps at most `most` samples, this one included. Requires: most > 0, as many values as names.
    void push(SimTime at, const MetricNames& names, std::span<const double> values, std::size_t most);

  private:
    struct Mark {
        SimTime at;
        MetricNames names;
    };
    void resize(std::size_t capacity, std::size_t width);

    std::vector<Mark> marks_;     ///< a ring
    std::vector<double> values_;  ///< of each mark `width_` places, some of them unused
    std::size_t width_ = 0;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

class MetricHistory {
  public:
    /// `values_max`: figures kept of all objects together; shared evenly, at least the newest of each.
    explicit MetricHistory(std::size_t values_max = 2'000'000) : values_max_(values_max) {}

    /// A sample no newer than the newest known is dropped.
    void note(ObjectRef object, SimTime at, const MetricNames& names, std::span<const double> values);
    void note(ObjectRef object, const MetricSample& sample) {
        note(object, sample.at, sample.names, sample.values);
    }
    /// nullptr if nothing was noted.
    const MetricSeries* find(ObjectRef object) const;
    void forget(ObjectRef object);
    /// Samples noted since the start.
    std::uint64_t noted() const { return noted_; }

  private:
    static constexpr std::size_t samples_max = 360;  ///< an hour of reports
    struct Hash {
        std::size_t operator()(const ObjectRef& object) const {
            return static_cast<std::size_t>(object.id) * 64 + static_cast<std::size_t>(object.kind);
        }
    };
    std::size_t share(std::size_t values) const;

    std::size_t values_max_;
    std::unordered_map<ObjectRef, MetricSeries, Hash> series_;
    std::uint64_t noted_ = 0;
};

}  // namespace csim
