// The rows of hosts and their configurations, and walking them.
#include "manager/jobs/stateful_class.hpp"

#include "manager/jobs/hsm_states.hpp"
#include "manager/jobs/target_states.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace csim {

namespace {

bool one_of(const std::vector<std::string>& states, const std::string& state) {
    return std::find(states.begin(), states.end(), state) != states.end();
}

std::vector<std::string> host_advertised(const Model& model, ObjectRef object) {
    const HostRow& host = model.hosts.at(object.id);
    const std::string& state = host.status.state;
    if (state == "unconfigured") return {"packages_installed", "managed", "monitored", "working", "removed"};
    if (state == "packages_installed") return {"managed", "monitored", "working", "removed"};
    if (state == "undeployed") return {"unconfigured", "removed"};
    return {"removed"};
}

std::vector<ObjectRef> host_dependents(const Model& model, ObjectRef object) {
    const HostRow* host = model.hosts.find(object.id);
    if (host == nullptr) return {};
    std::vector<ObjectRef> found{{Kind::lnet_configuration, host->lnet_id}};
    if (host->pacemaker_id) found.push_back({Kind::pacemaker_configuration, *host->pacemaker_id});
    if (host->ntp_id) found.push_back({Kind::ntp_configuration, *host->ntp_id});
    for (ObjectRef target : targets_on_host_of(model, object)) found.push_back(target);
    for (ObjectRef mount : client_mounts_of_host(model, object)) found.push_back(mount);
    return found;
}

std::vector<ObjectRef> pacemaker_dependents(const Model& model, ObjectRef object) {
    std::vector<ObjectRef> found = targets_on_host_of(model, object);
    const HostRow* host = model.hosts.find(model.host_of(object));
    if (host != nullptr && host->corosync_id)
        found.push_back({Kind::corosync_configuration, *host->corosync_id});
    return found;
}

const std::vector<StatefulClass>& classes() {
    static const std::vector<StatefulClass> table{
        {Kind::host,
         "ManagedHost",
         {"undeployed", "unconfigured", "packages_installed", "managed", "monitored", "working", "removed"},
         {{"unconfigured", "packages_installed", "InstallHostPackagesJob"},
          {"packages_installed", "managed", "SetupHostJob"},
          {"packages_installed", "monitored", "SetupMonitoredHostJob"},
          {"packages_installed", "working", "SetupWorkerJob"},
          {"unconfigured", "removed", "RemoveUnconfiguredHostJob"},
          {"undeployed", "removed", "RemoveUnconfiguredHostJob"},
          {"packages_installed", "removed", "RemoveHostJob"},
          {"monitored", "removed", "RemoveHostJob"},
          {"managed", "removed", "RemoveManagedHostJob"},
          {"working", "removed", "RemoveManagedHostJob"}},
         host_advertised,
         nullptr,
         host_dependents},
        {Kind::lnet_configuration,
         "LNetConfiguration",
         {"unconfigured", "lnet_unloaded", "lnet_down", "lnet_up"},
         {{"unconfigured", "lnet_unloaded", "EnableLNetJob"},
          {"lnet_unloaded", "lnet_down", "LoadLNetJob"},
          {"lnet_down", "lnet_up", "StartLNetJob"},
          {"lnet_up", "lnet_down", "StopLNetJob"},
          {"lnet_down", "lnet_unloaded", "UnloadLNetJob"},
          {"lnet_unloaded", "unconfigured", "UnconfigureLNetJob"}},
         nullptr,
         nullptr,
         [](const Model& model, ObjectRef object) {
             auto found = targets_on_host_of(model, object);
             for (ObjectRef mount : client_mounts_of_host(model, object)) found.push_back(mount);
             return found;
         }},
        {Kind::corosync_configuration,
         "Corosync2Configuration",
         {"unconfigured", "stopped", "started"},
         {{"unconfigured", "stopped", "AutoConfigureCorosync2Job"},
          {"stopped", "started", "StartCorosync2Job"},
          {"started", "stopped", "StopCorosync2Job"},
          {"stopped", "unconfigured", "UnconfigureCorosync2Job"}}},
        {Kind::pacemaker_configuration,
         "PacemakerConfiguration",
         {"unconfigured", "stopped", "started"},
         {{"unconfigured", "stopped", "ConfigurePacemakerJob"},
          {"stopped", "started", "StartPacemakerJob"},
          {"started", "stopped", "StopPacemakerJob"},
          {"stopped", "unconfigured", "UnconfigurePacemakerJob"}},
         nullptr,
         nullptr,
         pacemaker_dependents},
        {Kind::ntp_configuration,
         "NTPConfiguration",
         {"unconfigured", "configured"},
         {{"unconfigured", "configured", "ConfigureNTPJob"},
          {"configured", "unconfigured", "UnconfigureNTPJob"}}},
        target_class(),
        filesystem_class(),
        client_mount_class(),
        copytool_class(),
    };
    return table;
}

}  // namespace

bool acceptable(const Dependency& dependency, const std::string& state) {
    return one_of(dependency.acceptable, state);
}

const StatefulClass* stateful_class(Kind kind) {
    for (const StatefulClass& of : classes()) {
        if (of.kind == kind) return &of;
    }
    return nullptr;
}

std::vector<const Transition*> route(
    const StatefulClass& of, const std::string& from, const std::string& to
) {
    std::map<std::string, const Transition*> reached_by{{from, nullptr}};
    std::deque<std::string> frontier{from};
    while (!frontier.empty() && !reached_by.contains(to)) {
        const std::string state = std::move(frontier.front());
        frontier.pop_front();
        for (const Transition& transition : of.transitions) {
            if (transition.from != state || reached_by.contains(transition.to)) continue;
            reached_by[transition.to] = &transition;
            frontier.push_back(transition.to);
        }
    }
    std::vector<const Transition*> hops;
    auto at = reached_by.find(to);
    while (at != reached_by.end() && at->second != nullptr) {
        hops.push_back(at->second);
        at = reached_by.find(at->second->from);
    }
    std::reverse(hops.begin(), hops.end());
    return hops;
}

std::vector<std::string> advertised_states(const Model& model, ObjectRef object, const std::string& state) {
    const StatefulClass* of = stateful_class(object.kind);
    if (of == nullptr) return {};
    std::vector<std::string> allowed = of->advertised ? of->advertised(model, object) : of->states;
    std::vector<std::string> states;
    for (const std::string& candidate : of->states) {
        if (candidate == state || !one_of(allowed, candidate)) continue;
        if (!route(*of, state, candidate).empty()) states.push_back(candidate);
    }
    return states;
}

std::vector<ObjectRef> all_dependents(const Model& model, ObjectRef object) {
    std::set<ObjectRef> seen{object};
    std::vector<ObjectRef> found;
    std::deque<ObjectRef> frontier{object};
    while (!frontier.empty()) {
        const ObjectRef next = frontier.front();
        frontier.pop_front();
        const StatefulClass* of = stateful_class(next.kind);
        if (of == nullptr || of->dependents == nullptr) continue;
        for (ObjectRef dependent : of->dependents(model, next)) {
            if (!seen.insert(dependent).second) continue;
            found.push_back(dependent);
            frontier.push_back(dependent);
        }
    }
    return found;
}

}  // namespace csim
