#include "fakes/outlet_map.hpp"

#include "state/document_of.hpp"

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

OutletMap::OutletMap(Documents& documents)
    : documents_(documents),
      // Made with the first server: an empty folder stays empty.
      state_(load_value<OutletMapState>(documents.store(), {power_document, ""}).value_or(OutletMapState{})) {
    using Entry = Document<std::string>;
    for (const auto& [fqdn, text] : state_.server_outlets) {
        const int outlet = parse_outlet(text);
        const auto back = state_.outlet_servers.find(text);
        if (outlet == 0 || back == state_.outlet_servers.end() || back->second != fqdn) {
            throw Fatal("saved document " + power_document + " contradicts itself about " + fqdn);
        }
        servers_[outlet] = fqdn;
        outlets_[fqdn] = outlet;
        saved_[fqdn] = {
            std::make_unique<Entry>(Entry::Loaded{}, documents, outlet_entry(fqdn), text),
            std::make_unique<Entry>(Entry::Loaded{}, documents, server_entry(text), fqdn)};
    }
    if (servers_.size() != state_.outlet_servers.size()) {
        throw Fatal("saved document " + power_document + " maps outlets of no server");
    }
    int next = 1;
    for (const auto& [outlet, fqdn] : servers_) {
        while (next < outlet) gaps_.insert(next++);
        ++next;
    }
}

OutletMap::~OutletMap() = default;

int OutletMap::add(const std::string& fqdn) {
    if (const int known = outlet_of(fqdn); known != 0) return known;
    const int last = servers_.empty() ? 0 : servers_.rbegin()->first;
    const int outlet = gaps_.empty() ? last + 1 : *gaps_.begin();
    gaps_.erase(outlet);
    servers_[outlet] = fqdn;
    outlets_[fqdn] = outlet;
    const std::string text = std::to_string(outlet);
    state_.server_outlets[fqdn] = text;
    state_.outlet_servers[text] = fqdn;
    saved_[fqdn] = {
        std::make_unique<Document<std::string>>(documents_, outlet_entry(fqdn), text),
        std::make_unique<Document<std::string>>(documents_, server_entry(text), fqdn)};
    return outlet;
}

int OutletMap::remove(const std::string& fqdn) {
    const int outlet = outlet_of(fqdn);
    if (outlet == 0) return 0;
    servers_.erase(outlet);
    outlets_.erase(fqdn);
    gaps_.insert(outlet);
    while (!gaps_.empty() && (servers_.empty() || *gaps_.rbegin() > servers_.rbegin()->first)) {
        gaps_.erase(std::prev(gaps_.end()));
    }
    state_.server_outlets.erase(fqdn);
    state_.outlet_servers.erase(std::to_string(outlet));
    const auto saved = saved_.find(fqdn);
    saved->second.outlet->erase();
    saved->second.server->erase();
    saved_.erase(saved);
    return outlet;
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
