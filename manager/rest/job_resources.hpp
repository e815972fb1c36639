// `job` and `step`.
#pragma once

#include "manager/rest/resource_set.hpp"

namespace csim {

void add_job_resources(ResourceList& list);

}  // namespace csim
