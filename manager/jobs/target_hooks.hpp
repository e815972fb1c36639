// What follows from a change of a target: the state of its filesystems, alerts, parameters that wait to be
// applied. Source: the manager API, §3.6.
#pragma once

#include "manager/jobs/step_run.hpp"

#include <vector>

namespace csim {

/// Filesystems that stand and fall with the target: its own, or all that are registered with the MGT.
std::vector<std::int64_t> filesystems_concerned(const Model& model, ObjectRef target);

/// Call after every change of the target's state or place. `filesystems` were concerned before the change;
/// the target itself may be gone. Requires: the locks of whatever changed it are released.
void target_changed(JobServices& services, ObjectRef target, const std::vector<std::int64_t>& filesystems);

/// The MGT of the target, if its MGS runs and does not know all parameters yet; 0: nothing has to be told.
std::int64_t parameters_wait(const Model& model, ObjectRef target);

}  // namespace csim
