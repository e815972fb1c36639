// Jobs of hosts: rows of the table.
#include "manager/jobs/host_removal.hpp"
#include "manager/jobs/host_steps.hpp"
#include "manager/jobs/job_parts.hpp"

namespace csim {

namespace {

using namespace parts;

template <const char* const& before, const char* const& after>
std::string describe(const Model& model, ObjectRef object) {
    return before + label_of(model, object) + after;
}

constexpr const char* nothing = "";
constexpr const char* configuration = " from configuration";
constexpr const char* install = "Install packages on server ";
constexpr const char* setup_managed = "Setup managed host ";
constexpr const char* setup_monitored = "Setup monitored host ";
constexpr const char* setup_worker = "Setup worker node ";
constexpr const char* remove_text = "Remove host ";
constexpr const char* force_remove = "Force remove host ";
constexpr const char* reboot = "Reboot host ";
constexpr const char* shut_down = "Shut down host ";
constexpr const char* update = "Update packages on server ";
constexpr const char* devices = "Look for devices on ";

JobClass host_class(const char* name, std::string_view verb, int group, int order, std::string_view text) {
    JobClass row;
    row.name = name;
    row.acts_on = Kind::host;
    row.verb = verb;
    row.display_group = group;
    row.display_order = order;
    row.long_description = text;
    return row;
}

bool can_install(const Model& model, ObjectRef host) {
    return model.hosts.at(host.id).status.state == "unconfigured";
}
bool can_set_up_managed(const Model& model, ObjectRef host) {
    const ServerProfile& profile = model.profile_of(model.hosts.at(host.id));
    return profile.managed && !profile.worker;
}
bool can_set_up_monitored(const Model& model, ObjectRef host) {
    return !model.profile_of(model.hosts.at(host.id)).managed;
}
bool can_set_up_worker(const Model& model, ObjectRef host) {
    const ServerProfile& profile = model.profile_of(model.hosts.at(host.id));
    return profile.managed && profile.worker;
}
/// Reachable as far as anybody knows, and set up.
bool can_power_down(const Model& model, ObjectRef host) {
    const HostRow& row = model.hosts.at(host.id);
    const std::string& state = row.status.state;
    if (!model.profile_of(row).managed || state == "removed" || state == "undeployed" ||
        state == "unconfigured")
        return false;
    return !model.active_alert(host, "HostOfflineAlert") && !model.active_alert(host, "HostContactAlert");
}

void add_setup_classes(std::vector<JobClass>& classes) {
    JobClass row = host_class(
        "InstallHostPackagesJob", "Continue server configuration", 1, 20, "Install what the profile needs."
    );
    row.describe = describe<install, nothing>;
    row.can_run = can_install;
    row.steps = install_steps;
    classes.push_back(row);
    row =
        host_class("SetupHostJob", "Setup managed server", 1, 20, "Make this server ready to carry targets.");
    row.describe = describe<setup_managed, nothing>;
    row.can_run = can_set_up_managed;
    row.prepare = create_configurations;
    row.needs = setup_needs;
    row.steps = setup_steps;
    classes.push_back(row);
    row = host_class("SetupMonitoredHostJob", "Setup monitored server", 1, 20, "Watch this server.");
    row.describe = describe<setup_monitored, nothing>;
    row.can_run = can_set_up_monitored;
    row.prepare = create_configurations;
    row.needs = setup_monitored_needs;
    classes.push_back(row);
    row = host_class(
        "SetupWorkerJob", "Setup worker node", 1, 20, "Make this server ready to mount file systems."
    );
    row.describe = describe<setup_worker, nothing>;
    row.can_run = can_set_up_worker;
    row.prepare = create_configurations;
    row.needs = setup_needs;
    classes.push_back(row);
}

void add_removal_classes(std::vector<JobClass>& classes) {
    JobClass row = host_class(
        "RemoveManagedHostJob", "Remove", 4, 120, "Take this server out, with whatever relies on it."
    );
    row.describe = describe<remove_text, configuration>;
    row.needs = removal_needs;
    row.steps = removal_steps;
    row.succeeded = [](JobServices& services, const JobRow& job) { delete_host(services, job.subject.id); };
    classes.push_back(row);
    row.name = "RemoveHostJob";
    classes.push_back(row);
    row = host_class(
        "RemoveUnconfiguredHostJob", "Remove", 4, 130, "Forget this server, which was never set up."
    );
    row.describe = describe<remove_text, configuration>;
    row.succeeded = [](JobServices& services, const JobRow& job) { delete_host(services, job.subject.id); };
    classes.push_back(row);
    row = host_class(
        "ForceRemoveHostJob", "Force Remove", 5, 140,
        "Forget this server and all that relies on it, without asking it."
    );
    row.describe = describe<force_remove, configuration>;
    row.locks = removal_locks;
    row.preempts = true;
    row.argument = "host_id";
    row.confirmation =
        "The server itself is not changed and cannot be told. Use this only if it will never answer again.";
    row.advertised = true;
    row.succeeded = [](JobServices& services, const JobRow& job) { delete_host(services, job.subject.id); };
    classes.push_back(row);
}

void add_power_classes(std::vector<JobClass>& classes) {
    JobClass row = host_class(
        "RebootHostJob", "Reboot", 2, 50, "Restart this server in order; its targets move to a peer."
    );
    row.describe = describe<reboot, nothing>;
    row.can_run = can_power_down;
    row.steps = reboot_steps;
    row.argument = "host_id";
    row.advertised = true;
    classes.push_back(row);
    row = host_class(
        "ShutdownHostJob", "Shutdown", 2, 60, "Shut this server down in order; its targets move to a peer."
    );
    row.describe = describe<shut_down, nothing>;
    row.can_run = can_power_down;
    row.steps = shutdown_steps;
    row.argument = "host_id";
    row.advertised = true;
    row.confirmation = "The server stays down until somebody starts it.";
    classes.push_back(row);
    row = host_class("UpdateJob", "", 1000, 1000, "Install newer packages on this server.");
    row.describe = describe<update, nothing>;
    row.locks = update_locks;
    row.steps = update_steps;
    row.argument = "host_id";
    row.succeeded = update_succeeded;
    classes.push_back(row);
    row = host_class("UpdateDevicesJob", "", 1000, 1000, "Ask this server what it sees.");
    row.describe = describe<devices, nothing>;
    row.steps = update_devices_steps;
    row.argument = "host_id";
    classes.push_back(row);
}

}  // namespace

const std::vector<JobClass>& host_job_classes() {
    static const std::vector<JobClass> classes = [] {
        std::vector<JobClass> made;
        add_setup_classes(made);
        add_removal_classes(made);
        add_power_classes(made);
        return made;
    }();
    return classes;
}

}  // namespace csim
