#include "fakes/outlet_map.hpp"

#include "state/document_of.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace csim {
namespace {

const std::string power_document = "fake_power_control.json";
constexpr int outlets_max = 1'000'000;

EntryName outlet_entry(const std::string& fqdn) {
    return {power_document, "server_outlets/" + fqdn};
}

EntryName server_entry(const std::string& outlet) {
    return {power_document, "outlet_servers/" + outlet};
}

}  // namespace

int parse_outlet(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size() && !text.starts_with('0');
    return whole && number >= 1 && number <= outlets_max ? number : 0;
}

OutletMap::OutletMap(Documents& documents) : documents_(documents) {
    // Made with the first server: an empty folder stays empty.
    const auto saved = load_value<OutletMapState>(documents.store(), {power_document, ""});
    const OutletMapState state = saved.value_or(OutletMapState{});
    for (const auto& [fqdn, text] : state.server_outlets) {
        const int outlet = parse_outlet(text);
        const auto back = state.outlet_servers.find(text);
        if (outlet == 0 || back == state.outlet_servers.end() || back->second != fqdn) {
            throw Fatal("saved document " + power_document + " contradicts itself about " + fqdn);
        }
        outlets_[servers_[outlet] = fqdn] = outlet;
    }
    if (servers_.size() != state.outlet_servers.size()) {
        throw Fatal("saved document " + power_document + " maps outlets of no server");
    }
    int next = 1;
    for (const auto& [outlet, fqdn] : servers_) {
        while (next < outlet) gaps_.insert(next++);
        ++next;
    }
}

int OutletMap::add(const std::string& fqdn) {
    if (const int known = outlet_of(fqdn); known != 0) return known;
    const int last = servers_.empty() ? 0 : servers_.rbegin()->first;
    const int outlet = gaps_.empty() ? last + 1 : *gaps_.begin();
    gaps_.erase(outlet);
    outlets_[servers_[outlet] = fqdn] = outlet;
    const std::string text = std::to_string(outlet);
    documents_.put(outlet_entry(fqdn), text);
    documents_.put(server_entry(text), fqdn);
    return outlet;
}

int OutletMap::remove(const std::string& fqdn) {
    const int outlet = outlet_of(fqdn);
    if (outlet == 0) return 0;
    documents_.erase(outlet_entry(fqdn));
    documents_.erase(server_entry(std::to_string(outlet)));
    outlets_.erase(fqdn);
    servers_.erase(outlet);
    gaps_.insert(outlet);
    while (!gaps_.empty() && (servers_.empty() || *gaps_.rbegin() > servers_.rbegin()->first)) {
        gaps_.erase(std::prev(gaps_.end()));
    }
    return outlet;
}

OutletMapState OutletMap::state() const {
    OutletMapState state;
    for (const auto& [outlet, fqdn] : servers_) {
        state.server_outlets[fqdn] = std::to_string(outlet);
        state.outlet_servers[std::to_string(outlet)] = fqdn;
    }
    return state;
}

int OutletMap::outlet_of(const std::string& fqdn) const {
    const auto found = outlets_.find(fqdn);
    return found == outlets_.end() ? 0 : found->second;
}

const std::string* OutletMap::server_at(int outlet) const {
    const auto found = servers_.find(outlet);
    return found == servers_.end() ? nullptr : &found->second;
}

}  // namespace csim
