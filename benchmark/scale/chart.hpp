// The chart of docs/benchmarks.md: what a server costs, by the size of the fleet.
#pragma once

#include "benchmark/scale/run_of_size.hpp"

#include <string>
#include <vector>

namespace csim {

/// SVG text: CPU and memory per server of both sides, each a panel of its own.
std::string chart_of(const std::vector<SizeResult>& results);

}  // namespace csim
