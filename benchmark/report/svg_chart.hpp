// Charts as inline SVG, coloured by CSS classes so that dark mode and print are the page's business. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// Text as HTML and SVG want it.
std::string escaped(std::string_view text);

struct ChartSeries {
    std::string name;
    std::vector<std::pair<double, double>> points;  ///< in order of x
};
/// A span of x that is drawn behind the curves. `kind` is a CSS class: `invalid`, `warm_up`.
struct ChartShade {
    double from = 0, to = 0;
    std::string kind;
};
/// A moment with a word.
struct ChartMark {
    double at = 0;
    std::string label;
};

struct TimeChart {
    std::string title;
    std::string unit;
    std::vector<ChartSeries> series;
    std::vector<ChartShade> shades;
    std::vector<ChartMark> marks;
    double x_max = 1;
    bool logarithmic = false;
};
/// A figure with a caption and a legend. Empty when there is no point to draw.
std::string draw(const TimeChart& chart);

struct BarRow {
    std::string name;
    std::vector<std::pair<std::string, double>> ticks;  ///< name and value, ascending
};
/// One row for each name, a logarithmic scale, a tick for each value.
std::string draw_ranges(const std::string& title, const std::string& unit, const std::vector<BarRow>& rows);

}  // namespace csim
