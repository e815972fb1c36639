#include "benchmark/report/html_report.hpp"

#include "benchmark/report/svg_chart.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace csim {
namespace {

constexpr const char* style = R"css(
:root{--paper:#fff;--ink:#1c2530;--soft:#5b6775;--grid:#e3e8ee;--card:#f6f8fa;--good:#1a7f4b;--bad:#c0392b;
--c0:#2364aa;--c1:#d1495b;--c2:#2a9d6f;--c3:#b07d1a;--c4:#7b4fa6;--c5:#0f8b8d;--grey:#c9ced6}
@media(prefers-color-scheme:dark){:root{--paper:#12171d;--ink:#e6ebf1;--soft:#98a5b3;--grid:#2a333d;--card:#1a2129;
--good:#4cc38a;--bad:#ff7b6b;--c0:#6ea8e6;--c1:#f08a98;--c2:#62cfa0;--c3:#e0b35a;--c4:#b793e0;--c5:#54c7c9;--grey:#3b444f}}
*{box-sizing:border-box}body{margin:0 auto;max-width:960px;padding:24px;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,"DejaVu Sans",sans-serif}h1{font-size:26px;margin:0 0 4px}h2{font-size:18px;margin:28px 0 8px}
small,.soft{color:var(--soft);font-weight:normal}.verdict{font-size:18px;margin:12px 0;padding:12px 16px;
background:var(--card);border-left:5px solid var(--c0);border-radius:4px}.partial{border-color:var(--bad)}
.what{padding:12px 16px;background:var(--card);border-left:5px solid var(--c1);border-radius:4px}
table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
th,td{padding:4px 8px;border-bottom:1px solid var(--grid);text-align:right;vertical-align:top}
th:first-child,td:first-child,td.left,th.left{text-align:left}.ok{color:var(--good)}.no{color:var(--bad)}
figure{margin:18px 0;break-inside:avoid}figcaption{font-weight:600;margin-bottom:4px}svg{width:100%;height:auto;display:block}
.grid{stroke:var(--grid);stroke-width:1}.axis{fill:var(--soft);font-size:11px}.end{text-anchor:end}
.middle{text-anchor:middle}.word{fill:var(--soft);font-size:10px}.mark{stroke:var(--soft);stroke-dasharray:2 4}
.invalid{fill:var(--grey);opacity:.75}.warm_up{fill:var(--grid);opacity:.55}.range{stroke:var(--grey);stroke-width:6}
.curve{fill:none;stroke-width:1.8;stroke-linejoin:round}.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;
padding:0;margin:4px 0 0 64px;font-size:13px}.legend li::before{content:"";display:inline-block;width:14px;height:3px;
margin-right:6px;vertical-align:middle;background:currentColor}
.c0{stroke:var(--c0)}.c1{stroke:var(--c1)}.c2{stroke:var(--c2)}.c3{stroke:var(--c3)}.c4{stroke:var(--c4)}.c5{stroke:var(--c5)}
li.c0{color:var(--c0)}li.c1{color:var(--c1)}li.c2{color:var(--c2)}li.c3{color:var(--c3)}li.c4{color:var(--c4)}
li.c5{color:var(--c5)}.dot.c0{fill:var(--c0)}.dot.c1{fill:var(--c1)}.dot.c2{fill:var(--c2)}.dot.c3{fill:var(--c3)}
.dot.c4{fill:var(--c4)}.key i{display:inline-block;width:14px;height:10px;margin:0 4px 0 12px}
.key i.invalid{background:var(--grey)}.key i.warm_up{background:var(--grid)}
@media print{:root{--paper:#fff;--ink:#000;--card:#f3f3f3}body{max-width:none;padding:0}h2{break-after:avoid}}
)css";

const Json& at(const Json& json, const char* key) {
    static const Json none;
    if (!json.is_object()) return none;
    const auto found = json.find(key);
    return found == json.end() ? none : *found;
}

double number(const Json& json) {
    return json.is_number() ? json.get<double>() : 0;
}

std::string words(const Json& json) {
    return json.is_string() ? escaped(json.get<std::string>()) : json.is_null() ? "–" : escaped(json.dump());
}

std::string decimal(double value) {
    char line[40];
    std::snprintf(line, sizeof line, value < 10 ? "%.2f" : value < 1000 ? "%.1f" : "%.0f", value);
    return line;
}

std::string cell(const std::string& html, const char* kind = "") {
    return std::string("<td") + (*kind ? std::string(" class='") + kind + "'" : "") + ">" + html + "</td>";
}

const Json& list(const Json& report, const char* key) {
    static const Json empty = Json::array();
    const Json& found = at(report, key);
    return found.is_array() ? found : empty;
}

/// A chart over the run, with what every chart shares: shades and phases.
TimeChart over_time(const Json& report, const char* title, const char* unit) {
    TimeChart chart;
    chart.title = title, chart.unit = unit;
    double before = 0;
    Json phase;
    for (const Json& each : list(report, "intervals")) {
        const double now = number(at(each, "at"));
        if (at(each, "valid") == Json(false)) chart.shades.push_back({before, now, "invalid"});
        if (at(each, "warm_up") == Json(true)) chart.shades.push_back({before, now, "warm_up"});
        if (at(each, "phase") != phase) {
            phase = at(each, "phase");
            chart.marks.push_back({before, phase.is_string() ? phase.get<std::string>() : ""});
        }
        before = now;
    }
    chart.x_max = std::max(before, 1.0);
    return chart;
}

void add_series(
    TimeChart& chart, const Json& report, const char* name, const char* group, const char* key,
    double factor = 1
) {
    ChartSeries series{name, {}};
    for (const Json& each : list(report, "intervals")) {
        const Json& from = *group ? at(each, group) : each;
        if (at(from, key).is_number())
            series.points.emplace_back(number(at(each, "at")), number(at(from, key)) * factor);
    }
    chart.series.push_back(std::move(series));
}

std::string latency_charts(const Json& report) {
    TimeChart chart = over_time(report, "Latency of the API", "ms, from the intended start, all paths");
    chart.logarithmic = true;
    for (const char* key : {"p50_ms", "p90_ms", "p99_ms", "max_ms"}) add_series(chart, report, key, "", key);
    std::vector<BarRow> rows;
    for (const auto& [path, figures] : at(report, "latency").items()) {
        if (number(at(figures, "p50_ms")) <= 0) continue;
        BarRow row{path, {}};
        for (const char* key : {"p50", "p90", "p99", "p999", "max"})
            row.ticks.emplace_back(key, number(at(figures, (std::string(key) + "_ms").c_str())));
        rows.push_back(std::move(row));
    }
    return draw(chart) + draw_ranges("Percentiles by path", "ms", rows);
}

/// The six deepest queues.
std::string queue_chart(const Json& report) {
    TimeChart chart = over_time(report, "Queues of the manager", "messages waiting");
    std::map<std::string, double> deepest;
    for (const Json& each : list(report, "intervals")) {
        const Json& queues = at(each, "queues");
        if (!queues.is_object()) continue;
        for (const auto& [name, queue] : queues.items())
            deepest[name] = std::max(deepest[name], number(at(queue, "messages")));
    }
    std::vector<std::pair<double, std::string>> order;
    for (const auto& [name, depth] : deepest)
        if (depth > 0) order.emplace_back(-depth, name);
    std::sort(order.begin(), order.end());
    order.resize(std::min<std::size_t>(order.size(), 6));
    for (const auto& [depth, name] : order) {
        ChartSeries series{name, {}};
        for (const Json& each : list(report, "intervals"))
            series.points.emplace_back(
                number(at(each, "at")), number(at(at(at(each, "queues"), name.c_str()), "messages"))
            );
        chart.series.push_back(std::move(series));
    }
    return draw(chart);
}

std::string other_charts(const Json& report) {
    TimeChart servers = over_time(report, "Servers and sessions", "");
    add_series(servers, report, "servers", "", "servers");
    add_series(servers, report, "sessions", "", "sessions");
    TimeChart errors = over_time(report, "Probes that failed", "per interval");
    add_series(errors, report, "errors", "", "errors");
    add_series(errors, report, "timeouts", "", "timeouts");
    TimeChart cpu = over_time(report, "Processor time", "processors");
    add_series(cpu, report, "manager", "manager", "cpu_cores");
    add_series(cpu, report, "manager's busiest thread", "manager", "busiest_thread");
    add_series(cpu, report, "benchmark and simulator", "own", "cpu_cores");
    TimeChart memory = over_time(report, "Manager's memory", "MiB");
    add_series(memory, report, "resident", "manager", "resident_bytes", 1.0 / 1048576);
    TimeChart open = over_time(report, "Manager's descriptors", "");
    add_series(open, report, "open", "manager", "descriptors");
    TimeChart own = over_time(report, "The benchmark itself", "ms");
    add_series(own, report, "probes sent late (p99)", "own", "send_lateness_ms");
    add_series(own, report, "lag of the simulator", "own", "simulator_lag_ms");
    return draw(servers) + draw(errors) + draw(cpu) + draw(memory) + draw(open) + draw(own);
}

std::string latency_table(const Json& report) {
    std::string made =
        "<table><tr><th>path</th><th>p50</th><th>p90</th><th>p99</th><th>p99.9</th><th>max</th>"
        "<th>requests</th><th>errors</th><th>timeouts</th></tr>";
    if (!at(report, "latency").is_object()) return {};
    for (const auto& [path, figures] : at(report, "latency").items()) {
        made += "<tr>" + cell(escaped(path));
        for (const char* key : {"p50_ms", "p90_ms", "p99_ms", "p999_ms", "max_ms"})
            made += cell(decimal(number(at(figures, key))));
        for (const char* key : {"requests", "errors", "timeouts"}) made += cell(words(at(figures, key)));
        made += "</tr>";
    }
    return "<h2>Latency <small>ms, without warm-up and invalid intervals</small></h2>" + made + "</table>";
}

std::string steps_table(const Json& report) {
    if (list(report, "steps").empty()) return {};
    std::string made =
        "<h2>Steps</h2><table><tr><th>servers</th><th class='left'>result</th><th>seconds</th><th>p50 ms</th>"
        "<th>p99 ms</th><th>failed probes</th><th>an action, ms</th></tr>";
    for (const Json& each : list(report, "steps")) {
        const bool passed = at(each, "passed") == Json(true);
        made +=
            "<tr>" + cell(words(at(each, "servers"))) +
            cell(passed ? "passed" : "failed: " + words(at(each, "reason")), passed ? "left ok" : "left no");
        for (const char* key : {"seconds", "p50_ms", "p99_ms"}) made += cell(decimal(number(at(each, key))));
        made += cell(decimal(100 * number(at(each, "error_rate"))) + " %") +
                cell(decimal(number(at(each, "action_ms")))) + "</tr>";
    }
    return made + "</table>";
}

std::string thresholds_table(const Json& report) {
    if (list(report, "thresholds").empty()) return {};
    std::string made = "<h2>Thresholds</h2><table><tr><th>threshold</th><th>value</th><th>held</th></tr>";
    for (const Json& each : list(report, "thresholds")) {
        const bool passed = at(each, "passed") == Json(true);
        made += "<tr>" + cell(words(at(each, "threshold"))) + cell(words(at(each, "value"))) +
                cell(passed ? "yes" : "NO", passed ? "ok" : "no") + "</tr>";
    }
    return made + "</table>";
}

std::string head(const Json& report) {
    const bool partial = at(report, "partial") == Json(true);
    const Json& limit = at(report, "limit");
    std::string made = "<h1>" + words(at(report, "routine")) +
                       (partial ? " <span class='no'>partial</span>" : "") + "</h1><p class='soft'>" +
                       words(at(at(report, "manager"), "url")) + " · " + words(at(report, "started")) +
                       " · " + decimal(number(at(report, "seconds"))) +
                       " s · ended because: " + words(at(report, "stop_reason")) + "</p>";
    made += std::string("<p class='verdict") + (partial ? " partial" : "") + "'>" +
            words(at(report, "verdict")) + "</p>";
    if (limit.is_object())
        made +=
            "<p>Limit <b>" + words(at(limit, "value")) + "</b> " + words(at(limit, "unit")) + ", between " +
            words(at(limit, "low")) + " and " +
            (at(limit, "high").is_null() ? "more" : words(at(limit, "high"))) +
            (at(report, "knee").is_null() ? "" : "; latency bends at <b>" + words(at(report, "knee")) + "</b>"
            ) +
            ".</p>";
    const Json& resource = at(report, "limiting_resource");
    made += "<p class='what'><b>What ran out: " + words(at(resource, "name")) + "</b><br>" +
            words(at(resource, "evidence")) + "</p>";
    return made;
}

}  // namespace

std::string html_report(const Json& report) {
    std::string made =
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        "<meta name='color-scheme' content='light dark'><title>" +
        words(at(report, "routine")) + "</title><style>" + style + "</style></head><body>";
    made += head(report) + thresholds_table(report) + latency_table(report) + steps_table(report);
    made +=
        "<h2>Over time</h2><p class='key soft'><i class='invalid'></i>invalid: this program was the "
        "bottleneck"
        "<i class='warm_up'></i>warm-up</p>";
    made += latency_charts(report) + queue_chart(report) + other_charts(report);
    made += "<h2>How it was measured</h2><p class='soft'>cluster-sim-benchmark " +
            words(at(report, "version")) + ", seed " + words(at(report, "seed")) + ", on " +
            words(at(report, "machine")) + "</p><table>";
    if (at(report, "parameters").is_object())
        for (const auto& [name, value] : at(report, "parameters").items())
            made += "<tr>" + cell(escaped(name)) + cell(words(value)) + "</tr>";
    return made + "</table></body></html>\n";
}

}  // namespace csim
