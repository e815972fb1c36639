// lustre: which file systems a host has mounted as a client.
// Source: the manager API, §4.4. Differs: a mount that is gone keeps its mount point, so that it can be
// mounted there again; of file systems with the same name, the one whose MGS answers at the reported NIDs is
// meant.
#include "manager/agent_data/agent_data.hpp"
#include "manager/jobs/job_engine.hpp"
#include "manager/jobs/target_parts.hpp"
#include "manager/model/table_of.hpp"

#include <algorithm>
#include <set>

namespace csim {

namespace {

std::set<std::string> nids_in(const std::string& spec) {
    std::set<std::string> nids;
    std::string nid;
    for (const char c : spec + ":") {
        if (c != ':' && c != ',') {
            nid += c;
        } else if (!nid.empty()) {
            nids.insert(std::exchange(nid, {}));
        }
    }
    return nids;
}

/// The number of the file system that `10.0.0.1@tcp0:/testfs` means, 0 if none.
std::int64_t filesystem_of(const Model& model, const std::string& spec) {
    const std::size_t at = spec.rfind(":/");
    if (at == std::string::npos) return 0;
    const std::string name = spec.substr(at + 2);
    const auto asked = nids_in(spec.substr(0, at));
    std::vector<std::int64_t> of_that_name;
    model.filesystems.each([&](const FilesystemRow& row) {
        if (row.name == name) of_that_name.push_back(row.id);
    });
    if (of_that_name.size() == 1) return of_that_name.front();
    for (std::int64_t id : of_that_name) {
        const auto known = nids_in(parts::mgs_spec(model, id));
        if (std::any_of(asked.begin(), asked.end(), [&](auto& nid) { return known.contains(nid); }))
            return id;
    }
    return 0;
}

/// Agents mount below the place that they are given; that is the same place.
bool same_place(const ClientMountRow& row, const ClientMount& reported, const std::string& name) {
    return reported.mountpoint == row.mountpoint || reported.mountpoint == row.mountpoint + "/" + name;
}

}  // namespace

void AgentData::apply_client_mounts(std::int64_t host, const ClientMounts& mounts, SimTime at) {
    std::map<std::int64_t, const ClientMount*> listed;
    for (const ClientMount& mount : mounts) {
        if (std::int64_t filesystem = filesystem_of(model_, mount.mountspec)) listed[filesystem] = &mount;
    }
    std::vector<std::int64_t> known;
    model_.client_mounts.each([&](const ClientMountRow& row) {
        if (row.host_id == host) known.push_back(row.id);
    });
    for (std::int64_t id : known) {
        auto found = listed.find(model_.client_mounts.at(id).filesystem_id);
        note_client_mount(id, found == listed.end() ? nullptr : found->second, at);
        if (found != listed.end()) listed.erase(found);
    }
    for (const auto& [filesystem, mount] : listed) {
        ClientMountRow row;
        row.id = model_.next_id("client_mount");
        row.status = {"mounted", model_.now(), false};
        row.host_id = host;
        row.filesystem_id = filesystem;
        row.mountpoint = mount->mountpoint;
        model_.client_mounts.insert(std::move(row));
        model_.changes.touch(Watched::host);
    }
}

void AgentData::note_client_mount(std::int64_t id, const ClientMount* reported, SimTime at) {
    const ClientMountRow& row = model_.client_mounts.at(id);
    const std::string state = reported != nullptr ? "mounted" : "unmounted";
    if (row.status.state == state) return;
    Notification news;
    news.object = {Kind::client_mount, id};
    news.at = at;
    news.state = state;
    news.allowed = {"mounted", "unmounted"};
    news.apply = [this, id, mount = reported != nullptr ? std::optional(*reported) : std::nullopt] {
        model_.changes.touch(Watched::host);
        if (!mount) return;
        const ClientMountRow& present = model_.client_mounts.at(id);
        const std::string name = model_.display_text({Kind::filesystem, present.filesystem_id});
        if (same_place(present, *mount, name)) return;
        model_.client_mounts.edit(id, [&](ClientMountRow& edited) { edited.mountpoint = mount->mountpoint; });
    };
    engine_.notify(std::move(news));
}

}  // namespace csim
