// linux: block devices become volumes with a node per host that sees them.
#include "manager/agent_data/agent_data.hpp"
#include "manager/agent_data/decode_body.hpp"
#include "wire/reports/linux.hpp"

namespace csim {

namespace {

/// A device as a volume: what makes it the same drive elsewhere, and how people call it.
struct Drive {
    std::string key;
    std::string label;
    std::string path;
    std::int64_t size_bytes = 0;
    std::string filesystem_type;
    bool has_serial = false;
};

/// The serials of disks that QEMU makes say nothing, unless something follows them.
std::string serial_of(const BlockDevice& device) {
    static constexpr std::string_view emulated = "QEMU HARDDISK";
    std::string serial = device.serial_83.value_or("");
    if (serial.find(emulated) != std::string::npos) serial.clear();
    if (!serial.empty()) return serial;
    serial = device.serial_80.value_or("");
    auto at = serial.find(emulated);
    if (at == std::string::npos) return serial;
    serial = serial.substr(at + emulated.size());
    return serial.size() >= 4 ? serial : std::string();
}

std::string path_label(std::string_view path) {
    for (std::string_view prefix : {"/dev/disk/by-path/", "/dev/disk/by-id/"}) {
        if (path.starts_with(prefix)) path.remove_prefix(prefix.size());
    }
    return std::string(path);
}

Drive drive_of(std::int64_t host, const BlockDevice& device) {
    Drive drive;
    const std::string serial = serial_of(device);
    drive.has_serial = !serial.empty();
    drive.key = drive.has_serial ? "serial:" + serial : "host:" + std::to_string(host) + ":" + device.path;
    drive.label = drive.has_serial ? serial : path_label(device.path);
    drive.path = device.path;
    drive.size_bytes = device.size;
    drive.filesystem_type = device.filesystem_type.value_or("");
    return drive;
}

/// What the host offers: leaf devices, without those that carry a mounted local file system.
std::vector<Drive> offered(
    std::int64_t host, const BlockDevices& devices, const std::set<std::string>& in_use
) {
    std::set<std::string> parents;
    for (const auto& entry : devices) {
        if (entry.second.parent) parents.insert(*entry.second.parent);
    }
    std::vector<Drive> drives;
    for (const auto& [number, device] : devices) {
        if (parents.contains(number) || in_use.contains(number)) continue;
        Drive drive = drive_of(host, device);
        auto parent = device.parent ? devices.find(*device.parent) : devices.end();
        if (parent != devices.end()) {
            const Drive whole = drive_of(host, parent->second);
            const std::string suffix = "-" + std::to_string(device.partition_number.value_or(0));
            drive.key = whole.key + suffix;
            drive.label = whole.label + suffix;
            drive.has_serial = false;
        }
        drives.push_back(std::move(drive));
    }
    return drives;
}

std::set<std::string> locally_mounted(const Body& body) {
    std::set<std::string> numbers;
    auto json = body.get_if<Json>();
    if (!json || !json->is_object() || !json->contains("local_fs") || !(*json)["local_fs"].is_object())
        return numbers;
    for (const auto& entry : (*json)["local_fs"].items()) numbers.insert(entry.key());
    return numbers;
}

std::int64_t volume_for(Model& model, const Drive& drive) {
    if (const VolumeRow* known = model.volume_by_key(drive.key)) return known->id;
    VolumeRow row;
    row.id = model.next_id("volume");
    row.key = drive.key;
    row.label = drive.label;
    row.size_bytes = drive.size_bytes;
    row.filesystem_type = drive.filesystem_type;
    row.has_serial = drive.has_serial;
    return model.add_volume(std::move(row)).id;
}

}  // namespace

Result<Nothing> AgentData::linux_report(std::int64_t host, const Body& body) {
    auto report = decode_body<LinuxReport>(body);
    if (!report) return report.error();
    static const BlockDevices none;
    const BlockDevices& devices = (*report)->devs ? *(*report)->devs : none;
    std::map<std::string, std::int64_t> known;  // path to node
    for (std::int64_t id : model_.nodes_of_host(host)) known[model_.volume_nodes.at(id).path] = id;
    std::vector<std::int64_t> grown;
    for (const Drive& drive : offered(host, devices, locally_mounted(body))) {
        auto at = known.find(drive.path);
        if (at != known.end()) {
            const bool same =
                model_.volumes.at(model_.volume_nodes.at(at->second).volume_id).key == drive.key;
            if (!same) model_.remove_volume_node(at->second);
            known.erase(at);
            if (same) continue;
        }
        VolumeNodeRow node;
        node.volume_id = volume_for(model_, drive);
        node.id = model_.next_id("volume_node");
        node.host_id = host;
        node.path = drive.path;
        grown.push_back(node.volume_id);
        model_.add_volume_node(std::move(node));
    }
    for (const auto& entry : known) model_.remove_volume_node(entry.second);
    balance(std::move(grown));
    return Nothing{};
}

}  // namespace csim
