// Which counters a target has, what they start with in the original, and what makes them grow.
// Source: the behaviour specification, appendices A and B.
#pragma once

#include "wire/reports/target_metrics.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace csim {

/// What a counter follows.
enum class Driver {
    constant,
    seconds,  ///< time since the counters began
    writes,   ///< write requests
    reads,    ///< read requests
    creates,  ///< files created
    opens,    ///< metadata operations of each kind
    closes,
    unlinks,
    mkdirs,
    rmdirs,
    getxattrs,
    drivers,  ///< how many there are
};

struct CounterSpec {
    std::string_view name;
    std::string_view units;
    bool has_sum = false;
    bool has_sumsquare = false;
    CounterValue start;  ///< in the original
    Driver driver = Driver::constant;
    std::int64_t permille = 0;      ///< of the driver
    bool moves_in_classic = false;  ///< the original changed it
    std::int64_t mean = 0;          ///< that each further event adds to sum
    std::int64_t mean_square = 0;   ///< that each further event adds to sumsquare
};

std::span<const CounterSpec> ost_counters();
std::span<const CounterSpec> mdt_counters();
/// Names and units of a table, shared by all reports.
std::shared_ptr<const std::vector<CounterShape>> shapes_of(std::span<const CounterSpec> rows);

/// Histograms of an OST with the original's counts times `numerator / denominator`.
Histograms scaled_histograms(std::int64_t numerator, std::int64_t denominator);
/// How many write requests the original's histograms stand for.
inline constexpr std::int64_t histogram_requests = 15203;

}  // namespace csim
