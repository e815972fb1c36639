// Jobs of corosync and pacemaker.
#include "manager/jobs/corosync_steps.hpp"
#include "manager/jobs/job_parts.hpp"
#include "manager/jobs/target_states.hpp"

#include <nlohmann/json.hpp>

namespace csim {

namespace {

using namespace parts;

std::vector<StepSpec> start_corosync_steps(const Model& model, const JobRow& job) {
    return {action_step("StartCorosyncStep", host_of_job(model, job), "start_corosync2")};
}
std::vector<StepSpec> stop_corosync_steps(const Model& model, const JobRow& job) {
    return {action_step("StopCorosyncStep", host_of_job(model, job), "stop_corosync2")};
}
std::vector<StepSpec> configure_pacemaker_steps(const Model& model, const JobRow& job) {
    const HostRow& host = host_of_job(model, job);
    return {
        action_step("StartPacemakerStep", host, "start_pacemaker"),
        action_step("ConfigurePacemakerStep", host, "configure_pacemaker"),
        action_step("StopPacemakerStep", host, "stop_pacemaker"),
    };
}
std::vector<StepSpec> start_pacemaker_steps(const Model& model, const JobRow& job) {
    return {action_step("StartPacemakerStep", host_of_job(model, job), "start_pacemaker")};
}
std::vector<StepSpec> stop_pacemaker_steps(const Model& model, const JobRow& job) {
    return {action_step("StopPacemakerStep", host_of_job(model, job), "stop_pacemaker")};
}
std::vector<StepSpec> unconfigure_pacemaker_steps(const Model& model, const JobRow& job) {
    return {action_step("UnconfigurePacemakerStep", host_of_job(model, job), "unconfigure_pacemaker")};
}

ObjectRef corosync_of(const Model& model, ObjectRef object) {
    const HostRow* host = model.hosts.find(model.host_of(object));
    if (host == nullptr || !host->corosync_id) return {};
    return {Kind::corosync_configuration, *host->corosync_id};
}

std::vector<Dependency> corosync_started(const Model& model, ObjectRef object) {
    ObjectRef corosync = corosync_of(model, object);
    if (!corosync) return {};
    return {one_state(corosync, "started")};
}

std::vector<Dependency> configure_pacemaker_needs(const Model& model, ObjectRef object) {
    std::vector<Dependency> needs = installed_host(model, object);
    for (Dependency& need : corosync_started(model, object)) needs.push_back(std::move(need));
    return needs;
}

std::vector<Dependency> stop_corosync_needs(const Model& model, ObjectRef object) {
    const HostRow* host = model.hosts.find(model.host_of(object));
    if (host == nullptr || !host->pacemaker_id) return {};
    return {
        {{Kind::pacemaker_configuration, *host->pacemaker_id}, {"unconfigured", "stopped"}, "stopped", {}}};
}

std::vector<Dependency> corosync_stopped(const Model&, ObjectRef object) {
    return {one_state(object, "stopped")};
}

std::vector<LockPart> write_lock(const Model&, ObjectRef object) {
    return {{object, true, {}}};
}

struct Names {
    const char* name;
    const char* verb;
    const char* before;
    int group;
    int order;
};

template <int row>
std::string describe(const Model& model, ObjectRef object);

constexpr Names names[] = {
    {"AutoConfigureCorosync2Job", "Configure Corosync", "Configure Corosync on ", 1, 30},
    {"StartCorosync2Job", "Start Corosync", "Start Corosync on ", 1, 30},
    {"StopCorosync2Job", "Stop Corosync", "Stop Corosync on ", 3, 100},
    {"UnconfigureCorosync2Job", "Unconfigure Corosync", "Unconfigure Corosync on ", 1, 30},
    {"ConfigurePacemakerJob", "Configure Pacemaker", "Configure Pacemaker on ", 1, 30},
    {"StartPacemakerJob", "Start Pacemaker", "Start Pacemaker on ", 1, 30},
    {"StopPacemakerJob", "Stop Pacemaker", "Stop Pacemaker on ", 3, 100},
    {"UnconfigurePacemakerJob", "Unconfigure Pacemaker", "Unconfigure Pacemaker on ", 1, 30},
    {"ConfigureCorosync2Job", "", "Update Corosync Configuration on host ", 1000, 1000},
};

template <int row>
std::string describe(const Model& model, ObjectRef object) {
    return names[row].before + label_of(model, object);
}

using Steps = decltype(JobClass::steps);
using Needs = decltype(JobClass::needs);

template <int row>
JobClass ha_class(Kind kind, Needs needs, Steps steps) {
    JobClass made;
    made.name = names[row].name;
    made.acts_on = kind;
    made.verb = names[row].verb;
    made.display_group = names[row].group;
    made.display_order = names[row].order;
    made.long_description = names[row].verb;
    made.describe = describe<row>;
    made.needs = needs;
    made.steps = steps;
    return made;
}

std::vector<JobClass> make_ha_classes() {
    constexpr Kind corosync = Kind::corosync_configuration;
    constexpr Kind pacemaker = Kind::pacemaker_configuration;
    std::vector<JobClass> classes{
        ha_class<0>(corosync, installed_host, auto_configure_corosync_steps),
        ha_class<1>(corosync, nullptr, start_corosync_steps),
        ha_class<2>(corosync, stop_corosync_needs, stop_corosync_steps),
        ha_class<3>(corosync, nullptr, unconfigure_corosync_steps),
        ha_class<4>(pacemaker, configure_pacemaker_needs, configure_pacemaker_steps),
        ha_class<5>(pacemaker, corosync_started, start_pacemaker_steps),
        ha_class<6>(pacemaker, nullptr, stop_pacemaker_steps),
        ha_class<7>(pacemaker, corosync_started, unconfigure_pacemaker_steps),
        ha_class<8>(corosync, corosync_stopped, configure_corosync_steps),
    };
    classes[3].can_run = carries_no_target;
    classes[7].can_run = carries_no_target;
    classes.back().locks = write_lock;
    return classes;
}

}  // namespace

const std::vector<JobClass>& ha_job_classes() {
    static const std::vector<JobClass> classes = make_ha_classes();
    return classes;
}

}  // namespace csim
