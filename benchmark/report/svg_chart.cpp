#include "benchmark/report/svg_chart.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace csim {
namespace {

constexpr double width = 860, height = 240, left = 64, right = 12, top = 12, bottom = 28;

template <class... Args>
std::string text(const char* format, Args... args) {
    char line[400];
    std::snprintf(line, sizeof line, format, args...);
    return line;
}

/// 1234567 as 1.23M.
std::string short_number(double value) {
    const double size = std::abs(value);
    if (size >= 1e9) return text("%.3gG", value / 1e9);
    if (size >= 1e6) return text("%.3gM", value / 1e6);
    if (size >= 1e4) return text("%.3gk", value / 1e3);
    return text("%.3g", value);
}

/// From values to heights on the page.
struct Scale {
    double low = 0, high = 1;
    bool logarithmic = false;

    double part(double value) const {
        if (!logarithmic) return (value - low) / (high - low);
        return (std::log10(std::max(value, low)) - std::log10(low)) / (std::log10(high) - std::log10(low));
    }
    double y(double value) const {
        return height - bottom - std::clamp(part(value), 0.0, 1.0) * (height - top - bottom);
    }
    std::vector<double> ticks() const {
        std::vector<double> made;
        if (logarithmic) {
            for (double at = low; at <= high * 1.001; at *= 10) made.push_back(at);
        } else {
            for (int i = 0; i <= 4; ++i) made.push_back(low + (high - low) * i / 4);
        }
        return made;
    }
};

double round_up(double value) {
    if (value <= 0) return 1;
    const double power = std::pow(10, std::floor(std::log10(value)));
    for (const double step : {1.0, 2.0, 4.0, 5.0, 8.0, 10.0})
        if (value <= step * power * 1.0001) return step * power;
    return 10 * power;
}

Scale scale_for(double low, double high, bool logarithmic) {
    if (!logarithmic) return {0, round_up(high), false};
    const double from = std::pow(10, std::floor(std::log10(std::max(low, 1e-3))));
    const double to = std::pow(10, std::ceil(std::log10(std::max(high, from * 1.01))));
    return {from, to, true};
}

Scale scale_of(const TimeChart& chart) {
    double low = INFINITY, high = 0;
    for (const ChartSeries& each : chart.series)
        for (const auto& [x, y] : each.points) {
            if (y > 0) low = std::min(low, y);
            high = std::max(high, y);
        }
    return scale_for(std::isfinite(low) ? low : 1, high, chart.logarithmic);
}

double x_of(const TimeChart& chart, double at) {
    return left + std::clamp(at / std::max(chart.x_max, 1e-9), 0.0, 1.0) * (width - left - right);
}

std::string axes(const TimeChart& chart, const Scale& scale) {
    std::string made;
    for (const double at : scale.ticks()) {
        const double y = scale.y(at);
        made +=
            text("<line class='grid' x1='%.0f' x2='%.0f' y1='%.1f' y2='%.1f'/>", left, width - right, y, y);
        made +=
            text("<text class='axis end' x='%.0f' y='%.1f'>", left - 6, y + 4) + short_number(at) + "</text>";
    }
    for (int i = 0; i <= 6; ++i) {
        const double at = chart.x_max * i / 6;
        made += text(
            "<text class='axis middle' x='%.1f' y='%.0f'>%.0f s</text>", x_of(chart, at), height - 8, at
        );
    }
    return made;
}

std::string backdrop(const TimeChart& chart) {
    std::string made;
    for (const ChartShade& shade : chart.shades) {
        const double from = x_of(chart, shade.from), to = x_of(chart, shade.to);
        made += "<rect class='" + escaped(shade.kind) + "' " +
                text(
                    "x='%.1f' y='%.0f' width='%.1f' height='%.0f'/>", from, top, std::max(to - from, 0.5),
                    height - top - bottom
                );
    }
    double last = -INFINITY;
    for (const ChartMark& mark : chart.marks) {
        const double x = x_of(chart, mark.at);
        made +=
            text("<line class='mark' x1='%.1f' x2='%.1f' y1='%.0f' y2='%.0f'/>", x, x, top, height - bottom);
        if (x - last < 60) continue;  // words that would run into each other
        made +=
            text("<text class='word' x='%.1f' y='%.0f'>", x + 3, top + 10) + escaped(mark.label) + "</text>";
        last = x;
    }
    return made;
}

std::string curve(const TimeChart& chart, const Scale& scale, std::size_t index) {
    const ChartSeries& series = chart.series[index];
    std::string made = text("<polyline class='curve c%zu' points='", index % 6);
    for (const auto& [x, y] : series.points) made += text("%.1f,%.1f ", x_of(chart, x), scale.y(y));
    return made + "'/>";
}

std::string legend(const TimeChart& chart) {
    std::string made = "<ul class='legend'>";
    for (std::size_t i = 0; i < chart.series.size(); ++i) {
        double high = 0;
        for (const auto& [x, y] : chart.series[i].points) high = std::max(high, y);
        made += text("<li class='c%zu'>", i % 6) + escaped(chart.series[i].name) + " <small>max " +
                short_number(high) + "</small></li>";
    }
    return made + "</ul>";
}

}  // namespace

