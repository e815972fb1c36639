// A scenario: a cluster and what happens to it when, as a list of timed workloads. docs/scenarios.md is the
// schema for people.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "sim/setup.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace csim {

struct ScenarioWorkload;

/// When, where and how a workload happens.
struct ScenarioStep {
    const ScenarioWorkload* workload = nullptr;
    Duration at{0};                 ///< from the start of the run
    std::optional<Duration> every;  ///< again after this
    std::optional<Duration> until;  ///< not at or after this
    std::int64_t repeat = 0;        ///< so often at most; 0: once without `every`, else until the end
    Duration spread{0};             ///< each time is later by up to this, at random
    Duration lasts{0};              ///< after this it heals; 0: never by itself
    /// `random`, `all`, a node's name, `cluster:N`, or `#N`: the Nth server, counted round and round.
    std::vector<std::string> on{"random"};
    std::int64_t count = 1;                 ///< how many of `random`
    std::map<std::string, double> numbers;  ///< parameters; durations in seconds, choices by index
};

struct Scenario {
    std::string name;
    std::string description;
    Setup setup;
    Duration duration = std::chrono::hours(1);
    Duration settle = std::chrono::minutes(15);  ///< everything must be well this long after the last fault
    std::vector<ScenarioStep> steps;
};

/// Errors: bad_argument, with the path of what is wrong, such as `/steps/3/at: …`.
Result<Scenario> parse_scenario(const Json& json);
/// Throws Fatal (status 1) in one sentence that names file, path and reason.
Scenario load_scenario(const std::filesystem::path& file);
/// What parse_scenario() would read back.
Json scenario_json(const Scenario& scenario);

/// The page docs/scenarios.md: the schema and the table of workloads.
std::string scenarios_markdown();

}  // namespace csim
