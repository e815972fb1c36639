// `metric` and `<id>/metric` below a resource: figures of its objects over time.
// Source: the manager API, §2.15, metrics.
#pragma once

#include "manager/model/metric_history.hpp"
#include "manager/rest/resource.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace csim {

/// The series that make up one object's figures; several are added up.
using MetricSource = std::function<std::vector<const MetricSeries*>(const Model&, Key)>;

/// Nothing: the path is neither of the two. Throws RestStop with 400 for arguments that contradict each other
/// or make no sense, and with 404 for an object that is not there.
std::optional<ApiReply> metrics_reply(
    RestContext& context, Resource& resource, const std::vector<std::string>& path, const MetricSource& source
);

/// The series of the object itself.
MetricSource own_metrics(Kind kind);

}  // namespace csim
