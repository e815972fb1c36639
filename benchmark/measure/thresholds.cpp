#include "benchmark/measure/thresholds.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace csim {
namespace {

enum class Kind { time, bytes, share, count };

struct Ending {
    std::string_view name;
    Kind kind;
};

/// What the last word of a figure's name says about its unit.
constexpr std::array endings{
    Ending{"p50", Kind::time},         Ending{"p90", Kind::time},          Ending{"p99", Kind::time},
    Ending{"p999", Kind::time},        Ending{"max", Kind::time},          Ending{"mean", Kind::time},
    Ending{"requests", Kind::count},   Ending{"errors", Kind::count},      Ending{"timeouts", Kind::count},
    Ending{"error_rate", Kind::share}, Ending{"value", Kind::count},       Ending{"low", Kind::count},
    Ending{"high", Kind::count},       Ending{"seconds", Kind::time},      Ending{"rss", Kind::bytes},
    Ending{"rss_growth", Kind::bytes}, Ending{"descriptors", Kind::count}, Ending{"cpu", Kind::count},
    Ending{"messages", Kind::count},   Ending{"invalid", Kind::share},     Ending{"rate", Kind::count},
    Ending{"knee", Kind::count},
};

struct Unit {
    std::string_view name;
    Kind kind;
    double factor;
};

constexpr std::array units{
    Unit{"us", Kind::time, 1e-3},
    Unit{"ms", Kind::time, 1},
    Unit{"s", Kind::time, 1e3},
    Unit{"m", Kind::time, 6e4},
    Unit{"B", Kind::bytes, 1},
    Unit{"kB", Kind::bytes, 1e3},
    Unit{"KiB", Kind::bytes, 1024.},
    Unit{"MB", Kind::bytes, 1e6},
    Unit{"MiB", Kind::bytes, 1048576.},
    Unit{"GB", Kind::bytes, 1e9},
    Unit{"GiB", Kind::bytes, 1073741824.},
    Unit{"%", Kind::share, 0.01},
    Unit{"", Kind::share, 1},
    Unit{"", Kind::count, 1},
};

Error malformed(std::string_view text, const std::string& why) {
    return {
        Errc::bad_argument,
        "the threshold '" + std::string(text) + "' " + why +
            "; write FIGURE<BOUND, such as 'api./api/host/.p99<200ms' or 'limit.value>=64'"};
}

const Ending* ending_of(std::string_view figure) {
    const auto dot = figure.rfind('.');
    if (dot == std::string_view::npos || dot == 0) return nullptr;
    const auto found = std::find_if(endings.begin(), endings.end(), [&](const Ending& each) {
        return each.name == figure.substr(dot + 1);
    });
    return found == endings.end() ? nullptr : &*found;
}

bool holds(double value, const std::string& comparison, double bound) {
    if (comparison == "<") return value < bound;
    if (comparison == "<=") return value <= bound;
    if (comparison == ">") return value > bound;
    return value >= bound;
}

}  // namespace

Result<Threshold> parse_threshold(std::string_view text) {
    const auto at = text.find_first_of("<>");
    if (at == std::string_view::npos) return malformed(text, "compares nothing");
    const bool equal = at + 1 < text.size() && text[at + 1] == '=';
    Threshold made{
        std::string(text), std::string(text.substr(0, at)), std::string(text.substr(at, equal ? 2 : 1))};
    const Ending* ending = ending_of(made.figure);
    if (ending == nullptr) return malformed(text, "names no figure");
    const std::string_view rest = text.substr(at + made.comparison.size());
    const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), made.bound);
    if (read.ec != std::errc{}) return malformed(text, "has no number to compare with");
    const std::string_view unit = rest.substr(static_cast<std::size_t>(read.ptr - rest.data()));
    const auto known = std::find_if(units.begin(), units.end(), [&](const Unit& each) {
        return each.name == unit && each.kind == ending->kind;
    });
    if (known == units.end()) {
        const char* wanted = ending->kind == Kind::time    ? "us, ms, s or m"
                             : ending->kind == Kind::bytes ? "B, kB, MB, MiB or GiB"
                             : ending->kind == Kind::share ? "% or nothing"
                                                           : "nothing";
        return malformed(text, std::string("needs a unit behind its number: ") + wanted);
    }
    made.bound *= known->factor;
    return made;
}

std::vector<ThresholdOutcome> check_thresholds(const std::vector<Threshold>& wanted, const Figures& figures) {
    std::vector<ThresholdOutcome> outcomes;
    for (const Threshold& each : wanted) {
        const auto found = figures.find(each.figure);
        if (found == figures.end()) {
            outcomes.push_back({each.text, false, std::nullopt});
        } else {
            outcomes.push_back({each.text, holds(found->second, each.comparison, each.bound), found->second});
        }
    }
    return outcomes;
}

std::string figure_names(const Figures& figures) {
    std::string names;
    for (const auto& [name, value] : figures) names += (names.empty() ? "" : ", ") + name;
    return names;
}

}  // namespace csim
