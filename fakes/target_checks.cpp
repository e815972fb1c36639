// What must always be true of targets and MGS databases.
#include "fakes/fake_targets_parts.hpp"

#include <set>

namespace csim {

namespace {

void check_label(const std::string& serial, const TargetState& target, std::vector<Violation>& found) {
    const auto kind = kind_of_label(target.label);
    const bool fits =
        kind && target.label == target_label(*kind, target.fsname.value_or(""), target.index.value_or(-1));
    if (!fits)
        found.push_back({"I-10", serial + " is labelled " + target.label + ", which does not fit its record"}
        );
}

}  // namespace

Result<Nothing> FakeTargets::check_startable(const std::string& uuid) const {
    const std::string serial = serial_of_uuid(uuid);
    const TargetState* const target = serial.empty() ? nullptr : find(serial);
    if (target == nullptr || target->label == mgs_label) return Nothing{};
    const MgsState* const mgs = mgs_of_target(serial);
    if (mgs != nullptr && mgs->targets.contains(target->label)) return Nothing{};
    return Error{Errc::conflict, "cannot start " + target->label + ": it was never registered with its MGS"};
}

std::vector<Violation> FakeTargets::violations() const {
    std::vector<Violation> found;
    std::set<std::string> uuids;
    std::set<std::pair<std::string, std::string>> labels;
    for (const auto& [serial, target] : targets_) {
        const auto& state = **target;
        if (!uuids.insert(state.uuid).second)
            found.push_back({"I-10", "two targets share the uuid " + state.uuid});
        check_label(serial, state, found);
        if (devices_.local_filesystem(serial)) {
            found.push_back({"I-9", serial + " carries " + state.label + " and a local filesystem"});
        }
        if (state.label == mgs_label) {
            if (mgs_held_by(serial) == nullptr)
                found.push_back({"I-11", "the MGS on " + serial + " has no database"});
            continue;
        }
        if (!labels.emplace(state.mgsnode, state.label).second) {
            found.push_back(
                {"I-10", "two targets of the MGS at " + state.mgsnode + " are labelled " + state.label}
            );
        }
    }
    for (const auto& [key, mgs] : mgts_) {
        const auto* holder = find((*mgs)->serial);
        if (holder == nullptr || holder->label != mgs_label) {
            found.push_back({"I-11", "the MGS database " + key + " is on no management target"});
        }
        for (const auto& [label, registration] : (*mgs)->targets) {
            const auto* target = find(registration.serial);
            if (target == nullptr || target->label != label) {
                found.push_back({"I-11", label + " is registered at " + key + " but on no volume"});
            } else if (!target->primary_nid) {
                found.push_back({"I-11", label + " is registered at " + key + " without a primary NID"});
            }
        }
    }
    return found;
}

}  // namespace csim
