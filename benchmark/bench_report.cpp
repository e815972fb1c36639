#include "benchmark/bench_report.hpp"

#include "core/json.hpp"
#include "core/result.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>
#include <sys/utsname.h>
#include <unistd.h>

namespace csim {

namespace {

std::optional<bool> met(const Figure& figure) {
    if (!figure.target) return std::nullopt;
    return figure.better == Figure::Better::lower ? figure.value <= *figure.target
                                                  : figure.value >= *figure.target;
}

std::optional<double> ratio(const Figure& figure) {
    if (!figure.peer) return std::nullopt;
    const bool lower = figure.better == Figure::Better::lower;
    const auto above = lower ? *figure.peer : figure.value;
    const auto below = lower ? figure.value : *figure.peer;
    if (below == 0) return std::nullopt;
    return above / below;
}

template <class T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
}

Json spread_json(const std::optional<Spread>& spread) {
    if (!spread) return {};
    return {{"low", spread->low}, {"high", spread->high}, {"runs", spread->runs}};
}

std::string cpu_model() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("model name")) return line.substr(std::min(line.size(), line.find(':') + 2));
    }
    return "unknown processor";
}

}  // namespace

std::string machine_text() {
    utsname system{};
    ::uname(&system);
    std::ostringstream text;
    text << cpu_model() << ", " << ::sysconf(_SC_NPROCESSORS_ONLN) << " processors, "
         << ::sysconf(_SC_PHYS_PAGES) / 1024 * ::sysconf(_SC_PAGESIZE) / 1024 << " MiB, " << system.sysname
         << " " << system.release;
    return text.str();
}

bool BenchReport::all_met() const {
    return std::all_of(figures_.begin(), figures_.end(), [](auto& figure) {
        return met(figure).value_or(true);
    });
}

std::string BenchReport::table() const {
    std::ostringstream text;
    text << machine_text() << "\n";
    for (const auto& figure : figures_) {
        text << "  " << figure.name << ": " << figure.value << " " << figure.unit;
        if (figure.target) {
            const auto* bound = figure.better == Figure::Better::lower ? "at most " : "at least ";
            text << " (target " << bound << *figure.target << ": " << (*met(figure) ? "met" : "MISSED")
                 << ")";
        }
        if (figure.spread) text << " [" << figure.spread->low << " .. " << figure.spread->high << "]";
        if (const auto times = ratio(figure))
            text << ", " << figure.peer_name.value_or("peer") << " " << *figure.peer << ", ratio " << *times;
        text << "\n";
    }
    return text.str();
}

std::string BenchReport::json() const {
    auto figures = Json::array();
    for (const auto& figure : figures_) {
        figures.push_back({
            {"name", figure.name},
            {"value", figure.value},
            {"unit", figure.unit},
            {"target", or_null(figure.target)},
            {"met", or_null(met(figure))},
            {"peer", or_null(figure.peer)},
            {"ratio", or_null(ratio(figure))},
            {"peer_name", or_null(figure.peer_name)},
            {"spread", spread_json(figure.spread)},
            {"peer_spread", spread_json(figure.peer_spread)},
        });
    }
    return Json{{"machine", machine_text()}, {"commands", commands_}, {"figures", figures}}.dump(2) + "\n";
}

void BenchReport::deliver(const std::vector<std::string>& arguments) const {
    std::cout << table() << std::flush;
    const auto path = bench_option(arguments, "--json");
    if (!path) return;
    std::ofstream file(*path);
    file << json();
    file.close();
    if (!file) throw Fatal("cannot write " + *path);
}

std::optional<std::string> bench_option(const std::vector<std::string>& arguments, const std::string& name) {
    const auto found = std::find(arguments.begin(), arguments.end(), name);
    if (found == arguments.end() || found + 1 == arguments.end()) return std::nullopt;
    return *(found + 1);
}

}  // namespace csim
