// Rows in and out, with their indexes.
#include "manager/model/model.hpp"

#include "manager/model/table_of.hpp"

#include <algorithm>

namespace csim {

namespace {

const std::set<std::int64_t>& find_set(
    const std::map<std::int64_t, std::set<std::int64_t>>& index, std::int64_t key
) {
    static const std::set<std::int64_t> none;
    auto at = index.find(key);
    return at == index.end() ? none : at->second;
}

void remove_from(std::map<std::int64_t, std::set<std::int64_t>>& index, std::int64_t key, std::int64_t id) {
    auto at = index.find(key);
    if (at == index.end()) return;
    at->second.erase(id);
    if (at->second.empty()) index.erase(at);
}

}  // namespace

Model::Model(Timeline& the_timeline, Documents& the_documents)
    : timeline(the_timeline),
      documents(the_documents),
      changes(the_timeline),
      hosts(documents, changes, Watched::host),
      lnets(documents, changes, Watched::lnet_configuration),
      corosyncs(documents, changes, Watched::nothing, [](const CorosyncRow& row) { return row.mcast_port; }),
      pacemakers(documents, changes, Watched::nothing),
      ntps(documents, changes, Watched::nothing),
      interfaces(documents, changes, Watched::network_interface),
      volumes(documents, changes, Watched::nothing),
      volume_nodes(documents, changes, Watched::nothing),
      targets(documents, changes, Watched::nothing),
      filesystems(documents, changes, Watched::filesystem),
      alerts(documents, changes, Watched::alert),
      users(documents, changes, Watched::nothing),
      logins(documents, changes, Watched::nothing),
      controllers(documents, changes, Watched::nothing),
      power_types(documents, changes, Watched::nothing),
      power_devices(documents, changes, Watched::nothing),
      power_outlets(documents, changes, Watched::nothing),
      client_mounts(documents, changes, Watched::nothing),
      copytools(documents, changes, Watched::nothing),
      copytool_operations(documents, changes, Watched::nothing),
      storage_items(documents, changes, Watched::nothing),
      packages(documents, changes, Watched::nothing),
      target_figures(documents, changes, Watched::nothing),
      subscriptions(documents, changes, Watched::nothing),
      commands(
          documents, changes, Watched::command,
          [](const CommandRow& row) { return std::optional<std::int64_t>(row.complete ? 1 : 0); }
      ),
      jobs(documents, changes, Watched::nothing),
      log(documents) {}

std::int64_t Model::next_id(const std::string& sequence) {
    return counters_->edit([&](CounterRow& counters) { return ++counters.last[sequence]; });
}

const HostRow& Model::add_host(HostRow row) {
    host_by_fqdn_[row.fqdn] = row.id;
    host_by_nodename_[row.nodename] = row.id;
    return hosts.insert(std::move(row));
}

void Model::remove_host(std::int64_t id) {
    const HostRow* host = hosts.find(id);
    if (host == nullptr) return;
    auto drop = [&](auto& index, const std::string& key) {
        auto at = index.find(key);
        if (at != index.end() && at->second == id) index.erase(at);
    };
    drop(host_by_fqdn_, host->fqdn);
    drop(host_by_nodename_, host->nodename);
    host_volatile.erase(id);
    metrics.forget({Kind::host, id});
    packages.erase(id);
    hosts.erase(id);
}

void Model::rename_host(std::int64_t id, const std::string& fqdn, const std::string& address) {
    host_by_fqdn_.erase(hosts.at(id).fqdn);
    host_by_fqdn_[fqdn] = id;
    hosts.edit(id, [&](HostRow& host) {
        host.fqdn = fqdn;
        host.address = address;
    });
}

const InterfaceRow& Model::add_interface(InterfaceRow row) {
    interfaces_of_host_[row.host_id].insert(row.id);
    if (row.nid) changes.touch(Watched::nid);
    return interfaces.insert(std::move(row));
}

void Model::remove_interface(std::int64_t id) {
    const InterfaceRow* row = interfaces.find(id);
    if (row == nullptr) return;
    if (row->nid) changes.touch(Watched::nid);
    remove_from(interfaces_of_host_, row->host_id, id);
    interfaces.erase(id);
}

const VolumeRow& Model::add_volume(VolumeRow row) {
    volume_by_key_[row.key] = row.id;
    return volumes.insert(std::move(row));
}

void Model::remove_volume(std::int64_t id) {
    const VolumeRow* row = volumes.find(id);
    if (row == nullptr) return;
    volume_by_key_.erase(row->key);
    volumes.erase(id);
}

const VolumeNodeRow& Model::add_volume_node(VolumeNodeRow row) {
    nodes_of_host_[row.host_id].insert(row.id);
    nodes_of_volume_[row.volume_id].insert(row.id);
    return volume_nodes.insert(std::move(row));
}

void Model::remove_volume_node(std::int64_t id) {
    const VolumeNodeRow* row = volume_nodes.find(id);
    if (row == nullptr) return;
    const std::int64_t volume = row->volume_id;
    remove_from(nodes_of_host_, row->host_id, id);
    remove_from(nodes_of_volume_, volume, id);
    volume_nodes.erase(id);
    // A target shows its volume as long as there is the target.
    if (nodes_of_volume(volume).empty() && target_index.of_volume(volume) == 0) remove_volume(volume);
}

void Model::index_alert(const AlertRow& row) {
    alerts_about_[row.item.id].push_back(row.id);
    if (!row.active) return;
    active_alerts_[{row.item, row.type}] = row.id;
    active_alert_ids_.insert(row.id);
}

const AlertRow& Model::add_alert(AlertRow row) {
    index_alert(row);
    return alerts.insert(std::move(row));
}

std::vector<std::int64_t> Model::alerts_about(std::int64_t item) const {
    auto at = alerts_about_.find(item);
    if (at == alerts_about_.end()) return {};
    // Loaded shard by shard, not in order.
    std::vector<std::int64_t> ids = at->second;
    std::sort(ids.begin(), ids.end());
    return ids;
}

void Model::end_alert(std::int64_t id, SimTime at) {
    const AlertRow* row = alerts.find(id);
    if (row == nullptr || !row->active) return;
    active_alerts_.erase({row->item, row->type});
    active_alert_ids_.erase(id);
    alerts.edit(id, [&](AlertRow& alert) {
        alert.active = false;
        alert.end = at;
    });
}

const HostRow* Model::host_by_fqdn(std::string_view fqdn) const {
    auto at = host_by_fqdn_.find(fqdn);
    return at == host_by_fqdn_.end() ? nullptr : hosts.find(at->second);
}

const HostRow* Model::host_by_node(std::string_view node) const {
    auto at = host_by_nodename_.find(node);
    return at == host_by_nodename_.end() ? host_by_fqdn(node) : hosts.find(at->second);
}

const std::set<std::int64_t>& Model::interfaces_of(std::int64_t host) const {
    return find_set(interfaces_of_host_, host);
}
const std::set<std::int64_t>& Model::nodes_of_host(std::int64_t host) const {
    return find_set(nodes_of_host_, host);
}
const std::set<std::int64_t>& Model::nodes_of_volume(std::int64_t volume) const {
    return find_set(nodes_of_volume_, volume);
}

const VolumeRow* Model::volume_by_key(const std::string& key) const {
    auto at = volume_by_key_.find(key);
    return at == volume_by_key_.end() ? nullptr : volumes.find(at->second);
}

const AlertRow* Model::active_alert(ObjectRef item, const std::string& type) const {
    auto at = active_alerts_.find({item, type});
    return at == active_alerts_.end() ? nullptr : alerts.find(at->second);
}

std::set<std::int64_t> Model::active_alerts(ObjectRef item) const {
    std::set<std::int64_t> found;
    for (auto at = active_alerts_.lower_bound({item, ""}); at != active_alerts_.end(); ++at) {
        if (std::get<0>(at->first) != item) break;
        found.insert(at->second);
    }
    return found;
}

const std::pair<std::int64_t, std::int64_t>* Model::job_of_step(std::int64_t step) const {
    auto at = job_of_step_.find(step);
    return at == job_of_step_.end() ? nullptr : &at->second;
}

void Model::index_step(std::int64_t step, std::int64_t job, std::int64_t index) {
    job_of_step_[step] = {job, index};
}

std::vector<std::int64_t> Model::step_ids() const {
    std::vector<std::int64_t> ids;
    ids.reserve(job_of_step_.size());
    for (const auto& entry : job_of_step_) ids.push_back(entry.first);
    return ids;
}

template class Table<HostRow>;
template class Table<InterfaceRow>;
template class Table<VolumeRow>;
template class Table<VolumeNodeRow>;
template class Table<AlertRow>;

}  // namespace csim
