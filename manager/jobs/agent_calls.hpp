// Several actions in one step: together on many servers, or one after the other.
#pragma once

#include "core/json.hpp"
#include "manager/jobs/step_run.hpp"

#include <functional>
#include <string>
#include <vector>

namespace csim {

struct AgentCall {
    std::string fqdn;
    std::string action;
    Json args;
    bool wrapped = true;              ///< the result may be wrapped, as StepRun::checked takes it
    bool may_be_unreachable = false;  ///< a server that does not answer is no failure
};

/// Starts all of them at once; `then` runs when the last one has succeeded. The first failure fails the step.
void call_all(StepRun& step, const std::vector<AgentCall>& calls, std::function<void()> then);
/// One after the other, in order.
void call_each(StepRun& step, std::vector<AgentCall> calls, std::function<void()> then);

}  // namespace csim
