// Reading `devices.json`: our own form, and the original's with one presentation map per server.
#include "fakes/fake_devices_parts.hpp"
#include "fakes/volume_numbers.hpp"

#include <algorithm>

namespace csim {

namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw Fatal("saved document " + devices_document + " contradicts itself: " + what);
}

template <class T>
T decode(const Json& json, const std::string& entry) {
    auto value = from_json_value<T>(json, Strictness::saved);
    if (!value)
        throw Fatal(
            "saved document " + devices_document + " (" + entry + ") does not fit: " + value.error().detail
        );
    return std::move(*value);
}

bool is_group(const Json& json) {
    return json.is_object() && json.contains("servers") && json.at("servers").is_array();
}

}  // namespace

void FakeDevices::load_volumes() {
    auto entries = documents_.store().load_section(devices_document, "devices");
    std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
        constexpr auto none = INT64_MAX;
        return volume_number(a.first).value_or(none) < volume_number(b.first).value_or(none);
    });
    for (const auto& [serial, json] : entries) {
        const auto path = "devices/" + serial;
        auto state = decode<VolumeState>(json, path);
        if (state.serial_80 != serial) refuse("volume " + serial + " has the serial " + state.serial_80);
        if (state.size <= 0) refuse("volume " + serial + " has no size");
        const auto number = volume_number(serial);
        if (number) next_number_ = std::max(next_number_, *number + 1);
        if (!number || state.major_minor != volume_major_minor(*number))
            foreign_major_minors_.insert(state.major_minor);
        const auto slot = static_cast<Slot>(volumes_.size());
        volumes_.push_back(
            std::make_unique<Volume>(Document<VolumeState>::Loaded{}, documents_, serial, std::move(state))
        );
        slot_of_.emplace(volumes_.back()->serial(), slot);
    }
    // The original counts its volumes to name the next; a foreign serial must not make ours collide with its
    // rule.
    if (!foreign_major_minors_.empty()) renumber_collisions();
}

void FakeDevices::renumber_collisions() {
    std::set<std::string> used;
    std::vector<Volume*> colliding;
    for (const auto& volume : volumes_) {
        if (!used.insert(volume->state->major_minor).second) colliding.push_back(volume.get());
    }
    for (auto* volume : colliding) {
        auto number = volume_number(volume->serial()).value_or(0);
        while (!used.insert(volume_major_minor(number)).second) number += 4096 * 256;
        volume->state.edit([&](VolumeState& state) { state.major_minor = volume_major_minor(number); });
        foreign_major_minors_.insert(volume->state->major_minor);
    }
}

std::vector<FakeDevices::Slot> FakeDevices::slots_of_range(
    const std::pair<std::string, std::string>& range, const std::string& group
) const {
    const auto first = slot_of_.find(range.first);
    const auto last = slot_of_.find(range.second);
    if (first == slot_of_.end() || last == slot_of_.end() || first->second > last->second) {
        refuse(
            "presentation group " + group + " names no range of volumes with " + range.first + " to " +
            range.second
        );
    }
    std::vector<Slot> slots;
    for (Slot slot = first->second; slot <= last->second; ++slot) slots.push_back(slot);
    return slots;
}

std::vector<std::pair<std::string, std::string>> FakeDevices::ranges_of(const std::vector<Slot>& slots
) const {
    std::vector<std::pair<std::string, std::string>> ranges;
    std::optional<std::int64_t> expected;
    for (const auto slot : slots) {
        const auto& serial = volumes_[slot]->serial();
        const auto number = volume_number(serial);
        if (number && number == expected) {
            ranges.back().second = serial;
        } else {
            ranges.emplace_back(serial, serial);
        }
        expected = number ? std::optional(*number + 1) : std::nullopt;
    }
    return ranges;
}

void FakeDevices::load_presentations() {
    std::map<std::string, std::vector<Slot>> by_server;
    for (const auto& [key, json] : documents_.store().load_section(devices_document, "presentations")) {
        const auto entry = "presentations/" + key;
        if (is_group(json)) {
            load_group(key, decode<PresentationState>(json, entry));
        } else {
            by_server[key] = slots_of_paths(decode<std::map<std::string, std::string>>(json, entry), entry);
            documents_.store().erase({devices_document, entry});
        }
    }
    import_presentations(by_server);
}

void FakeDevices::load_group(const std::string& name, PresentationState state) {
    std::set<Slot> slots;
    for (const auto& range : state.volumes) {
        for (const auto slot : slots_of_range(range, name)) slots.insert(slot);
    }
    std::sort(state.servers.begin(), state.servers.end());
    state.servers.erase(std::unique(state.servers.begin(), state.servers.end()), state.servers.end());
    auto group =
        std::make_unique<Group>(Document<PresentationState>::Loaded{}, documents_, name, std::move(state));
    for (const auto& fqdn : group->state->servers) groups_of_[fqdn].push_back(group.get());
    for (const auto slot : slots) volumes_[slot]->groups.push_back(group.get());
    group->slots.assign(slots.begin(), slots.end());
    groups_.emplace(name, std::move(group));
}

std::vector<FakeDevices::Slot> FakeDevices::slots_of_paths(
    const std::map<std::string, std::string>& serial_of, const std::string& entry
) const {
    std::set<Slot> slots;
    for (const auto& [path, serial] : serial_of) {
        const auto found = slot_of_.find(serial);
        if (found == slot_of_.end()) refuse(entry + " names the unknown volume " + serial);
        if (path != device_path(serial)) refuse(entry + " has " + serial + " at the unexpected path " + path);
        slots.insert(found->second);
    }
    return {slots.begin(), slots.end()};
}

void FakeDevices::import_presentations(const std::map<std::string, std::vector<Slot>>& by_server) {
    std::map<std::vector<Slot>, std::vector<std::string>> servers_of;
    for (const auto& [fqdn, slots] : by_server) {
        if (!slots.empty()) servers_of[slots].push_back(fqdn);
    }
    int number = 0;
    for (const auto& [slots, servers] : servers_of) {
        grow(group("imported-" + std::to_string(number++)), servers, slots);
    }
}

void FakeDevices::load_local_filesystems() {
    for (const auto& [serial, json] :
         documents_.store().load_section(devices_document, "local_filesystems")) {
        const auto found = slot_of_.find(serial);
        if (found == slot_of_.end()) refuse("local filesystem on the unknown volume " + serial);
        const auto entry = "local_filesystems/" + serial;
        volumes_[found->second]->local_filesystem = std::make_unique<Document<std::string>>(
            Document<std::string>::Loaded{}, documents_, EntryName{devices_document, entry},
            decode<std::string>(json, entry)
        );
    }
}

}  // namespace csim
