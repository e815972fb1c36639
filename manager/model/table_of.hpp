// The part of Table that needs the JSON codec; for the few files that instantiate tables.
#pragma once

#include "core/json_codec.hpp"
#include "manager/model/row_names.hpp"
#include "manager/model/table.hpp"
#include "state/document_of.hpp"

namespace csim {

template <class Row>
const Row& Table<Row>::insert(Row row) {
    std::int64_t id = row.id;
    EntryName name = entry_name(row);
    auto document = std::make_unique<Document<Row>>(documents_, std::move(name), std::move(row));
    const Row& kept = **document;
    rows_[id] = std::move(document);
    ++version_;
    ++membership_;
    index_.moved(id, std::nullopt, index_.property(kept));
    changes_.touch(watched_);
    return kept;
}

template <class Row>
void Table<Row>::restore(Row row) {
    std::int64_t id = row.id;
    EntryName name = entry_name(row);
    index_.moved(id, std::nullopt, index_.property(row));
    ++version_;
    ++membership_;
    using Loaded = typename Document<Row>::Loaded;
    rows_[id] = std::make_unique<Document<Row>>(Loaded{}, documents_, std::move(name), std::move(row));
}

template <class Row>
void Table<Row>::erase(std::int64_t id) {
    auto at = rows_.find(id);
    if (at == rows_.end()) return;
    index_.moved(id, index_.property(**at->second), std::nullopt);
    at->second->erase();
    rows_.erase(at);
    ++version_;
    ++membership_;
    changes_.touch(watched_);
}

}  // namespace csim
