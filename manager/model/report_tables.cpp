// The tables of what agents and controllers told: their names on disk, their indexes, and loading them.
#include "manager/model/load_rows.hpp"
#include "manager/model/model.hpp"
#include "manager/model/table_of.hpp"

namespace csim {

namespace {

EntryName in_section(std::string document, const char* section, std::int64_t id) {
    return {std::move(document), std::string(section) + "/" + std::to_string(id)};
}

}  // namespace

template <>
EntryName entry_name(const StorageItemRow& row) {
    return in_section("controller_" + std::to_string(row.controller_row) + ".json", "items", row.id);
}
template <>
EntryName entry_name(const HostPackagesRow& row) {
    return in_section("packages_" + std::to_string(row.id / 100) + ".json", "hosts", row.id);
}
template <>
EntryName entry_name(const TargetFiguresRow& row) {
    return in_section("figures_" + std::to_string(row.id / 1000) + ".json", "targets", row.id);
}
template <>
EntryName entry_name(const SubscriptionRow& row) {
    return in_section("users.json", "alert_subscriptions", row.id);
}

template class Table<StorageItemRow>;
template class Table<HostPackagesRow>;
template class Table<TargetFiguresRow>;
template class Table<SubscriptionRow>;

const StorageItemRow& Model::add_storage_item(StorageItemRow row) {
    items_of_controller_[row.controller_row].insert(row.id);
    if (row.class_name == "Lun") lun_by_serial_[row.key] = row.id;
    return storage_items.insert(std::move(row));
}

void Model::remove_storage_item(std::int64_t id) {
    const StorageItemRow* row = storage_items.find(id);
    if (row == nullptr) return;
    auto lun = lun_by_serial_.find(row->key);
    if (lun != lun_by_serial_.end() && lun->second == id) lun_by_serial_.erase(lun);
    auto items = items_of_controller_.find(row->controller_row);
    items->second.erase(id);
    if (items->second.empty()) items_of_controller_.erase(items);
    storage_items.erase(id);
}

std::int64_t Model::lun_by_serial(const std::string& serial) const {
    auto at = lun_by_serial_.find(serial);
    return at == lun_by_serial_.end() ? 0 : at->second;
}

const std::set<std::int64_t>& Model::items_of_controller(std::int64_t controller) const {
    static const std::set<std::int64_t> none;
    auto at = items_of_controller_.find(controller);
    return at == items_of_controller_.end() ? none : at->second;
}

void Model::load_storage() {
    const StateStore& store = documents.store();
    for (auto& row : load_section<ControllerRow>(store, "storage.json", "controllers"))
        controllers.restore(std::move(row));
    for (const std::string& document : store.documents("controller_")) {
        for (auto& row : load_section<StorageItemRow>(store, document, "items")) {
            items_of_controller_[row.controller_row].insert(row.id);
            if (row.class_name == "Lun") lun_by_serial_[row.key] = row.id;
            storage_items.restore(std::move(row));
        }
    }
}

void Model::load_reports() {
    const StateStore& store = documents.store();
    log.load();
    for (auto& row : load_section<SubscriptionRow>(store, "users.json", "alert_subscriptions"))
        subscriptions.restore(row);
    for (const std::string& document : store.documents("packages_")) {
        for (auto& row : load_section<HostPackagesRow>(store, document, "hosts"))
            packages.restore(std::move(row));
    }
    for (const std::string& document : store.documents("figures_")) {
        for (auto& row : load_section<TargetFiguresRow>(store, document, "targets")) {
            TargetMetrics metrics;
            metrics.kbytestotal = row.kbytestotal;
            metrics.kbytesfree = row.kbytesfree;
            metrics.kbytesavail = row.kbytesavail;
            metrics.filestotal = row.filestotal;
            metrics.filesfree = row.filesfree;
            metrics.client_count = row.client_count;
            metrics.num_exports = row.num_exports;
            target_samples[row.id] = {std::make_shared<const TargetMetrics>(std::move(metrics)), row.at};
            target_figures.restore(std::move(row));
        }
    }
}

}  // namespace csim
