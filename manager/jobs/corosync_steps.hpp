// The steps that make a host a member of a corosync cluster, change its port, and take it out again.
// Source: the manager API, §3.7.1 and §3.7.13. Differs: a host with one network gets one ring; if the peer
// that should act for a new member cannot be reached, the host acts for itself.
#pragma once

#include "manager/jobs/job_class.hpp"

#include <vector>

namespace csim {

std::vector<StepSpec> auto_configure_corosync_steps(const Model& model, const JobRow& job);
std::vector<StepSpec> unconfigure_corosync_steps(const Model& model, const JobRow& job);
/// `args` of the job hold `mcast_port` and `network_interfaces`.
std::vector<StepSpec> configure_corosync_steps(const Model& model, const JobRow& job);

}  // namespace csim
