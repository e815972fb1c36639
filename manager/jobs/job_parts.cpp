// Steps that several job classes take.
#include "manager/jobs/job_parts.hpp"

#include "manager/agent_data/agent_data.hpp"

#include <nlohmann/json.hpp>

namespace csim::parts {

const HostRow& host_of_job(const Model& model, const JobRow& job) {
    const HostRow* host = model.hosts.find(model.host_of(job.subject));
    if (host == nullptr) throw StepsImpossible("the host is gone");
    return *host;
}

std::string label_of(const Model& model, ObjectRef object) {
    return model.display_text({Kind::host, model.host_of(object)});
}

bool managed(const Model& model, ObjectRef object) {
    const HostRow* host = model.hosts.find(model.host_of(object));
    return host != nullptr && model.profile_of(*host).managed;
}

std::string host_args(const HostRow& host) {
    return Json{{"host", host_label(host)}}.dump();
}

StepSpec action_step(std::string class_name, const HostRow& host, std::string action, const Json& args) {
    return {
        std::move(class_name), host_args(host),
        [fqdn = host.fqdn, action = std::move(action), args](StepRun& step) {
            step.checked(fqdn, action, args, [&step](const Json&) { step.succeed(); });
        }};
}

StepSpec action_step(std::string class_name, const HostRow& host, std::string action) {
    return action_step(std::move(class_name), host, std::move(action), Json::object());
}

void scan(StepRun& step, std::int64_t host, std::vector<std::string> plugins, std::function<void()> then) {
    const HostRow* row = step.model().hosts.find(host);
    if (row == nullptr) return step.fail("The host was removed while it was being scanned");
    if (plugins.empty()) return then();
    const std::string plugin = plugins.front();
    plugins.erase(plugins.begin());
    auto scanned = [&step, host, plugin, plugins = std::move(plugins),
                    then = std::move(then)](Result<StepRun::Answer> answer) {
        if (answer && answer->value.is_object() && answer->value.contains(plugin)) {
            (void)step.services().agent_data->scanned(host, plugin, answer->value[plugin]);
        }
        scan(step, host, plugins, then);
    };
    step.attempt(row->fqdn, "device_plugin", Json{{"plugin", plugin}}, std::move(scanned));
}

StepSpec scan_step(std::string class_name, const HostRow& host, std::vector<std::string> plugins) {
    return {
        std::move(class_name), host_args(host), [id = host.id, plugins = std::move(plugins)](StepRun& step) {
            scan(step, id, plugins, [&step] { step.succeed(); });
        }};
}

Dependency one_state(ObjectRef object, const std::string& state) {
    return {object, {state}, state, {}};
}

std::vector<Dependency> installed_host(const Model& model, ObjectRef object) {
    const HostRow* host = model.hosts.find(model.host_of(object));
    if (host == nullptr) return {};
    const std::string& state = host->status.state;
    if (state != "unconfigured" && state != "undeployed") return {};
    return {one_state({Kind::host, host->id}, "packages_installed")};
}

Json profile_attributes(const ServerProfile& profile) {
    return Json{
        {"name", profile.name},
        {"ui_name", profile.ui_name},
        {"ui_description", profile.ui_description},
        {"managed", profile.managed},
        {"worker", profile.worker},
        {"user_selectable", profile.user_selectable},
        {"initial_state", profile.initial_state},
        {"ntp", profile.ntp},
        {"corosync", false},
        {"corosync2", profile.corosync2},
        {"pacemaker", profile.pacemaker},
        {"default", false},
    };
}

}  // namespace csim::parts
