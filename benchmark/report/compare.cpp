#include "benchmark/report/compare.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

namespace csim {
namespace {

constexpr double least_difference = 0.05;
constexpr double least_samples = 20;

const Json& at(const Json& json, const std::string& key) {
    static const Json none;
    if (!json.is_object()) return none;
    const auto found = json.find(key);
    return found == json.end() ? none : *found;
}

double number(const Json& json, double otherwise = 0) {
    return json.is_number() ? json.get<double>() : otherwise;
}

/// One figure of one run.
struct Measured {
    double value = 0, low = 0, high = 0;
    bool enough = true;
};

std::string verdict(const Measured& a, const Measured& b, bool lower_is_better) {
    if (!a.enough || !b.enough) return "unclear";
    const bool apart = a.high < b.low || b.high < a.low;
    const double larger = std::max(std::abs(a.value), std::abs(b.value));
    if (!apart || std::abs(a.value - b.value) < least_difference * larger) return "same";
    return (b.value < a.value) == lower_is_better ? "better" : "worse";
}

Comparison row(
    const std::string& figure, const std::string& unit, const Measured& a, const Measured& b,
    bool lower_is_better
) {
    return {figure, unit, a.value, b.value, a.low, a.high, b.low, b.high, verdict(a, b, lower_is_better)};
}

std::optional<Measured> latency(const Json& figures, const std::string& name) {
    const Json& value = at(figures, name);
    if (!value.is_number()) return std::nullopt;
    const Json& range = at(figures, name + "_range");
    Measured made{
        number(value), number(value), number(value), number(at(figures, "requests")) >= least_samples};
    if (range.is_array() && range.size() == 2) made.low = number(range[0]), made.high = number(range[1]);
    return made;
}

/// The share of failures, with Wilson's interval.
Measured failures(const Json& figures) {
    const double n = number(at(figures, "requests"));
    const double failed = number(at(figures, "errors")) + number(at(figures, "timeouts"));
    if (n <= 0) return {0, 0, 1, false};
    constexpr double z = 1.96;
    const double p = failed / n, middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
    return {100 * p, 100 * std::max(middle - half, 0.0), 100 * (middle + half), n >= least_samples};
}

std::optional<Measured> limit(const Json& report) {
    const Json& found = at(report, "limit");
    if (!at(found, "value").is_number()) return std::nullopt;
    const double value = number(at(found, "value"));
    return Measured{value, number(at(found, "low"), value), number(at(found, "high"), INFINITY)};
}

std::optional<Measured> plain(const Json& report, const std::string& name, double tolerance, double factor) {
    const Json& value = at(at(report, "figures"), name);
    if (!value.is_number()) return std::nullopt;
    const double here = number(value) * factor;
    return Measured{here, here - tolerance * std::abs(here), here + tolerance * std::abs(here)};
}

void add_latencies(ComparedRuns& compared, const Json& a, const Json& b) {
    const Json& first = at(a, "latency");
    if (!first.is_object()) return;
    for (const auto& [path, figures] : first.items()) {
        const Json& other = at(at(b, "latency"), path);
        if (!other.is_object()) continue;
        for (const char* name : {"p50_ms", "p99_ms"}) {
            const auto of_a = latency(figures, name), of_b = latency(other, name);
            if (of_a && of_b)
                compared.rows.push_back(row(path + " " + std::string(name, 3), "ms", *of_a, *of_b, true));
        }
        compared.rows.push_back(row(path + " failed", "%", failures(figures), failures(other), true));
    }
}

void warn(ComparedRuns& compared, const Json& a, const Json& b) {
    for (const char* key : {"routine", "machine", "version"})
        if (at(a, key) != at(b, key))
            compared.warnings.push_back(
                std::string("the two differ in ") + key + ": " + at(a, key).dump() + " and " +
                at(b, key).dump()
            );
    for (const char* key : {"servers", "probe_rate", "log_rate", "hold"})
        if (at(at(a, "parameters"), key) != at(at(b, "parameters"), key))
            compared.warnings.push_back(std::string("the two differ in --") + key);
    for (const auto& [name, report] : {std::pair{"A", &a}, std::pair{"B", &b}}) {
        if (at(*report, "partial") == Json(true))
            compared.warnings.push_back(std::string("run ") + name + " is partial");
        if (number(at(at(*report, "self"), "invalid_share")) > 0.1)
            compared.warnings.push_back(
                std::string("in run ") + name + " the benchmark itself was often the bottleneck"
            );
    }
}

}  // namespace

bool ComparedRuns::any_worse() const {
    return std::any_of(rows.begin(), rows.end(), [](const auto& each) { return each.verdict == "worse"; });
}

ComparedRuns compare_runs(const Json& a, const Json& b) {
    ComparedRuns compared;
    warn(compared, a, b);
    if (const auto of_a = limit(a), of_b = limit(b); of_a && of_b)
        compared.rows.push_back(row("limit", "", *of_a, *of_b, false));
    constexpr double coarse = 0.1;  // one reading a second of something that wanders
    struct Row {
        const char* name;
        const char* unit;
        double factor;
    };
    for (const Row& each :
         {Row{"manager.rss", "MiB", 1.0 / 1048576}, Row{"manager.cpu", "", 1}, Row{"failover.max", "ms", 1},
          Row{"reconnect.together.max", "ms", 1}, Row{"reconnect.spread.max", "ms", 1}}) {
        const auto of_a = plain(a, each.name, coarse, each.factor),
                   of_b = plain(b, each.name, coarse, each.factor);
        if (of_a && of_b) compared.rows.push_back(row(each.name, each.unit, *of_a, *of_b, true));
    }
    add_latencies(compared, a, b);
    return compared;
}

std::string comparison_text(const ComparedRuns& compared) {
    std::string text;
    for (const std::string& warning : compared.warnings) text += "note: " + warning + "\n";
    char line[300];
    std::snprintf(
        line, sizeof line, "%-30s %28s %28s  %s\n", "figure", "A (95 % range)", "B (95 % range)", "B is"
    );
    text += line;
    const auto ranged = [](double value, double low, double high, const std::string& unit) {
        char made[80];
        std::snprintf(made, sizeof made, "%.4g %s (%.3g to %.3g)", value, unit.c_str(), low, high);
        return std::string(made);
    };
    for (const Comparison& each : compared.rows) {
        std::snprintf(
            line, sizeof line, "%-30s %28s %28s  %s\n", each.figure.c_str(),
            ranged(each.a, each.a_low, each.a_high, each.unit).c_str(),
            ranged(each.b, each.b_low, each.b_high, each.unit).c_str(), each.verdict.c_str()
        );
        text += line;
    }
    return text;
}

}  // namespace csim
