// Jobs that switch hosts through their outlets, and the one that tells hosts how to fence each other.
// Source: the manager API, §3.7.11.
#include "manager/jobs/job_parts.hpp"
#include "manager/power/power_control.hpp"

#include <nlohmann/json.hpp>

namespace csim {

namespace {

using namespace parts;

struct Outlets {
    int all = 0, unknown = 0, on = 0;
};

Outlets outlets_of(const Model& model, ObjectRef host) {
    Outlets count;
    for (std::int64_t id : model.outlets_of_host(host.id)) {
        const PowerOutletRow& row = model.power_outlets.at(id);
        ++count.all;
        count.unknown += row.has_power ? 0 : 1;
        count.on += row.has_power.value_or(false) ? 1 : 0;
    }
    return count;
}

bool can_power_on(const Model& model, ObjectRef host) {
    const Outlets count = outlets_of(model, host);
    return managed(model, host) && count.all > count.unknown && count.on == 0;
}
bool can_power_off(const Model& model, ObjectRef host) {
    const Outlets count = outlets_of(model, host);
    return managed(model, host) && count.all > 0 && count.unknown == 0 && count.on > 0;
}
bool can_power_cycle(const Model& model, ObjectRef host) {
    return managed(model, host) && outlets_of(model, host).all > 0;
}

/// Switches one outlet after the other. An outlet that does not obey is told of, and is no failure.
void switch_next(StepRun& step, std::vector<std::int64_t> outlets, PowerAction action) {
    if (outlets.empty()) return step.succeed();
    const std::int64_t outlet = outlets.front();
    outlets.erase(outlets.begin());
    auto then = [weak = step.weak_from_this(), outlets = std::move(outlets),
                 action](Result<PowerAnswer> answer) {
        auto self = weak.lock();
        if (!self || self->over()) return;
        self->note((answer ? answer->console : answer.error().detail) + "\n");
        switch_next(*self, outlets, action);
    };
    step.services().power->switch_outlet(outlet, action, std::move(then));
}

StepSpec switch_step(const HostRow& host, PowerAction action) {
    const char* toggle = action == PowerAction::on ? "on" : "off";
    const Json args{{"host", host_label(host)}, {"toggle_state", toggle}};
    return {"TogglePduOutletStateStep", args.dump(), [id = host.id, action](StepRun& step) {
                const auto& outlets = step.model().outlets_of_host(id);
                switch_next(step, {outlets.begin(), outlets.end()}, action);
            }};
}

std::vector<StepSpec> power_on_steps(const Model& model, const JobRow& job) {
    return {switch_step(host_of_job(model, job), PowerAction::on)};
}
std::vector<StepSpec> power_off_steps(const Model& model, const JobRow& job) {
    return {switch_step(host_of_job(model, job), PowerAction::off)};
}
/// With two strips a host only loses power when all its outlets are off at once.
std::vector<StepSpec> power_cycle_steps(const Model& model, const JobRow& job) {
    const HostRow& host = host_of_job(model, job);
    return {switch_step(host, PowerAction::off), switch_step(host, PowerAction::on)};
}

std::vector<StepSpec> fencing_steps(const Model& model, const JobRow& job) {
    const HostRow& host = host_of_job(model, job);
    auto run = [id = host.id, fqdn = host.fqdn](StepRun& step) {
        const HostRow* now = step.model().hosts.find(id);
        if (now == nullptr || now->status.state != "managed") {
            return step.fail("Fencing can only be configured on a host that is set up");
        }
        Json args{{"agents", fencing_agents(step.model(), id)}};
        step.raw(fqdn, "configure_fencing", std::move(args), [&step](const Json&) { step.succeed(); });
    };
    return {{"ConfigureHostFencingStep", host_args(host), run}};
}

std::vector<LockPart> fencing_locks(const Model& model, ObjectRef object) {
    const HostRow* host = model.hosts.find(object.id);
    if (host == nullptr || !host->pacemaker_id) return {};
    return {{{Kind::pacemaker_configuration, *host->pacemaker_id}, true, {}}};
}

template <const char* const& before>
std::string describe(const Model& model, ObjectRef object) {
    return before + label_of(model, object);
}

constexpr const char* on_text = "Power on host ";
constexpr const char* off_text = "Power off host ";
constexpr const char* cycle_text = "Power cycle host ";
constexpr const char* fencing_text = "Configure fencing on host ";

JobClass power_class(const char* name, std::string_view verb, int order, std::string_view text) {
    JobClass row;
    row.name = name;
    row.acts_on = Kind::host;
    row.verb = verb;
    row.display_group = 2;
    row.display_order = order;
    row.long_description = text;
    row.argument = "host_id";
    row.advertised = true;
    return row;
}

std::vector<JobClass> make_power_classes() {
    JobClass on = power_class(
        "PoweronHostJob", "Power On", 70, "Switch this server's outlets on; it starts by itself."
    );
    on.describe = describe<on_text>;
    on.can_run = can_power_on;
    on.steps = power_on_steps;
    JobClass off = power_class(
        "PoweroffHostJob", "Power Off", 80, "Cut this server's power at once, without a shutdown."
    );
    off.describe = describe<off_text>;
    off.can_run = can_power_off;
    off.steps = power_off_steps;
    off.confirmation = "The server loses power at once; its targets move to a peer.";
    JobClass cycle = power_class(
        "PowercycleHostJob", "Power cycle", 90, "Switch all of this server's outlets off, then on."
    );
    cycle.describe = describe<cycle_text>;
    cycle.can_run = can_power_cycle;
    cycle.steps = power_cycle_steps;
    cycle.confirmation = "The server loses power at once; its targets move to a peer.";
    JobClass fencing;
    fencing.name = "ConfigureHostFencingJob";
    fencing.acts_on = Kind::host;
    fencing.describe = describe<fencing_text>;
    fencing.steps = fencing_steps;
    fencing.locks = fencing_locks;
    fencing.argument = "host_id";
    return {on, off, cycle, fencing};
}

}  // namespace

const std::vector<JobClass>& power_job_classes() {
    static const std::vector<JobClass> classes = make_power_classes();
    return classes;
}

}  // namespace csim
