#include "fakes/fake_devices.hpp"

#include "fakes/fake_devices_parts.hpp"
#include "fakes/volume_numbers.hpp"

#include <algorithm>

namespace csim {

namespace {

constexpr std::string_view path_head = "/dev/disk/by-id/scsi-";
constexpr std::string_view path_tail = "-scsi0-0-0";
constexpr std::int64_t majors_apart = 4096;

/// Adds what is new of `more` to a sorted list. Returns whether anything was.
template <class T>
bool merge_into(std::vector<T>& list, std::vector<T> more) {
    std::sort(more.begin(), more.end());
    std::vector<T> merged;
    merged.reserve(list.size() + more.size());
    std::set_union(list.begin(), list.end(), more.begin(), more.end(), std::back_inserter(merged));
    merged.erase(std::unique(merged.begin(), merged.end()), merged.end());
    const bool grew = merged.size() != list.size();
    list = std::move(merged);
    return grew;
}

}  // namespace

std::string device_path(std::string_view serial) {
    std::string path;
    path.reserve(path_head.size() + serial.size() + path_tail.size());
    return path.append(path_head).append(serial).append(path_tail);
}

std::string_view serial_of_path(std::string_view path) {
    if (!path.starts_with(path_head) || !path.ends_with(path_tail)) return {};
    if (path.size() <= path_head.size() + path_tail.size()) return {};
    return path.substr(path_head.size(), path.size() - path_head.size() - path_tail.size());
}

bool FakeDevices::Group::has_server(const std::string& fqdn) const {
    return std::binary_search(state->servers.begin(), state->servers.end(), fqdn);
}

bool FakeDevices::Group::has_slot(Slot slot) const {
    return std::binary_search(slots.begin(), slots.end(), slot);
}

FakeDevices::FakeDevices(Documents& documents) : documents_(documents) {
    load_volumes();
    load_presentations();
    load_local_filesystems();
}

FakeDevices::~FakeDevices() = default;

std::string FakeDevices::next_major_minor() const {
    auto text = volume_major_minor(next_number_);
    for (std::int64_t more = majors_apart; foreign_major_minors_.contains(text); more += majors_apart) {
        text = volume_major_minor(next_number_ + more * 256);
    }
    return text;
}

std::vector<std::string> FakeDevices::add_volumes(std::size_t count, std::int64_t size_bytes) {
    std::vector<std::string> added;
    added.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto serial = volume_serial(next_number_);
        VolumeState state{
            .major_minor = next_major_minor(), .serial_80 = serial, .serial_83 = serial, .size = size_bytes};
        const auto slot = static_cast<Slot>(volumes_.size());
        volumes_.push_back(std::make_unique<Volume>(documents_, serial, std::move(state)));
        slot_of_.emplace(volumes_.back()->serial(), slot);
        ++next_number_;
        added.push_back(serial);
    }
    return added;
}

const FakeDevices::Volume* FakeDevices::volume(std::string_view serial) const {
    const auto found = slot_of_.find(serial);
    return found == slot_of_.end() ? nullptr : volumes_[found->second].get();
}

const VolumeState* FakeDevices::find_volume(std::string_view serial) const {
    const auto* found = volume(serial);
    return found == nullptr ? nullptr : &*found->state;
}

std::vector<std::string> FakeDevices::serials() const {
    std::vector<std::string> serials;
    serials.reserve(volumes_.size());
    for (const auto& volume : volumes_) serials.push_back(volume->serial());
    return serials;
}

Result<std::vector<FakeDevices::Slot>> FakeDevices::slots(const std::vector<std::string>& serials) const {
    std::vector<Slot> slots;
    slots.reserve(serials.size());
    for (const auto& serial : serials) {
        const auto found = slot_of_.find(serial);
        if (found == slot_of_.end()) return Error{Errc::not_found, "there is no volume " + serial};
        slots.push_back(found->second);
    }
    return slots;
}

FakeDevices::Group& FakeDevices::group(const std::string& name) {
    auto& place = groups_[name];
    if (!place) place = std::make_unique<Group>(documents_, name);
    return *place;
}

Result<Nothing> FakeDevices::present(
    const std::string& group_name, const std::vector<std::string>& servers,
    const std::vector<std::string>& serials
) {
    const auto found = slots(serials);
    if (!found) return found.error();
    grow(group(group_name), servers, *found);
    return Nothing{};
}

Result<Nothing> FakeDevices::join_group(const std::string& group_name, const std::string& fqdn) {
    const auto found = groups_.find(group_name);
    if (found == groups_.end()) return Error{Errc::not_found, "there is no presentation group " + group_name};
    grow(*found->second, {fqdn}, {});
    return Nothing{};
}

