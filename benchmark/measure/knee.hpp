// Where a curve bends: the load at which latency begins to grow faster. Pure.
#pragma once

#include <optional>
#include <vector>

namespace csim {

struct CurvePoint {
    double load = 0;
    double latency_ms = 0;
};

/// The best pair of straight lines that meet at one of the inner points, if it explains the curve far better
/// than one line does and the second is at least twice as steep as the first; else nullopt. Needs four
/// points.
std::optional<double> find_knee(std::vector<CurvePoint> points);

struct FittedLine {
    double intercept = 0, slope = 0;
    double explained = 0;  ///< r²: 1 when every point is on the line
};
/// Least squares. Needs two loads that differ; otherwise the slope is 0.
FittedLine fit_line(const std::vector<CurvePoint>& points);

}  // namespace csim
