#include "fakes/fake_targets.hpp"

#include "fakes/fake_targets_parts.hpp"

#include <algorithm>

namespace csim {

FakeTargets::FakeTargets(Documents& documents, FakeDevices& devices, const Rng& run)
    : documents_(documents), devices_(devices), run_(run) {
    load_targets();
    load_mgts();
    devices_.carries_target = [this](const std::string& serial) { return targets_.contains(serial); };
}

FakeTargets::~FakeTargets() {
    devices_.carries_target = nullptr;
}

void FakeTargets::remember(const std::string& serial, std::unique_ptr<Target> target) {
    serial_of_uuid_[(*target)->uuid] = serial;
    serials_of_label_[(*target)->label].insert(serial);
    targets_[serial] = std::move(target);
    ++generation_;
}

const TargetState* FakeTargets::find(std::string_view serial) const {
    const auto found = targets_.find(serial);
    return found == targets_.end() ? nullptr : &**found->second;
}

Result<const TargetState*> FakeTargets::find_at(const std::string& fqdn, std::string_view path) const {
    const auto serial = devices_.resolve(fqdn, path);
    if (!serial) return serial.error();
    if (const auto* target = find(*serial)) return target;
    return Error{Errc::not_found, "no Lustre target is on " + std::string(path)};
}

std::string FakeTargets::serial_of_uuid(const std::string& uuid) const {
    const auto found = serial_of_uuid_.find(uuid);
    return found == serial_of_uuid_.end() ? std::string() : found->second;
}

std::string FakeTargets::started_here(const std::string& fqdn, std::string_view label) const {
    const auto found = serials_of_label_.find(label);
    if (found == serials_of_label_.end()) return {};
    for (const auto& serial : found->second) {
        if (started_on(find(serial)->uuid) == fqdn) return serial;
    }
    return {};
}

std::vector<std::string> FakeTargets::serials() const {
    std::vector<std::string> serials;
    for (const auto& [serial, target] : targets_) serials.push_back(serial);
    return serials;
}

bool FakeTargets::running(const MgsState& mgs) const {
    const auto* target = find(mgs.serial);
    return target != nullptr && !started_on(target->uuid).empty();
}

std::vector<std::string> FakeTargets::nids_of(const MgsState& mgs) const {
    auto nids = all_nids(mgs.nids);
    const auto* target = find(mgs.serial);
    const auto fqdn = target == nullptr ? std::string() : started_on(target->uuid);
    if (fqdn.empty() || !nids_of_) return nids;
    for (auto& nid : nids_of_(fqdn)) nids.push_back(std::move(nid));
    return nids;
}

FakeTargets::Mgs* FakeTargets::mgs_at(const NidGroups& groups) const {
    const auto wanted = all_nids(groups);
    Mgs* best = nullptr;
    // A running MGS answers before any other; of several, the one formatted last has taken the NIDs over.
    const auto rank = [this](const MgsState& mgs) {
        const auto* target = find(mgs.serial);
        return std::pair(running(mgs), target == nullptr ? SimTime() : target->formatted_at);
    };
    for (const auto& [key, mgs] : mgts_) {
        if (!intersect(nids_of(**mgs), wanted)) continue;
        if (best == nullptr || rank(**mgs) > rank(**best)) best = mgs.get();
    }
    return best;
}

FakeTargets::Mgs* FakeTargets::mgs_held_by(const std::string& serial) const {
    for (const auto& [key, mgs] : mgts_) {
        if ((*mgs)->serial == serial) return mgs.get();
    }
    return nullptr;
}

FakeTargets::Mgs* FakeTargets::registrar_of(const std::string& serial, const std::string& label) const {
    for (const auto& [key, mgs] : mgts_) {
        const auto found = (*mgs)->targets.find(label);
        if (found != (*mgs)->targets.end() && found->second.serial == serial) return mgs.get();
    }
    return nullptr;
}

FakeTargets::Mgs* FakeTargets::mgs_for(const std::string& serial, const TargetState& target) const {
    if (target.label == mgs_label) return mgs_held_by(serial);
    if (auto* registrar = registrar_of(serial, target.label)) return registrar;
    return mgs_at(parse_nid_groups(target.mgsnode));
}

const MgsState* FakeTargets::find_mgs(const NidGroups& nids) const {
    const auto* mgs = mgs_at(nids);
    return mgs == nullptr ? nullptr : &**mgs;
}

const MgsState* FakeTargets::mgs_of_target(const std::string& serial) const {
    const auto* target = find(serial);
    const auto* mgs = target == nullptr ? nullptr : mgs_for(serial, *target);
    return mgs == nullptr ? nullptr : &**mgs;
}

bool FakeTargets::filesystem_exists(std::string_view mgsspec, const std::string& fsname) const {
    const auto* mgs = find_mgs(mgsspec);
    if (mgs == nullptr || !mgs->targets.contains(target_label(TargetKind::mdt, fsname, 0))) return false;
    return std::ranges::any_of(mgs->targets, [&](const auto& entry) {
        return fsname_of_label(entry.first) == fsname && kind_of_label(entry.first) == TargetKind::ost;
    });
}

std::optional<std::string> FakeTargets::conf_param(const MgsState& mgs, const std::string& key) {
    const auto found = mgs.conf_params.find(key);
    if (found == mgs.conf_params.end()) return std::nullopt;
    if (!key.ends_with(cached_mb_suffix)) return found->second;
    return std::string(cached_mb_prefix) + found->second;
}

}  // namespace csim
