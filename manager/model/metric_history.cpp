// Rings of samples.
#include "manager/model/metric_history.hpp"

#include <algorithm>

namespace csim {

namespace {
constexpr std::size_t capacity_min = 4;
}

MetricView MetricSeries::operator[](std::size_t index) const {
    const std::size_t slot = (first_ + index) % marks_.size();
    const Mark& mark = marks_[slot];
    return {mark.at, *mark.names, {values_.data() + slot * width_, mark.names->size()}};
}

/// Requires: all samples fit.
void MetricSeries::resize(std::size_t capacity, std::size_t width) {
    std::vector<Mark> marks(capacity);
    std::vector<double> values(capacity * width);
    for (std::size_t i = 0; i < size_; ++i) {
        const MetricView sample = (*this)[i];
        std::copy(sample.values.begin(), sample.values.end(), values.data() + i * width);
    }
    for (std::size_t i = 0; i < size_; ++i) marks[i] = std::move(marks_[(first_ + i) % marks_.size()]);
    marks_ = std::move(marks);
    values_ = std::move(values);
    width_ = width;
    first_ = 0;
}

void MetricSeries::push(
    SimTime at, const MetricNames& names, std::span<const double> values, std::size_t most
) {
    while (size_ >= most) {
        first_ = (first_ + 1) % marks_.size();
        --size_;
    }
    const bool too_large = marks_.size() > std::max(capacity_min, 2 * most);
    if (size_ == marks_.size() || values.size() > width_ || too_large) {
        const std::size_t grown = std::max(capacity_min, size_ == marks_.size() ? 2 * size_ : size_ + 1);
        resize(std::min(grown, std::max(most, capacity_min)), std::max(width_, values.size()));
    }
    const std::size_t slot = (first_ + size_) % marks_.size();
    marks_[slot].at = at;
    if (marks_[slot].names != names) marks_[slot].names = names;
    std::copy(values.begin(), values.end(), values_.data() + slot * width_);
    ++size_;
}

std::size_t MetricHistory::share(std::size_t values) const {
    return std::clamp<std::size_t>(
        values_max_ / (std::max<std::size_t>(values, 1) * series_.size()), 1, samples_max
    );
}

void MetricHistory::note(
    ObjectRef object, SimTime at, const MetricNames& names, std::span<const double> values
) {
    ++noted_;
    MetricSeries& series = series_[object];
    if (!series.empty() && at <= series.back().at) return;
    series.push(at, names, values, share(values.size()));
}

const MetricSeries* MetricHistory::find(ObjectRef object) const {
    auto at = series_.find(object);
    return at == series_.end() ? nullptr : &at->second;
}

void MetricHistory::forget(ObjectRef object) {
    series_.erase(object);
}

}  // namespace csim
