// Targets and filesystems in and out, with their indexes, and reading them back.
#include "manager/model/load_rows.hpp"
#include "manager/model/model.hpp"
#include "manager/model/table_of.hpp"

namespace csim {

template <>
EntryName entry_name(const TargetRow& row) {
    return {"targets_" + std::to_string(row.id / 1000) + ".json", "targets/" + std::to_string(row.id)};
}
template <>
EntryName entry_name(const FilesystemRow& row) {
    return {"filesystems.json", "filesystems/" + std::to_string(row.id)};
}

const TargetRow& Model::add_target(TargetRow row) {
    const TargetRow& kept = targets.insert(std::move(row));
    target_index.add(kept);
    return kept;
}

void Model::remove_target(std::int64_t id) {
    const TargetRow* row = targets.find(id);
    if (row == nullptr) return;
    target_index.remove(*row);
    if (nodes_of_volume(row->volume_id).empty()) remove_volume(row->volume_id);
    target_samples.erase(id);
    target_figures.erase(id);
    metrics.forget({Kind::target, id});
    targets.erase(id);
}

void Model::label_target(std::int64_t id, const std::string& ha_label) {
    targets.edit(id, [&](TargetRow& row) { row.ha_label = ha_label; });
    target_index.label(ha_label, id);
}

const FilesystemRow& Model::add_filesystem(FilesystemRow row) {
    const FilesystemRow& kept = filesystems.insert(std::move(row));
    target_index.add(kept);
    return kept;
}

void Model::remove_filesystem(std::int64_t id) {
    const FilesystemRow* row = filesystems.find(id);
    if (row == nullptr) return;
    target_index.remove(*row);
    filesystems.erase(id);
}

std::int64_t Model::mgt_of(const TargetRow& target) const {
    if (target.filesystem_id == 0) return target.id;
    const FilesystemRow* filesystem = filesystems.find(target.filesystem_id);
    return filesystem == nullptr ? 0 : filesystem->mgt_id;
}

std::vector<std::int64_t> Model::members_of(std::int64_t filesystem) const {
    const auto& members = target_index.of_filesystem(filesystem);
    std::vector<std::int64_t> found;
    const FilesystemRow* row = filesystems.find(filesystem);
    if (row != nullptr && targets.find(row->mgt_id) != nullptr) found.push_back(row->mgt_id);
    found.insert(found.end(), members.begin(), members.end());
    return found;
}

void Model::load_targets() {
    const StateStore& store = documents.store();
    for (const std::string& document : store.documents("targets_")) {
        for (auto& row : load_section<TargetRow>(store, document, "targets")) {
            target_index.add(row);
            targets.restore(std::move(row));
        }
    }
    for (auto& row : load_section<FilesystemRow>(store, "filesystems.json", "filesystems")) {
        target_index.add(row);
        filesystems.restore(std::move(row));
    }
}

template class Table<TargetRow>;
template class Table<FilesystemRow>;

}  // namespace csim
