#include "manager/jobs/detected_targets.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace csim {

namespace {

std::string text_in(const Json& object, const char* key) {
    const Json value = object.is_object() ? object.value(key, Json()) : Json();
    return value.is_string() ? value.get<std::string>() : std::string();
}

const Json& list_in(const Json& object, const char* key) {
    static const Json none = Json::array();
    if (!object.is_object()) return none;
    auto at = object.find(key);
    return at == object.end() || !at->is_array() ? none : *at;
}

/// `testfs-OST000a` is the OST 10 of testfs; the kind of anything else is empty.
struct Label {
    std::string kind;
    std::int64_t index = 0;
};

Label parse_label(const std::string& name) {
    if (name == "MGS") return {"MGT", 0};
    const std::size_t dash = name.rfind('-');
    if (dash == std::string::npos || name.size() != dash + 8) return {};
    Label label{name.substr(dash + 1, 3), 0};
    const auto [end, error] =
        std::from_chars(name.data() + dash + 4, name.data() + name.size(), label.index, 16);
    const bool known = label.kind == "MDT" || label.kind == "OST";
    if (!known || error != std::errc() || end != name.data() + name.size()) return {};
    return label;
}

std::int64_t known_by_uuid(const Model& model, const std::string& uuid) {
    std::int64_t found = 0;
    model.targets.each([&](const TargetRow& row) {
        if (row.uuid == uuid) found = row.id;
    });
    return found;
}

const VolumeNodeRow* node_at(const Model& model, std::int64_t host, const std::string& path) {
    for (std::int64_t id : model.nodes_of_host(host)) {
        const VolumeNodeRow& node = model.volume_nodes.at(id);
        if (node.path == path) return &node;
    }
    return nullptr;
}

std::int64_t known_filesystem(const Model& model, std::int64_t mgt, const std::string& name) {
    for (std::int64_t id : model.target_index.filesystems_of_mgt(mgt)) {
        if (model.filesystems.at(id).name == name) return id;
    }
    return 0;
}

}  // namespace

void DetectedTargetSet::add(std::int64_t host, const Json& result) {
    for (const Json& local : list_in(result, "local_targets")) {
        const std::string uuid = text_in(local, "uuid"), name = text_in(local, "name");
        if (uuid.empty() || parse_label(name).kind.empty()) continue;
        const Json mounted = local.value("mounted", Json(false));
        Found& found = targets_[uuid];
        found.name = name;
        for (const Json& path : list_in(local, "device_paths")) {
            if (path.is_string())
                found.places.push_back({host, path.get<std::string>(), mounted == Json(true)});
        }
        std::stable_partition(found.places.begin(), found.places.end(), [](const Place& place) {
            return place.mounted;
        });
    }
    const Json registered = result.is_object() ? result.value("mgs_targets", Json::object()) : Json::object();
    for (const auto& [filesystem, members] : registered.items()) {
        if (!members.is_array()) continue;
        for (const Json& member : members)
            registered_[host][filesystem].push_back({text_in(member, "uuid"), text_in(member, "name")});
    }
}

const DetectedTargetSet::Found* DetectedTargetSet::mgs_on(std::int64_t host, std::string& uuid) const {
    for (const auto& [id, found] : targets_) {
        if (found.name != "MGS" || found.places.empty()) continue;
        const Place& place = found.places.front();
        if (!place.mounted || place.host != host) continue;
        uuid = id;
        return &found;
    }
    return nullptr;
}

std::int64_t DetectedTargetSet::learn_target(
    Model& model, const std::string& uuid, const Found& found, std::int64_t filesystem, std::string& told
) const {
    if (std::int64_t known = known_by_uuid(model, uuid)) return known;
    const Label label = parse_label(found.name);
    TargetRow row;
    for (const Place& place : found.places) {
        const VolumeNodeRow* node = node_at(model, place.host, place.path);
        const bool other = node != nullptr && row.volume_id != 0 && node->volume_id != row.volume_id;
        if (node == nullptr || other || model.hosts.find(place.host) == nullptr) continue;
        row.volume_id = node->volume_id;
        row.mounts.push_back({place.host, node->id, place.path, row.mounts.empty()});
        if (place.mounted) row.active_host = place.host;
    }
    if (row.volume_id == 0 || model.target_index.of_volume(row.volume_id) != 0) {
        told += found.name + ": left out, its device is no volume that is free\n";
        return 0;
    }
    row.id = model.next_id("target");
    row.status = {row.active_host ? "mounted" : "unmounted", model.now(), true};
    row.kind = label.kind;
    row.index = label.index;
    row.name = found.name;
    row.filesystem_id = filesystem;
    row.volume_label = model.volumes.at(row.volume_id).label;
    row.uuid = uuid;
    told += found.name + ": found on " + row.volume_label + "\n";
    return model.add_target(std::move(row)).id;
}

void DetectedTargetSet::learn_filesystem(
    Model& model, std::int64_t mgt, const std::string& name, const std::vector<Member>& members,
    std::string& told
) const {
    std::int64_t id = known_filesystem(model, mgt, name);
    if (id == 0) {
        FilesystemRow row;
        row.id = model.next_id("filesystem");
        row.status = {"unavailable", model.now(), true};
        row.name = name;
        row.mgt_id = mgt;
        id = model.add_filesystem(std::move(row)).id;
        told += name + ": a file system that is watched from now on\n";
    }
    for (const Member& member : members) {
        auto found = targets_.find(member.uuid);
        if (found != targets_.end()) {
            learn_target(model, member.uuid, found->second, id, told);
        } else {
            told += member.name + ": left out, no server that was asked sees it\n";
        }
    }
    const auto all = model.members_of(id);
    const bool up = std::all_of(all.begin(), all.end(), [&](std::int64_t target) {
        return model.targets.at(target).status.state == "mounted";
    });
    if (up && model.filesystems.at(id).status.immutable)
        model.edit_status({Kind::filesystem, id}, "available", model.now());
}

std::string DetectedTargetSet::learn(Model& model) const {
    std::string told;
    for (const auto& [host, filesystems] : registered_) {
        std::string uuid;
        const Found* mgs = mgs_on(host, uuid);
        const std::int64_t mgt = mgs == nullptr ? 0 : learn_target(model, uuid, *mgs, 0, told);
        // What the manager made itself it knows better.
        if (mgt == 0 || !model.targets.at(mgt).status.immutable) continue;
        for (const auto& [name, members] : filesystems) learn_filesystem(model, mgt, name, members, told);
    }
    return told.empty() ? "Nothing was found that is not known\n" : told;
}

}  // namespace csim
