// What can happen in a scenario, as a table: a row is a name, its parameters, how it begins and how it heals.
#pragma once

#include "core/rng.hpp"
#include "core/trace.hpp"
#include "sim/scenario/scenario.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

class AgentNetwork;
class ClusterSimulator;
class FakeServer;
class VirtualCluster;

/// What a scenario acts upon. `cluster` is null in live runs.
struct ScenarioHost {
    Timeline& timeline;
    Trace& trace;
    ClusterSimulator& simulator;
    AgentNetwork& network;
    VirtualCluster* cluster = nullptr;
};

/// One occurrence of a step.
struct Strike {
    ScenarioHost& host;
    const ScenarioStep& step;
    std::vector<std::string> on;  ///< fqdns, chosen when it began
    Rng chance;
    std::map<std::string, std::vector<std::string>> kept;  ///< what has to be restored

    double number(std::string_view name) const;
    Duration span(std::string_view name) const;
    bool over = false;  ///< it healed, or the run ends: what it had planned must not happen any more
};

struct WorkloadParameter {
    enum class Kind { number, span, choice };
    std::string_view name;
    Kind kind = Kind::number;
    double standard = 0;
    double low = 0;
    double high = 0;
    std::string_view choices;  ///< of a choice, separated by blanks
    std::string_view doc;
};

struct ScenarioWorkload {
    enum class Where { nowhere, server, cluster };
    std::string_view name;
    Where where = Where::nowhere;
    bool live = false;     ///< can be done to a running simulator under any manager
    bool fault = false;    ///< something is wrong until it heals
    double lasts_seconds;  ///< until it heals, unless the step says otherwise; 0: it has no end
    std::span<const WorkloadParameter> parameters;
    void (*begin)(const std::shared_ptr<Strike>& strike);
    void (*end)(Strike& strike);  ///< null: nothing to heal
    std::string_view doc;
};

/// Ascending by name.
std::span<const ScenarioWorkload> workload_table();
const ScenarioWorkload* find_workload(std::string_view name);
/// `a, b, c`.
std::string workload_names();

// Parts of the table, one file each.
std::span<const ScenarioWorkload> power_workloads();
std::span<const ScenarioWorkload> power_job_workloads();
std::span<const ScenarioWorkload> agent_workloads();
std::span<const ScenarioWorkload> network_workloads();
std::span<const ScenarioWorkload> storage_workloads();
std::span<const ScenarioWorkload> manager_workloads();
std::span<const ScenarioWorkload> load_workloads();

}  // namespace csim
