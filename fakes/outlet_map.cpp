#include "fakes/outlet_map.hpp"

#include "state/document_of.hpp"

#include <charconv>

namespace csim {
namespace {

const EntryName power_document{"fake_power_control.json", ""};
constexpr int outlets_max = 1'000'000;

std::unique_ptr<Document<OutletMapState>> load(Documents& documents) {
    if (auto saved = load_document<OutletMapState>(documents, power_document)) return saved;
    // Made with the first server: an empty folder stays empty.
    return nullptr;
}

}  // namespace

int parse_outlet(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size() && !text.starts_with('0');
    return whole && number >= 1 && number <= outlets_max ? number : 0;
}

OutletMap::OutletMap(Documents& documents) : state_(load(documents)) {
    if (state_ == nullptr) {
        state_ = std::make_unique<Document<OutletMapState>>(
            Document<OutletMapState>::Loaded{}, documents, power_document, OutletMapState{}
        );
    }
    for (const auto& [fqdn, text] : (*state_)->server_outlets) {
        const int outlet = parse_outlet(text);
        const auto back = (*state_)->outlet_servers.find(text);
        if (outlet == 0 || back == (*state_)->outlet_servers.end() || back->second != fqdn) {
            throw Fatal("saved document " + power_document.document + " contradicts itself about " + fqdn);
        }
        servers_[outlet] = fqdn;
        outlets_[fqdn] = outlet;
    }
    if (servers_.size() != (*state_)->outlet_servers.size()) {
        throw Fatal("saved document " + power_document.document + " maps outlets of no server");
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
    state_->edit([&](OutletMapState& state) {
        state.server_outlets[fqdn] = std::to_string(outlet);
        state.outlet_servers[std::to_string(outlet)] = fqdn;
    });
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
    state_->edit([&](OutletMapState& state) {
        state.server_outlets.erase(fqdn);
        state.outlet_servers.erase(std::to_string(outlet));
    });
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
