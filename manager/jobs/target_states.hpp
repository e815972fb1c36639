// Targets and filesystems as stateful classes, and who of the others depends on them.
// Source: the manager API, §3.4.
#pragma once

#include "manager/jobs/stateful_class.hpp"

#include <vector>

namespace csim {

const StatefulClass& target_class();
const StatefulClass& filesystem_class();
/// Targets that have a mount on the host of `object`, which is a host or one of its configurations.
std::vector<ObjectRef> targets_on_host_of(const Model& model, ObjectRef object);
/// True if no target has a mount on the host of `object`.
bool carries_no_target(const Model& model, ObjectRef object);

}  // namespace csim
