// Rings of samples.
#include "manager/model/metric_history.hpp"

#include <algorithm>

namespace csim {

std::size_t MetricHistory::share(const MetricSample& sample) const {
    const std::size_t values = std::max<std::size_t>(sample.values.size(), 1) * series_.size();
    return std::clamp<std::size_t>(values_max_ / values, 1, samples_max);
}

void MetricHistory::note(ObjectRef object, MetricSample sample) {
    ++noted_;
    auto& series = series_[object];
    if (!series.empty() && sample.at <= series.back().at) return;
    const std::size_t most = share(sample);
    series.push_back(std::move(sample));
    while (series.size() > most) series.pop_front();
}

const std::deque<MetricSample>* MetricHistory::find(ObjectRef object) const {
    auto at = series_.find(object);
    return at == series_.end() ? nullptr : &at->second;
}

void MetricHistory::forget(ObjectRef object) {
    series_.erase(object);
}

}  // namespace csim
