#include "connections/engine/span_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace csim::connections {
namespace {

constexpr unsigned sub_bits = 7;
constexpr unsigned top_bit = 33;
constexpr std::uint64_t value_max = (std::uint64_t(1) << top_bit) - 1;
constexpr std::size_t places = (std::size_t(top_bit - sub_bits) + 1) << sub_bits;

std::size_t place_of(std::uint64_t us) {
    const auto width = static_cast<unsigned>(std::bit_width(us));
    if (width <= sub_bits + 1) return us;
    const unsigned shift = width - sub_bits - 1;
    return (std::size_t(shift) << sub_bits) + (us >> shift);
}

std::uint64_t upper_of(std::size_t place) {
    if (place < (std::size_t(2) << sub_bits)) return place;
    const std::size_t shift = (place >> sub_bits) - 1;
    return ((place - (shift << sub_bits) + 1) << shift) - 1;
}

}  // namespace

void SpanHistogram::record(Nanos span, std::uint64_t times) {
    if (counts_.empty()) counts_.resize(places);
    const auto us =
        std::min<std::uint64_t>(static_cast<std::uint64_t>(std::max<Nanos>(span, 0) / 1000), value_max);
    counts_[place_of(us)] += times;
    count_ += times;
    sum_us_ += us * times;
    max_ = std::max(max_, span);
}

void SpanHistogram::merge(const SpanHistogram& other) {
    if (other.count_ == 0) return;
    if (counts_.empty()) counts_.resize(places);
    for (std::size_t i = 0; i < places; ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    sum_us_ += other.sum_us_;
    max_ = std::max(max_, other.max_);
}

SpanHistogram SpanHistogram::since(const SpanHistogram& before) const {
    SpanHistogram made = *this;
    if (before.count_ == 0) return made;
    for (std::size_t i = 0; i < places; ++i) made.counts_[i] -= before.counts_[i];
    made.count_ -= before.count_;
    made.sum_us_ -= before.sum_us_;
    return made;
}

Nanos SpanHistogram::quantile(double q) const {
    if (count_ == 0) return 0;
    const auto rank =
        std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_))));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < places; ++i) {
        seen += counts_[i];
        if (seen >= rank) return std::min(max_, static_cast<Nanos>(upper_of(i)) * 1000 + 999);
    }
    return max_;
}

void SpanHistogram::put(std::vector<std::uint64_t>& into) const {
    const auto used = std::count_if(counts_.begin(), counts_.end(), [](auto each) { return each != 0; });
    into.insert(into.end(), {static_cast<std::uint64_t>(used), static_cast<std::uint64_t>(max_), sum_us_});
    for (std::size_t i = 0; i < counts_.size(); ++i)
        if (counts_[i] != 0) into.insert(into.end(), {i, counts_[i]});
}

bool SpanHistogram::get(const std::vector<std::uint64_t>& from, std::size_t& at) {
    *this = SpanHistogram();
    if (at + 3 > from.size()) return false;
    const std::uint64_t used = from[at];
    if (used > places || at + 3 + 2 * used > from.size()) return false;
    max_ = static_cast<Nanos>(from[at + 1]);
    sum_us_ = from[at + 2];
    at += 3;
    if (used > 0) counts_.resize(places);
    for (std::uint64_t i = 0; i < used; ++i, at += 2) {
        if (from[at] >= places) return false;
        counts_[from[at]] += from[at + 1];
        count_ += from[at + 1];
    }
    return true;
}

}  // namespace csim::connections
