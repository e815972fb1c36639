// Small pieces that jobs of targets and filesystems share.
#pragma once

#include "manager/jobs/agent_calls.hpp"
#include "manager/jobs/job_parts.hpp"

#include <string>
#include <vector>

namespace csim::parts {

/// The target that the job is about. Throws StepsImpossible if it is gone.
const TargetRow& target_of_job(const Model& model, const JobRow& job);
/// The target that the step's job is about; nullptr, with the step failed, if it is gone.
const TargetRow* target_of_step(StepRun& step);
/// Throws StepsImpossible if the host is gone.
const HostRow& mount_host(const Model& model, const MountPart& mount);
/// The primary mount. Throws StepsImpossible if there is none.
const MountPart& primary_mount(const TargetRow& target);
/// The primary host, or the next one with which there is contact. Throws StepsImpossible if there is none.
const MountPart& best_mount(const Model& model, const TargetRow& target);
const MountPart* mount_on(const TargetRow& target, std::int64_t host);

/// `/mnt/testfs-OST0000`.
std::string mount_point(const TargetRow& target);
/// The host's NIDs, in order of interface.
std::vector<std::string> nids_of_host(const Model& model, std::int64_t host);

/// `10.0.0.1@tcp0:10.0.0.2@tcp0`: how clients find the MGS of a file system, the servers in order of their
/// text. Servers without NIDs are left out; empty: nobody can find it.
std::string mgs_spec(const Model& model, std::int64_t filesystem);
/// What a client is given to mount, `<MGS>:/testfs`. Throws StepsImpossible if the file system is gone or its
/// MGS has no NID.
std::string mount_spec(const Model& model, std::int64_t filesystem);

/// Whoever sees the volume lets go of it, except `host`; 0: everybody.
std::vector<AgentCall> export_calls(const Model& model, const TargetRow& target, std::int64_t except_host);
/// Everybody lets go of the volume but the host of `mount`, which takes it.
StepSpec move_step(const Model& model, const TargetRow& target, const MountPart& mount, bool validate);
StepSpec export_step(const Model& model, const TargetRow& target);
/// `{"target": "testfs-OST0000", "host": "test000"}`, what steps show as their arguments.
std::string target_args(const Model& model, const TargetRow& target, const MountPart& mount);

/// LNet up on the host of each of the target's mounts.
void need_lnet(const Model& model, const TargetRow& target, bool all_mounts, std::vector<Dependency>& needs);
void need_pacemaker(const Model& model, const TargetRow& target, std::vector<Dependency>& needs);
ObjectRef lnet_of(const Model& model, std::int64_t host);
/// Names nothing if the host has none.
ObjectRef pacemaker_of(const Model& model, std::int64_t host);

}  // namespace csim::parts
