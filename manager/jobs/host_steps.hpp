// What jobs of hosts need and do.
// Source: the manager API, §3.7.1, §3.7.2 and §3.7.12. Differs: waiting for a restarted agent ends after 300
// s.
#pragma once

#include "manager/jobs/job_class.hpp"

#include <vector>

namespace csim {

std::vector<StepSpec> install_steps(const Model& model, const JobRow& job);
std::vector<StepSpec> setup_steps(const Model& model, const JobRow& job);
std::vector<StepSpec> removal_steps(const Model& model, const JobRow& job);
std::vector<StepSpec> reboot_steps(const Model& model, const JobRow& job);
std::vector<StepSpec> shutdown_steps(const Model& model, const JobRow& job);
std::vector<StepSpec> update_steps(const Model& model, const JobRow& job);
std::vector<StepSpec> update_devices_steps(const Model& model, const JobRow& job);

/// Makes the configuration objects that the host's profile asks for and that do not exist yet.
void create_configurations(Model& model, ObjectRef host);
std::vector<Dependency> setup_needs(const Model& model, ObjectRef host);
std::vector<Dependency> setup_monitored_needs(const Model& model, ObjectRef host);
std::vector<Dependency> removal_needs(const Model& model, ObjectRef host);
std::vector<LockPart> removal_locks(const Model& model, ObjectRef host);
std::vector<LockPart> update_locks(const Model& model, ObjectRef host);
void update_succeeded(JobServices& services, const JobRow& job);

}  // namespace csim
