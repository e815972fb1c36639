#include "benchmark/measure/knee.hpp"

#include <algorithm>
#include <cmath>

namespace csim {
namespace {

/// What a hinge (two lines that meet at `at`) leaves unexplained, and its two slopes.
struct Hinge {
    double rest = 0, before = 0, after = 0;
};

// Least squares of y = a + b x + c max(x - at, 0), by the normal equations of three unknowns.
Hinge fit_hinge(const std::vector<CurvePoint>& points, double at) {
    double m[3][4] = {};
    for (const CurvePoint& p : points) {
        const double row[3] = {1, p.load, std::max(p.load - at, 0.0)};
        for (int i = 0; i < 3; ++i) {
            for (int j = 0; j < 3; ++j) m[i][j] += row[i] * row[j];
            m[i][3] += row[i] * p.latency_ms;
        }
    }
    for (int i = 0; i < 3; ++i) {
        int pivot = i;
        for (int r = i + 1; r < 3; ++r)
            if (std::abs(m[r][i]) > std::abs(m[pivot][i])) pivot = r;
        for (int c = 0; c < 4; ++c) std::swap(m[i][c], m[pivot][c]);
        if (std::abs(m[i][i]) < 1e-12) return {INFINITY, 0, 0};
        for (int r = 0; r < 3; ++r) {
            if (r == i) continue;
            const double factor = m[r][i] / m[i][i];
            for (int c = i; c < 4; ++c) m[r][c] -= factor * m[i][c];
        }
    }
    const double a = m[0][3] / m[0][0], b = m[1][3] / m[1][1], c = m[2][3] / m[2][2];
    Hinge hinge{0, b, b + c};
    for (const CurvePoint& p : points) {
        const double miss = p.latency_ms - (a + b * p.load + c * std::max(p.load - at, 0.0));
        hinge.rest += miss * miss;
    }
    return hinge;
}

double unexplained(const std::vector<CurvePoint>& points, const FittedLine& line) {
    double rest = 0;
    for (const CurvePoint& p : points) {
        const double miss = p.latency_ms - line.intercept - line.slope * p.load;
        rest += miss * miss;
    }
    return rest;
}

}  // namespace

FittedLine fit_line(const std::vector<CurvePoint>& points) {
    if (points.empty()) return {};
    const double n = static_cast<double>(points.size());
    double mean_x = 0, mean_y = 0, xx = 0, xy = 0, yy = 0;
    for (const CurvePoint& p : points) mean_x += p.load / n, mean_y += p.latency_ms / n;
    for (const CurvePoint& p : points) {
        xx += (p.load - mean_x) * (p.load - mean_x);
        xy += (p.load - mean_x) * (p.latency_ms - mean_y);
        yy += (p.latency_ms - mean_y) * (p.latency_ms - mean_y);
    }
    if (xx <= 0) return {mean_y, 0, 0};
    const double slope = xy / xx;
    return {mean_y - slope * mean_x, slope, yy <= 0 ? 1.0 : xy * xy / (xx * yy)};
}

std::optional<double> find_knee(std::vector<CurvePoint> points) {
    if (points.size() < 4) return std::nullopt;
    std::sort(points.begin(), points.end(), [](auto& a, auto& b) { return a.load < b.load; });
    const FittedLine line = fit_line(points);
    const double straight = unexplained(points, line);
    double scale = 0;
    for (const CurvePoint& p : points) scale = std::max(scale, std::abs(p.latency_ms));
    if (straight <= 1e-6 * scale * scale) return std::nullopt;
    std::optional<double> knee;
    double best = straight / 4;
    for (std::size_t i = 1; i + 1 < points.size(); ++i) {
        const Hinge hinge = fit_hinge(points, points[i].load);
        const bool steeper = hinge.after > 0 && hinge.after >= 2 * std::max(hinge.before, 0.0);
        if (steeper && hinge.rest < best) best = hinge.rest, knee = points[i].load;
    }
    return knee;
}

}  // namespace csim
