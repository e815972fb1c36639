// What jobs of targets ask agents to do.
// Source: the manager API, §3.7.4 to §3.7.7.
#pragma once

#include "manager/jobs/job_class.hpp"

#include <vector>

namespace csim {

std::vector<StepSpec> format_target_steps(const Model& model, const JobRow& job);
std::vector<StepSpec> register_target_steps(const Model& model, const JobRow& job);
std::vector<StepSpec> configure_target_steps(const Model& model, const JobRow& job);
std::vector<StepSpec> start_target_steps(const Model& model, const JobRow& job);
std::vector<StepSpec> stop_target_steps(const Model& model, const JobRow& job);
std::vector<StepSpec> unconfigure_target_steps(const Model& model, const JobRow& job);
std::vector<StepSpec> failover_target_steps(const Model& model, const JobRow& job);
std::vector<StepSpec> failback_target_steps(const Model& model, const JobRow& job);

/// The NIDs of the MGT's servers, its primary one first: a list for each server.
/// Throws StepsImpossible if the MGT is gone or a server of it has no NID.
Json mgs_nids(const Model& model, const TargetRow& target);
/// The NIDs of the servers that take over; empty: none does. Throws StepsImpossible if one of them has no
/// NID.
Json failover_nids(const Model& model, const TargetRow& target);

}  // namespace csim
