#include "core/duration_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace csim {

std::size_t DurationHistogram::class_of(std::uint64_t microseconds) {
    if (microseconds < per_doubling) return microseconds;
    constexpr auto fine_bits = std::bit_width(per_doubling) - 1;
    const auto doubling = static_cast<std::size_t>(std::bit_width(microseconds) - 1 - fine_bits);
    if (doubling >= doublings) return per_doubling * (doublings + 1) - 1;
    return per_doubling * (doubling + 1) + ((microseconds >> doubling) - per_doubling);
}

Duration DurationHistogram::upper_edge(std::size_t index) {
    if (index < per_doubling) return std::chrono::microseconds(index + 1);
    const std::size_t doubling = index / per_doubling - 1;
    return std::chrono::microseconds((index % per_doubling + per_doubling + 1) << doubling);
}

void DurationHistogram::add(Duration length) {
    const Duration counted = std::max(length, Duration(0));
    ++counts_[class_of(static_cast<std::uint64_t>(counted / std::chrono::microseconds(1)))];
    ++count_;
    longest_ = std::max(longest_, counted);
}

Duration DurationHistogram::quantile(double quantile) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(quantile * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t index = 0; index < counts_.size(); ++index) {
        seen += counts_[index];
        if (seen > 0 && seen >= wanted) return std::min(upper_edge(index), longest_);
    }
    return longest_;
}

std::vector<std::pair<Duration, std::uint64_t>> DurationHistogram::classes() const {
    std::vector<std::pair<Duration, std::uint64_t>> list;
    for (std::size_t index = 0; index < counts_.size(); ++index) {
        if (counts_[index] > 0) list.emplace_back(upper_edge(index), counts_[index]);
    }
    return list;
}

}  // namespace csim
