#include "benchmark/measure/knee.hpp"
#include "benchmark/routines/routine.hpp"

#include <cstdio>
#include <map>

namespace csim {
namespace {

constexpr int invalid_in_a_row_max = 3;

SearchOptions search_options(const RoutineOptions& options) {
    SearchOptions made;
    made.start = options.servers;
    made.granularity = 4;
    made.max = options.max_servers;
    made.repeats = options.repeats;
    made.linear = options.linear;
    return made;
}

/// Whether this program was the bottleneck in most of what was seen since `from`.
bool mostly_invalid(const std::vector<Interval>& intervals, std::size_t from) {
    std::size_t invalid = 0;
    for (std::size_t i = from; i < intervals.size(); ++i) invalid += !intervals[i].valid;
    return intervals.size() > from && invalid * 2 > intervals.size() - from;
}

std::optional<double> knee_of(const std::vector<Step>& steps) {
    std::map<std::int64_t, std::vector<double>> by_size;
    for (const Step& step : steps)
        if (step.p99_ms > 0) by_size[step.servers].push_back(step.p99_ms);
    std::vector<CurvePoint> points;
    for (auto& [size, seen] : by_size) {
        std::nth_element(seen.begin(), seen.begin() + std::ptrdiff_t(seen.size() / 2), seen.end());
        points.push_back({static_cast<double>(size), seen[seen.size() / 2]});
    }
    return find_knee(std::move(points));
}

void conclude(Outcome& outcome, const LimitSearch& search) {
    const LimitEstimate estimate = search.estimate();
    outcome.limit = estimate;
    outcome.knee = knee_of(outcome.steps);
    char line[300];
    if (!search.failed_once()) {
        outcome.verdict = search.trials() == 0
                              ? "No size was tried to its end."
                              : "The limit was not reached: " + std::to_string(estimate.value) +
                                    " servers passed, and nothing failed.";
    } else if (estimate.value == 0) {
        outcome.verdict = "No size that was tried passed; the limit is below " +
                          std::to_string(estimate.high.value_or(0)) + " servers.";
    } else {
        std::snprintf(
            line, sizeof line,
            "The limit is %d servers, between %d and %d with 95 %% of belief after %d trials.",
            estimate.value, estimate.low, estimate.high.value_or(0), search.trials()
        );
        outcome.verdict = line;
    }
    outcome.failed = outcome.failed || search.failed_once();
}

class Search {
  public:
    Search(Bench& bench, Outcome& outcome, const SizedTrial& trial)
        : bench_(bench), outcome_(outcome), trial_(trial), search_(search_options(bench.options())) {}

    void run() {
        try {
            while (const auto size = search_.next())
                if (!attempt(*size)) break;
            if (outcome_.stop_reason.empty()) {
                outcome_.stop_reason =
                    search_.failed_once() ? "the limit was found" : "--max_servers was reached";
            }
        } catch (const StopRun& stop) {
            outcome_.stop_reason = stop.what();
            outcome_.failed = stop.why == StopRun::Why::exhausted;
            outcome_.partial = stop.why != StopRun::Why::time_limit && !outcome_.failed;
        }
        conclude(outcome_, search_);
    }

  private:
    /// False when there is no point in going on.
    bool attempt(int size) {
        Step step;
        step.servers = size;
        const std::size_t from = bench_.monitor().intervals().size();
        bench_.monitor().set_phase("n=" + std::to_string(size));
        bench_.say("n = " + std::to_string(size));
        const double began = bench_.seconds();
        try {
            if (trial_.from_clean_state || size < bench_.size()) bench_.reset();
            const auto baseline = bench_.queues();
            bench_.monitor().mark();
            trial_.run(bench_, size, step);
            bench_.pause(bench_.options().step_hold);
            check_health(bench_, baseline_.empty() ? baseline : baseline_, step);
            if (baseline_.empty()) baseline_ = baseline;
            step.passed = true;
        } catch (const StepFailed& failed) {
            step.reason = failed.what();
        }
        step.seconds = bench_.seconds() - began;
        return judge(std::move(step), from);
    }

    bool judge(Step step, std::size_t from) {
        const bool blamed = !step.passed && mostly_invalid(bench_.monitor().intervals(), from);
        char line[200];
        std::snprintf(
            line, sizeof line, "%s for n = %lld in %.1f s (p99 %.1f ms)", step.passed ? "Success" : "Failure",
            static_cast<long long>(step.servers), step.seconds, step.p99_ms
        );
        bench_.say(line + (step.reason.empty() ? "" : ": " + step.reason));
        if (blamed) step.reason += " (this program was the bottleneck: the step does not count)";
        if (!blamed) search_.report(static_cast<int>(step.servers), step.passed);
        const bool passed = step.passed;
        outcome_.steps.push_back(std::move(step));
        invalid_in_a_row_ = blamed ? invalid_in_a_row_ + 1 : 0;
        if (invalid_in_a_row_ >= invalid_in_a_row_max) {
            outcome_.stop_reason = "this program was the bottleneck three times in a row";
            return false;
        }
        if (passed || bench_.manager_answers()) return true;
        bench_.check();
        outcome_.stop_reason = "the manager does not answer any more";
        outcome_.broken = true;
        return false;
    }

    Bench& bench_;
    Outcome& outcome_;
    const SizedTrial& trial_;
    LimitSearch search_;
    std::map<std::string, QueueSample> baseline_;
    int invalid_in_a_row_ = 0;
};

}  // namespace

void search_limit(Bench& bench, Outcome& outcome, const SizedTrial& trial) {
    bench.pause(bench.options().warm_up);
    bench.monitor().begin_measurement();
    Search(bench, outcome, trial).run();
}

}  // namespace csim
