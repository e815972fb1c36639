// Figures of controllers, LUNs and disks. What a controller tells are sizes alone; like the plugin of the
// original, this one draws the load of its LUNs and disks at each poll. Source: the behaviour specification,
// §3.8.
#pragma once

#include "core/rng.hpp"
#include "manager/model/metric_history.hpp"
#include "manager/storage/controller_source.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// A figure as people and charts know it.
struct StorageFigure {
    std::string_view name;
    std::string_view label;
    std::string_view unit;
};
/// What a class of storage resources has figures of, without its histogram.
const std::vector<StorageFigure>& storage_figures(std::string_view class_name);

/// A LUN's histogram of write latencies: how its bins are labelled, in milliseconds, and called in samples.
inline constexpr std::string_view latency_histogram = "write_latency_hist";
const std::vector<std::string>& latency_bins();

/// Counts and bytes of what the controller has.
MetricSample controller_figures(const ControllerReport& report, SimTime at);
MetricSample lun_figures(Rng& rng, SimTime at);
MetricSample disk_figures(Rng& rng, SimTime at);

}  // namespace csim