std::string escaped(std::string_view given) {
    std::string made;
    for (const char c : given) {
        switch (c) {
            case '&':
                made += "&amp;";
                break;
            case '<':
                made += "&lt;";
                break;
            case '>':
                made += "&gt;";
                break;
            case '"':
                made += "&quot;";
                break;
            case '\'':
                made += "&#39;";
                break;
            default:
                made += c;
        }
    }
    return made;
}

std::string draw(const TimeChart& chart) {
    const bool any = std::any_of(chart.series.begin(), chart.series.end(), [](auto& each) {
        return !each.points.empty();
    });
    if (!any) return {};
    const Scale scale = scale_of(chart);
    std::string made = "<figure><figcaption>" + escaped(chart.title) + " <small>" + escaped(chart.unit) +
                       "</small></figcaption>";
    made += text("<svg viewBox='0 0 %.0f %.0f' role='img' aria-label='", width, height) +
            escaped(chart.title) + "'>";
    made += backdrop(chart) + axes(chart, scale);
    for (std::size_t i = 0; i < chart.series.size(); ++i) made += curve(chart, scale, i);
    return made + "</svg>" + legend(chart) + "</figure>";
}

std::string draw_ranges(const std::string& title, const std::string& unit, const std::vector<BarRow>& rows) {
    double low = INFINITY, high = 0;
    for (const BarRow& row : rows)
        for (const auto& [name, value] : row.ticks) low = std::min(low, value), high = std::max(high, value);
    if (!std::isfinite(low) || high <= 0) return {};
    constexpr double names = 190, row_height = 30;
    const Scale scale = scale_for(low, high, true);
    const double tall = row_height * static_cast<double>(rows.size()) + 30;
    const auto x = [&](double value) {
        return names + std::clamp(scale.part(value), 0.0, 1.0) * (width - names - 40);
    };
    std::string made =
        "<figure><figcaption>" + escaped(title) + " <small>" + escaped(unit) + "</small></figcaption>";
    made += text("<svg viewBox='0 0 %.0f %.0f' role='img' aria-label='", width, tall) + escaped(title) + "'>";
    for (const double at : scale.ticks()) {
        made += text("<line class='grid' x1='%.1f' x2='%.1f' y1='0' y2='%.0f'/>", x(at), x(at), tall - 22);
        made += text("<text class='axis middle' x='%.1f' y='%.0f'>", x(at), tall - 6) + short_number(at) +
                "</text>";
    }
    double y = row_height / 2;
    for (const BarRow& row : rows) {
        made += text("<text class='axis end' x='%.0f' y='%.1f'>", names - 8, y + 4) + escaped(row.name) +
                "</text>";
        if (!row.ticks.empty())
            made += text(
                "<line class='range' x1='%.1f' x2='%.1f' y1='%.1f' y2='%.1f'/>", x(row.ticks.front().second),
                x(row.ticks.back().second), y, y
            );
        double last = -INFINITY;
        for (std::size_t i = 0; i < row.ticks.size(); ++i) {
            const double at = x(row.ticks[i].second);
            made += text("<circle class='dot c%zu' cx='%.1f' cy='%.1f' r='4'>", i % 6, at, y) + "<title>" +
                    escaped(row.ticks[i].first) + " " + short_number(row.ticks[i].second) +
                    "</title></circle>";
            if (at - last > 26)
                made += text("<text class='word middle' x='%.1f' y='%.1f'>", at, y - 7) +
                        escaped(row.ticks[i].first) + "</text>",
                    last = at;
        }
        y += row_height;
    }
    return made + "</svg></figure>";
}

}  // namespace csim