void FakeDevices::grow(
    Group& group, const std::vector<std::string>& servers, const std::vector<Slot>& slots
) {
    ++changes_;
    for (const std::string_view fqdn : std::set<std::string_view>(servers.begin(), servers.end())) {
        const std::string server(fqdn);
        if (!group.has_server(server)) groups_of_[server].push_back(&group);
    }
    for (const auto slot : std::set<Slot>(slots.begin(), slots.end())) {
        if (!group.has_slot(slot)) volumes_[slot]->groups.push_back(&group);
    }
    const bool more_volumes = merge_into(group.slots, slots);
    if (more_volumes) ++group.version;
    group.state.edit([&](PresentationState& state) {
        merge_into(state.servers, servers);
        if (more_volumes) state.volumes = ranges_of(group.slots);
    });
}

void FakeDevices::remove_presentations(const std::string& fqdn) {
    const auto found = groups_of_.find(fqdn);
    if (found == groups_of_.end()) return;
    ++changes_;
    auto& left = left_versions_[fqdn];
    left = version(fqdn) + 1;
    const auto groups = std::move(found->second);
    groups_of_.erase(found);
    for (auto* group : groups) {
        group->state.edit([&](PresentationState& state) { std::erase(state.servers, fqdn); });
        if (!group->state->servers.empty()) continue;
        for (const auto slot : group->slots) std::erase(volumes_[slot]->groups, group);
        std::erase_if(views_, [&](const auto& view) { return std::ranges::count(view.first, group) != 0; });
        group->state.erase();
        groups_.erase(std::string(group->name));
    }
}

bool FakeDevices::sees(const std::string& fqdn, std::string_view serial) const {
    const auto* found = volume(serial);
    if (found == nullptr) return false;
    return std::ranges::any_of(found->groups, [&](const Group* group) { return group->has_server(fqdn); });
}

std::vector<FakeDevices::Slot> FakeDevices::slots_of(const std::string& fqdn) const {
    const auto found = groups_of_.find(fqdn);
    if (found == groups_of_.end()) return {};
    std::vector<Slot> slots;
    for (const auto* group : found->second) merge_into(slots, group->slots);
    return slots;
}

std::vector<std::string> FakeDevices::presented_to(const std::string& fqdn) const {
    std::vector<std::string> serials;
    for (const auto slot : slots_of(fqdn)) serials.push_back(volumes_[slot]->serial());
    return serials;
}

std::vector<std::string> FakeDevices::seen_by(std::string_view serial) const {
    std::vector<std::string> servers;
    const auto* found = volume(serial);
    if (found == nullptr) return servers;
    for (const auto* group : found->groups) merge_into(servers, group->state->servers);
    return servers;
}

std::vector<std::string> FakeDevices::groups() const {
    std::vector<std::string> names;
    for (const auto& [name, group] : groups_) names.push_back(name);
    return names;
}

Result<std::string> FakeDevices::resolve(const std::string& fqdn, std::string_view path) const {
    const auto serial = serial_of_path(path);
    if (serial.empty() || !sees(fqdn, serial)) {
        return Error{Errc::not_found, "no device " + std::string(path) + " on " + fqdn};
    }
    return std::string(serial);
}

std::uint64_t FakeDevices::version(const std::string& fqdn) const {
    const auto left = left_versions_.find(fqdn);
    std::uint64_t version = left == left_versions_.end() ? 0 : left->second;
    const auto found = groups_of_.find(fqdn);
    if (found == groups_of_.end()) return version;
    for (const auto* group : found->second) version += group->version + 1;
    return version;
}

void FakeDevices::touch(std::string_view serial) {
    const auto* found = volume(serial);
    if (found == nullptr) return;
    ++changes_;
    for (auto* group : found->groups) ++group->version;
}

BlockDevice FakeDevices::node(const Volume& volume) const {
    const auto& state = *volume.state;
    BlockDevice device;
    device.major_minor = state.major_minor;
    device.path = device_path(volume.serial());
    device.serial_80 = state.serial_80;
    device.serial_83 = state.serial_83;
    device.size = state.size;
    device.parent = state.parent;
    device.partition_number = state.partition_number;
    if (volume.local_filesystem) {
        device.filesystem_type = **volume.local_filesystem;
    } else if (target_filesystem_type) {
        device.filesystem_type = target_filesystem_type(volume.serial());
    }
    return device;
}

std::shared_ptr<const BlockDevices> FakeDevices::nodes(const std::string& fqdn) const {
    std::vector<const Group*> key;
    std::uint64_t now = 1;
    if (const auto found = groups_of_.find(fqdn); found != groups_of_.end()) {
        key.assign(found->second.begin(), found->second.end());
        std::sort(key.begin(), key.end());
        for (const auto* group : key) now += group->version;
    }
    auto& view = views_[key];
    if (view.version == now) return view.nodes;
    BlockDevices devices;
    for (const auto slot : slots_of(fqdn)) {
        auto device = node(*volumes_[slot]);
        auto major_minor = device.major_minor;
        devices.emplace(std::move(major_minor), std::move(device));
    }
    view.nodes = std::make_shared<const BlockDevices>(std::move(devices));
    view.version = now;
    return view.nodes;
}

}  // namespace csim
