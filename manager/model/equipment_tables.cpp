// The tables of power devices, client mounts, copytools and polled storage: their names on disk, and loading
// them.
#include "manager/model/load_section.hpp"
#include "manager/model/model.hpp"
#include "manager/model/table_of.hpp"

namespace csim {

namespace {

EntryName in_section(std::string document, const char* section, std::int64_t id) {
    return {std::move(document), std::string(section) + "/" + std::to_string(id)};
}

std::string copytool_document(std::int64_t copytool) {
    return "copytool_" + std::to_string(copytool) + ".json";
}

}  // namespace

template <>
EntryName entry_name(const PowerTypeRow& row) {
    return in_section("power.json", "types", row.id);
}
template <>
EntryName entry_name(const PowerDeviceRow& row) {
    return in_section("power.json", "devices", row.id);
}
template <>
EntryName entry_name(const PowerOutletRow& row) {
    return in_section("power.json", "outlets", row.id);
}
template <>
EntryName entry_name(const ClientMountRow& row) {
    return in_section("client_mounts.json", "client_mounts", row.id);
}
template <>
EntryName entry_name(const CopytoolRow& row) {
    return {copytool_document(row.id), "copytool"};
}
template <>
EntryName entry_name(const CopytoolOperationRow& row) {
    return in_section(copytool_document(row.copytool_id), "operations", row.id);
}

template class Table<PowerTypeRow>;
template class Table<PowerDeviceRow>;
template class Table<PowerOutletRow>;
template class Table<ClientMountRow>;
template class Table<CopytoolRow>;
template class Table<CopytoolOperationRow>;

void Model::load_equipment() {
    const StateStore& store = documents.store();
    for (auto& row : load_section<PowerTypeRow>(store, "power.json", "types"))
        power_types.restore(std::move(row));
    for (auto& row : load_section<PowerDeviceRow>(store, "power.json", "devices"))
        power_devices.restore(std::move(row));
    for (auto& row : load_section<PowerOutletRow>(store, "power.json", "outlets")) {
        outlets_of_device_[row.device_id].insert(row.id);
        if (row.host_id) outlets_of_host_[*row.host_id].insert(row.id);
        power_outlets.restore(std::move(row));
    }
    for (auto& row : load_section<ClientMountRow>(store, "client_mounts.json", "client_mounts")) {
        client_mounts.restore(std::move(row));
    }
    for (const std::string& document : store.documents("copytool_")) {
        const EntryName name{document, "copytool"};
        if (auto json = store.load(name)) copytools.restore(decode_row<CopytoolRow>(name, *json));
        for (auto& row : load_section<CopytoolOperationRow>(store, document, "operations")) {
            copytool_operations.restore(std::move(row));
        }
    }
}

const PowerOutletRow& Model::add_power_outlet(PowerOutletRow row) {
    outlets_of_device_[row.device_id].insert(row.id);
    if (row.host_id) outlets_of_host_[*row.host_id].insert(row.id);
    return power_outlets.insert(std::move(row));
}

void Model::remove_power_outlet(std::int64_t id) {
    give_power_outlet(id, std::nullopt);
    outlets_of_device_[power_outlets.at(id).device_id].erase(id);
    power_outlets.erase(id);
}

void Model::give_power_outlet(std::int64_t id, std::optional<std::int64_t> host) {
    if (const auto before = power_outlets.at(id).host_id) outlets_of_host_[*before].erase(id);
    if (host) outlets_of_host_[*host].insert(id);
    power_outlets.edit(id, [&](PowerOutletRow& row) { row.host_id = host; });
    // What may be done with a host depends on its outlets.
    changes.touch(Watched::host);
}

const std::set<std::int64_t>& Model::outlets_of_host(std::int64_t host) const {
    static const std::set<std::int64_t> none;
    const auto at = outlets_of_host_.find(host);
    return at == outlets_of_host_.end() ? none : at->second;
}

const std::set<std::int64_t>& Model::outlets_of_device(std::int64_t device) const {
    static const std::set<std::int64_t> none;
    const auto at = outlets_of_device_.find(device);
    return at == outlets_of_device_.end() ? none : at->second;
}

std::string power_type_name(const PowerTypeRow& type) {
    std::string name = type.make.value_or("") + " " + type.model.value_or("");
    if (type.max_outlets == 0) return name;
    return name + " (" + std::to_string(type.max_outlets) +
           (type.max_outlets == 1 ? " outlet)" : " outlets)");
}

}  // namespace csim
