// The statistics of a target as figures with names.
#pragma once

#include "manager/model/metric_history.hpp"
#include "wire/reports/target_metrics.hpp"

namespace csim {

/// Counters are called `stats_<name>`: their sum if they have one, else their count.
MetricSample target_sample(const TargetMetrics& metrics, SimTime at);

}  // namespace csim
