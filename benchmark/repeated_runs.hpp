// Measuring the same thing several times, beside others, on a machine that may be busy.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace csim {

/// Several measurements of one thing.
struct Spread {
    double median = 0;
    double low = 0;
    double high = 0;
    std::size_t runs = 0;
};

Spread spread_of(std::vector<double> measured);

/// Runs the measurements by turns (a, b, a, b, …), so that what disturbs the machine disturbs all of them.
/// One spread per measurement, in order.
std::vector<Spread> alternate(int runs, const std::vector<std::function<double()>>& measurements);

/// CPU seconds, user and system, that this process has used on all its threads.
double cpu_seconds();

}  // namespace csim
