// The results of several sizes as figures with their targets, and as a table for people.
#pragma once

#include "benchmark/bench_report.hpp"
#include "benchmark/scale/run_of_size.hpp"

#include <string>
#include <vector>

namespace csim {

/// Figures are named `<what>_<servers>`. Targets: rows 3, 4, 5, 11 and 12, and the soak of issue 7.
void add_figures(BenchReport& report, const std::vector<SizeResult>& results, bool soaked);

/// A Markdown table, a column for each size, and below it whether costs grow with the size alone.
std::string table_of(const std::vector<SizeResult>& results, bool soaked);

/// Per server, the largest size against the smallest: 1 is linear growth.
double growth_ratio(const std::vector<SizeResult>& results, double (*cost)(const SizeResult&));

inline double cpu_each(const SizeResult& of) {
    return of.minutes > 0 ? of.cpu_s / of.minutes / of.servers : 0;
}
inline double manager_cpu_each(const SizeResult& of) {
    return of.minutes > 0 ? of.manager_cpu_s / of.minutes / of.servers : 0;
}

}  // namespace csim
