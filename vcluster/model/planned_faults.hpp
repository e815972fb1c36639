// What goes wrong in a simulated cluster by plan: `sim.faults` of its specification.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace csim::model {

class ModelRuntime;

struct PlannedFault {
    Duration at{};             ///< since the cluster's epoch
    std::string what;          ///< "node_down", "node_up" or "crash"
    std::string node;          ///< its hostname
    std::string process = {};  ///< of a crash: every process called so on the node dies by SIGKILL
};

/// From `[{"at": "10s", "node_down": "node-1"}, {"at": "20s", "node_up": "node-1"},
/// {"at": "30s", "crash": "ldmsd", "node": "node-2"}]`. Errors: bad_argument, with the path.
Result<std::vector<PlannedFault>> read_planned_faults(const Json& list);

/// Puts them on the runtime's timeline. What is planned for a moment at which the node does not exist yet, or
/// any more, does nothing.
void plan_faults(ModelRuntime& runtime, const std::vector<PlannedFault>& faults);

}  // namespace csim::model
