// What ldms_ls prints, as values: its short, long and verbose forms, of older and newer releases.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "vcluster/cluster.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string>

namespace csim {

/// Instance name to {name, consistent, ts, meta{…}, data{metric: value}, data_type{metric: type}}.
struct MetricListing {
    Json sets = Json::object();
};
/// Errors: bad_argument with the number of the line that cannot be understood; not_found when no set matched;
/// unreachable when the daemon refused or did not answer.
Result<MetricListing> parse_metric_listing(const std::string& text);

/// Instances that the daemon on `host` lists, as the service node sees it. Throws Fatal.
std::set<std::string> list_sets(Cluster& cluster, const std::string& host);
/// Waits until the daemon on `host` lists exactly these. Throws Fatal with the difference.
void wait_sets(
    Cluster& cluster, const std::string& host, const std::set<std::string>& expected, Duration limit
);

/// Waits until a metric of one set, as the daemon on `host` has it, is what `wanted` says. Its value then.
/// Throws Fatal with what it was last.
Json wait_metric(
    Cluster& cluster, const std::string& host, const std::string& set, const std::string& metric,
    const std::function<bool(const Json&)>& wanted, Duration limit
);

}  // namespace csim
