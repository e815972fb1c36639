// Sets of numbers by number.
#include "manager/model/target_index.hpp"

namespace csim {

namespace {

const std::set<std::int64_t>& find_set(
    const std::map<std::int64_t, std::set<std::int64_t>>& sets, std::int64_t key
) {
    static const std::set<std::int64_t> none;
    auto at = sets.find(key);
    return at == sets.end() ? none : at->second;
}

void take_out(std::map<std::int64_t, std::set<std::int64_t>>& sets, std::int64_t key, std::int64_t id) {
    auto at = sets.find(key);
    if (at == sets.end()) return;
    at->second.erase(id);
    if (at->second.empty()) sets.erase(at);
}

}  // namespace

void TargetIndex::add(const TargetRow& target) {
    for (const MountPart& mount : target.mounts) on_host_[mount.host_id].insert(target.id);
    if (target.filesystem_id != 0) of_filesystem_[target.filesystem_id].insert(target.id);
    if (target.kind == "MDT") mdts_of_[target.filesystem_id].insert(target.id);
    of_volume_[target.volume_id] = target.id;
    if (target.ha_label) label(*target.ha_label, target.id);
}

void TargetIndex::remove(const TargetRow& target) {
    for (const MountPart& mount : target.mounts) take_out(on_host_, mount.host_id, target.id);
    take_out(of_filesystem_, target.filesystem_id, target.id);
    take_out(mdts_of_, target.filesystem_id, target.id);
    if (of_volume(target.volume_id) == target.id) of_volume_.erase(target.volume_id);
    if (target.ha_label) by_ha_label_.erase(*target.ha_label);
}

void TargetIndex::add(const FilesystemRow& filesystem) {
    of_mgt_[filesystem.mgt_id].insert(filesystem.id);
}

void TargetIndex::remove(const FilesystemRow& filesystem) {
    take_out(of_mgt_, filesystem.mgt_id, filesystem.id);
}

const std::set<std::int64_t>& TargetIndex::on_host(std::int64_t host) const {
    return find_set(on_host_, host);
}
const std::set<std::int64_t>& TargetIndex::of_filesystem(std::int64_t filesystem) const {
    return find_set(of_filesystem_, filesystem);
}
const std::set<std::int64_t>& TargetIndex::mdts_of(std::int64_t filesystem) const {
    return find_set(mdts_of_, filesystem);
}
const std::set<std::int64_t>& TargetIndex::filesystems_of_mgt(std::int64_t mgt) const {
    return find_set(of_mgt_, mgt);
}

std::int64_t TargetIndex::of_volume(std::int64_t volume) const {
    auto at = of_volume_.find(volume);
    return at == of_volume_.end() ? 0 : at->second;
}

std::int64_t TargetIndex::of_ha_label(std::string_view label) const {
    auto at = by_ha_label_.find(label);
    return at == by_ha_label_.end() ? 0 : at->second;
}

}  // namespace csim
