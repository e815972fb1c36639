#include "benchmark/measure/limit_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace csim {

LimitSearch::LimitSearch(SearchOptions options) : options_(options) {
    options_.granularity = std::max(options_.granularity, 1);
    options_.max = std::max(options_.max / options_.granularity, 1) * options_.granularity;
    options_.start = std::clamp(rounded(options_.start), options_.granularity, options_.max);
}

int LimitSearch::rounded(double size) const {
    return static_cast<int>(std::ceil(size / options_.granularity)) * options_.granularity;
}

bool LimitSearch::settled(const Votes& votes) const {
    return std::max(votes.passed, votes.failed) * 2 > options_.repeats;
}

std::optional<int> LimitSearch::least_failed() const {
    for (const auto& [size, votes] : votes_)
        if (votes.failed > votes.passed) return size;
    return std::nullopt;
}

int LimitSearch::greatest_passed_below(std::optional<int> bound) const {
    int found = 0;
    for (const auto& [size, votes] : votes_)
        if ((!bound || size < *bound) && votes.passed > votes.failed) found = std::max(found, size);
    return found;
}

bool LimitSearch::failed_once() const {
    return std::any_of(votes_.begin(), votes_.end(), [](const auto& each) { return each.second.failed > 0; });
}

std::optional<int> LimitSearch::next_linear() const {
    if (failed_once()) return std::nullopt;
    const int size = last_ + options_.start;
    if (size > options_.max) return std::nullopt;
    return size;
}

std::optional<int> LimitSearch::next() const {
    if (trials_ >= options_.trials_max) return std::nullopt;
    if (options_.linear) return next_linear();
    for (const auto& [size, votes] : votes_)
        if (votes.passed == votes.failed) return size;  // a draw decides nothing
    const auto high = least_failed();
    const int low = greatest_passed_below(high);
    if (!high) {
        if (low == 0) return options_.start;
        if (low >= options_.max) return std::nullopt;
        return std::min(2 * low, options_.max);
    }
    const double tolerance = std::max<double>(options_.granularity, options_.resolution * low);
    if (*high - low > tolerance) {
        const int middle = rounded((low + *high) / 2.0);
        if (middle > low && middle < *high) return middle;
    }
    if (low > 0 && !settled(votes_.at(low))) return low;
    if (!settled(votes_.at(*high))) return *high;
    return std::nullopt;
}

void LimitSearch::report(int size, bool passed) {
    Votes& votes = votes_[size];
    ++(passed ? votes.passed : votes.failed);
    ++trials_;
    last_ = size;
}

// Belief about (limit, sharpness) on a grid, flat before the first trial: a size passes with the probability
// 1 / (1 + (size / limit)^(1/sharpness)), nearly a step when it is sharp. Sizes are compared by their ratio.
LimitEstimate LimitSearch::estimate() const {
    LimitEstimate made;
    if (votes_.empty()) return made;
    made.value = greatest_passed_below(least_failed());
    if (!failed_once()) {
        made.low = made.value;
        return made;
    }
    constexpr int cells = 2000;
    const double from = std::log(std::max(options_.granularity * 0.5, 0.5));
    const double to = std::log(2.0 * votes_.rbegin()->first);
    std::array<double, cells> belief{};
    for (const double sharpness : {0.01, 0.03, 0.1, 0.3}) {
        for (int i = 0; i < cells; ++i) {
            const double limit = from + (to - from) * (i + 0.5) / cells;
            double log_likelihood = 0;
            for (const auto& [size, votes] : votes_) {
                const double z = (std::log(double(size)) - limit) / sharpness;
                // log(1 + e^z) and log(1 + e^-z) without overflow
                const double soft = std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z)));
                log_likelihood -= votes.passed * soft + votes.failed * (soft - z);
            }
            belief[static_cast<std::size_t>(i)] += std::exp(log_likelihood);
        }
    }
    double total = 0, seen = 0;
    for (const double each : belief) total += each;
    double low = std::exp(from), high = std::exp(to);
    for (int i = 0; i < cells; ++i) {
        const double before = seen;
        seen += belief[static_cast<std::size_t>(i)];
        const double at = std::exp(from + (to - from) * (i + 0.5) / cells);
        if (before < 0.025 * total && seen >= 0.025 * total) low = at;
        if (before < 0.975 * total && seen >= 0.975 * total) high = at;
    }
    // In whole steps, and never narrower than what was tried.
    const int step = options_.granularity;
    made.low = std::min(static_cast<int>(low / step) * step, made.value);
    made.high = std::max(rounded(high), made.value + step);
    return made;
}

}  // namespace csim
