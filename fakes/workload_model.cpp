#include "fakes/workload_model.hpp"

#include <array>

namespace csim {

namespace {

constexpr std::int64_t day_s = 86400;
constexpr std::int64_t slot_s = 900;
constexpr int slots = day_s / slot_s;
constexpr std::int64_t mean_weight = 1000;
constexpr std::int64_t swing = 600;              ///< the busiest quarter of an hour has 1600, the calmest 400
constexpr std::int64_t noon_shift_s = 8 * 3600;  ///< the curve rises at 08:00 and is highest at 14:00 UTC
constexpr std::int64_t phase_spread_s = 2 * 3600;

/// Bursts bend the rate by at most this share each; together they must stay below 1000, or time would run
/// backwards.
constexpr std::int64_t burst_permille = 350;
constexpr std::array<std::int64_t, 2> burst_cells = {64'000, 2'048'000};

struct DayCurve {
    std::array<std::int64_t, slots> weight{};
    std::array<std::int64_t, slots> before{};  ///< activity of the day before the slot
};

/// Two parabolas in place of a sine.
constexpr DayCurve make_day_curve() {
    DayCurve curve;
    constexpr std::int64_t half = slots / 2;
    std::int64_t sum = 0;
    for (int slot = 0; slot < slots; ++slot) {
        const std::int64_t x = slot % half;
        const std::int64_t bow = swing * 4 * x * (half - x) / (half * half);
        curve.weight[slot] = mean_weight + (slot < half ? bow : -bow);
        curve.before[slot] = sum;
        sum += curve.weight[slot] * slot_s;
    }
    return curve;
}

constexpr DayCurve day_curve = make_day_curve();

constexpr std::uint64_t scramble(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/// Uniform in [0, height], by multiplication: this runs for every report of every target.
std::int64_t height_at(std::uint64_t seed, std::uint64_t index, std::int64_t height) {
    const auto draw = scramble(seed ^ scramble(index)) >> 32;
    return static_cast<std::int64_t>((draw * (static_cast<std::uint64_t>(height) + 1)) >> 32);
}

/// Linear between lattice points `cell` apart, each a hash in [0, height].
std::int64_t lattice(std::uint64_t seed, std::int64_t x, std::int64_t cell, std::int64_t height) {
    const auto index = x / cell;
    const auto from = height_at(seed, static_cast<std::uint64_t>(index), height);
    const auto to = height_at(seed, static_cast<std::uint64_t>(index) + 1, height);
    return from + (to - from) * (x - index * cell) / cell;
}

}  // namespace

Activity::Activity(Rng stream)
    : phase_s_(stream.between(std::int64_t{0}, 2 * phase_spread_s) - phase_spread_s), noise_(stream.next()) {}

std::int64_t Activity::at(std::int64_t unix_s) const {
    const auto shifted = unix_s + day_s - noon_shift_s + phase_s_;
    const auto in_day = shifted % day_s;
    const auto slot = static_cast<std::size_t>(in_day / slot_s);
    const auto by_curve = shifted / day_s * day_s * mean_weight + day_curve.before[slot] +
                          day_curve.weight[slot] * (in_day % slot_s);
    auto activity = by_curve;
    for (std::size_t i = 0; i < burst_cells.size(); ++i) {
        activity += lattice(noise_ + i, by_curve, burst_cells[i], burst_cells[i] * burst_permille / 1000);
    }
    return activity;
}

std::int64_t Activity::gauge(std::int64_t unix_s, std::int64_t period_s, std::uint64_t salt) const {
    return lattice(scramble(noise_ + salt + 2), unix_s, period_s, 1000);
}

}  // namespace csim
