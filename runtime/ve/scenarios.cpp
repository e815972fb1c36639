#include "runtime/ve/scenarios.hpp"

namespace csim {
namespace {

HostResource& of(HostModel& model, const char* resource) {
    return *model.find(resource);
}

/// The kernel's table holds 1,024; replies of a thousand that ping each other's bridge vanish from the 750th
/// on.
void arp_cliff(HostModel& model) {
    HostResource& table = of(model, "neighbours");
    table.capacity = 1024;
    table.baseline = 16;
    table.per_running = 1008.0 / 750;
}

void one_bridge(HostModel& model) {
    HostResource& ports = of(model, "bridge_ports");
    ports.capacity = 1023;
    ports.baseline = 0;
    ports.per_running = 1;
}

void old_inotify(HostModel& model) {
    HostResource& instances = of(model, "inotify");
    instances.capacity = 128;
    instances.baseline = 8;
    instances.per_running = 1;
}

void memory_for_704(HostModel& model) {
    static_cast<void>(limit_nodes(model, "memory", 704));
}

void one_by_one(HostModel& model) {
    model.rtnl_delete = 17ms;
}

}  // namespace

const std::vector<ExperimentScenario>& experiment_scenarios() {
    static const std::vector<ExperimentScenario> all{
        {"arp-cliff", "namespaces",
         "beyond 750 that ping the bridge (start --target bridge) nobody answers, and nothing says so",
         "each takes 1.344 entries of the neighbour table", arp_cliff},
        {"bridge-1023", "namespaces", "one bridge has 1,023 ports, so the next environment gets none", "",
         one_bridge},
        {"inotify-128", "lxd-2015", "beyond 120 environments the job never begins, so there is no log",
         "each takes one inotify instance, and the host has 8", old_inotify},
        {"lxcexp-704", "lxd-2015", "704 of 1000 start and finish, the others never started",
         "memory is enough for 704", memory_for_704},
        {"slow-delete", "namespaces", "interfaces removed one by one: 17 s for a thousand instead of 0.2", "",
         one_by_one},
    };
    return all;
}

Result<HostModel> experiment_scenario(const std::string& name) {
    std::string known;
    for (const ExperimentScenario& each : experiment_scenarios()) {
        known += (known.empty() ? "" : ", ") + std::string(each.name);
        if (each.name != name) continue;
        HostModel model = host_model(std::string(each.model)).value();
        each.set(model);
        return model;
    }
    return Error{Errc::not_found, "there is no scenario '" + name + "'; there are " + known};
}

}  // namespace csim
