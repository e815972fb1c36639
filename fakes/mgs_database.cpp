// What a management server knows: registered targets and their parameters.
#include "fakes/fake_targets_parts.hpp"

#include <algorithm>
#include <array>

namespace csim {

namespace {

constexpr std::size_t key_size_max = 256;
constexpr std::size_t value_size_max = 4096;
constexpr std::array<std::string_view, 4> hsm_controls = {"enabled", "disabled", "shutdown", "purge"};

/// The first NID on a network that the MGS has too.
std::optional<std::string> shared_nid(
    const std::vector<std::string>& own, const std::vector<std::string>& mgs_nids
) {
    for (const auto& nid : own) {
        for (const auto& other : mgs_nids) {
            if (nid_network(nid) == nid_network(other)) return nid;
        }
    }
    return std::nullopt;
}

bool belongs_to(std::string_view key, std::string_view fsname) {
    const auto target = key.substr(0, key.find('.'));
    if (target == fsname) return true;
    return fsname_of_label(target) == fsname && kind_of_label(target).has_value();
}

Result<Nothing> check_conf_param(const std::string& key, const std::optional<std::string>& value) {
    const bool printable = std::ranges::none_of(key, [](unsigned char c) { return c <= ' ' || c == 0x7f; });
    if (key.size() > key_size_max || !printable || std::ranges::count(key, '.') < 2 || key.front() == '.') {
        return Error{
            Errc::bad_argument, "a conf param is named <target>.<subsystem>.<parameter>, not '" + key + "'"};
    }
    if (value && value->size() > value_size_max) {
        return Error{Errc::bad_argument, "the value of " + key + " is longer than 4096 bytes"};
    }
    return Nothing{};
}

Result<std::optional<HsmControl>> hsm_control(
    const std::string& key, const std::optional<std::string>& value
) {
    if (key.find("hsm_control") == std::string::npos) return std::optional<HsmControl>();
    const auto target = std::string_view(key).substr(0, key.find('.'));
    const auto control = value.value_or("disabled");
    if (kind_of_label(target) != TargetKind::mdt) {
        return Error{
            Errc::bad_argument, "hsm_control belongs to an MDT, and '" + std::string(target) + "' is none"};
    }
    if (std::ranges::find(hsm_controls, control) == hsm_controls.end()) {
        return Error{
            Errc::bad_argument,
            "hsm_control takes enabled, disabled, shutdown or purge, not '" + control + "'"};
    }
    return std::optional(HsmControl{std::string(fsname_of_label(target)), control});
}

}  // namespace

Result<Nothing> FakeTargets::check_registrable(
    const LustreNode& on, const TargetState& target, const Mgs* mgs
) const {
    if (mgs == nullptr) {
        return Error{Errc::not_found, "no management server answers at " + target.mgsnode};
    }
    if (on.nids.empty()) return Error{Errc::conflict, on.fqdn + " has no NID; configure LNet first"};
    if (!on.lnet_up) return Error{Errc::conflict, "LNet is not up on " + on.fqdn};
    if (target.label == mgs_label) return Nothing{};
    if (!running(**mgs)) {
        return Error{Errc::conflict, "the management server at " + target.mgsnode + " is not running"};
    }
    return Nothing{};
}

Result<std::string> FakeTargets::register_target(const LustreNode& on, std::string_view device_path) {
    const auto serial = devices_.resolve(on.fqdn, device_path);
    if (!serial) return serial.error();
    const auto found = targets_.find(*serial);
    if (found == targets_.end()) {
        return Error{Errc::not_found, "no Lustre target is on " + std::string(device_path)};
    }
    auto& target = *found->second;
    auto* mgs = mgs_for(*serial, *target);
    if (const auto checked = check_registrable(on, *target, mgs); !checked) return checked.error();
    const bool is_mgs = target->label == mgs_label;
    const auto nid = is_mgs ? on.nids.front() : shared_nid(on.nids, nids_of(**mgs));
    if (!nid) {
        return Error{
            Errc::conflict, on.fqdn + " shares no network with the management server at " + target->mgsnode};
    }
    const auto registered = (*mgs)->targets.find(target->label);
    if (registered != (*mgs)->targets.end() && registered->second.serial != *serial) {
        return Error{
            Errc::conflict,
            target->label + " is already registered, on the volume " + registered->second.serial};
    }
    mgs->edit([&](MgsState& state) { state.targets[target->label] = RegistrationState{*serial}; });
    target.edit([&](TargetState& state) { state.primary_nid = *nid; });
    return target->label;
}

/// No other volume is the same member of a filesystem of the management server at `mgs_nids`.
Result<Nothing> FakeTargets::check_label_free(const std::string& serial, const NidGroups& mgs_nids) const {
    const std::string& label = find(serial)->label;
    const auto wanted = all_nids(mgs_nids);
    for (const auto& other : serials_of_label_.find(label)->second) {
        if (other == serial || !intersect(all_nids(parse_nid_groups(find(other)->mgsnode)), wanted)) continue;
        return Error{
            Errc::conflict, "the volume " + other + " is " + label +
                                " of that management server; purge the filesystem there first"};
    }
    return Nothing{};
}

Result<Nothing> FakeTargets::writeconf(const LustreNode& on, const WriteconfTarget& request) {
    if (request.device.empty()) {
        if (!request.mgsnode.empty()) return Nothing{};
        return Error{Errc::bad_argument, "device: the path of a target is needed"};
    }
    const auto serial = devices_.resolve(on.fqdn, request.device);
    if (!serial) return serial.error();
    const auto found = targets_.find(*serial);
    if (found == targets_.end()) return Error{Errc::not_found, "no Lustre target is on " + request.device};
    auto& target = *found->second;
    auto* mgs = mgs_for(*serial, *target);
    if (!request.mgsnode.empty()) {
        if (target->label == mgs_label) return Nothing{};
        if (const auto free = check_label_free(*serial, request.mgsnode); !free) return free;
        // Another MGS from now on: the old one forgets it.
        if (mgs != nullptr && !intersect(nids_of(**mgs), all_nids(request.mgsnode))) {
            mgs->edit([&](MgsState& state) {
                const auto registered = state.targets.find(target->label);
                if (registered != state.targets.end() && registered->second.serial == *serial)
                    state.targets.erase(registered);
            });
        }
        target.edit([&](TargetState& state) { state.mgsnode = nid_groups_text(request.mgsnode); });
        return Nothing{};
    }
    if (mgs == nullptr) return Nothing{};
    mgs->edit([&](MgsState& state) {
        state.conf_params.clear();
        if (target->label != mgs_label || on.nids.empty()) return;
        // The NIDs at which it answers are written anew; those of its other servers stay unless named again.
        std::erase_if(state.nids, [&](const auto& group) { return intersect(group, on.nids); });
        if (!request.failnode.empty()) state.nids.assign(1, request.failnode);
        state.nids.insert(state.nids.begin(), on.nids);
    });
    return Nothing{};
}

Result<Nothing> FakeTargets::purge(
    const LustreNode& on, std::string_view mgs_device_path, const std::string& fsname
) {
    const auto serial = devices_.resolve(on.fqdn, mgs_device_path);
    if (!serial) return serial.error();
    auto* mgs = mgs_held_by(*serial);
    if (mgs == nullptr) {
        return Error{Errc::not_found, "no management target is on " + std::string(mgs_device_path)};
    }
    mgs->edit([&](MgsState& state) {
        std::erase_if(state.targets, [&](const auto& entry) {
            return entry.first != mgs_label && fsname_of_label(entry.first) == fsname;
        });
        std::erase_if(state.conf_params, [&](const auto& entry) { return belongs_to(entry.first, fsname); });
    });
    return Nothing{};
}

Result<std::optional<HsmControl>> FakeTargets::set_conf_param(
    const std::string& fqdn, const std::string& key, const std::optional<std::string>& value
) {
    const auto serial = started_here(fqdn, mgs_label);
    auto* mgs = serial.empty() ? nullptr : mgs_held_by(serial);
    if (mgs == nullptr) {
        return Error{Errc::conflict, "cannot set " + key + ": no management target is started on " + fqdn};
    }
    if (const auto checked = check_conf_param(key, value); !checked) return checked.error();
    auto control = hsm_control(key, value);
    if (!control) return control.error();
    mgs->edit([&](MgsState& state) {
        if (value) {
            state.conf_params[key] = *value;
        } else {
            state.conf_params.erase(key);
        }
    });
    return *std::move(control);
}

}  // namespace csim
