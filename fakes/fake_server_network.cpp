// Interfaces, LNet and NIDs of a FakeServer.
#include "core/json_codec.hpp"
#include "fakes/events.hpp"
#include "fakes/fake_server.hpp"
#include "fakes/node_names.hpp"

#include <algorithm>

namespace csim {
namespace {

/// Traffic that a node had when it booted, as the original shows it for ever.
constexpr std::uint64_t rx_bytes_at_boot = 24'400'222'349;
constexpr std::uint64_t tx_bytes_at_boot = 1'789'870'413;
constexpr std::int64_t bytes_per_s_min = 2'000;
constexpr std::int64_t bytes_per_s_max = 2'000'000;

}  // namespace

std::vector<std::pair<std::string, const NetworkInterfaceState*>> FakeServer::interfaces() const {
    std::vector<std::pair<std::string, const NetworkInterfaceState*>> sorted;
    for (const auto& [address, interface] : (*state_)->network_interfaces)
        sorted.emplace_back(address, &interface);
    std::ranges::sort(sorted, {}, [](const auto& entry) { return entry.second->interface_no; });
    return sorted;
}

std::string_view FakeServer::lnet_state() const {
    if (!(*state_)->lnet_loaded) return "lnet_unloaded";
    return (*state_)->lnet_up ? "lnet_up" : "lnet_down";
}

void FakeServer::set_lnet(bool loaded, bool up) {
    if ((*state_)->lnet_loaded == loaded && (*state_)->lnet_up == up) return;
    const std::string from(lnet_state());
    state_->edit([&](ServerState& state) {
        state.lnet_loaded = loaded;
        state.lnet_up = up;
    });
    lnet_report_.reset();
    context_.trace.emit(fqdn(), LnetChanged{from, std::string(lnet_state())});
}

void FakeServer::load_lnet() {
    if (!(*state_)->lnet_loaded) set_lnet(true, false);
}

void FakeServer::start_lnet() {
    const auto sorted = interfaces();
    if (nids().empty() && !sorted.empty()) {
        // A running LNet always has a NID.
        state_->edit([&](ServerState& state) {
            NetworkInterfaceState& first = state.network_interfaces.at(sorted.front().first);
            first.lnd_type = first.type;
            first.lnd_network = 0;
        });
        lnet_report_.reset();
    }
    set_lnet(true, true);
}

void FakeServer::stop_lnet() {
    if ((*state_)->lnet_up) set_lnet(true, false);
}

void FakeServer::unload_lnet() {
    set_lnet(false, false);
}

Result<Nothing> FakeServer::configure_lnet(const std::vector<NidSetting>& wanted) {
    for (const NidSetting& nid : wanted) {
        if (!(*state_)->network_interfaces.contains(nid.address)) {
            return Error{
                Errc::not_found, fqdn() + " has no interface with the address '" + nid.address + "'"};
        }
    }
    state_->edit([&](ServerState& state) {
        for (auto& [address, interface] : state.network_interfaces) interface.lnd_network.reset();
        for (const NidSetting& nid : wanted) {
            NetworkInterfaceState& interface = state.network_interfaces.at(nid.address);
            interface.lnd_type = nid.lnd_type;
            if (nid.lnd_network && *nid.lnd_network >= 0) interface.lnd_network = nid.lnd_network;
        }
    });
    lnet_report_.reset();
    return Nothing{};
}

std::vector<std::string> FakeServer::nids() const {
    std::vector<std::string> texts;
    for (const auto& [address, interface] : interfaces()) {
        if (!interface->lnd_network) continue;
        texts.push_back(
            address + "@" + interface->lnd_type.value_or(interface->type) +
            std::to_string(*interface->lnd_network)
        );
    }
    return texts;
}

std::vector<std::string> FakeServer::addresses() const {
    std::vector<std::string> sorted;
    for (const auto& [address, interface] : interfaces()) sorted.push_back(address);
    return sorted;
}

const std::vector<FakeServer::InterfaceLook>& FakeServer::looks() const {
    if (!looks_.empty()) return looks_;
    Rng rng = context_.run.stream("network/" + fqdn());
    const auto rate = [&] {
        return static_cast<std::uint64_t>(rng.between(bytes_per_s_min, bytes_per_s_max));
    };
    for (const auto& [address, interface] : interfaces()) {
        auto facts = std::make_shared<InterfaceFacts>();
        facts->mac_address = node_mac((*state_)->id, worker(), interface->interface_no);
        facts->inet4_address = address;
        facts->inet4_prefix = 24;
        facts->inet6_address = link_local_address(facts->mac_address);
        facts->type = interface->type;
        const std::uint64_t rx = rate();
        looks_.push_back(
            {interface_name(interface->type, interface->interface_no), std::move(facts), rx, rate()}
        );
    }
    return looks_;
}

const std::shared_ptr<const LnetReport>& FakeServer::lnet_report() const {
    if (lnet_report_ != nullptr) return lnet_report_;
    auto lnet = std::make_shared<LnetReport>();
    lnet->state = lnet_state();
    for (const auto& [address, interface] : interfaces()) {
        if (!interface->lnd_network) continue;
        lnet->nids[interface_name(interface->type, interface->interface_no)] = {
            address, interface->type, interface->lnd_type.value_or(interface->type), *interface->lnd_network};
    }
    lnet_report_ = std::move(lnet);
    return lnet_report_;
}

LinuxNetworkReport FakeServer::network_report() const {
    LinuxNetworkReport report;
    fill_network_report(report);
    return report;
}

void FakeServer::fill_network_report(LinuxNetworkReport& report) const {
    const Duration uptime = context_.timeline.now() - (*state_)->boot_time;
    const auto elapsed_s = static_cast<std::uint64_t>(std::max<std::int64_t>(0, uptime / 1s));
    for (const InterfaceLook& look : looks()) {
        InterfaceReport& interface = report.interfaces[look.name];
        if (interface.facts != look.facts) interface.facts = look.facts;
        interface.rx_bytes = rx_bytes_at_boot + look.rx_per_s * elapsed_s;
        interface.tx_bytes = tx_bytes_at_boot + look.tx_per_s * elapsed_s;
    }
    if (report.lnet != lnet_report()) report.lnet = lnet_report();
}

void FakeServer::resource_started(const ResourceState&) {
    // Mounting a target loads and starts LNet. Peers that have not noticed yet may start things on a dead
    // node: nobody there hears of it.
    if (up()) start_lnet();
}

}  // namespace csim
