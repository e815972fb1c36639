// Statistics of one Lustre target at one instant. Cheap to make and to copy: names, units and histograms that
// do not change are shared, counters are one array of numbers. Absent parts are left out of the JSON, not
// written as null. Source: the lustre plugin's per-target statistics; kinds differ in which parts they have,
// an MGS has none.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

enum class Strictness;

/// What a counter is called and which of its numbers are written.
struct CounterShape {
    std::string name;
    std::string units;
    bool has_sum = false;  ///< sum, min and max
    bool has_sumsquare = false;

    bool operator==(const CounterShape&) const = default;
};

struct CounterValue {
    std::int64_t count = 0;
    std::int64_t sum = 0;
    std::int64_t min = 0;
    std::int64_t max = 0;
    std::int64_t sumsquare = 0;

    bool operator==(const CounterValue&) const = default;
};

/// `stats`: values[i] belongs to (*shapes)[i]. Null shapes: the part is absent.
struct Counters {
    std::shared_ptr<const std::vector<CounterShape>> shapes;
    std::vector<CounterValue> values;

    const CounterValue* find(std::string_view name) const;
    Json to_json() const;
    static Result<Counters> from_json(const Json& json, Strictness strictness);
};

struct JobBytes {
    std::int64_t samples = 0;
    std::string unit = "bytes";
    std::int64_t min = 0;
    std::int64_t max = 0;
    std::int64_t sum = 0;
};
BOOST_DESCRIBE_STRUCT(JobBytes, (), (samples, unit, min, max, sum))

struct JobRequests {
    std::int64_t samples = 0;
    std::string unit = "reqs";
};
BOOST_DESCRIBE_STRUCT(JobRequests, (), (samples, unit))

struct JobStats {
    std::string job_id;
    std::int64_t snapshot_time = 0;  ///< seconds since 1970
    JobBytes read, write;
    JobRequests setattr, punch, sync;
};
BOOST_DESCRIBE_STRUCT(JobStats, (), (job_id, snapshot_time, read, write, setattr, punch, sync))

struct HistogramCell {
    std::int64_t count = 0;
    std::int64_t pct = 0;
    std::int64_t cum_pct = 0;
};
BOOST_DESCRIBE_STRUCT(HistogramCell, (), (count, pct, cum_pct))

struct HistogramBucket {
    HistogramCell read, write;
};
BOOST_DESCRIBE_STRUCT(HistogramBucket, (), (read, write))

struct Histogram {
    std::string units;
    std::map<std::string, HistogramBucket> buckets;
};
BOOST_DESCRIBE_STRUCT(Histogram, (), (units, buckets))

using Histograms = std::map<std::string, Histogram>;

struct HsmAgents {
    std::int64_t total = 0, busy = 0, idle = 0;
};
BOOST_DESCRIBE_STRUCT(HsmAgents, (), (total, busy, idle))

struct HsmActions {
    std::int64_t waiting = 0, running = 0, succeeded = 0, errored = 0;
};
BOOST_DESCRIBE_STRUCT(HsmActions, (), (waiting, running, succeeded, errored))

/// What the coordinator of a filesystem adds to the metrics of its MDT0000.
struct HsmMetrics {
    HsmAgents agents;
    HsmActions actions;
};
BOOST_DESCRIBE_STRUCT(HsmMetrics, (), (agents, actions))

struct TargetMetrics {
    std::optional<std::int64_t> filestotal, filesfree;
    std::optional<std::int64_t> kbytestotal, kbytesfree, kbytesavail;
    std::optional<std::int64_t> num_exports, client_count;
    std::optional<std::int64_t> tot_dirty, tot_granted, tot_pending;
    Counters stats;
    std::optional<std::vector<JobStats>> job_stats;
    std::shared_ptr<const Histograms> brw_stats;
    std::optional<HsmMetrics> hsm;

    Json to_json() const;
    /// Unknown keys are ignored, whatever the strictness: agents of every version add counters.
    static Result<TargetMetrics> from_json(const Json& json, Strictness strictness);
};

}  // namespace csim
