#include "benchmark/measure/probe_ledger.hpp"

namespace csim {

ProbeLedger::ProbeLedger(const std::vector<std::string>& paths) : open_(paths.size()) {
    for (const std::string& path : paths) paths_.push_back({path, {}, 0, 0, 0, 0});
}

void ProbeLedger::record(std::size_t path, SimTime intended, SimTime ended, ProbeEnd end) {
    if (intended < counts_from_) {
        ++paths_[path].invalid;
        return;
    }
    Open& open = open_[path];
    if (end == ProbeEnd::answered) open.latency.record(ended - intended);
    if (end == ProbeEnd::error) ++open.errors;
    if (end == ProbeEnd::timeout) ++open.timeouts;
}

IntervalFigures ProbeLedger::close_interval(SimTime now, bool valid) {
    LatencyHistogram all;
    IntervalFigures figures;
    for (std::size_t i = 0; i < open_.size(); ++i) {
        Open& open = open_[i];
        all.merge(open.latency);
        figures.errors += open.errors;
        figures.timeouts += open.timeouts;
        if (valid) {
            paths_[i].latency.merge(open.latency);
            paths_[i].errors += open.errors;
            paths_[i].timeouts += open.timeouts;
            marked_.merge(open.latency);
            marked_failures_ += open.errors + open.timeouts;
        } else {
            paths_[i].invalid += open.latency.count() + open.errors + open.timeouts;
        }
        open.latency.clear();
        open.errors = open.timeouts = 0;
    }
    if (!valid) counts_from_ = now;
    figures.requests = all.count() + figures.errors + figures.timeouts;
    figures.p50 = all.quantile(0.5), figures.p90 = all.quantile(0.9);
    figures.p99 = all.quantile(0.99), figures.max = all.max();
    return figures;
}

void ProbeLedger::begin_measurement(SimTime now) {
    close_interval(now, true);
    for (PathFigures& path : paths_) {
        path.warm_up += path.requests() + path.invalid;
        path.latency.clear();
        path.errors = path.timeouts = path.invalid = 0;
    }
    mark();
}

void ProbeLedger::mark() {
    marked_.clear();
    marked_failures_ = 0;
}

}  // namespace csim
