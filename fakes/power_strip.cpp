#include "fakes/power_strip.hpp"

#include "fakes/outlet_map.hpp"
#include "state/document_of.hpp"

#include <utility>

namespace csim {
namespace {

constexpr std::string_view prefix = "pdu_sim_";
constexpr std::string_view suffix = ".json";
const std::string only_klass = "APC79xxSimulator";

std::string document_of(const std::string& name) {
    return std::string(prefix) + name + std::string(suffix);
}

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
    throw Fatal("saved document " + document_of(name) + " does not fit: " + what);
}

template <class T>
std::unique_ptr<Document<T>> load_entry(Documents& documents, const EntryName& entry) {
    auto loaded = load_document<T>(documents, entry);
    if (loaded == nullptr) throw Fatal("saved document " + entry.document + " lacks '" + entry.path + "'");
    return loaded;
}

template <class T>
T decode(const std::string& name, const std::string& key, const Json& json) {
    auto value = from_json_value<T>(json, Strictness::saved);
    if (!value) refuse(name, "outlet " + key + ": " + value.error().detail);
    return *value;
}

}  // namespace

EntryName PowerStrip::entry(std::string path) const {
    return {document_of(name_), std::move(path)};
}

EntryName PowerStrip::outlet_entry(int outlet) const {
    return entry("outlets/" + std::to_string(outlet));
}

EntryName PowerStrip::pending_entry(int outlet) const {
    return entry("pending/" + std::to_string(outlet));
}

PowerStrip::PowerStrip(Documents& documents, std::string name, std::string address, std::int64_t port)
    : documents_(documents), name_(std::move(name)) {
    const auto text = [&](const char* key, std::string value) {
        return std::make_unique<Document<std::string>>(documents, entry(key), std::move(value));
    };
    klass_ = text("klass", only_klass);
    saved_name_ = text("name", name_);
    address_ = text("address", std::move(address));
    port_ = std::make_unique<Document<std::int64_t>>(documents, entry("port"), port);
}

PowerStrip::PowerStrip(Loaded, Documents& documents, std::string name)
    : documents_(documents), name_(std::move(name)) {
    klass_ = load_entry<std::string>(documents, entry("klass"));
    saved_name_ = load_entry<std::string>(documents, entry("name"));
    address_ = load_entry<std::string>(documents, entry("address"));
    port_ = load_entry<std::int64_t>(documents, entry("port"));
    if (**klass_ != only_klass) refuse(name_, "there is no power strip of class '" + **klass_ + "'");
    if (**saved_name_ != name_) refuse(name_, "it is named '" + **saved_name_ + "'");
    for (const auto& [key, json] : documents.store().load_section(document_of(name_), "outlets")) {
        const int outlet = parse_outlet(key);
        if (outlet == 0) refuse(name_, "'" + key + "' is no outlet");
        outlets_[outlet].on = decode<bool>(name_, key, json);
    }
    for (const auto& [key, json] : documents.store().load_section(document_of(name_), "pending")) {
        const auto found = outlets_.find(parse_outlet(key));
        if (found == outlets_.end()) refuse(name_, "'" + key + "' is no outlet");
        found->second.pending = decode<OutletCommand>(name_, key, json);
    }
}

PowerStrip::~PowerStrip() = default;

void PowerStrip::set_address(const std::string& address, std::int64_t port) {
    if (**address_ != address) address_->edit([&](std::string& saved) { saved = address; });
    if (**port_ != port) port_->edit([&](std::int64_t& saved) { saved = port; });
}

void PowerStrip::add(int outlet) {
    if (has(outlet)) return;
    outlets_[outlet].on = true;
    documents_.put(outlet_entry(outlet), true);
}

void PowerStrip::remove(int outlet) {
    const auto found = outlets_.find(outlet);
    if (found == outlets_.end()) return;
    forget_pending(outlet);
    outlets_.erase(found);
    documents_.erase(outlet_entry(outlet));
}

bool PowerStrip::on(int outlet) const {
    const auto found = outlets_.find(outlet);
    return found != outlets_.end() && found->second.on;
}

void PowerStrip::set(int outlet, bool on) {
    Outlet& changed = outlets_.at(outlet);
    if (changed.on == on) return;
    changed.on = on;
    documents_.put(outlet_entry(outlet), on);
}

std::vector<int> PowerStrip::outlets() const {
    std::vector<int> numbers;
    numbers.reserve(outlets_.size());
    for (const auto& [number, outlet] : outlets_) numbers.push_back(number);
    return numbers;
}

void PowerStrip::expect(int outlet, OutletCommand what, EventId timer) {
    Outlet& changed = outlets_.at(outlet);
    changed.timer = timer;
    if (changed.pending == what) return;
    changed.pending = what;
    documents_.put(pending_entry(outlet), to_json_value(what));
}

void PowerStrip::forget_pending(int outlet) {
    Outlet& changed = outlets_.at(outlet);
    if (!changed.pending) return;
    changed.pending.reset();
    changed.timer = {};
    documents_.erase(pending_entry(outlet));
}

EventId PowerStrip::timer(int outlet) const {
    return outlets_.at(outlet).timer;
}

std::vector<std::pair<int, OutletCommand>> PowerStrip::pending() const {
    std::vector<std::pair<int, OutletCommand>> list;
    for (const auto& [number, outlet] : outlets_) {
        if (outlet.pending) list.emplace_back(number, *outlet.pending);
    }
    return list;
}

std::vector<std::string> saved_power_strips(const StateStore& store) {
    std::vector<std::string> names;
    for (const std::string& document : store.documents(prefix)) {
        if (!document.ends_with(suffix)) continue;
        names.push_back(document.substr(prefix.size(), document.size() - prefix.size() - suffix.size()));
    }
    return names;
}

}  // namespace csim
