#include "manager/agent_data/target_figures.hpp"

#include <algorithm>

namespace csim {

namespace {

struct Figure {
    const char* name;
    std::optional<std::int64_t> TargetMetrics::*value;
};

constexpr Figure plain_figures[] = {
    {"kbytestotal", &TargetMetrics::kbytestotal},   {"kbytesfree", &TargetMetrics::kbytesfree},
    {"kbytesavail", &TargetMetrics::kbytesavail},   {"filestotal", &TargetMetrics::filestotal},
    {"filesfree", &TargetMetrics::filesfree},       {"num_exports", &TargetMetrics::num_exports},
    {"client_count", &TargetMetrics::client_count}, {"tot_dirty", &TargetMetrics::tot_dirty},
    {"tot_granted", &TargetMetrics::tot_granted},   {"tot_pending", &TargetMetrics::tot_pending},
};

/// Targets of a kind tell the same figures every time, so that their names are shared.
MetricNames shared_names(std::vector<std::string> names) {
    static std::vector<MetricNames> known;
    for (const MetricNames& present : known) {
        if (*present == names) return present;
    }
    auto made = std::make_shared<const std::vector<std::string>>(std::move(names));
    // Hostile reports may invent names without end.
    if (known.size() < 64) known.push_back(made);
    return made;
}

}  // namespace

MetricSample target_sample(const TargetMetrics& metrics, SimTime at) {
    MetricSample sample{at, nullptr, {}};
    std::vector<std::string> names;
    auto add = [&](std::string name, double value) {
        names.push_back(std::move(name));
        sample.values.push_back(value);
    };
    for (const Figure& figure : plain_figures) {
        const auto& value = metrics.*figure.value;
        if (value) add(figure.name, static_cast<double>(*value));
    }
    const auto& stats = metrics.stats;
    const std::size_t count = stats.shapes ? std::min(stats.values.size(), stats.shapes->size()) : 0;
    for (std::size_t i = 0; i < count; ++i) {
        const CounterShape& shape = (*stats.shapes)[i];
        const CounterValue& value = stats.values[i];
        add("stats_" + shape.name, static_cast<double>(shape.has_sum ? value.sum : value.count));
    }
    sample.names = shared_names(std::move(names));
    return sample;
}

}  // namespace csim
