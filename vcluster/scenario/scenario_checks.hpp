// Reading the steps of a scenario before anything is made.
#pragma once

#include "core/json.hpp"
#include "vcluster/scenario/step_verbs.hpp"

#include <string>
#include <vector>

namespace csim {

struct CheckedStep {
    const StepVerb* verb = nullptr;  ///< null: there were mistakes
    Json fields;
    bool is_assertion = false;
    std::string number, description;
};

/// `path` is where the step stands. Mistakes are added, each with its path; a step that has passed once has
/// none.
CheckedStep checked_step(const Json& step, const std::string& path, std::vector<std::string>* mistakes);

}  // namespace csim
