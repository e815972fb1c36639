#include "apps/cluster_sim/ve_report.hpp"

#include "core/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

namespace csim {
namespace {

Json as_json(const Percentiles& p) {
    return {{"count", p.count}, {"min", p.min}, {"p50", p.p50},
            {"p90", p.p90},     {"p99", p.p99}, {"max", p.max}};
}

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, value >= 100 ? "%.0f" : "%.3g", value);
    return text;
}

/// How many fall into each of forty classes between the smallest and the largest, as bars.
std::string histogram(const std::string& title, const std::vector<double>& values) {
    std::string svg = "<figure><figcaption>" + title + "</figcaption>";
    if (values.empty()) return svg + "<p>Nothing was measured.</p></figure>";
    constexpr std::size_t classes = 40;
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const double width = std::max(*high - *low, 1e-9);
    std::vector<std::size_t> counts(classes);
    for (const double each : values)
        ++counts[std::min(classes - 1, static_cast<std::size_t>((each - *low) / width * classes))];
    const double most = static_cast<double>(*std::max_element(counts.begin(), counts.end()));
    svg += "<svg viewBox='0 0 640 220' role='img' aria-label='" + title + "'>";
    for (std::size_t i = 0; i < classes; ++i) {
        const double height = 180 * static_cast<double>(counts[i]) / most;
        svg += "<rect x='" + number(static_cast<double>(i) * 16) + "' y='" + number(190 - height) +
               "' width='14' height='" + number(height) + "'><title>" + std::to_string(counts[i]) +
               "</title></rect>";
    }
    return svg + "<text x='0' y='212'>" + number(*low) +
           " ms</text><text x='640' y='212' text-anchor='end'>" + number(*high) + " ms</text></svg></figure>";
}

std::string escaped_text(const std::string& text) {
    std::string safe;
    for (const char c : text)
        safe += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
    return safe;
}

constexpr const char* style =
    "<style>:root{color-scheme:light dark}body{font:16px system-ui,sans-serif;max-width:44rem;margin:2rem "
    "auto;padding:0 1rem}"
    "rect{fill:#3b78c4}text{font-size:12px;fill:currentColor}pre{overflow:auto}figure{margin:2rem 0}"
    "table{border-collapse:collapse}td,th{padding:.2rem .8rem;text-align:right}</style>";

std::string row(const char* name, const Percentiles& p) {
    return std::string("<tr><th>") + name + "</th><td>" + std::to_string(p.count) + "</td><td>" +
           number(p.p50) + "</td><td>" + number(p.p90) + "</td><td>" + number(p.p99) + "</td><td>" +
           number(p.max) + "</td></tr>";
}

}  // namespace

std::string outcome_json(const VeOutcome& outcome) {
    return Json{
        {"done", outcome.done},
        {"failed", outcome.failed()},
        {"refused", outcome.refused},
        {"example", outcome.example}}
        .dump(2);
}

std::string info_json(const std::vector<SeenEnvironment>& seen) {
    Json list = Json::array();
    for (const SeenEnvironment& each : seen)
        list.push_back(
            {{"name", "ve" + std::to_string(each.number)},
             {"state", text_of(each.state)},
             {"pid", each.pid},
             {"lines", each.job ? Json(each.job->lines) : Json()}}
        );
    return list.dump(2);
}

std::string stats_json(const ExperimentFigures& f) {
    return Json{{"total", f.total},           {"complete", f.complete},      {"incomplete", f.incomplete},
                {"no_log", f.no_log},         {"with_pid", f.with_pid},      {"disk_bytes", f.disk_bytes},
                {"boot_ms", as_json(f.boot)}, {"reply_ms", as_json(f.reply)}}
        .dump(2);
}

void write_page(
    const std::string& file, const ExperimentFigures& figures, const std::vector<SeenEnvironment>& seen,
    const std::string& folder, int pings
) {
    std::vector<double> boots, replies;
    for (const SeenEnvironment& each : seen) {
        if (each.boot > Duration::zero()) boots.push_back(static_cast<double>(each.boot.count()) / 1e6);
        if (each.job && each.job->replies > 0)
            replies.push_back(static_cast<double>(each.job->reply_mean.count()) / 1e6);
    }
    std::ofstream out(file);
    out << "<!doctype html><html lang='en'><meta charset='utf-8'><title>Environments</title>" << style
        << "<h1>Environments</h1><pre>" << escaped_text(block_text(figures, folder, pings, false)) << "</pre>"
        << "<table><tr><th>ms</th><th>n</th><th>p50</th><th>p90</th><th>p99</th><th>max</th></tr>"
        << row("boot", figures.boot) << row("reply", figures.reply) << "</table>"
        << histogram("Boot times", boots) << histogram("Mean reply times", replies) << "</html>\n";
    out.close();
    if (!out) throw Fatal("cannot write " + file);
}

}  // namespace csim
