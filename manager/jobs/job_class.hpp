// Classes of jobs as a table: what they need, what they are called, which steps they take.
// Source: the manager API, §3.4, §3.7, §3.8 and appendix A.
#pragma once

#include "core/json.hpp"
#include "manager/jobs/stateful_class.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

class StepRun;
struct JobServices;

/// A piece of a job. `run` ends the step through its argument, at once or later.
struct StepSpec {
    std::string class_name;
    std::string args = "{}";  ///< JSON text, for people
    std::function<void(StepRun&)> run;
};

/// What a builder of steps throws when the job cannot be done now: the job is cancelled.
struct StepsImpossible : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct JobClass {
    std::string_view name;
    Kind acts_on = Kind::none;
    std::string_view verb;  ///< empty: never offered to people
    int display_group = 1000;
    int display_order = 1000;
    std::string_view long_description;
    std::string (*describe)(const Model&, ObjectRef) = nullptr;
    bool (*can_run)(const Model&, ObjectRef) = nullptr;                   ///< nullptr: always
    std::vector<Dependency> (*needs)(const Model&, ObjectRef) = nullptr;  ///< nullptr: nothing
    std::vector<StepSpec> (*steps
    )(const Model&, const JobRow&) = nullptr;      ///< nullptr: none; may throw StepsImpossible
    void (*prepare)(Model&, ObjectRef) = nullptr;  ///< before it is planned for real
    std::vector<LockPart> (*locks)(const Model&, ObjectRef) = nullptr;  ///< beyond those of its dependencies
    void (*succeeded)(JobServices&, const JobRow&) = nullptr;
    std::string_view argument;      ///< of jobs that are no state change: the key of the object's number
    std::string_view confirmation;  ///< empty: none is asked for
    bool requires_confirmation = false;
    bool cancellable = true;
    bool advertised = false;  ///< listed in `available_jobs`
    bool preempts = false;    ///< ends whatever else holds what `locks` names, instead of waiting for it
};

const JobClass* find_job_class(std::string_view name);
/// All rows, in order of class.
const std::vector<const JobClass*>& all_job_classes();

// The parts of the table, by subject.
const std::vector<JobClass>& host_job_classes();
const std::vector<JobClass>& lnet_job_classes();
const std::vector<JobClass>& ha_job_classes();
const std::vector<JobClass>& target_job_classes();
const std::vector<JobClass>& filesystem_job_classes();
const std::vector<JobClass>& conf_param_job_classes();
const std::vector<JobClass>& writeconf_job_classes();
const std::vector<JobClass>& power_job_classes();
const std::vector<JobClass>& hsm_job_classes();
const std::vector<JobClass>& host_test_job_classes();

}  // namespace csim
