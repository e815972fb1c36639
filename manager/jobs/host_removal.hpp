// Forgetting a host and everything that exists because of it.
#pragma once

#include "manager/jobs/step_run.hpp"

namespace csim {

/// Dependent objects go with their alerts; sessions end and certificates are revoked. Asks no agent.
/// Source: the manager API, §3.7.2, the delete step.
void delete_host(JobServices& services, std::int64_t host);

}  // namespace csim
