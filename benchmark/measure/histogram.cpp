#include "benchmark/measure/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace csim {
namespace {

// Values below 2^8 µs have a place each; above, each power of two is divided into 2^7 places.
constexpr unsigned sub_bits = 7;
constexpr unsigned top_bit = 33;
constexpr std::uint64_t value_max = (std::uint64_t(1) << top_bit) - 1;
constexpr std::size_t places = (std::size_t(top_bit - sub_bits) + 1) << sub_bits;

std::size_t place_of(std::uint64_t us) {
    const unsigned width = static_cast<unsigned>(std::bit_width(us));
    if (width <= sub_bits + 1) return us;
    const unsigned shift = width - sub_bits - 1;
    return (std::size_t(shift) << sub_bits) + (us >> shift);
}

/// The largest value that shares the place.
std::uint64_t upper_of(std::size_t place) {
    if (place < (std::size_t(2) << sub_bits)) return place;
    const std::size_t shift = (place >> sub_bits) - 1;
    const std::uint64_t head = place - (shift << sub_bits);
    return ((head + 1) << shift) - 1;
}

}  // namespace

LatencyHistogram::LatencyHistogram() : counts_(places, 0) {}

void LatencyHistogram::record(Duration span) {
    const std::int64_t us = std::max<std::int64_t>(span.count() / 1000, 0);
    ++counts_[place_of(std::min<std::uint64_t>(static_cast<std::uint64_t>(us), value_max))];
    ++count_;
    sum_us_ += static_cast<double>(us);
    max_ = std::max(max_, span);
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
    for (std::size_t i = 0; i < places; ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    sum_us_ += other.sum_us_;
    max_ = std::max(max_, other.max_);
}

void LatencyHistogram::clear() {
    if (count_ == 0) return;
    *this = LatencyHistogram();
}

Duration LatencyHistogram::at_rank(std::uint64_t rank) const {
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < places; ++i) {
        seen += counts_[i];
        if (seen >= rank) return std::min(max_, Duration(static_cast<std::int64_t>(upper_of(i)) * 1000));
    }
    return max_;
}

Duration LatencyHistogram::quantile(double q) const {
    if (count_ == 0) return {};
    const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_)));
    return at_rank(std::clamp<std::uint64_t>(rank, 1, count_));
}

LatencyHistogram::Range LatencyHistogram::quantile_range(double q) const {
    if (count_ == 0) return {};
    const double n = static_cast<double>(count_);
    const double spread = 1.96 * std::sqrt(n * q * (1 - q));
    const auto rank = [&](double at) { return static_cast<std::uint64_t>(std::clamp(at, 1.0, n)); };
    return {at_rank(rank(std::floor(n * q - spread))), at_rank(rank(std::ceil(n * q + spread) + 1))};
}

Duration LatencyHistogram::mean() const {
    if (count_ == 0) return {};
    return Duration(static_cast<std::int64_t>(sum_us_ / static_cast<double>(count_) * 1000));
}

}  // namespace csim
