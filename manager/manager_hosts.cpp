// New hosts and what their agents' contact tells.
#include "manager/manager_hosts.hpp"

#include "manager/jobs/job_parts.hpp"

#include <nlohmann/json.hpp>

namespace csim {

bool ManagerHosts::host_in_use(std::string_view fqdn) const {
    const HostRow* host = model_.host_by_fqdn(fqdn);
    return host != nullptr && host->status.state != "undeployed";
}

bool ManagerHosts::address_in_use(const std::string& address, std::int64_t except) const {
    // An address is a server's own name as a rule, so that the index answers and nothing is searched.
    const HostRow* host = model_.host_by_fqdn(address);
    return host != nullptr && host->id != except;
}

Result<RegisteredHost> ManagerHosts::create_host(const HostDraft& draft) {
    const ServerProfile* profile = find_profile(draft.profile);
    if (profile == nullptr) return Error{Errc::not_found, "There is no server profile " + draft.profile};
    if (address_in_use(draft.address, 0))
        return Error{Errc::conflict, "The address " + draft.address + " is in use"};
    const Status fresh{"unconfigured", model_.now(), !profile->managed};
    HostRow host;
    host.id = model_.next_id("host");
    host.status = fresh;
    host.address = draft.address;
    host.fqdn = draft.fqdn;
    host.nodename = draft.nodename;
    host.profile = draft.profile;
    host.lnet_id = model_.next_id("lnet_configuration");
    const std::int64_t id = host.id;
    LNetRow lnet;
    lnet.id = host.lnet_id;
    lnet.status = fresh;
    lnet.host_id = id;
    model_.add_host(std::move(host));
    model_.lnets.insert(std::move(lnet));
    return RegisteredHost{id, deploy(model_.hosts.at(id))};
}

std::int64_t ManagerHosts::deploy(const HostRow& host) {
    const ObjectRef object{Kind::host, host.id};
    return engine_.deploy(
        object, model_.profile_of(host).initial_state,
        "Deploying agent to host " + model_.display_text(object)
    );
}

bool ManagerHosts::left_unfinished(const HostRow& host) const {
    const std::string& state = host.status.state;
    return (state == "unconfigured" || state == "packages_installed") &&
           state != model_.profile_of(host).initial_state && !engine_.locks().held({Kind::host, host.id});
}

Result<Nothing> ManagerHosts::rename_host(
    std::string_view from, const std::string& to, const std::string& address
) {
    const HostRow* host = model_.host_by_fqdn(from);
    if (host == nullptr) return Error{Errc::not_found, "There is no host " + std::string(from)};
    if (address_in_use(address, host->id))
        return Error{Errc::conflict, "The address " + address + " is in use"};
    model_.rename_host(host->id, to, address);
    return Nothing{};
}

std::optional<std::string> ManagerHosts::profile_json(std::string_view profile) const {
    const ServerProfile* found = find_profile(profile);
    if (found == nullptr) return std::nullopt;
    return parts::profile_attributes(*found).dump();
}

void ManagerHosts::contact_lost(const std::string& fqdn) {
    const HostRow* host = model_.host_by_fqdn(fqdn);
    if (host != nullptr) alerts_.set("HostContactAlert", {Kind::host, host->id}, true);
}

void ManagerHosts::contact_made(const std::string& fqdn) {
    const HostRow* host = model_.host_by_fqdn(fqdn);
    if (host == nullptr) return;
    alerts_.set("HostContactAlert", {Kind::host, host->id}, false);
    // Differs: the original leaves it to a person to ask for the set-up again.
    if (left_unfinished(*host)) deploy(*host);
}

void ManagerHosts::boot_time_changed(const std::string& fqdn, SimTime boot_time, bool rebooted) {
    const HostRow* host = model_.host_by_fqdn(fqdn);
    if (host != nullptr) data_.boot_time(host->id, boot_time, rebooted);
}

}  // namespace csim
