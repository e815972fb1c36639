// Outcomes that were published or seen, as simulated hosts that bring them about. Where no cause was
// published the parameter is a hypothesis, and says so.
#pragma once

#include "runtime/simulated/host_model.hpp"

namespace csim {

struct ExperimentScenario {
    std::string_view name;
    std::string_view model;
    std::string_view says;  ///< what comes of it
    std::string_view
        hypothesis;  ///< the parameter that nobody published; empty: measured, or the kernel's own
    void (*set)(HostModel& model);
};

/// All, in the order of their names.
const std::vector<ExperimentScenario>& experiment_scenarios();
/// The host of one. Errors: not_found, with the list.
Result<HostModel> experiment_scenario(const std::string& name);

}  // namespace csim
