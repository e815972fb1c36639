// Demands on a run's figures, as `api./api/host/.p99<200ms`. Pure.
#pragma once

#include "core/result.hpp"

#include <boost/describe.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// A run's figures by name; times in ms, memory in bytes, shares between 0 and 1. docs/benchmark.md lists
/// them.
using Figures = std::map<std::string, double>;

struct Threshold {
    std::string text;  ///< as given
    std::string figure;
    std::string comparison;  ///< `<`, `<=`, `>` or `>=`
    double bound = 0;        ///< in the figure's own unit
};

/// Errors: bad_argument, one sentence that says what was expected.
Result<Threshold> parse_threshold(std::string_view text);

struct ThresholdOutcome {
    std::string threshold;
    bool passed = false;
    std::optional<double> value;  ///< absent: the run has no such figure, which is a failure
};
BOOST_DESCRIBE_STRUCT(ThresholdOutcome, (), (threshold, passed, value))

std::vector<ThresholdOutcome> check_thresholds(const std::vector<Threshold>& wanted, const Figures& figures);

/// Names that end in the same word; what to say when a figure does not exist.
std::string figure_names(const Figures& figures);

}  // namespace csim
