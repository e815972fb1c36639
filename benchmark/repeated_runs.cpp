#include "benchmark/repeated_runs.hpp"

#include <algorithm>
#include <sys/resource.h>

namespace csim {

Spread spread_of(std::vector<double> measured) {
    if (measured.empty()) return {};
    std::sort(measured.begin(), measured.end());
    const std::size_t middle = measured.size() / 2;
    const bool odd = measured.size() % 2 == 1;
    const double median = odd ? measured[middle] : (measured[middle - 1] + measured[middle]) / 2;
    return {median, measured.front(), measured.back(), measured.size()};
}

std::vector<Spread> alternate(int runs, const std::vector<std::function<double()>>& measurements) {
    std::vector<std::vector<double>> measured(measurements.size());
    for (int run = 0; run < runs; ++run)
        for (std::size_t i = 0; i < measurements.size(); ++i) measured[i].push_back(measurements[i]());
    std::vector<Spread> spreads;
    for (auto& values : measured) spreads.push_back(spread_of(std::move(values)));
    return spreads;
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return double(time.tv_sec) + double(time.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace csim
