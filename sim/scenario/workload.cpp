#include "sim/scenario/workload.hpp"

#include <algorithm>
#include <cmath>

namespace csim {

double Strike::number(std::string_view name) const {
    const auto given = step.numbers.find(std::string(name));
    if (given != step.numbers.end()) return given->second;
    for (const WorkloadParameter& parameter : step.workload->parameters) {
        if (parameter.name == name) return parameter.standard;
    }
    return 0;
}

Duration Strike::span(std::string_view name) const {
    return Duration(std::llround(number(name) * 1e9));
}

std::span<const ScenarioWorkload> workload_table() {
    static const std::vector<ScenarioWorkload> table = [] {
        std::vector<ScenarioWorkload> all;
        for (const auto part :
             {power_workloads(), power_job_workloads(), agent_workloads(), network_workloads(),
              storage_workloads(), manager_workloads(), load_workloads()})
            all.insert(all.end(), part.begin(), part.end());
        std::sort(all.begin(), all.end(), [](const ScenarioWorkload& a, const ScenarioWorkload& b) {
            return a.name < b.name;
        });
        return all;
    }();
    return table;
}

const ScenarioWorkload* find_workload(std::string_view name) {
    for (const ScenarioWorkload& row : workload_table()) {
        if (row.name == name) return &row;
    }
    return nullptr;
}

std::string workload_names() {
    std::string names;
    for (const ScenarioWorkload& row : workload_table())
        names += (names.empty() ? "" : ", ") + std::string(row.name);
    return names;
}

}  // namespace csim
