// Jobs of LNet and NTP.
#include "manager/jobs/job_parts.hpp"

#include <nlohmann/json.hpp>

namespace csim {

namespace {

using namespace parts;

/// The action, then what LNet looks like afterwards: its NIDs must be known when the job is over.
std::vector<StepSpec> lnet_steps(
    const Model& model, const JobRow& job, const char* step, const char* action
) {
    const HostRow& host = host_of_job(model, job);
    if (!managed(model, job.subject)) return {};
    return {action_step(step, host, action), scan_step("GetLNetStateStep", host, {"linux_network"})};
}

std::vector<StepSpec> load_steps(const Model& model, const JobRow& job) {
    return lnet_steps(model, job, "LoadLNetStep", "load_lnet");
}
std::vector<StepSpec> start_steps(const Model& model, const JobRow& job) {
    return lnet_steps(model, job, "StartLNetStep", "start_lnet");
}
std::vector<StepSpec> stop_steps(const Model& model, const JobRow& job) {
    return lnet_steps(model, job, "StopLNetStep", "stop_lnet");
}
std::vector<StepSpec> unload_steps(const Model& model, const JobRow& job) {
    return lnet_steps(model, job, "UnloadLNetStep", "unload_lnet");
}

std::vector<StepSpec> unconfigure_steps(const Model& model, const JobRow& job) {
    if (!managed(model, job.subject)) return {};
    return {action_step("UnconfigureLNetStep", host_of_job(model, job), "unconfigure_lnet")};
}

std::vector<StepSpec> configure_ntp_steps(const Model& model, const JobRow& job) {
    const HostRow& host = host_of_job(model, job);
    auto run = [fqdn = host.fqdn](StepRun& step) {
        Json args{{"ntp_server", step.services().ntp_server}};
        step.checked(fqdn, "configure_ntp", std::move(args), [&step](const Json&) { step.succeed(); });
    };
    return {{"ConfigureNTPStep", host_args(host), run}};
}

std::vector<StepSpec> unconfigure_ntp_steps(const Model& model, const JobRow& job) {
    return {action_step("UnconfigureNTPStep", host_of_job(model, job), "unconfigure_ntp")};
}

/// What the agent must write into LNet's module options: NIDs that stay or come, interface by interface.
Json lnet_options(const Model& model, std::int64_t host, const Json& wishes, const std::string& state) {
    Json modules = Json::array(), interfaces = Json::array();
    for (std::int64_t id : model.interfaces_of(host)) {
        const InterfaceRow& row = model.interfaces.at(id);
        auto nid = row.nid;
        auto wish = wishes.find(std::to_string(id));
        if (wish != wishes.end() && wish->is_null()) nid.reset();
        if (wish != wishes.end() && wish->is_object()) {
            nid = NidPart{(*wish)["lnd_network"].get<std::int64_t>(), (*wish)["lnd_type"].get<std::string>()};
        }
        if (!nid) continue;
        modules.push_back(nid->lnd_type + std::to_string(nid->lnd_network) + "(" + row.name + ")");
        interfaces.push_back(Json::array({row.inet4_address, nid->lnd_type, nid->lnd_network}));
    }
    return Json{
        {"state", state},
        {"modprobe_entries", std::move(modules)},
        {"network_interfaces", std::move(interfaces)}};
}

std::vector<StepSpec> configure_steps(const Model& model, const JobRow& job) {
    const HostRow& host = host_of_job(model, job);
    const Json args = Json::parse(job.args);
    const std::string before = args["state"].get<std::string>();
    Json options{
        {"lnet_configuration", lnet_options(model, host.id, args["nids"], model.status(job.subject)->state)}};
    std::vector<StepSpec> steps{action_step("ConfigureLNetStep", host, "configure_lnet", options)};
    if (before == "lnet_down" || before == "lnet_up")
        steps.push_back(action_step("LoadLNetStep", host, "load_lnet"));
    if (before == "lnet_up") steps.push_back(action_step("StartLNetStep", host, "start_lnet"));
    steps.push_back(scan_step("GetLNetStateStep", host, {"linux_network"}));
    return steps;
}

std::vector<Dependency> unloaded(const Model&, ObjectRef lnet) {
    return {one_state(lnet, "lnet_unloaded")};
}

std::vector<LockPart> write_lock(const Model&, ObjectRef lnet) {
    return {{lnet, true, {}}};
}

template <const char* const& before>
std::string describe(const Model& model, ObjectRef object) {
    return before + label_of(model, object);
}

constexpr const char* enable_text = "Enable LNet on ";
constexpr const char* load_text = "Load LNet on ";
constexpr const char* start_text = "Start LNet on ";
constexpr const char* stop_text = "Stop LNet on ";
constexpr const char* unload_text = "Unload LNet on ";
constexpr const char* unconfigure_text = "Unconfigure LNet on ";
constexpr const char* nids_text = "Configure NIDs on ";
constexpr const char* ntp_text = "Configure NTP on ";
constexpr const char* no_ntp_text = "Unconfigure NTP on ";

JobClass lnet_class(const char* name, std::string_view verb, int group, int order, std::string_view text) {
    JobClass row;
    row.name = name;
    row.acts_on = Kind::lnet_configuration;
    row.verb = verb;
    row.display_group = group;
    row.display_order = order;
    row.long_description = text;
    row.can_run = verb.empty() ? nullptr : managed;
    return row;
}

std::vector<JobClass> make_lnet_classes() {
    JobClass enable = lnet_class("EnableLNetJob", "", 1000, 1000, "Let the manager look after LNet");
    enable.describe = describe<enable_text>;
    enable.needs = installed_host;
    JobClass load = lnet_class("LoadLNetJob", "Load LNet", 1, 30, "Load the LNet modules into the kernel.");
    load.describe = describe<load_text>;
    load.steps = load_steps;
    JobClass start = lnet_class("StartLNetJob", "Start LNet", 1, 40, "Load LNet if need be and start it.");
    start.describe = describe<start_text>;
    start.steps = start_steps;
    JobClass stop =
        lnet_class("StopLNetJob", "Stop LNet", 3, 100, "Stop LNet; targets on this server stop first.");
    stop.describe = describe<stop_text>;
    stop.steps = stop_steps;
    JobClass unload = lnet_class(
        "UnloadLNetJob", "Unload LNet", 3, 110,
        "Stop LNet if it runs, and take its modules out of the kernel."
    );
    unload.describe = describe<unload_text>;
    unload.steps = unload_steps;
    JobClass unconfigure = lnet_class("UnconfigureLNetJob", "", 1000, 1000, "Stop looking after LNet");
    unconfigure.describe = describe<unconfigure_text>;
    unconfigure.steps = unconfigure_steps;
    JobClass configure = lnet_class("ConfigureLNetJob", "", 1000, 1000, "Give interfaces other NIDs");
    configure.describe = describe<nids_text>;
    configure.needs = unloaded;
    configure.locks = write_lock;
    configure.steps = configure_steps;
    JobClass ntp;
    ntp.name = "ConfigureNTPJob";
    ntp.acts_on = Kind::ntp_configuration;
    ntp.verb = "Configure NTP";
    ntp.display_group = 1;
    ntp.display_order = 30;
    ntp.describe = describe<ntp_text>;
    ntp.needs = installed_host;
    ntp.steps = configure_ntp_steps;
    JobClass no_ntp = ntp;
    no_ntp.name = "UnconfigureNTPJob";
    no_ntp.verb = "Unconfigure NTP";
    no_ntp.describe = describe<no_ntp_text>;
    no_ntp.needs = nullptr;
    no_ntp.steps = unconfigure_ntp_steps;
    return {enable, load, start, stop, unload, unconfigure, configure, ntp, no_ntp};
}

}  // namespace

const std::vector<JobClass>& lnet_job_classes() {
    static const std::vector<JobClass> classes = make_lnet_classes();
    return classes;
}

}  // namespace csim
