// The page of a run of mass connections.
#include "benchmark/mass/mass_report.hpp"
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
.soft{color:var(--soft)}.verdict{font-size:18px;margin:12px 0;padding:12px 16px;background:var(--card);
border-left:5px solid var(--c0);border-radius:4px}table{border-collapse:collapse;width:100%;font-size:13px}
th,td{padding:4px 8px;border-bottom:1px solid var(--grid);text-align:right;vertical-align:top;overflow-wrap:anywhere}
th:first-child,td:first-child{text-align:left}.ok{color:var(--good)}.no{color:var(--bad)}
figure{margin:18px 0;break-inside:avoid}figcaption{font-weight:600}svg{width:100%;height:auto;display:block}
.grid{stroke:var(--grid);stroke-width:1}.axis{fill:var(--soft);font-size:11px}.end{text-anchor:end}
.middle{text-anchor:middle}.word{fill:var(--soft);font-size:10px}.mark{stroke:var(--soft);stroke-dasharray:2 4}
.warm_up{fill:var(--grid);opacity:.55}.curve{fill:none;stroke-width:1.8;stroke-linejoin:round}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;padding:0;margin:4px 0 0 64px;font-size:13px}
.legend li::before{content:"";display:inline-block;width:14px;height:3px;margin-right:6px;vertical-align:middle;
background:currentColor}.c0{stroke:var(--c0)}.c1{stroke:var(--c1)}.c2{stroke:var(--c2)}li.c0{color:var(--c0)}
li.c1{color:var(--c1)}li.c2{color:var(--c2)}@media print{body{max-width:none;padding:0}}
)css";

std::string number_text(double value) {
    char text[40];
    std::snprintf(
        text, sizeof text, value == static_cast<double>(static_cast<long long>(value)) ? "%.0f" : "%.3f",
        value
    );
    return text;
}

std::string words(const Json& json) {
    return json.is_string()   ? escaped(json.get<std::string>())
           : json.is_number() ? number_text(json.get<double>())
                              : escaped(json.dump());
}

const Json& at(const Json& json, const char* key) {
    static const Json none = Json::object();
    const auto found = json.is_object() ? json.find(key) : json.end();
    return json.is_object() && found != json.end() ? *found : none;
}

std::string rows(const Json& object) {
    std::string made;
    for (const auto& [name, value] : object.items())
        made += "<tr><td>" + escaped(name) + "</td><td>" + words(value) + "</td></tr>";
    return made;
}

std::string table(const char* title, const Json& object) {
    if (!object.is_object() || object.empty()) return "";
    return std::string("<h2>") + title + "</h2><table>" + rows(object) + "</table>";
}

struct Curve {
    const char* key;
    const char* name;
};

std::string chart(
    const Json& report, const char* title, const char* unit, std::initializer_list<Curve> curves
) {
    TimeChart made;
    made.title = title;
    made.unit = unit;
    const Json& series = at(report, "series");
    std::string phase;
    double ramp_from = -1;
    for (const Json& point : series) {
        const double x = point.value("at", 0.0);
        made.x_max = std::max(made.x_max, x);
        if (const std::string now = point.value("phase", ""); now != phase) {
            if (ramp_from >= 0) made.shades.push_back({ramp_from, x, "warm_up"});
            ramp_from = now == "hold" ? -1 : x;
            phase = now;
            made.marks.push_back({x, phase});
        }
    }
    if (ramp_from >= 0) made.shades.push_back({ramp_from, made.x_max, "warm_up"});
    for (const Curve& curve : curves) {
        ChartSeries line{curve.name, {}};
        for (const Json& point : series)
            line.points.emplace_back(point.value("at", 0.0), point.value(curve.key, 0.0));
        made.series.push_back(std::move(line));
    }
    return draw(made);
}

std::string latency_table(const Json& latency) {
    static constexpr const char* columns[] = {"p50_ms",   "p90_ms", "p99_ms", "p999_ms",
                                              "p9999_ms", "max_ms", "count"};
    std::string made = "<h2>Latencies in ms</h2><table><tr><th></th>";
    for (const char* each : columns) made += "<th>" + std::string(each) + "</th>";
    made += "</tr>";
    for (const auto& [name, row] : latency.items()) {
        made += "<tr><td>" + escaped(name) + "</td>";
        for (const char* each : columns)
            made += "<td>" + (row.contains(each) ? words(row[each]) : "–") + "</td>";
        made += "</tr>";
    }
    return made +
           "</table><p class='soft'>request: from when it was due to the end of its answer; uncorrected: "
           "from when "
           "it was sent, which hides what waited; lateness: of this program itself.</p>";
}

}  // namespace

std::string mass_report_html(const Json& report) {
    std::string made =
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' "
        "content='width=device-width,initial-scale=1'><title>connections</title><style>";
    made += style;
    made += "</style></head><body><h1>connections</h1><p class='soft'>" + words(at(report, "started")) +
            ", on " + words(at(report, "machine")) + "</p><p class='verdict'>" +
            words(at(report, "verdict")) + "</p><table>";
    for (const Json& each : at(report, "criteria")) {
        const bool met = each.value("met", false);
        made += "<tr><td>" + words(at(each, "criterion")) + "</td><td class='" +
                (met ? "ok'>met" : "no'>not met") + "</td></tr>";
    }
    const Json& limit = at(report, "limiting_resource");
    made += "</table><p>What ran out: <b>" + words(at(limit, "name")) + "</b>, " +
            words(at(limit, "evidence")) + "</p>";
    made += chart(
        report, "Held", "connections",
        {{"held", "held"}, {"connecting", "being made"}, {"drops", "dropped so far"}}
    );
    made += chart(report, "Rates", "per second", {{"connects", "connects"}, {"requests", "requests"}});
    made += chart(
        report, "Latency", "ms", {{"request_p99_ms", "requests, p99"}, {"lateness_p99_ms", "lateness, p99"}}
    );
    made += chart(
        report, "Memory", "bytes",
        {{"resident_bytes", "our workers"}, {"slab_bytes", "kernel's slab, all ends"}}
    );
    made += latency_table(at(report, "latency"));
    made += table("Dropped", at(report, "drops")) + table("Not opened", at(report, "failed_opens")) +
            table("Ended by the peer", at(report, "closed_by_peer")) +
            table("Ended by us", at(report, "closed_by_us"));
    if (!at(report, "lost").empty()) {
        made += "<h2>Lost workers</h2><table>";
        for (const Json& each : at(report, "lost")) made += rows(each);
        made += "</table>";
    }
    made += table("Figures", at(report, "figures")) + table("Counts", at(report, "counts")) +
            table("Plan", at(report, "plan"));
    return made + "</body></html>\n";
}

}  // namespace csim
