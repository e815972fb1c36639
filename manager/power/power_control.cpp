// Devices are watched by a timer each; what is asked of one device runs in order, whoever asked.
#include "manager/power/power_control.hpp"

#include "manager/jobs/job_engine.hpp"

#include <nlohmann/json.hpp>

namespace csim {

PowerControl::PowerControl(JobServices& services, PowerOptions options)
    : services_(services), model_(services.model), options_(options) {
    services_.power = this;
}

PowerControl::~PowerControl() {
    for (auto& [device, watch] : watches_) model_.timeline.cancel(watch.timer);
}

Result<std::string> PowerControl::resolve(const std::string& name) const {
    if (driver_ != nullptr) return driver_->resolve(name);
    return name == "localhost" ? std::string("127.0.0.1") : name;
}

void PowerControl::recover() {
    for (std::int64_t device : model_.power_devices.ids()) watch(device, options_.first_question);
}

std::size_t PowerControl::pending() const {
    std::size_t calls = 0;
    for (const auto& entry : watches_) calls += entry.second.calls.size();
    return calls;
}

bool PowerControl::single_host_controllers(std::int64_t device) const {
    return model_.power_types.at(model_.power_devices.at(device).type_id).max_outlets == 0;
}

void PowerControl::device_added(std::int64_t device) {
    const std::int64_t count = model_.power_types.at(model_.power_devices.at(device).type_id).max_outlets;
    for (std::int64_t number = 1; number <= count; ++number) {
        add_outlet({0, device, std::to_string(number), std::nullopt, std::nullopt});
    }
    watch(device, options_.first_question);
}

void PowerControl::device_changed(std::int64_t device) {
    for (std::int64_t outlet : model_.outlets_of_device(device)) learn(outlet, std::nullopt);
    model_.timeline.cancel(watches_[device].timer);
    watch(device, options_.first_question);
}

void PowerControl::remove_type(std::int64_t type) {
    for (std::int64_t device : model_.power_devices.ids()) {
        if (model_.power_devices.at(device).type_id == type) remove_device(device);
    }
    model_.power_types.erase(type);
}

void PowerControl::remove_device(std::int64_t device) {
    for (std::int64_t outlet : std::set(model_.outlets_of_device(device))) remove_outlet(outlet);
    if (auto at = watches_.find(device); at != watches_.end()) {
        model_.timeline.cancel(at->second.timer);
        // Whoever still waits is told; what runs ends unheard.
        for (Waiting& waiting : at->second.calls) {
            model_.timeline.after(Duration{}, [then = std::move(waiting.then)] {
                then(Error{Errc::not_found, "the power device was removed"});
            });
        }
        watches_.erase(at);
    }
    services_.alerts.object_removed({Kind::power_control_device, device});
    model_.power_devices.erase(device);
}

void PowerControl::remove_outlet(std::int64_t outlet) {
    const auto host = model_.power_outlets.at(outlet).host_id;
    services_.alerts.object_removed({Kind::power_control_device_outlet, outlet});
    model_.remove_power_outlet(outlet);
    configure_fencing(host);
}

std::int64_t PowerControl::add_outlet(PowerOutletRow row) {
    row.id = model_.next_id("power_control_device_outlet");
    const PowerOutletRow& kept = model_.add_power_outlet(std::move(row));
    configure_fencing(kept.host_id);
    if (kept.host_id && single_host_controllers(kept.device_id)) ask_controller(kept.id);
    return kept.id;
}

void PowerControl::assign(std::int64_t outlet, std::optional<std::int64_t> host) {
    const auto before = model_.power_outlets.at(outlet).host_id;
    if (before == host) return;
    model_.give_power_outlet(outlet, host);
    configure_fencing(before);
    configure_fencing(host);
}

void PowerControl::host_removed(std::int64_t host) {
    for (std::int64_t outlet : std::set(model_.outlets_of_host(host)))
        model_.give_power_outlet(outlet, std::nullopt);
}

void PowerControl::configure_fencing(std::optional<std::int64_t> host) {
    const HostRow* row = host ? model_.hosts.find(*host) : nullptr;
    if (row == nullptr || !row->pacemaker_id || services_.engine == nullptr) return;
    const ObjectRef subject{Kind::host, *host};
    (void)services_.engine->run_jobs(
        "Configuring fencing agent on " + host_label(*row) + " Pacemaker configuration",
        {{"ConfigureHostFencingJob", subject, Json{{"host_id", *host}}.dump()}}
    );
}

void PowerControl::learn(std::int64_t outlet, std::optional<bool> has_power) {
    const PowerOutletRow* row = model_.power_outlets.find(outlet);
    if (row == nullptr || row->has_power == has_power) return;
    model_.power_outlets.edit(outlet, [&](PowerOutletRow& edited) { edited.has_power = has_power; });
    // What may be done with a host depends on its outlets.
    if (row->host_id) model_.changes.touch(Watched::host);
}

void PowerControl::watch(std::int64_t device, Duration delay) {
    const bool first = delay == options_.first_question;
    watches_[device].timer = model_.timeline.after(delay, [this, device, first] { check(device, first); });
}

void PowerControl::check(std::int64_t device, bool first) {
    watch(device, options_.period);
    if (single_host_controllers(device)) {
        for (std::int64_t outlet : model_.outlets_of_device(device)) ask_controller(outlet);
        return;
    }
    // The first question is for states; that nobody answers it is told after the next one.
    if (first) return ask_outlets(device);
    // A device that is still being waited for needs no second question.
    if (!watches_.at(device).calls.empty()) return;
    enqueue(device, call_for(device, PowerAction::monitor), [this, device](Result<PowerAnswer> answer) {
        checked(device, answer.has_value());
    });
}

void PowerControl::checked(std::int64_t device, bool reachable) {
    if (model_.power_devices.find(device) == nullptr) return;
    services_.alerts.set(
        "PowerControlDeviceUnavailableAlert", {Kind::power_control_device, device}, !reachable
    );
    if (!reachable) return;
    for (std::int64_t outlet : model_.outlets_of_device(device)) {
        if (!model_.power_outlets.at(outlet).has_power) return ask_outlets(device);
    }
}

void PowerControl::ask_outlets(std::int64_t device) {
    enqueue(device, call_for(device, PowerAction::list), [this, device](Result<PowerAnswer> answer) {
        if (!answer) return;
        for (std::int64_t outlet : model_.outlets_of_device(device)) {
            auto at = answer->outlets.find(model_.power_outlets.at(outlet).identifier);
            learn(outlet, at == answer->outlets.end() ? std::nullopt : at->second);
        }
    });
}

/// Each outlet of such a device is a controller of one host, reached at the address that names the outlet.
void PowerControl::ask_controller(std::int64_t outlet) {
    const PowerOutletRow& row = model_.power_outlets.at(outlet);
    if (!row.host_id) return;
    PowerCall call = call_for(row.device_id, PowerAction::status, row.identifier);
    enqueue(row.device_id, std::move(call), [this, outlet](Result<PowerAnswer> answer) {
        const PowerOutletRow* asked = model_.power_outlets.find(outlet);
        if (asked == nullptr) return;
        const std::string identifier = asked->identifier;
        services_.alerts.set(
            "IpmiBmcUnavailableAlert", {Kind::power_control_device_outlet, outlet}, !answer.has_value()
        );
        learn(outlet, answer ? answer->outlets[identifier] : std::nullopt);
    });
}

void PowerControl::switch_outlet(
    std::int64_t outlet, PowerAction action, std::function<void(Result<PowerAnswer>)> done
) {
    const PowerOutletRow* row = model_.power_outlets.find(outlet);
    if (row == nullptr) {
        model_.timeline.after(Duration{}, [done = std::move(done)] {
            done(Error{Errc::not_found, "the outlet was removed"});
        });
        return;
    }
    auto then = [this, outlet, identifier = row->identifier,
                 done = std::move(done)](Result<PowerAnswer> answer) {
        std::optional<bool> has_power;
        if (answer) {
            auto at = answer->outlets.find(identifier);
            if (at != answer->outlets.end()) has_power = at->second;
        }
        learn(outlet, has_power);
        done(std::move(answer));
    };
    enqueue(row->device_id, call_for(row->device_id, action, row->identifier), std::move(then));
}

PowerCall PowerControl::call_for(std::int64_t device, PowerAction action, const std::string& outlet) const {
    const PowerDeviceRow& row = model_.power_devices.at(device);
    const PowerTypeRow& type = model_.power_types.at(row.type_id);
    PowerCall call;
    call.action = action;
    call.outlet = outlet;
    call.agent = type.agent;
    call.address = type.max_outlets == 0 && !outlet.empty() ? outlet : row.address;
    call.port = static_cast<std::uint16_t>(row.port);
    call.username = row.username;
    call.password = row.password;
    call.options = row.options.value_or("");
    call.templates = type.templates;
    return call;
}

void PowerControl::enqueue(std::int64_t device, PowerCall call, Then then) {
    auto& calls = watches_[device].calls;
    calls.push_back({std::move(call), std::move(then)});
    if (calls.size() == 1) run_next(device);
}

void PowerControl::run_next(std::int64_t device) {
    auto& calls = watches_.at(device).calls;
    if (calls.empty()) return;
    // The answer belongs to this call only if the device was not removed meanwhile: ids are never used twice.
    auto answered = [this, device, alive = std::weak_ptr<int>(alive_)](Result<PowerAnswer> answer) {
        if (alive.expired()) return;
        auto at = watches_.find(device);
        if (at == watches_.end()) return;
        Then then = std::move(at->second.calls.front().then);
        at->second.calls.pop_front();
        run_next(device);
        then(std::move(answer));
    };
    if (driver_ != nullptr) return driver_->run(calls.front().call, std::move(answered));
    model_.timeline.after(Duration{}, [answered] {
        answered(Error{Errc::unreachable, "this manager has no way to reach power devices"});
    });
}

Json fencing_agents(const Model& model, std::int64_t host) {
    Json agents = Json::array();
    for (std::int64_t id : model.outlets_of_host(host)) {
        const PowerOutletRow& outlet = model.power_outlets.at(id);
        const PowerDeviceRow& device = model.power_devices.at(outlet.device_id);
        const PowerTypeRow& type = model.power_types.at(device.type_id);
        Json agent{{"agent", type.agent}, {"login", device.username}, {"password", device.password}};
        if (type.max_outlets == 0) {
            agent["ipaddr"] = outlet.identifier;
            agent["lanplus"] = (device.options.value_or("") + " ").find("-P ") != std::string::npos;
        } else {
            agent["plug"] = outlet.identifier;
            agent["ipaddr"] = device.address;
            agent["ipport"] = device.port;
        }
        agents.push_back(std::move(agent));
    }
    return agents;
}

}  // namespace csim
