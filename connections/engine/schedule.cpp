#include "connections/engine/schedule.hpp"

#include "connections/engine/chance.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace csim::connections {
namespace {

constexpr double golden = 0.6180339887498949;

Nanos share(Nanos of, double part) {
    return static_cast<Nanos>(static_cast<double>(of) * part);
}

double fraction(double x) {
    return x - std::floor(x);
}

/// Near the golden section of `n`, and without a divisor in common with it: walks through all of them.
std::uint64_t stride_through(std::uint64_t n) {
    auto stride = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(golden * static_cast<double>(n)));
    while (std::gcd(stride, n) != 1) ++stride;
    return stride;
}

}  // namespace

Schedule::Schedule(const SchedulePlan& plan)
    : plan_(plan),
      period_(plan.period),
      stride_(stride_through(std::max<std::uint64_t>(1, plan.connections))) {
    if (plan_.cadence == Cadence::rate) period_ = plan_.period * static_cast<Nanos>(plan_.connections);
}

Nanos Schedule::first(std::uint64_t index, Nanos start) const {
    if (plan_.cadence == Cadence::poisson) return next(index, ~std::uint64_t(0), start);
    if (plan_.cadence == Cadence::rate) {
        const std::uint64_t place = (index * stride_ + plan_.seed) % plan_.connections;
        return start + plan_.period * static_cast<Nanos>(place);
    }
    if (plan_.cadence == Cadence::think) return start;
    switch (plan_.phase) {
        case Phase::spread:
            return start + share(period_, fraction(golden * static_cast<double>(index)));
        case Phase::random:
            return start + share(period_, unit(plan_.seed, index, ~std::uint64_t(1)));
        default:
            return start;
    }
}

Nanos Schedule::next(std::uint64_t index, std::uint64_t step, Nanos due) const {
    const double chance = unit(plan_.seed, index, step);
    if (plan_.cadence == Cadence::poisson) return due + share(period_, -std::log1p(-chance));
    if (plan_.cadence == Cadence::think && plan_.period_high > period_)
        return due + period_ + share(plan_.period_high - period_, chance);
    return due + period_;
}

Nanos backoff_delay(const Backoff& backoff, unsigned attempt, double chance) {
    const double grown =
        static_cast<double>(backoff.low) * std::pow(backoff.factor, attempt == 0 ? 0 : attempt - 1);
    const auto delay = static_cast<Nanos>(std::min(grown, static_cast<double>(backoff.high)));
    switch (backoff.jitter) {
        case Jitter::full:
            return share(delay, chance);
        case Jitter::equal:
            return delay / 2 + share(delay / 2, chance);
        default:
            return delay;
    }
}

}  // namespace csim::connections
