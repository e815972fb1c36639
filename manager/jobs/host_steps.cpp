// Steps of setting hosts up, changing their power state and updating them.
#include "manager/jobs/host_steps.hpp"

#include "manager/agent_data/agent_data.hpp"
#include "manager/jobs/job_parts.hpp"

#include <nlohmann/json.hpp>

namespace csim {

namespace {

using namespace parts;

/// Asks for a restart by `action` and waits until the agent is back with another session.
void restart(StepRun& step, const std::string& fqdn, const std::string& action) {
    auto old_session = step.services().rpc.session(fqdn);
    step.raw(fqdn, action, Json::object(), [&step, fqdn, old_session](const Json&) {
        step.await_other_session(fqdn, old_session, reboot_limit, [&step] { step.succeed(); });
    });
}

StepSpec profile_step(const HostRow& host, const ServerProfile& profile) {
    auto run = [id = host.id, fqdn = host.fqdn, &profile](StepRun& step) {
        Json args{{"profile", profile_attributes(profile)}};
        step.checked(fqdn, "update_profile", std::move(args), [&step, id, fqdn, &profile](const Json&) {
            if (step.model().hosts.find(id) == nullptr)
                return step.fail("The host was removed while it was set up");
            step.model().hosts.edit(id, [&](HostRow& row) {
                row.profile = profile.name;
                row.status.immutable = !profile.managed;
            });
            restart(step, fqdn, "restart_agent");
        });
    };
    return {
        "SetHostProfileStep", Json{{"host", host_label(host)}, {"server_profile", profile.name}}.dump(), run};
}

std::vector<std::string> repositories(const ServerProfile& profile) {
    std::vector<std::string> names = profile.bundles;
    std::erase(names, "external");
    return names;
}

StepSpec packages_step(const HostRow& host, const ServerProfile& profile) {
    Json args{{"repos", repositories(profile)}, {"packages", profile.packages}};
    Json shown{{"host", host_label(host)}, {"bundles", args["repos"]}, {"packages", args["packages"]}};
    auto run = [id = host.id, fqdn = host.fqdn, args](StepRun& step) {
        step.checked(fqdn, "install_packages", args, [&step, id](const Json& answer) {
            const bool nested = answer.is_object() && answer.contains("scan_packages");
            const Json& report = nested ? answer["scan_packages"] : answer;
            (void)step.services().agent_data->packages_scanned(id, report);
            step.succeed();
        });
    };
    return {"InstallPackagesStep", shown.dump(), run};
}

bool reboot_needed(const Json& status) {
    if (!status.is_object()) return false;
    const Json required = status.value("required", Json());
    const Json available = status.value("available", Json::array());
    if (!required.is_string() || required == "" || required == status.value("running", Json())) return false;
    return available.is_array() && std::find(available.begin(), available.end(), required) != available.end();
}

StepSpec kernel_step(const HostRow& host) {
    auto run = [fqdn = host.fqdn](StepRun& step) {
        step.raw(fqdn, "kernel_status", Json::object(), [&step, fqdn](const Json& status) {
            if (!reboot_needed(status)) return step.succeed();
            restart(step, fqdn, "reboot_server");
        });
    };
    return {"RebootIfNeededStep", Json{{"host", host_label(host)}, {"timeout", 300}}.dump(), run};
}

StepSpec raw_step(const char* name, const HostRow& host, const char* action) {
    return {name, host_args(host), [fqdn = host.fqdn, action](StepRun& step) {
                step.raw(fqdn, action, Json::object(), [&step](const Json&) { step.succeed(); });
            }};
}

const std::vector<std::string> scanned_plugins{"linux", "linux_network", "simulator_controller"};

}  // namespace

std::vector<StepSpec> install_steps(const Model& model, const JobRow& job) {
    const HostRow& host = host_of_job(model, job);
    const ServerProfile& profile = model.profile_of(host);
    std::vector<StepSpec> steps{profile_step(host, profile)};
    if (!profile.worker) steps.push_back(scan_step("LearnDevicesStep", host, scanned_plugins));
    steps.push_back(packages_step(host, profile));
    if (profile.managed) steps.push_back(kernel_step(host));
    return steps;
}

std::vector<StepSpec> setup_steps(const Model& model, const JobRow& job) {
    return {action_step(
        "InitialiseBlockDeviceDriversStep", host_of_job(model, job), "initialise_block_device_drivers"
    )};
}

std::vector<StepSpec> removal_steps(const Model& model, const JobRow& job) {
    return {raw_step("DeregisterServerStep", host_of_job(model, job), "deregister_server")};
}

std::vector<StepSpec> reboot_steps(const Model& model, const JobRow& job) {
    return {raw_step("RebootHostStep", host_of_job(model, job), "reboot_server")};
}

std::vector<StepSpec> shutdown_steps(const Model& model, const JobRow& job) {
    return {raw_step("ShutdownHostStep", host_of_job(model, job), "shutdown_server")};
}

std::vector<StepSpec> update_devices_steps(const Model& model, const JobRow& job) {
    return {scan_step("UpdateDevicesStep", host_of_job(model, job), scanned_plugins)};
}

std::vector<StepSpec> update_steps(const Model& model, const JobRow& job) {
    const HostRow& host = host_of_job(model, job);
    const ServerProfile& profile = model.profile_of(host);
    auto restart_step = [&] {
        return StepSpec{"RestartAgentStep", host_args(host), [fqdn = host.fqdn](StepRun& step) {
                            restart(step, fqdn, "restart_agent");
                        }};
    };
    auto add_pacemaker = [&](std::vector<StepSpec>& steps) {
        if (!profile.managed || !host.pacemaker_id) return;
        steps.push_back(action_step("EnablePacemakerStep", host, "enable_pacemaker"));
        steps.push_back(action_step("StartPacemakerStep", host, "start_pacemaker"));
    };
    Json agent_only{{"repos", Json::array({"iml-agent"})}, {"packages", Json::array({"chroma-agent"})}};
    Json repository{
        {"filename", "Intel-Lustre-Agent.repo"},
        {"file_contents", "[iml-agent]\nname=Agent packages of the manager\nenabled=1\ngpgcheck=0\n"}};
    std::vector<StepSpec> steps{
        action_step("UpdatePackagesStep", host, "install_packages", agent_only), restart_step()};
    add_pacemaker(steps);
    steps.push_back(action_step("UpdateYumFileStep", host, "configure_repo", repository));
    steps.push_back(packages_step(host, profile));
    steps.push_back(restart_step());
    add_pacemaker(steps);
    steps.push_back(kernel_step(host));
    return steps;
}

}  // namespace csim
