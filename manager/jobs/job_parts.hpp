// Small pieces that rows of the job table share.
#pragma once

#include "core/json.hpp"
#include "manager/jobs/job_class.hpp"
#include "manager/jobs/step_run.hpp"
#include "manager/model/model.hpp"

#include <string>
#include <vector>

namespace csim::parts {

/// The host that the job is about. Throws StepsImpossible if it is gone.
const HostRow& host_of_job(const Model& model, const JobRow& job);
std::string label_of(const Model& model, ObjectRef object);
bool managed(const Model& model, ObjectRef object);
/// `{"host": "test000"}`, what steps show as their arguments.
std::string host_args(const HostRow& host);
/// A step that is one action with a result that may be wrapped.
StepSpec action_step(std::string class_name, const HostRow& host, std::string action, const Json& args);
StepSpec action_step(std::string class_name, const HostRow& host, std::string action);
/// Asks for what the agent sees now and applies it; an agent that cannot tell is no failure.
StepSpec scan_step(std::string class_name, const HostRow& host, std::vector<std::string> plugins);
/// Asks the agent's `plugins` one after the other, then calls `then`.
void scan(StepRun& step, std::int64_t host, std::vector<std::string> plugins, std::function<void()> then);

Dependency one_state(ObjectRef object, const std::string& state);
/// The host has its packages, if it is still being set up.
std::vector<Dependency> installed_host(const Model& model, ObjectRef object);

/// The attributes of a profile that agents store.
Json profile_attributes(const ServerProfile& profile);

}  // namespace csim::parts
