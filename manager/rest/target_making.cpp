// From a wish to a row.
#include "manager/rest/target_making.hpp"

#include "manager/rest/conf_param_rules.hpp"
#include "manager/rest/fields.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace csim::target_making {

namespace {

/// Numbers may come as text, as web forms send them.
std::optional<std::int64_t> number(const Json& given, const char* name) {
    const Json& value = member(given, name);
    if (value.is_null() || value == Json("")) return std::nullopt;
    if (value.is_number_integer()) return value.get<std::int64_t>();
    if (value.is_string()) {
        const std::string& text = value.get_ref<const std::string&>();
        const bool digits = text.size() < 18 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
                                return c >= '0' && c <= '9';
                            });
        if (digits) return std::stoll(text);
    }
    stop_field(name, "Must be an integer");
}

std::string name_of(const std::string& filesystem, const std::string& kind, std::int64_t index) {
    std::array<char, 16> digits{};
    std::snprintf(digits.data(), digits.size(), "%04llx", static_cast<unsigned long long>(index));
    return filesystem + "-" + kind + digits.data();
}

std::vector<MountPart> mounts_of(const Model& model, std::int64_t volume) {
    std::vector<MountPart> mounts;
    for (std::int64_t id : model.nodes_of_volume(volume)) {
        const VolumeNodeRow& node = model.volume_nodes.at(id);
        if (!node.primary && !node.use) continue;
        mounts.push_back({node.host_id, id, node.path, node.primary});
    }
    std::stable_sort(mounts.begin(), mounts.end(), [](const MountPart& a, const MountPart& b) {
        return a.primary > b.primary;
    });
    return mounts;
}

}  // namespace

Wish parse(const Json& given, const std::string& kind) {
    Wish wish;
    wish.kind = kind;
    wish.reformat = member(given, "reformat") == Json(true);
    wish.root = member(given, "root") == Json(true);
    wish.inode_size = number(given, "inode_size");
    wish.inode_count = number(given, "inode_count");
    wish.bytes_per_inode = number(given, "bytes_per_inode");
    if (wish.inode_count && wish.bytes_per_inode) {
        stop_field("inode_count", "inode_count and bytes_per_inode are mutually exclusive");
    }
    if (wish.inode_size && wish.bytes_per_inode && *wish.inode_size >= *wish.bytes_per_inode) {
        stop_field("inode_size", "inode_size must be less than bytes_per_inode");
    }
    if (kind != "MGT") wish.params = conf_params::parse(member(given, "conf_params"), kind);
    return wish;
}

std::optional<std::string> inode_fault(const Model& model, const Wish& wish) {
    const VolumeRow* volume = model.volumes.find(wish.volume_id);
    if (!wish.inode_count || volume == nullptr) return std::nullopt;
    const std::int64_t usual = wish.kind == "MGT" ? 128 : wish.kind == "MDT" ? 512 : 256;
    const std::int64_t size = wish.inode_size.value_or(usual);
    if (size <= 0 || *wish.inode_count <= volume->size_bytes / size) return std::nullopt;
    return std::to_string(*wish.inode_count) + " " + std::to_string(size) + "-byte inodes too large for " +
           std::to_string(volume->size_bytes) + "-byte device";
}

std::optional<std::string> place_fault(const Model& model, std::int64_t volume) {
    const auto& nodes = model.nodes_of_volume(volume);
    auto primary =
        std::find_if(nodes.begin(), nodes.end(), [&](auto id) { return model.volume_nodes.at(id).primary; });
    if (primary == nodes.end()) {
        return "No primary lun_node exists for volume " + std::to_string(volume) + ", cannot create target";
    }
    const HostRow& host = model.hosts.at(model.volume_nodes.at(*primary).host_id);
    if (!host.corosync_id) return std::nullopt;
    const ObjectRef corosync{Kind::corosync_configuration, *host.corosync_id};
    if (!model.active_alert(corosync, "StonithNotEnabledAlert")) return std::nullopt;
    return "Stonith not enabled for host " + host_label(host) + ", cannot create target";
}

std::optional<std::string> mgs_fault(const Model& model, std::int64_t volume) {
    for (std::int64_t id : model.nodes_of_volume(volume)) {
        const VolumeNodeRow& node = model.volume_nodes.at(id);
        if (!node.use) continue;
        for (std::int64_t target : model.target_index.on_host(node.host_id)) {
            if (model.targets.at(target).kind != "MGT") continue;
            return "Volume " + model.volumes.at(volume).label +
                   " cannot be used for MGS (only one MGS is allowed per server)";
        }
    }
    return std::nullopt;
}

std::int64_t make(Model& model, const Wish& wish) {
    TargetRow row;
    row.id = model.next_id("target");
    row.status.modified_at = model.now();
    row.kind = wish.kind;
    row.name = "MGS";
    row.volume_id = wish.volume_id;
    row.volume_label = model.volumes.at(wish.volume_id).label;
    row.inode_size = wish.inode_size;
    row.inode_count = wish.inode_count;
    row.bytes_per_inode = wish.bytes_per_inode;
    row.reformat = wish.reformat;
    row.mounts = mounts_of(model, wish.volume_id);
    if (wish.kind != "MGT") {
        row.filesystem_id = wish.filesystem_id;
        model.filesystems.edit(wish.filesystem_id, [&](FilesystemRow& filesystem) {
            row.index = wish.kind == "MDT" ? filesystem.next_mdt++ : filesystem.next_ost++;
            row.name = name_of(filesystem.name, wish.kind, row.index);
        });
    }
    const std::int64_t id = model.add_target(std::move(row)).id;
    if (wish.kind != "MGT") (void)conf_params::note(model, {Kind::target, id}, wish.params);
    return id;
}

}  // namespace csim::target_making
