// linux: block devices become volumes with a node per host that sees them.
#include "manager/agent_data/agent_data.hpp"
#include "manager/agent_data/decode_body.hpp"
#include "manager/agent_data/drives.hpp"
#include "wire/reports/linux.hpp"

namespace csim {

namespace {

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
    std::set<std::string> seen;
    const auto json = body.get_if<Json>();
    for (const Drive& drive : offered_drives(host, devices, json ? *json : Json())) {
        if (!seen.insert(drive.path).second) continue;
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
