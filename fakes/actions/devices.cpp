// Actions on block devices.
#include "fakes/actions/action.hpp"
#include "fakes/fake_devices.hpp"
#include "fakes/fake_targets.hpp"

namespace csim {
namespace {

struct DevicePath {
    std::string device_type;
    std::string path;
};
BOOST_DESCRIBE_STRUCT(DevicePath, (), (device_type, path))

struct ImportTarget {
    std::string device_type;
    std::string path;
    std::optional<bool> pacemaker_ha_operation;
    std::optional<bool> validate_importable;
};
BOOST_DESCRIBE_STRUCT(ImportTarget, (), (device_type, path, pacemaker_ha_operation, validate_importable))

struct TargetDevice {
    std::string path;
    std::optional<std::string> type;
    std::optional<std::string> uuid;
};
BOOST_DESCRIBE_STRUCT(TargetDevice, (), (path, type, uuid))

struct DetectScan {
    std::vector<TargetDevice> target_devices;
};
BOOST_DESCRIBE_STRUCT(DetectScan, (), (target_devices))

/// A bare text is what makes a manager's check fail: the device is not empty.
Result<std::optional<std::string>> check_block_device(ActionScope& on, const DevicePath& args) {
    const auto devices = need(on.devices, "block devices");
    if (!devices) return devices.error();
    return (*devices)->check_block_device(on.server.fqdn(), args.path);
}

Result<DetectedTargets> detect_scan(ActionScope& on, const DetectScan& args) {
    const auto targets = need(on.targets, "Lustre targets");
    if (!targets) return targets.error();
    std::vector<ScanDevice> devices;
    for (const TargetDevice& device : args.target_devices) {
        devices.push_back({device.path, device.type.value_or("linux")});
    }
    return (*targets)->detect_scan(on.server.fqdn(), devices, on.timeline.now());
}

}  // namespace

std::vector<ActionSpec> device_actions() {
    using enum ActionKind;
    return {
        action<check_block_device>(
            "check_block_device", query, raw, "Returns the type of the local filesystem on a device, or null."
        ),
        action<accept<ImportTarget>>(
            "import_target", change, {}, "Accepts that this node may mount a device."
        ),
        action<accept<DevicePath>>(
            "export_target", change, {}, "Accepts that this node must not mount a device."
        ),
        action<accept<NoArguments>>("initialise_block_device_drivers", change, {}, "Accepts."),
        action<detect_scan>("detect_scan", query, raw, "Finds the Lustre targets on devices."),
    };
}

}  // namespace csim
