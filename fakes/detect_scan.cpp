// Finding Lustre targets on devices, and through a mounted MGS the targets registered with it.
#include "core/utc.hpp"
#include "fakes/fake_targets_parts.hpp"

#include <set>

namespace csim {

DetectedTargets FakeTargets::detect_scan(
    const std::string& fqdn, const std::vector<ScanDevice>& devices, SimTime now
) const {
    DetectedTargets detected;
    detected.target_devices_saved_timestamp = utc_text(now);
    std::set<std::string> seen;
    for (const auto& device : devices) {
        const auto serial = devices_.resolve(fqdn, device.path);
        if (!serial || !seen.insert(*serial).second) continue;
        const auto* target = find(*serial);
        if (target == nullptr) continue;
        const bool mounted = started_on(target->uuid) == fqdn;
        detected.local_targets.push_back(
            {.name = target->label,
             .uuid = target->uuid,
             .type = device.type,
             .device_paths = {device.path},
             .mounted = mounted}
        );
        const auto* mgs = mounted && target->label == mgs_label ? mgs_held_by(*serial) : nullptr;
        if (mgs == nullptr) continue;
        for (const auto& [label, registration] : (*mgs)->targets) {
            const auto* member = find(registration.serial);
            if (member == nullptr || label == mgs_label) continue;
            detected.mgs_targets[std::string(fsname_of_label(label))].push_back(
                {.uuid = member->uuid, .name = label, .nid = member->primary_nid.value_or("")}
            );
        }
    }
    return detected;
}

}  // namespace csim
