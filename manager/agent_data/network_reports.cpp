// linux_network: interfaces, NIDs and the state of LNet.
#include "manager/agent_data/agent_data.hpp"
#include "manager/agent_data/decode_body.hpp"
#include "manager/jobs/job_engine.hpp"
#include "wire/reports/linux_network.hpp"

#include <algorithm>

namespace csim {

namespace {

std::optional<NidPart> nid_of(const LinuxNetworkReport& report, const std::string& name) {
    auto at = report.lnet->nids.find(name);
    if (at == report.lnet->nids.end()) return std::nullopt;
    return NidPart{at->second.lnd_network, at->second.lnd_type};
}

bool same(const std::optional<NidPart>& left, const std::optional<NidPart>& right) {
    if (left.has_value() != right.has_value()) return false;
    return !left || (left->lnd_network == right->lnd_network && left->lnd_type == right->lnd_type);
}

bool same(
    const std::optional<NidPart>& known, const std::map<std::string, NidReport>& nids, const std::string& name
) {
    const auto at = nids.find(name);
    if (at == nids.end() || !known) return (at == nids.end()) == !known;
    return known->lnd_network == at->second.lnd_network && known->lnd_type == at->second.lnd_type;
}

bool same(const std::string& known, const std::optional<std::string>& reported) {
    return reported ? known == *reported : known.empty();
}

bool same(const InterfaceRow& row, const InterfaceFacts& report) {
    return same(row.inet4_address, report.inet4_address) &&
           row.inet4_prefix == report.inet4_prefix.value_or(0) && row.type == report.type &&
           row.state_up == report.up;
}

void take(InterfaceRow& row, const InterfaceFacts& report) {
    row.inet4_address = report.inet4_address.value_or("");
    row.inet4_prefix = report.inet4_prefix.value_or(0);
    row.type = report.type;
    row.state_up = report.up;
}

std::set<std::string> nid_texts(const Model& model, std::int64_t host) {
    std::set<std::string> texts;
    for (std::int64_t id : model.interfaces_of(host)) {
        const InterfaceRow& row = model.interfaces.at(id);
        if (row.nid) texts.insert(nid_text(row));
    }
    return texts;
}

/// The report tells what is known already.
bool known_already(const Model& model, std::int64_t host, const LinuxNetworkReport& report) {
    const std::set<std::int64_t>& ids = model.interfaces_of(host);
    if (ids.size() != report.interfaces.size()) return false;
    return std::all_of(ids.begin(), ids.end(), [&](std::int64_t id) {
        const InterfaceRow& row = model.interfaces.at(id);
        const auto at = report.interfaces.find(row.name);
        return at != report.interfaces.end() && same(row.nid, report.lnet->nids, row.name) &&
               same(row, *at->second.facts);
    });
}

/// Nothing, or what is wrong with the report beyond its types.
std::optional<Error> fault_of(const LinuxNetworkReport& report) {
    if (!report.lnet) return Error{Errc::bad_argument, "/lnet: expected an object"};
    const std::string& state = report.lnet->state;
    if (state == "lnet_up" || state == "lnet_down" || state == "lnet_unloaded") return std::nullopt;
    return Error{Errc::bad_argument, "/lnet/state: expected lnet_up, lnet_down or lnet_unloaded"};
}

}  // namespace

void AgentData::apply_interfaces(std::int64_t host, const LinuxNetworkReport& report) {
    std::map<std::string, std::int64_t> known;
    for (std::int64_t id : model_.interfaces_of(host)) known[model_.interfaces.at(id).name] = id;
    for (const auto& [name, interface] : report.interfaces) {
        auto nid = nid_of(report, name);
        auto at = known.find(name);
        if (at == known.end()) {
            InterfaceRow row;
            row.id = model_.next_id("network_interface");
            row.host_id = host;
            row.name = name;
            row.nid = std::move(nid);
            take(row, *interface.facts);
            model_.add_interface(std::move(row));
            continue;
        }
        const InterfaceRow& row = model_.interfaces.at(at->second);
        const bool nid_changed = !same(row.nid, nid);
        if (nid_changed || !same(row, *interface.facts)) {
            if (nid_changed) model_.changes.touch(Watched::nid);
            model_.interfaces.edit(at->second, [&nid, &facts = *interface.facts](InterfaceRow& edited) {
                edited.nid = std::move(nid);
                take(edited, facts);
            });
        }
        known.erase(at);
    }
    for (const auto& entry : known) model_.remove_interface(entry.second);
}

/// What reports of networks are compared with, and what they change.
std::uint64_t AgentData::network_stamp() const {
    return model_.hosts.version() + model_.interfaces.version() + model_.lnets.version() +
           model_.alerts.version();
}

/// The host tells what it told before, with the same values of this process, and nothing has changed since.
bool AgentData::repeats(const SeenNetwork& seen, const LinuxNetworkReport& report) const {
    if (seen.stamp != network_stamp() || seen.nids != report.lnet) return false;
    return std::equal(
        seen.interfaces.begin(), seen.interfaces.end(), report.interfaces.begin(), report.interfaces.end(),
        [](const auto& facts, const auto& entry) { return facts == entry.second.facts; }
    );
}

void AgentData::apply_network(std::int64_t host, const LinuxNetworkReport& report, bool by_job) {
    SeenNetwork& seen = seen_[host].network;
    if (repeats(seen, report)) return;
    seen = {{}, report.lnet, network_stamp()};
    for (const auto& [name, interface] : report.interfaces) seen.interfaces.push_back(interface.facts);
    const HostRow& row = model_.hosts.at(host);
    const ObjectRef lnet{Kind::lnet_configuration, row.lnet_id};
    if (!known_already(model_, host, report)) {
        const auto before = nid_texts(model_, host);
        apply_interfaces(host, report);
        const bool replaced = !before.empty() && before != nid_texts(model_, host);
        alerts_.set("LNetNidsChangedAlert", {Kind::host, host}, replaced);
    }
    const Status* status = model_.status(lnet);
    const bool stays =
        status == nullptr || status->state == "unconfigured" || status->state == report.lnet->state;
    // Only what changed nothing changes nothing the next time.
    if (!stays || seen.stamp != network_stamp()) seen = {};
    if (stays || (!by_job && engine_.locks().write_held(lnet))) return;
    model_.edit_status(lnet, report.lnet->state, model_.now());
    alerts_.state_set(lnet, false);
}

Result<Nothing> AgentData::network_report(std::int64_t host, const Body& body) {
    const auto json = body.get_if<Json>();
    if (json && (!json->is_object() || !json->contains("interfaces"))) {
        return Error{Errc::bad_argument, "/interfaces: expected an object"};
    }
    auto report = decode_body<LinuxNetworkReport>(body);
    if (!report) return report.error();
    if (auto fault = fault_of(**report)) return *fault;
    apply_network(host, **report, false);
    return Nothing{};
}

Result<Nothing> AgentData::scanned(std::int64_t host, const std::string& plugin, const Json& report) {
    if (model_.hosts.find(host) == nullptr) return Error{Errc::not_found, "the host is gone"};
    if (plugin == "linux") return linux_report(host, Body(report));
    if (plugin != "linux_network") return Nothing{};
    auto decoded = from_json_value<LinuxNetworkReport>(report, Strictness::lenient);
    if (!decoded) return decoded.error();
    if (auto fault = fault_of(*decoded)) return *fault;
    apply_network(host, *decoded, true);
    return Nothing{};
}

}  // namespace csim
