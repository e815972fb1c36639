// What must always be true of counters and gauges.
#include "fakes/target_statistics.hpp"

#include <algorithm>

namespace csim {

namespace {

class Checker {
  public:
    void never_falls(const std::string& what, std::int64_t earlier, std::int64_t later) {
        if (later < earlier)
            add(what + " fell from " + std::to_string(earlier) + " to " + std::to_string(later));
    }

    void triple(
        const std::string& what, std::int64_t count, std::int64_t sum, std::int64_t min, std::int64_t max
    ) {
        // Products of three plausible counters exceed 64 bits only beyond what a target can move in its life.
        if (count < 0 || sum < 0 || count * min > sum || sum > count * max) {
            add(what + ": the sum " + std::to_string(sum) + " does not fit " + std::to_string(count) +
                " events of " + std::to_string(min) + " to " + std::to_string(max));
        }
    }

    void within(const std::string& what, const std::optional<std::int64_t>& value, std::int64_t max) {
        if (value && (*value < 0 || *value > max))
            add(what + " is " + std::to_string(*value) + ", beyond its bounds");
    }

    std::vector<Violation> take() { return std::move(found_); }

  private:
    void add(std::string sentence) { found_.push_back({"I-23", std::move(sentence)}); }
    std::vector<Violation> found_;
};

void check_counters(Checker& checker, const Counters& earlier, const Counters& later) {
    if (later.shapes == nullptr) return;
    for (std::size_t i = 0; i < later.shapes->size(); ++i) {
        const auto& shape = (*later.shapes)[i];
        const auto& value = later.values[i];
        if (shape.has_sum) checker.triple(shape.name, value.count, value.sum, value.min, value.max);
        const auto* before = earlier.find(shape.name);
        if (before == nullptr) continue;
        checker.never_falls(shape.name + ".count", before->count, value.count);
        checker.never_falls(shape.name + ".sum", before->sum, value.sum);
        checker.never_falls(shape.name + ".sumsquare", before->sumsquare, value.sumsquare);
    }
}

void check_jobs(Checker& checker, const TargetMetrics& earlier, const TargetMetrics& later) {
    if (!later.job_stats) return;
    for (const auto& job : *later.job_stats) {
        checker.triple(job.job_id + ".read", job.read.samples, job.read.sum, job.read.min, job.read.max);
        checker.triple(job.job_id + ".write", job.write.samples, job.write.sum, job.write.min, job.write.max);
        if (!earlier.job_stats) continue;
        const auto before = std::ranges::find(*earlier.job_stats, job.job_id, &JobStats::job_id);
        if (before == earlier.job_stats->end()) continue;
        checker.never_falls(job.job_id + ".read.sum", before->read.sum, job.read.sum);
        checker.never_falls(job.job_id + ".write.sum", before->write.sum, job.write.sum);
        checker.never_falls(job.job_id + ".snapshot_time", before->snapshot_time, job.snapshot_time);
    }
}

}  // namespace

std::vector<Violation> statistics_violations(const TargetMetrics& earlier, const TargetMetrics& later) {
    Checker checker;
    check_counters(checker, earlier.stats, later.stats);
    check_jobs(checker, earlier, later);
    checker.within("kbytesfree", later.kbytesfree, later.kbytestotal.value_or(0));
    checker.within("kbytesavail", later.kbytesavail, later.kbytesfree.value_or(0));
    checker.within("filesfree", later.filesfree, later.filestotal.value_or(0));
    return checker.take();
}

}  // namespace csim
