// Reading targets and MGS databases: our own form, and the original's, whose entries lack what we add.
#include "fakes/fake_targets_parts.hpp"

namespace csim {

namespace {

constexpr std::int64_t default_bytes_per_inode = 16384;

[[noreturn]] void refuse(const std::string& entry, const std::string& what) {
    throw Fatal("saved document " + targets_document + " (" + entry + ") does not fit: " + what);
}

template <class T>
T decode(const Json& json, const std::string& entry) {
    auto value = from_json_value<T>(json, Strictness::saved);
    if (!value) refuse(entry, value.error().detail);
    return std::move(*value);
}

/// The original stored the presented form, once more at every read.
bool strip_compounded(std::map<std::string, std::string>& conf_params) {
    bool changed = false;
    for (auto& [key, value] : conf_params) {
        while (key.ends_with(cached_mb_suffix) && value.starts_with(cached_mb_prefix)) {
            value.erase(0, cached_mb_prefix.size());
            changed = true;
        }
    }
    return changed;
}

}  // namespace

void FakeTargets::load_targets() {
    for (auto& [serial, json] : documents_.store().load_section(targets_document, "targets")) {
        const auto entry = "targets/" + serial;
        const auto* volume = devices_.find_volume(serial);
        if (volume == nullptr) refuse(entry, "there is no volume " + serial);
        // Statistics were part of the original's record; ours follow the clock.
        if (json.is_object()) json.erase("stats");
        auto state = decode<TargetState>(json, entry);
        if (!kind_of_label(state.label)) refuse(entry, "'" + state.label + "' is no target's label");
        if (state.uuid.empty() || serial_of_uuid_.contains(state.uuid))
            refuse(entry, "its uuid is not its own");
        if (state.inode_count == 0) state.inode_count = volume->size / default_bytes_per_inode;
        remember(
            serial, std::make_unique<Target>(
                        Target::Loaded{}, documents_, EntryName{targets_document, entry}, std::move(state)
                    )
        );
    }
}

void FakeTargets::load_mgts() {
    for (const auto& [key, json] : documents_.store().load_section(targets_document, "mgts")) {
        const EntryName name{targets_document, "mgts/" + key};
        auto mgs = std::make_unique<Mgs>(Mgs::Loaded{}, documents_, name, decode<MgsState>(json, name.path));
        if ((*mgs)->serial.empty()) adopt_registrations(*mgs, key);
        // A database whose volume was formatted anew is one that nobody can start again.
        const auto* holder = find((*mgs)->serial);
        if (holder == nullptr || holder->label != mgs_label) {
            mgs->erase();
        } else {
            mgts_.emplace(key, std::move(mgs));
        }
    }
}

void FakeTargets::adopt_registrations(Mgs& mgs, const std::string& key) {
    mgs.edit([&](MgsState& state) {
        state.nids = parse_nid_groups(key);
        strip_compounded(state.conf_params);
        std::map<std::string, RegistrationState> kept;
        for (const auto& [serial, target] : targets_) {
            const auto& record = **target;
            if (record.mgsnode != key) continue;
            if (record.label == mgs_label) state.serial = serial;
            if (state.targets.contains(record.label)) kept[record.label] = RegistrationState{serial};
        }
        state.targets = std::move(kept);
    });
}

}  // namespace csim
