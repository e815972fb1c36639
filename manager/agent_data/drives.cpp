// From block devices to drives. Sections that build devices from others are rows of tables.
#include "manager/agent_data/drives.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace csim {

namespace {

using Numbers = std::set<std::string>;

/// A device that is more than its block device: a logical volume, an array, a pool.
struct Composed {
    std::string key;
    std::string label;
    std::string path;  ///< empty: that of the block device
    std::int64_t size_bytes = 0;
};

const Json& part(const Json& of, const std::string& name) {
    static const Json none = Json::object();
    if (!of.is_object()) return none;
    auto at = of.find(name);
    return at == of.end() ? none : *at;
}

std::string text(const Json& of, const char* name) {
    const Json& value = part(of, name);
    return value.is_string() ? value.get<std::string>() : std::string();
}

std::int64_t size_of(const Json& of) {
    const Json& value = part(of, "size");
    return value.is_number_integer() ? std::max<std::int64_t>(0, value.get<std::int64_t>()) : 0;
}

void add_numbers(const Json& list, Numbers& numbers) {
    for (const Json& each : list.is_array() ? list : Json::array()) {
        if (each.is_string()) numbers.insert(each.get<std::string>());
        const std::string number = text(each, "major_minor");
        if (!number.empty()) numbers.insert(number);
    }
}

template <class Visit>
void each_entry(const Json& section, Visit&& visit) {
    if (!section.is_object()) return;
    for (const auto& [name, entry] : section.items()) visit(name, entry);
}

/// Sections whose entries are built from the devices that one of their members lists.
struct Built {
    const char* section;
    const char* parts;
};
constexpr Built built_sections[] = {
    {"vgs", "pvs_major_minor"}, {"mds", "drives"},         {"emcpower", "drives"}, {"mpath", "nodes"},
    {"zfspools", "drives"},     {"zfsdatasets", "drives"}, {"zfsvols", "drives"},
};

/// What the server uses to build something else, or for itself.
Numbers taken(const Json& sections) {
    Numbers numbers;
    for (const Built& row : built_sections) {
        each_entry(part(sections, row.section), [&](const std::string&, const Json& entry) {
            add_numbers(part(entry, row.parts), numbers);
        });
    }
    each_entry(part(sections, "local_fs"), [&](const std::string& number, const Json&) {
        numbers.insert(number);
    });
    return numbers;
}

/// By the number of their block device.
std::map<std::string, Composed> composed(const Json& sections) {
    std::map<std::string, Composed> found;
    each_entry(part(sections, "lvs"), [&](const std::string& group, const Json& volumes) {
        each_entry(volumes, [&](const std::string& name, const Json& volume) {
            const std::string uuid = text(volume, "uuid");
            const std::string label = group + "-" + name;
            const std::string key = "lvm:" + (uuid.empty() ? label : uuid);
            found[text(volume, "block_device")] = {key, label, "", size_of(volume)};
        });
    });
    for (const char* section : {"mds", "emcpower"}) {
        each_entry(part(sections, section), [&](const std::string& uuid, const Json& array) {
            const std::string path = text(array, "path");
            found[text(array, "block_device")] = {std::string(section) + ":" + uuid, path, path, 0};
        });
    }
    found.erase("");
    return found;
}

/// Pools have no block device. One that holds something is not offered itself.
void add_zfs(const Json& sections, std::vector<Drive>& drives) {
    std::set<std::string> holding;
    for (const char* section : {"zfsdatasets", "zfsvols"}) {
        each_entry(part(sections, section), [&](const std::string&, const Json& entry) {
            const std::string name = text(entry, "name");
            holding.insert(name.substr(0, name.find('/')));
        });
    }
    for (const char* section : {"zfspools", "zfsdatasets", "zfsvols"}) {
        each_entry(part(sections, section), [&](const std::string& uuid, const Json& entry) {
            const std::string name = text(entry, "name");
            const bool pool = std::string_view(section) == "zfspools";
            if (name.empty() || (pool && holding.contains(name))) return;
            std::string path = text(entry, "path");
            if (path.empty()) path = name;
            drives.push_back({"zfs:" + uuid, name, std::move(path), size_of(entry), "zfs", false});
        });
    }
}

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

void compose(Drive& drive, const Composed& as) {
    drive.key = as.key;
    drive.label = as.label.empty() ? drive.label : path_label(as.label);
    if (!as.path.empty()) drive.path = as.path;
    if (as.size_bytes != 0) drive.size_bytes = as.size_bytes;
    drive.has_serial = false;
}

void name_partition(Drive& drive, const Drive& whole, std::int64_t number) {
    const std::string suffix = "-" + std::to_string(number);
    drive.key = whole.key + suffix;
    drive.label = whole.label + suffix;
    drive.has_serial = false;
}

/// Of several paths to one drive, the one that the multipath driver made counts.
void prefer_multipath(std::vector<Drive>& drives) {
    static constexpr std::string_view mapper = "/dev/mapper/";
    std::map<std::string, int> mapped;
    for (const Drive& drive : drives) mapped[drive.key] += drive.path.starts_with(mapper);
    std::erase_if(drives, [&](const Drive& drive) {
        return mapped[drive.key] == 1 && !drive.path.starts_with(mapper);
    });
}

}  // namespace

std::vector<Drive> offered_drives(std::int64_t host, const BlockDevices& devices, const Json& sections) {
    Numbers used = taken(sections);
    for (const auto& entry : devices) {
        if (entry.second.parent) used.insert(*entry.second.parent);
    }
    const auto built = composed(sections);
    std::vector<Drive> drives;
    for (const auto& [number, device] : devices) {
        if (used.contains(number)) continue;
        Drive drive = drive_of(host, device);
        auto parent = device.parent ? devices.find(*device.parent) : devices.end();
        if (parent != devices.end()) {
            name_partition(drive, drive_of(host, parent->second), device.partition_number.value_or(0));
        }
        if (auto as = built.find(number); as != built.end()) compose(drive, as->second);
        drives.push_back(std::move(drive));
    }
    add_zfs(sections, drives);
    prefer_multipath(drives);
    return drives;
}

}  // namespace csim
