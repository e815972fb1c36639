// Routines as rows: name, one line of help, which options they take, and what they do.
#pragma once

#include "benchmark/measure/limit_search.hpp"
#include "benchmark/measure/thresholds.hpp"
#include "benchmark/routines/bench.hpp"
#include "benchmark/routines/health.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// What a routine found out. Filled in as it goes, so that a run that stops early still has a report.
struct Outcome {
    std::string verdict;      ///< one sentence
    std::string stop_reason;  ///< why it ended
    std::optional<LimitEstimate> limit;
    std::string limit_unit = "servers";
    std::optional<double> knee;
    std::vector<Step> steps;
    Figures figures;
    bool failed = false;   ///< something broke or fell behind: a resource is to be named
    bool partial = false;  ///< it did not come to its own end
    bool broken = false;   ///< the manager could not be driven any more: exit status 1
};

/// Bits that say which options of their own routines take.
enum Takes : unsigned {
    takes_search = 1u << 0,    ///< --max_servers, --linear, --repeats, --step_hold, --settle, the limits
    takes_hold = 1u << 1,      ///< --hold
    takes_log_rate = 1u << 2,  ///< --log_rate, --log_rate_max
    takes_cut = 1u << 3,       ///< --cut
    takes_outage = 1u << 4,    ///< --outage, --spread
};

struct Routine {
    std::string_view name;
    std::string_view help;  ///< one line
    std::string_view description;
    unsigned takes = 0;
    bool probes = true;  ///< monitors run beside it, and the manager must know the controller plugin
    void (*run)(Bench& bench, Outcome& outcome);
};

std::span<const Routine> routines();
const Routine* find_routine(std::string_view name);

/// Tries sizes as LimitSearch wants them. `trial` brings the manager to a size, or throws StepFailed.
struct SizedTrial {
    bool from_clean_state = true;  ///< reset before each size; else only to become smaller
    std::function<void(Bench& bench, int size, Step& step)> run;
};
void search_limit(Bench& bench, Outcome& outcome, const SizedTrial& trial);

void run_reset(Bench& bench, Outcome& outcome);
void run_steady_state(Bench& bench, Outcome& outcome);
void run_filesystem_size_limit(Bench& bench, Outcome& outcome);
void run_concurrent_registration_limit(Bench& bench, Outcome& outcome);
void run_server_count_limit(Bench& bench, Outcome& outcome);
void run_log_ingest_rate(Bench& bench, Outcome& outcome);
void run_reconnect_storm(Bench& bench, Outcome& outcome);
void run_failover_storm(Bench& bench, Outcome& outcome);

}  // namespace csim
