// What ran out first: one resource with its evidence, or the admission that nothing explains it. Pure.
#pragma once

#include "benchmark/measure/interval.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace csim {

struct LimitingResource {
    /// `benchmark`, `manager_process`, `manager_descriptors`, `manager_memory`, `machine_memory`,
    /// `queue:<name>`, `accept_queue`, `manager_cpu`, `delay_per_host`; `none` when nothing failed and
    /// nothing was near its end; `unknown` when something failed and nothing explains it.
    std::string name;
    std::string evidence;  ///< sentences with figures
};
BOOST_DESCRIBE_STRUCT(LimitingResource, (), (name, evidence))

struct AttributionInput {
    const std::vector<Interval>& intervals;
    bool failed = false;  ///< something broke or fell behind
};

/// Looks for what is at its end, most specific first: what makes everything else look bad comes before what
/// it makes look bad.
LimitingResource find_limiting_resource(const AttributionInput& input);

/// What is certainly at its end by now, so that there is no point in going on: a process at a limit of its
/// own, a machine without memory, or, while nothing is being set up (phase `hold`), a queue that backs up.
std::optional<LimitingResource> find_exhausted_resource(const std::vector<Interval>& intervals);

/// The queue that stayed furthest above what it may hold; nullopt when none did. Work that was given at once
/// and is done by now is none, unless `failed`: then a queue that has come down since may be the reason.
std::optional<LimitingResource> find_backed_up_queue(const std::vector<Interval>& intervals, bool failed);

/// Queues that grow although they are read: depth above the first reading by more than `max(rate out,
/// servers)`, as the original has it. One sentence each, empty when all drain.
std::map<std::string, std::string> backed_up_queues(
    const std::map<std::string, QueueSample>& baseline, const std::map<std::string, QueueSample>& now,
    double servers
);

}  // namespace csim
